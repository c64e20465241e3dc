// Reads a request head strictly and says how it goes upstream. Every framing decision is made here,
// once; what is ambiguous is refused, because a relay that guesses differently from the server behind
// it can be made to smuggle (RFC 9112 §11.2).

import { FIELD, type HeadFault, isCanonicalLength } from './fields.ts';
import { CHUNKED, NO_BODY } from './framing.ts';
import { bytesOf, endOfLine } from './head-bytes.ts';
import { hostnameOf, isHostShaped, isSameHost } from './host.ts';
import { RequestFields } from './request-fields.ts';
import { RequestLine } from './request-line.ts';
import { permittedProtocols } from './upgrade.ts';

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
  readonly #said = new RequestFields();
  #head = '';
  #lineEnd = 0;
  #lastHost = '';
  #lastHostname = '';

  /**
   * Reads `head`, latin1 text that ends with the first empty line's CRLF CRLF; empty lines before the
   * request line (RFC 9112 §2.2) are the caller's to skip. It begins at `bytes[base]`. Returns null when
   * it is sound, else what is wrong; the other fields then mean nothing.
   */
  read(head: string, maxFields: number, bytes = bytesOf(head), base = 0): HeadFault | null {
    this.#head = head;
    this.#lineEnd = endOfLine(bytes, base) - base;
    this.#said.reset();
    return (
      this.#readLine(head, bytes, base) ??
      this.#said.read(head, bytes, base, this.#lineEnd + 2, this.isHttp11, maxFields) ??
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
    const { fields, hostAt } = this.#said;
    const line = this.#line;
    let out = '';
    let from = 0;
    if (!line.isForwardable) {
      out = `${line.method} ${line.target} HTTP/1.1\r\n`;
      if (hostAt === -1) out += line.authority === '' ? 'Host:\r\n' : this.#hostLine();
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

  #readLine(head: string, bytes: Uint8Array, base: number): HeadFault | null {
    const line = this.#line;
    const fault = line.read(head, this.#lineEnd, bytes, base);
    this.method = line.method;
    this.target = line.target;
    this.isHttp11 = line.isHttp11;
    return fault;
  }

  /** What only the whole head can tell. */
  #settle(): HeadFault | null {
    const hostFault = this.#settleHost();
    if (hostFault !== null) return hostFault;
    const { framing, connection, upgrade, expectsContinue } = this.#said;
    this.framing = framing;
    this.keepAlive = connection.persists(this.isHttp11);
    this.expectsContinue = expectsContinue && framing !== NO_BODY;
    // With a body the bytes after it could be taken for either protocol: served plainly.
    const asked = upgrade !== '' && connection.upgrade && this.isHttp11 && framing === NO_BODY;
    this.upgrade = asked ? permittedProtocols(upgrade) : '';
    this.appId = this.#said.appId;
    this.forwardedFor = this.#said.forwardedFor;
    return null;
  }

  #settleHost(): HeadFault | null {
    const authority = this.#line.authority;
    const { fields, hostAt } = this.#said;
    if (hostAt === -1) {
      if (this.isHttp11) return 'no-host';
      this.hostname = hostnameOf(authority);
      return null;
    }
    const host = fields.value(this.#head, hostAt);
    // Most requests of a moment carry the same host.
    if (host === this.#lastHost && authority === '') {
      this.hostname = this.#lastHostname;
      return null;
    }
    if (host !== '' && !isHostShaped(host)) return 'bad-host';
    if (authority !== '' && !isSameHost(authority, host, this.#line.defaultPort)) {
      return 'host-against-target';
    }
    this.hostname = hostnameOf(authority === '' ? host : authority);
    if (authority === '') {
      this.#lastHost = host;
      this.#lastHostname = this.hostname;
    }
    return null;
  }

  /** True if line `i` goes upstream as it stands. */
  #isKept(i: number): boolean {
    const { fields, connection } = this.#said;
    switch (fields.kinds[i]) {
      case FIELD.other:
        return !connection.strips(this.#head, fields, i);
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
        return isCanonicalLength(this.#head, fields, i);
      default:
        return false;
    }
  }

  /** What stands in place of a line that is not kept; mostly nothing. */
  #replacement(i: number): string {
    switch (this.#said.fields.kinds[i]) {
      case FIELD.host:
        return this.#hostLine();
      case FIELD.contentLength:
        return `Content-Length: ${this.framing}\r\n`;
      case FIELD.te:
        // Connection says Upgrade in an upgrade, and trailers are no use there.
        return i === this.#said.trailersAt && this.upgrade === ''
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
