// Gathers a request head from the pieces a client sends and reads it into the worker's shared
// RequestHead. What cannot become a head any more is refused at once, not at the timeout.

import { HalfHead } from './half-head.ts';
import { isTokenCode } from './http/fields.ts';
import { statusOfFault } from './http/request-head.ts';
import type { Runtime } from './runtime.ts';

/** RFC 9112 §2.2: a client may send an empty line or two after a body; more is no client. */
const MAX_EMPTY_LINES = 4;

export class RequestReader {
  /** Status to refuse with; 0 = sound so far. */
  refusal = 0;
  /** A whole head was read; it is sound if `refusal` is 0. */
  complete = false;
  /** Length of the head read last, empty lines before it included. */
  headBytes = 0;
  readonly #runtime: Runtime;
  /** Made for the first head that comes in pieces: most clients never send one. */
  #half: HalfHead | null = null;
  #emptyLines = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** True if a part of a head was read. */
  get started(): boolean {
    return this.#half !== null && this.#half.length > 0;
  }

  /** Reads from `piece[from, to)`; returns the bytes used. `complete` says if a head is there. */
  read(piece: Buffer, from: number, to: number): number {
    const half = this.#half;
    // A CR alone may be half of an empty line.
    if (half !== null && half.length > 1) return this.#readOn(half, piece, from, to);
    return this.#readNew(piece, from, to, half?.length ?? 0);
  }

  /** Most heads come in one piece: they are not copied. */
  #readNew(piece: Buffer, from: number, to: number, before: number): number {
    const { maxHeadBytes } = this.#runtime.settings;
    const until = Math.min(to, from + maxHeadBytes + 1 - before + 2 * MAX_EMPTY_LINES);
    const read = piece.toString('latin1', from, until);
    const text = before === 0 ? read : `\r${read}`;
    const start = this.#skipEmptyLines(text);
    const end = text.indexOf('\r\n\r\n', start) + 4;
    if (end > 3 && end - start <= maxHeadBytes) {
      this.#readHead(text.slice(start, end), end);
      return end - before;
    }
    this.#half ??= new HalfHead();
    const half = this.#half;
    if (start > 0) half.clear();
    const left = from + Math.max(0, start - before);
    if (left < until) half.add(piece, left, until, maxHeadBytes + 1);
    this.#judge(half);
    return until - from;
  }

  #readOn(half: HalfHead, piece: Buffer, from: number, to: number): number {
    const { maxHeadBytes } = this.#runtime.settings;
    const before = half.length;
    const until = Math.min(to, from + maxHeadBytes + 1 - before);
    half.add(piece, from, until, maxHeadBytes + 1);
    const { end } = half;
    if (end !== -1 && end <= maxHeadBytes) {
      this.#readHead(half.text(end), end);
      return end - before;
    }
    this.#judge(half);
    return until - from;
  }

  #readHead(head: string, bytes: number): void {
    this.#half?.clear();
    this.#emptyLines = 0;
    const { requestHead, settings } = this.#runtime;
    const fault = requestHead.read(head, settings.maxHeadFields);
    this.complete = true;
    this.refusal = fault === null ? 0 : statusOfFault(fault);
    this.headBytes = bytes;
  }

  #skipEmptyLines(text: string): number {
    let at = 0;
    while (this.#emptyLines < MAX_EMPTY_LINES && text.startsWith('\r\n', at)) {
      this.#emptyLines += 1;
      at += 2;
    }
    return at;
  }

  /** Says what an incomplete head is refused with, if it cannot become one any more. */
  #judge(half: HalfHead): void {
    this.complete = false;
    this.refusal = this.#refusalOf(half);
  }

  #refusalOf(half: HalfHead): number {
    const { maxHeadBytes } = this.#runtime.settings;
    if (half.length > maxHeadBytes) {
      return half.text(maxHeadBytes + 2).includes('\r\n') ? 431 : 414;
    }
    const start = half.text(1);
    if (start === '' || (start === '\r' && half.length === 1)) return 0;
    // TLS on a plain port, for example: it would wait for an answer until the timeout.
    if (!isTokenCode(start.charCodeAt(0))) return 400;
    return half.hasBareLineFeed ? 400 : 0;
  }
}
