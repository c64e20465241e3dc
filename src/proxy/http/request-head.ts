// Reads a request head strictly and says how it goes upstream. Every framing decision is made here,
// once; what is ambiguous is refused, because a relay that guesses differently from the server behind
// it can be made to smuggle (RFC 9112 §11.2).

import {
  equalsIgnoringCase,
  FIELD,
  Fields,
  type HeadFault,
  isTokenCode,
  listMembers,
  readLength,
} from './fields.ts';
import { hostnameOf, isHostShaped } from './host.ts';

/** Body framing. `length` ≥ 0 is Content-Length; the two others have no length known ahead. */
export const NO_BODY = 0;
export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;

/** How to answer a fault: the status HAProxy or the RFC has for it. */
export function statusOfFault(fault: HeadFault): number {
  switch (fault) {
    case 'bad-version':
      return 505;
    case 'unknown-encoding':
      return 501;
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
  /** Protocol asked for by Upgrade; empty when none (or `h2c`, which never passes). */
  upgrade = '';
  expectsContinue = false;
  /** Value of X-Marathon-App-Id; empty when absent. */
  appId = '';
  /** X-Forwarded-For as received, several lines joined by `, `; empty when absent. */
  forwardedFor = '';
  readonly #fields = new Fields();
  #head = '';
  #lineEnd = 0;
  #host = -1;
  #authority = '';
  #lengthIsCanonical = true;
  #named: string[] | null = null;
  #plain = true;

  /**
   * Reads `head`, latin1 text that ends with the empty line's CRLF CRLF. Returns null when it is
   * sound, else what is wrong; the other fields then mean nothing.
   */
  read(head: string, maxFields: number): HeadFault | null {
    this.#head = head;
    this.#reset();
    const lineEnd = head.indexOf('\r\n');
    this.#lineEnd = lineEnd;
    return (
      this.#readRequestLine(head, lineEnd) ??
      this.#fields.read(head, lineEnd + 2, head.length - 2, maxFields) ??
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
   * without the hop-by-hop ones, then `forwarded` (whole lines) and the empty line.
   */
  forward(forwarded: string): string {
    const head = this.#head;
    const fields = this.#fields;
    let out = '';
    let from = 0;
    if (!this.#plain) {
      out = `${this.method} ${this.target} HTTP/1.1\r\n`;
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
    if (this.#host === -1 && this.#authority !== '') out += `Host: ${this.#authority}\r\n`;
    if (this.framing === CHUNKED) out += 'Transfer-Encoding: chunked\r\n';
    if (this.upgrade !== '') out += `Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`;
    return `${out}${forwarded}\r\n`;
  }

  #reset(): void {
    this.framing = NO_BODY;
    this.upgrade = '';
    this.expectsContinue = false;
    this.appId = '';
    this.forwardedFor = '';
    this.hostname = '';
    this.#host = -1;
    this.#authority = '';
    this.#lengthIsCanonical = true;
    this.#named = null;
    this.#plain = true;
  }

  #readRequestLine(head: string, lineEnd: number): HeadFault | null {
    let at = 0;
    while (isTokenCode(head.charCodeAt(at))) at += 1;
    if (at === 0 || head.charCodeAt(at) !== 0x20)
      return at === 0 ? 'bad-method' : 'bad-request-line';
    this.method = head.slice(0, at);
    const targetStart = at + 1;
    const targetEnd = lineEnd - 9;
    for (at = targetStart; at < targetEnd; at += 1) {
      const code = head.charCodeAt(at);
      if (code <= 0x20 || code >= 0x7f || code === 0x23) return 'bad-target';
    }
    if (targetEnd <= targetStart || head.charCodeAt(targetEnd) !== 0x20) return 'bad-request-line';
    const version = this.#readVersion(head, targetEnd + 1);
    if (version !== null) return version;
    if (this.method === 'CONNECT' || this.method === 'TRACE') return 'method-refused';
    this.target = head.slice(targetStart, targetEnd);
    return this.#readTarget();
  }

  #readVersion(head: string, from: number): HeadFault | null {
    if (!head.startsWith('HTTP/', from)) return 'bad-request-line';
    const version = head.slice(from + 5, from + 8);
    if (version === '1.1') {
      this.isHttp11 = true;
    } else if (version === '1.0') {
      this.isHttp11 = false;
      this.#plain = false;
    } else {
      return /^\d\.\d$/.test(version) ? 'bad-version' : 'bad-request-line';
    }
    this.keepAlive = this.isHttp11;
    return null;
  }

  #readTarget(): HeadFault | null {
    const target = this.target;
    if (target.charCodeAt(0) === 0x2f) return null;
    if (target === '*') return this.method === 'OPTIONS' ? null : 'bad-target';
    const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
    if (absolute === null) return 'bad-target';
    const [, authority = '', rest = ''] = absolute;
    if (authority === '' || !isHostShaped(authority)) return 'bad-target';
    this.#authority = authority;
    this.#plain = false;
    if (rest === '') this.target = this.method === 'OPTIONS' ? '*' : '/';
    else this.target = rest.startsWith('/') ? rest : `/${rest}`;
    return null;
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
      case FIELD.contentLength: {
        if (this.framing > 0 || this.#sawLength) return 'two-lengths';
        return this.#readLength(
          head,
          fields.valueStarts[i] as number,
          fields.valueEnds[i] as number,
        );
      }
      case FIELD.transferEncoding:
        if (this.framing === CHUNKED) return 'two-encodings';
        if (!this.isHttp11) return 'encoding-in-1.0';
        return this.#readEncoding(fields.value(head, i));
      case FIELD.connection:
        this.#named = [...(this.#named ?? []), ...listMembers(fields.value(head, i))];
        return null;
      case FIELD.upgrade:
        this.upgrade =
          this.upgrade === '' ? fields.value(head, i) : `${this.upgrade}, ${fields.value(head, i)}`;
        return null;
      case FIELD.expect:
        if (
          !equalsIgnoringCase(
            head,
            fields.valueStarts[i] as number,
            fields.valueEnds[i] as number,
            '100-continue',
          )
        ) {
          return 'unknown-expectation';
        }
        this.expectsContinue = true;
        return null;
      case FIELD.xForwardedFor: {
        const value = fields.value(head, i);
        this.forwardedFor = this.forwardedFor === '' ? value : `${this.forwardedFor}, ${value}`;
        return null;
      }
      case FIELD.marathonAppId:
        this.appId = fields.value(head, i);
        return null;
      default:
        return null;
    }
  }

  #sawLength = false;

  #readLength(head: string, from: number, to: number): HeadFault | null {
    const length = readLength(head, from, to);
    if (length < 0) return 'bad-length';
    this.#sawLength = true;
    this.#lengthIsCanonical = to - from === 1 || head.charCodeAt(from) !== 0x30;
    // A zero length is no body, but it stays in the head: the server is told explicitly (B022).
    if (this.framing !== CHUNKED) this.framing = length;
    return null;
  }

  #readEncoding(value: string): HeadFault | null {
    if (value.toLowerCase() === 'chunked') {
      this.framing = CHUNKED;
      return null;
    }
    const members = listMembers(value);
    if (members.length === 0 || members.includes('chunked')) return 'bad-encoding';
    return members.every((member) => /^[a-z][a-z0-9-]*$/.test(member))
      ? 'unknown-encoding'
      : 'bad-encoding';
  }

  /** What only the whole head can tell. */
  #settle(): HeadFault | null {
    const sawLength = this.#sawLength;
    this.#sawLength = false;
    if (sawLength && this.framing === CHUNKED) return 'length-and-encoding';
    const hostFault = this.#settleHost();
    if (hostFault !== null) return hostFault;
    const named = this.#named;
    if (named !== null) {
      if (named.includes('close')) this.keepAlive = false;
      else if (named.includes('keep-alive')) this.keepAlive = true;
    }
    if (this.upgrade !== '') this.#settleUpgrade(named);
    return null;
  }

  #settleHost(): HeadFault | null {
    const fields = this.#fields;
    if (this.#host === -1) {
      if (this.isHttp11) return 'no-host';
      this.hostname = hostnameOf(this.#authority);
      return null;
    }
    const host = fields.value(this.#head, this.#host);
    if (host !== '' && !isHostShaped(host)) return 'bad-host';
    if (this.#authority !== '' && host.toLowerCase() !== this.#authority.toLowerCase()) {
      return 'host-against-target';
    }
    this.hostname = hostnameOf(host);
    return null;
  }

  #settleUpgrade(named: string[] | null): void {
    const asked = named?.includes('upgrade') === true && this.isHttp11 && this.framing === NO_BODY;
    // h2c would open a tunnel to the server past every rule of ours.
    if (!asked || listMembers(this.upgrade).some((protocol) => protocol.startsWith('h2'))) {
      this.upgrade = '';
    }
  }

  /** True if line `i` goes upstream as it stands. */
  #isKept(i: number): boolean {
    const kind = this.#fields.kinds[i] as number;
    switch (kind) {
      case FIELD.other:
        return this.#named === null || !this.#isNamedInConnection(i);
      case FIELD.marathonAppId:
      case FIELD.expect:
      case FIELD.trailer:
        return true;
      case FIELD.host:
        return this.#authority === '';
      case FIELD.contentLength:
        return this.#lengthIsCanonical;
      default:
        return false;
    }
  }

  /** What stands in place of a line that is not kept; mostly nothing. */
  #replacement(i: number): string {
    switch (this.#fields.kinds[i]) {
      case FIELD.host:
        return `Host: ${this.#authority}\r\n`;
      case FIELD.contentLength:
        return `Content-Length: ${this.framing}\r\n`;
      case FIELD.te:
        return this.#wantsTrailers(i) ? 'TE: trailers\r\nConnection: TE\r\n' : '';
      default:
        return '';
    }
  }

  #wantsTrailers(i: number): boolean {
    if (this.upgrade !== '') return false;
    return listMembers(this.#fields.value(this.#head, i)).includes('trailers');
  }

  #isNamedInConnection(i: number): boolean {
    const fields = this.#fields;
    const named = this.#named as string[];
    for (const name of named) {
      if (fields.isNamed(this.#head, i, name)) return true;
    }
    return false;
  }
}
