// Reads a request head strictly and says how it goes upstream. Every framing decision is made here,
// once; what is ambiguous is refused, because a relay that guesses differently from the server behind
// it can be made to smuggle (RFC 9112 §11.2).

import { ConnectionOptions, listMembers } from './connection-options.ts';
import {
  equalsIgnoringCase,
  FIELD,
  Fields,
  type HeadFault,
  isCanonicalLength,
  readLength,
} from './fields.ts';
import { hostnameOf, isHostShaped, isSameHost } from './host.ts';
import { RequestLine } from './request-line.ts';
import { permittedProtocols } from './upgrade.ts';

/** Body framing. `length` ≥ 0 is Content-Length; the two others have no length known ahead. */
export const NO_BODY = 0;
export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;

/** How to answer a fault: the status HAProxy or the RFC has for it. */
export function statusOfFault(fault: HeadFault): number {
  switch (fault) {
    case 'bad-version':
      return 505;
    case 'unknown-expectation':
      return 417;
    case 'method-refused':
      return 405;
    case 'too-many-fields':
      return 431;
    default:
      return 400;
  }
}

/** One request head, read. An instance is used again for each request of a connection's worker. */
export class RequestHead {
  method = '';
  /** Target as it is forwarded: origin-form, or `*`. */
  target = '';
  /** False for HTTP/1.0. */
  isHttp11 = true;
  /** Lower-cased host without port and trailing dot; empty when there is none. */
  hostname = '';
  /** NO_BODY, a length > 0, or CHUNKED. */
  framing = NO_BODY;
  /** Client wants the connection kept. */
  keepAlive = true;
  /** Protocols asked for by Upgrade, those that may pass; empty when none. Implies NO_BODY. */
  upgrade = '';
  /** Client waits for a 100 before it sends its body; false where there is no body. */
  expectsContinue = false;
  /** Value of X-Marathon-App-Id; empty when absent. */
  appId = '';
  /** X-Forwarded-For as received, several lines joined by `, `; empty when absent. */
  forwardedFor = '';
  readonly #line = new RequestLine();
  readonly #fields = new Fields();
  readonly #connection = new ConnectionOptions();
  #head = '';
  #lineEnd = 0;
  /** Places of fields among #fields; -1 = absent. */
  #host = -1;
  #length = -1;
  #app = -1;
  /** First TE field that asks for trailers. */
  #trailers = -1;

  /**
   * Reads `head`, latin1 text that ends with the first empty line's CRLF CRLF; empty lines before the
   * request line (RFC 9112 §2.2) are the caller's to skip. Returns null when it is sound, else what
   * is wrong; the other fields then mean nothing.
   */
  read(head: string, maxFields: number): HeadFault | null {
    this.#reset(head);
    return (
      this.#readLine(head) ??
      this.#fields.read(head, this.#lineEnd + 2, head.length - 2, maxFields) ??
      this.#readFields(head) ??
      this.#settle()
    );
  }

  /** True if the request may be sent a second time when the first try brought no answer. */
  get replayable(): boolean {
    return (
      this.framing === NO_BODY &&
      this.upgrade === '' &&
      (this.method === 'GET' || this.method === 'HEAD' || this.method === 'OPTIONS')
    );
  }

  /**
   * The head as it goes to the server: request line, the client's fields in their order and case
   * without the hop-by-hop ones, then `forwarded` (whole lines) and the empty line. A client of
   * HTTP/1.0 that named no host gets an empty Host, which 1.1 wants (RFC 9112 §3.2).
   */
  forward(forwarded: string): string {
    const head = this.#head;
    const fields = this.#fields;
    const line = this.#line;
    let out = '';
    let from = 0;
    if (!line.isForwardable) {
      out = `${line.method} ${line.target} HTTP/1.1\r\n`;
      if (this.#host === -1) out += line.authority === '' ? 'Host:\r\n' : this.#hostLine();
      from = this.#lineEnd + 2;
    }
    for (let i = 0; i < fields.count; i += 1) {
      if (this.#isKept(i)) continue;
      const start = fields.lineStarts[i] as number;
      if (start > from) out += head.slice(from, start);
      out += this.#replacement(i);
      from = fields.lineStarts[i + 1] as number;
    }
    out += head.slice(from, head.length - 2);
    if (this.framing === CHUNKED) out += 'Transfer-Encoding: chunked\r\n';
    if (this.upgrade !== '') out += `Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`;
    return `${out}${forwarded}\r\n`;
  }

  #reset(head: string): void {
    this.#head = head;
    this.#lineEnd = head.indexOf('\r\n');
    this.#connection.reset();
    this.#host = -1;
    this.#length = -1;
    this.#app = -1;
    this.#trailers = -1;
    this.framing = NO_BODY;
    this.upgrade = '';
    this.expectsContinue = false;
    this.appId = '';
    this.forwardedFor = '';
    this.hostname = '';
  }

  #readLine(head: string): HeadFault | null {
    const line = this.#line;
    const fault = line.read(head, this.#lineEnd);
    this.method = line.method;
    this.target = line.target;
    this.isHttp11 = line.isHttp11;
    return fault;
  }

  #readFields(head: string): HeadFault | null {
    const fields = this.#fields;
    for (let i = 0; i < fields.count; i += 1) {
      const kind = fields.kinds[i] as number;
      if (kind === FIELD.other) continue;
      const fault = this.#readField(head, i, kind);
      if (fault !== null) return fault;
    }
    return null;
  }

  #readField(head: string, i: number, kind: number): HeadFault | null {
    const fields = this.#fields;
    switch (kind) {
      case FIELD.host:
        if (this.#host !== -1) return 'two-hosts';
        this.#host = i;
        return null;
      case FIELD.contentLength:
        return this.#readLength(head, i);
      case FIELD.transferEncoding:
        return this.#readEncoding(fields.value(head, i));
      case FIELD.connection:
        this.#connection.add(fields.value(head, i));
        return null;
      case FIELD.upgrade:
        this.upgrade = joined(this.upgrade, fields.value(head, i));
        return null;
      case FIELD.expect:
        return this.#readExpectation(head, i);
      case FIELD.xForwardedFor:
        this.forwardedFor = joined(this.forwardedFor, fields.value(head, i));
        return null;
      case FIELD.marathonAppId:
        // It routes: a server behind us might believe the other one.
        if (this.#app !== -1) return 'two-app-ids';
        this.#app = i;
        this.appId = fields.value(head, i);
        return null;
      case FIELD.te:
        if (this.#trailers === -1 && listMembers(fields.value(head, i)).includes('trailers')) {
          this.#trailers = i;
        }
        return null;
      default:
        return null;
    }
  }

  #readLength(head: string, i: number): HeadFault | null {
    // RFC 9110 §8.6 would let equal ones pass; nobody honest sends two.
    if (this.#length !== -1) return 'two-lengths';
    if (this.framing === CHUNKED) return 'length-and-encoding';
    const fields = this.#fields;
    const from = fields.valueStarts[i] as number;
    const length = readLength(head, from, fields.valueEnds[i] as number);
    if (length < 0) return 'bad-length';
    this.#length = i;
    // A zero length is no body, but it stays in the head: the server is told explicitly (B022).
    this.framing = length;
    return null;
  }

  #readEncoding(value: string): HeadFault | null {
    if (!this.isHttp11) return 'encoding-in-1.0';
    if (this.framing === CHUNKED) return 'two-encodings';
    if (this.#length !== -1) return 'length-and-encoding';
    if (value.toLowerCase() !== 'chunked') return 'bad-encoding';
    this.framing = CHUNKED;
    return null;
  }

  #readExpectation(head: string, i: number): HeadFault | null {
    // RFC 9110 §10.1.1: in HTTP/1.0 the field is ignored; it does not go upstream either, where the
    // request is one of 1.1.
    if (!this.isHttp11) return null;
    const fields = this.#fields;
    const from = fields.valueStarts[i] as number;
    if (!equalsIgnoringCase(head, from, fields.valueEnds[i] as number, '100-continue')) {
      return 'unknown-expectation';
    }
    this.expectsContinue = true;
    return null;
  }

  /** What only the whole head can tell. */
  #settle(): HeadFault | null {
    const hostFault = this.#settleHost();
    if (hostFault !== null) return hostFault;
    this.keepAlive = this.#connection.persists(this.isHttp11);
    if (this.framing === NO_BODY) this.expectsContinue = false;
    if (this.upgrade !== '') {
      // With a body the bytes after it could be taken for either protocol: served plainly.
      const asked = this.#connection.upgrade && this.isHttp11 && this.framing === NO_BODY;
      this.upgrade = asked ? permittedProtocols(this.upgrade) : '';
    }
    return null;
  }

  #settleHost(): HeadFault | null {
    const authority = this.#line.authority;
    if (this.#host === -1) {
      if (this.isHttp11) return 'no-host';
      this.hostname = hostnameOf(authority);
      return null;
    }
    const host = this.#fields.value(this.#head, this.#host);
    if (host !== '' && !isHostShaped(host)) return 'bad-host';
    if (authority !== '' && !isSameHost(authority, host, this.#line.defaultPort)) {
      return 'host-against-target';
    }
    this.hostname = hostnameOf(authority === '' ? host : authority);
    return null;
  }

  /** True if line `i` goes upstream as it stands. */
  #isKept(i: number): boolean {
    switch (this.#fields.kinds[i]) {
      case FIELD.other:
        return !this.#connection.strips(this.#head, this.#fields, i);
      case FIELD.marathonAppId:
        return true;
      case FIELD.expect:
        return this.isHttp11;
      case FIELD.trailer:
        // It announces what only a chunked body can bring.
        return this.framing === CHUNKED;
      case FIELD.host:
        return this.#line.authority === '';
      case FIELD.contentLength:
        return isCanonicalLength(this.#head, this.#fields, i);
      default:
        return false;
    }
  }

  /** What stands in place of a line that is not kept; mostly nothing. */
  #replacement(i: number): string {
    switch (this.#fields.kinds[i]) {
      case FIELD.host:
        return this.#hostLine();
      case FIELD.contentLength:
        return `Content-Length: ${this.framing}\r\n`;
      case FIELD.te:
        // Connection says Upgrade in an upgrade, and trailers are no use there.
        return i === this.#trailers && this.upgrade === ''
          ? 'TE: trailers\r\nConnection: TE\r\n'
          : '';
      default:
        return '';
    }
  }

  #hostLine(): string {
    return `Host: ${this.#line.authority}\r\n`;
  }
}

/** Two values of one list field as one. */
function joined(list: string, value: string): string {
  if (list === '') return value;
  return value === '' ? list : `${list}, ${value}`;
}
