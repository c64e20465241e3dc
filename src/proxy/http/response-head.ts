// Reads a response head strictly and says how it goes to the client. A server that sends something
// ambiguous is answered for with 502: its bytes never reach a client unread.

import { ConnectionOptions } from './connection-options.ts';
import { FIELD, Fields, type HeadFault, isCanonicalLength, readLength } from './fields.ts';
import { CHUNKED, NO_BODY, UNTIL_CLOSE } from './framing.ts';
import { bytesOf, endOfLine } from './head-bytes.ts';
import { permittedProtocols } from './upgrade.ts';

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
  /** The server's connection can serve again once this message ended; false with UNTIL_CLOSE. */
  keepAlive = true;
  /** Protocols of Upgrade; with status 101 the one switched to, never empty. */
  upgrade = '';
  readonly #fields = new Fields();
  readonly #connection = new ConnectionOptions();
  #head = '';
  #lineEnd = 0;
  #isHttp11 = true;
  #length = -1;
  #chunked = false;

  /**
   * Reads `head`, latin1 text that ends with CRLF CRLF, as the answer to a request of `method`.
   * It begins at `bytes[base]`. Returns null when it is sound. Whether a 101 was asked for is the
   * caller's to decide.
   */
  read(
    head: string,
    method: string,
    maxFields: number,
    bytes = bytesOf(head),
    base = 0,
  ): HeadFault | null {
    this.#head = head;
    this.#length = -1;
    this.#chunked = false;
    this.#connection.reset();
    this.upgrade = '';
    this.#lineEnd = endOfLine(bytes, base) - base;
    return (
      this.#readStatusLine(head, this.#lineEnd, bytes, base) ??
      this.#fields.read(bytes, base, this.#lineEnd + 2, head.length - 2, maxFields) ??
      this.#readFields(head) ??
      this.#settle(method)
    );
  }

  /**
   * The head as it goes to the client. `connection` is a whole line (or empty), `mode` how the body
   * follows. Towards an HTTP/1.0 client the mode is BODY_DECODE whatever the body: it must not see
   * a Transfer-Encoding, not even of a HEAD or 304.
   */
  forward(connection: string, mode: number): string {
    const head = this.#head;
    const fields = this.#fields;
    const chunked = this.#chunked && mode === BODY_AS_IS && !this.#isUnframed;
    let out = '';
    let from = 0;
    // RFC 9112 §4 wants a space even before an empty reason; many servers leave it out.
    if (!this.#isHttp11 || this.#lineEnd === 12) {
      out = `HTTP/1.1 ${head.slice(9, 12)} ${head.slice(13, this.#lineEnd)}\r\n`;
      from = this.#lineEnd + 2;
    }
    for (let i = 0; i < fields.count; i += 1) {
      if (this.#isKept(i, chunked)) continue;
      const start = fields.lineStarts[i] as number;
      if (start > from) out += head.slice(from, start);
      if (fields.kinds[i] === FIELD.contentLength && !this.#isUnframed) {
        out += `Content-Length: ${this.#length}\r\n`;
      }
      from = fields.lineStarts[i + 1] as number;
    }
    out += head.slice(from, head.length - 2);
    if (chunked || mode === BODY_ENCODE) out += 'Transfer-Encoding: chunked\r\n';
    // A 426 has to say what it wants (RFC 9110 §15.5.22); elsewhere an offer to switch is between
    // the server and us.
    if (this.upgrade !== '' && (this.status === 101 || this.status === 426)) {
      out += `Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`;
    }
    return `${out}${connection}\r\n`;
  }

  /** True if another head follows it. */
  get isInterim(): boolean {
    return this.status < 200 && this.status !== 101;
  }

  /** RFC 9110 §8.6, RFC 9112 §6.1: 1xx and 204 carry neither length nor encoding. */
  get #isUnframed(): boolean {
    return this.status < 200 || this.status === 204;
  }

  #readStatusLine(
    head: string,
    lineEnd: number,
    bytes: Uint8Array,
    base: number,
  ): HeadFault | null {
    if (!head.startsWith('HTTP/1.')) return 'bad-status-line';
    const minor = head.charCodeAt(7);
    if (minor !== 0x31 && minor !== 0x30) return 'bad-version';
    this.#isHttp11 = minor === 0x31;
    if (lineEnd < 12 || head.charCodeAt(8) !== 0x20) return 'bad-status-line';
    const status = readLength(head, 9, 12);
    if (status < 100 || status > 599) return 'bad-status-line';
    this.status = status;
    if (lineEnd > 12 && head.charCodeAt(12) !== 0x20) return 'bad-status-line';
    for (let at = base + 13; at < base + lineEnd; at += 1) {
      const code = bytes[at] as number;
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
        this.#connection.add(fields.value(head, i));
      } else if (kind === FIELD.upgrade) {
        this.upgrade =
          this.upgrade === '' ? fields.value(head, i) : `${this.upgrade}, ${fields.value(head, i)}`;
      }
    }
    return null;
  }

  #settle(method: string): HeadFault | null {
    if (this.#chunked && this.#length !== -1) return 'length-and-encoding';
    if (this.#chunked && !this.#isHttp11) return 'encoding-in-1.0';
    if (this.upgrade !== '') this.upgrade = permittedProtocols(this.upgrade);
    // RFC 9110 §15.2.2: a 101 names what it switches to; HTTP/2 was not asked for.
    if (this.status === 101 && this.upgrade === '') return 'bad-upgrade';
    this.#settleFraming(method);
    return null;
  }

  #settleFraming(method: string): void {
    const { status } = this;
    this.keepAlive = this.#connection.persists(this.#isHttp11);
    // RFC 9112 §6.3: these never have a body, whatever their fields say.
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) {
      this.framing = NO_BODY;
      // A 204 that announces a body may be followed by one: not a connection to go on with.
      if (status === 204 && (this.#chunked || this.#length > 0)) this.keepAlive = false;
    } else if (this.#chunked) {
      this.framing = CHUNKED;
    } else if (this.#length === -1) {
      this.framing = UNTIL_CLOSE;
      this.keepAlive = false;
    } else {
      this.framing = this.#length;
    }
  }

  /** True if line `i` goes to the client as it stands. */
  #isKept(i: number, chunked: boolean): boolean {
    switch (this.#fields.kinds[i]) {
      case FIELD.connection:
      case FIELD.upgrade:
      case FIELD.hopByHop:
      case FIELD.transferEncoding:
      case FIELD.te:
        return false;
      case FIELD.contentLength:
        return !this.#isUnframed && isCanonicalLength(this.#head, this.#fields, i);
      case FIELD.trailer:
        // It announces what only a chunked body can bring.
        return chunked;
      case FIELD.other:
        return !this.#connection.strips(this.#head, this.#fields, i);
      default:
        return true;
    }
  }
}
