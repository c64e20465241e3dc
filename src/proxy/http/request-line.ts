// Reads the request line. The target is forwarded byte for byte, except that an absolute one loses
// its scheme and authority: the authority then is the host, whatever the Host field says.

import { type HeadFault, isTokenCode } from './fields.ts';
import { isHostShaped } from './host.ts';

const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

/** One request line, read. An instance is used again for each request. */
export class RequestLine {
  method = '';
  /** As it is forwarded: origin-form, or `*`. */
  target = '';
  /** False for HTTP/1.0. */
  isHttp11 = true;
  /** Of an absolute target; empty for the other forms. */
  authority = '';
  /** Port the scheme of an absolute target implies. */
  defaultPort = '80';

  /** Reads `head[0, end)`, the first line without its CRLF, which begins at `bytes[base]`. */
  read(head: string, end: number, bytes: Uint8Array, base: number): HeadFault | null {
    this.authority = '';
    let at = 0;
    while (isTokenCode(bytes[base + at] as number)) at += 1;
    if (at === 0) return 'bad-method';
    if (bytes[base + at] !== 0x20) return 'bad-request-line';
    const targetStart = at + 1;
    const targetEnd = end - 9;
    for (let i = base + targetStart; i < base + targetEnd; i += 1) {
      const code = bytes[i] as number;
      if (code <= 0x20 || code >= 0x7f || code === 0x23) return 'bad-target';
    }
    if (targetEnd <= targetStart || head.charCodeAt(targetEnd) !== 0x20) return 'bad-request-line';
    const fault = this.#readVersion(head, targetEnd + 1);
    if (fault !== null) return fault;
    this.method = head.slice(0, at);
    if (this.method === 'CONNECT' || this.method === 'TRACE') return 'method-refused';
    this.target = head.slice(targetStart, targetEnd);
    return this.#readTarget();
  }

  /** True if the line goes upstream as it came. */
  get isForwardable(): boolean {
    return this.isHttp11 && this.authority === '';
  }

  #readVersion(head: string, from: number): HeadFault | null {
    if (!head.startsWith('HTTP/', from)) return 'bad-request-line';
    const major = head.charCodeAt(from + 5) - 0x30;
    const minor = head.charCodeAt(from + 7) - 0x30;
    if (head.charCodeAt(from + 6) !== 0x2e || !isDigit(major) || !isDigit(minor)) {
      return 'bad-request-line';
    }
    if (major !== 1 || minor > 1) return 'bad-version';
    this.isHttp11 = minor === 1;
    return null;
  }

  #readTarget(): HeadFault | null {
    const target = this.target;
    if (target.charCodeAt(0) === 0x2f) return null;
    if (target === '*') return this.method === 'OPTIONS' ? null : 'bad-target';
    const absolute = ABSOLUTE.exec(target);
    if (absolute === null) return 'bad-target';
    const [, scheme = '', authority = '', rest = ''] = absolute;
    // No user information: isHostShaped knows no `@`.
    if (authority === '' || !isHostShaped(authority)) return 'bad-target';
    this.authority = authority;
    this.defaultPort = scheme.length === 5 ? '443' : '80';
    // RFC 9112 §3.2.4: OPTIONS for a whole server was written without path and query.
    if (rest === '') this.target = this.method === 'OPTIONS' ? '*' : '/';
    else this.target = rest.startsWith('/') ? rest : `/${rest}`;
    return null;
  }
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
