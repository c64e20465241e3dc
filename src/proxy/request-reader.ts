// Gathers a request head from the pieces a client sends and reads it into the worker's shared
// RequestHead. What cannot become a head any more is refused at once, not at the timeout.

import { HalfHead } from './half-head.ts';
import { isTokenCode } from './http/fields.ts';
import { bytesOf, endOfHead, latin1 } from './http/head-bytes.ts';
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
    if (half === null || half.length === 0) return this.#readNew(piece, from, to);
    if (half.length > 1) return this.#readOn(half, piece, from, to);
    // A CR alone may be half of an empty line.
    const joined = Buffer.concat([Buffer.from(half.text(1)), piece.subarray(from, to)]);
    half.clear();
    return this.#readNew(joined, 0, joined.length) - 1;
  }

  /** Most heads come in one piece: they are not copied. */
  #readNew(piece: Buffer, from: number, to: number): number {
    const { maxHeadBytes } = this.#runtime.settings;
    const until = Math.min(to, from + maxHeadBytes + 1 + 2 * MAX_EMPTY_LINES);
    const start = this.#skipEmptyLines(piece, from, until);
    const end = endOfHead(piece, start, until);
    if (end !== -1 && end - start <= maxHeadBytes) {
      this.#readHead(latin1(piece, start, end), end - from, piece, start);
      return end - from;
    }
    this.#half ??= new HalfHead();
    if (start < until) this.#half.add(piece, start, until, maxHeadBytes + 1);
    this.#judge(this.#half);
    return until - from;
  }

  #readOn(half: HalfHead, piece: Buffer, from: number, to: number): number {
    const { maxHeadBytes } = this.#runtime.settings;
    const before = half.length;
    const until = Math.min(to, from + maxHeadBytes + 1 - before);
    half.add(piece, from, until, maxHeadBytes + 1);
    const { end } = half;
    if (end !== -1 && end <= maxHeadBytes) {
      const head = half.text(end);
      this.#readHead(head, end, bytesOf(head), 0);
      return end - before;
    }
    this.#judge(half);
    return until - from;
  }

  #readHead(head: string, length: number, bytes: Uint8Array, base: number): void {
    this.#half?.clear();
    this.#emptyLines = 0;
    const { requestHead, settings } = this.#runtime;
    const fault = requestHead.read(head, settings.maxHeadFields, bytes, base);
    this.complete = true;
    this.refusal = fault === null ? 0 : statusOfFault(fault);
    this.headBytes = length;
  }

  #skipEmptyLines(piece: Buffer, from: number, to: number): number {
    let at = from;
    while (
      this.#emptyLines < MAX_EMPTY_LINES &&
      at + 1 < to &&
      piece[at] === 0x0d &&
      piece[at + 1] === 0x0a
    ) {
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
