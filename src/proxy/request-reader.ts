// Gathers a request head from the pieces a client sends and reads it into the worker's shared
// RequestHead. What cannot become a head any more is refused at once, not at the timeout.

import { isTokenCode } from './http/fields.ts';
import { statusOfFault } from './http/request-head.ts';
import type { Runtime } from './runtime.ts';

/** RFC 9112 §2.2: a client may send an empty line or two after a body; more is no client. */
const MAX_EMPTY_LINES = 4;

export class RequestReader {
  /** Status to refuse with; 0 = sound so far. */
  refusal = 0;
  /** Length of the head read last, empty lines before it included. */
  headBytes = 0;
  readonly #runtime: Runtime;
  #text = '';
  #emptyLines = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** True if a part of a head was read. */
  get started(): boolean {
    return this.#text !== '';
  }

  /** Reads from `piece[from, to)`; returns the bytes used. `complete` says if a head is there. */
  read(piece: Buffer, from: number, to: number): number {
    const { settings } = this.#runtime;
    const before = this.#text.length;
    const room = settings.maxHeadBytes + 1 - before + 2 * MAX_EMPTY_LINES;
    let text = this.#text + piece.toString('latin1', from, Math.min(to, from + room));
    const skipped = this.#skipEmptyLines(text);
    if (skipped > 0) text = text.slice(skipped);
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end === -1 || end + 4 > settings.maxHeadBytes) {
      this.#text = text;
      this.complete = false;
      this.refusal = this.#refusalOf(text);
      return skipped + text.length - before;
    }
    this.#text = '';
    this.#emptyLines = 0;
    const { requestHead } = this.#runtime;
    const fault = requestHead.read(text.slice(0, end + 4), settings.maxHeadFields);
    this.complete = true;
    this.refusal = fault === null ? 0 : statusOfFault(fault);
    this.headBytes = skipped + end + 4;
    return skipped + end + 4 - before;
  }

  /** A whole head was read; it is sound if `refusal` is 0. */
  complete = false;

  #skipEmptyLines(text: string): number {
    let at = 0;
    while (this.#emptyLines < MAX_EMPTY_LINES && text.startsWith('\r\n', at)) {
      this.#emptyLines += 1;
      at += 2;
    }
    return at;
  }

  /** What an incomplete head is refused with; 0 = it may still become one. */
  #refusalOf(text: string): number {
    const { maxHeadBytes } = this.#runtime.settings;
    if (text.length > maxHeadBytes)
      return text.lastIndexOf('\r\n', maxHeadBytes) === -1 ? 414 : 431;
    if (text === '' || text === '\r') return 0;
    // TLS on a plain port, for example: it would wait for an answer until the timeout.
    if (!isTokenCode(text.charCodeAt(0))) return 400;
    return /[^\r]\n/.test(text) ? 400 : 0;
  }
}
