// Reads a response head strictly and says how it goes to the client. A server that sends something
// ambiguous is answered for with 502: its bytes never reach a client unread.

import { FIELD, Fields, type HeadFault, listMembers, readLength } from './fields.ts';
import { CHUNKED, NO_BODY, UNTIL_CLOSE } from './request-head.ts';

/** How the body goes to the client. */
export const BODY_AS_IS = 0;
/** Close-delimited body for an HTTP/1.1 client: framed by us, so that its end is unambiguous. */
export const BODY_ENCODE = 1;
/** Chunked body for an HTTP/1.0 client: unframed by us. */
export const BODY_DECODE = 2;

/** One response head, read. An instance is used again for each response. */
export class ResponseHead {
  status = 0;
  /** NO_BODY, a length > 0, CHUNKED or UNTIL_CLOSE. */
  framing = NO_BODY;
  /** The server keeps its connection open afterwards. */
  keepAlive = true;
  /** Protocol switched to; only meaningful with status 101. */
  upgrade = '';
  readonly #fields = new Fields();
  #head = '';
  #lineEnd = 0;
  #isHttp11 = true;
  #length = -1;
  #chunked = false;
  #named: string[] | null = null;
  #bodyless = false;

  /**
   * Reads `head`, latin1 text that ends with CRLF CRLF, as the answer to a request of `method`.
   * Returns null when it is sound.
   */
  read(head: string, method: string, maxFields: number): HeadFault | null {
    this.#head = head;
    this.#length = -1;
    this.#chunked = false;
    this.#named = null;
    this.upgrade = '';
    const lineEnd = head.indexOf('\r\n');
    this.#lineEnd = lineEnd;
    return (
      this.#readStatusLine(head, lineEnd) ??
      this.#fields.read(head, lineEnd + 2, head.length - 2, maxFields) ??
      this.#readFields(head) ??
      this.#settle(method)
    );
  }

  /**
   * The head as it goes to the client. `connection` is a whole line (or empty), `mode` how the body
   * follows.
   */
  forward(connection: string, mode: number): string {
    const head = this.#head;
    const fields = this.#fields;
    let out = '';
    let from = 0;
    if (!this.#isHttp11) {
      out = `HTTP/1.1${head.slice(8, this.#lineEnd + 2)}`;
      from = this.#lineEnd + 2;
    }
    for (let i = 0; i < fields.count; i += 1) {
      if (this.#isKept(i)) continue;
      const start = fields.lineStarts[i] as number;
      if (start > from) out += head.slice(from, start);
      from = fields.lineStarts[i + 1] as number;
    }
    out += head.slice(from, head.length - 2);
    if (
      mode === BODY_ENCODE ||
      (this.#chunked && mode === BODY_AS_IS && this.status !== 204 && this.status >= 200)
    ) {
      out += 'Transfer-Encoding: chunked\r\n';
    }
    if (this.status === 101) out += `Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`;
    return `${out}${connection}\r\n`;
  }

  #readStatusLine(head: string, lineEnd: number): HeadFault | null {
    if (!head.startsWith('HTTP/1.')) return 'bad-status-line';
    const minor = head.charCodeAt(7);
    if (minor !== 0x31 && minor !== 0x30) return 'bad-version';
    this.#isHttp11 = minor === 0x31;
    this.keepAlive = this.#isHttp11;
    if (head.charCodeAt(8) !== 0x20) return 'bad-status-line';
    const status = readLength(head, 9, 12);
    if (status < 100 || status > 599 || lineEnd < 12) return 'bad-status-line';
    this.status = status;
    // RFC 9112 §4 wants a space even before an empty reason; many servers leave it out.
    if (lineEnd > 12 && head.charCodeAt(12) !== 0x20) return 'bad-status-line';
    for (let at = 13; at < lineEnd; at += 1) {
      const code = head.charCodeAt(at);
      if ((code < 0x20 && code !== 0x09) || code === 0x7f) return 'control-character';
    }
    return null;
  }

  #readFields(head: string): HeadFault | null {
    const fields = this.#fields;
    for (let i = 0; i < fields.count; i += 1) {
      const kind = fields.kinds[i] as number;
      if (kind === FIELD.other) continue;
      if (kind === FIELD.contentLength) {
        if (this.#length !== -1) return 'two-lengths';
        this.#length = readLength(
          head,
          fields.valueStarts[i] as number,
          fields.valueEnds[i] as number,
        );
        if (this.#length < 0) return 'bad-length';
      } else if (kind === FIELD.transferEncoding) {
        if (this.#chunked) return 'two-encodings';
        if (fields.value(head, i).toLowerCase() !== 'chunked') return 'unknown-encoding';
        this.#chunked = true;
      } else if (kind === FIELD.connection) {
        this.#named = [...(this.#named ?? []), ...listMembers(fields.value(head, i))];
      } else if (kind === FIELD.upgrade) {
        this.upgrade = fields.value(head, i);
      }
    }
    return null;
  }

  #settle(method: string): HeadFault | null {
    if (this.#chunked && this.#length !== -1) return 'length-and-encoding';
    if (this.#chunked && !this.#isHttp11) return 'encoding-in-1.0';
    const named = this.#named;
    if (named !== null) {
      if (named.includes('close')) this.keepAlive = false;
      else if (named.includes('keep-alive')) this.keepAlive = true;
    }
    // RFC 9112 §6.3: these never have a body, whatever their fields say.
    this.#bodyless =
      method === 'HEAD' || this.status < 200 || this.status === 204 || this.status === 304;
    if (this.#bodyless) this.framing = NO_BODY;
    else if (this.#chunked) this.framing = CHUNKED;
    else this.framing = this.#length === -1 ? UNTIL_CLOSE : this.#length;
    return null;
  }

  #isKept(i: number): boolean {
    const kind = this.#fields.kinds[i] as number;
    switch (kind) {
      case FIELD.connection:
      case FIELD.upgrade:
      case FIELD.hopByHop:
      case FIELD.transferEncoding:
      case FIELD.te:
        return false;
      case FIELD.contentLength:
        // RFC 9110 §8.6: none in 1xx and 204.
        return this.status >= 200 && this.status !== 204;
      case FIELD.other:
        return this.#named === null || !this.#isNamedInConnection(i);
      default:
        return true;
    }
  }

  #isNamedInConnection(i: number): boolean {
    for (const name of this.#named as string[]) {
      if (this.#fields.isNamed(this.#head, i, name)) return true;
    }
    return false;
  }
}
