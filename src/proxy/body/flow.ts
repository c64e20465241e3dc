// One body on its way through: knows by its framing how many of the bytes at hand belong to it and
// makes one write of them. A body is never longer or shorter than its framing says.

import { CHUNKED, NO_BODY, UNTIL_CLOSE } from '../http/framing.ts';
import { latin1 } from '../http/head-bytes.ts';
import { BODY_DECODE, BODY_ENCODE } from '../http/response-head.ts';
import { MAX_TEXT_BYTES, type Wire } from '../wire.ts';
import { ChunkedScanner } from './chunked.ts';

/** Where a body is written to. */
export type BodySink = Pick<Wire, 'writeText' | 'lend' | 'writeLent'>;

export class BodyFlow {
  /** Every byte of the body was taken. */
  done = true;
  #framing = NO_BODY;
  #mode = 0;
  #remaining = 0;
  #chunked: ChunkedScanner | null = null;
  #from = 0;
  #to = 0;

  /** Starts a body: its framing, and how it goes on (`BODY_AS_IS`, `BODY_ENCODE`, `BODY_DECODE`). */
  begin(framing: number, mode: number): void {
    this.#framing = framing;
    this.#mode = mode;
    this.#remaining = Math.max(framing, 0);
    this.done = framing === NO_BODY;
    this.#from = 0;
    this.#to = 0;
    if (framing === CHUNKED) {
      this.#chunked ??= new ChunkedScanner();
      this.#chunked.begin(mode === BODY_DECODE);
    }
  }

  /** True if its end is the end of the connection. */
  get untilClose(): boolean {
    return this.#framing === UNTIL_CLOSE;
  }

  /** Takes what belongs to the body from `piece[from, to)`; returns the end of it, -1 = malformed. */
  take(piece: Buffer, from: number, to: number): number {
    this.#from = from;
    if (this.#framing === CHUNKED) {
      const scanner = this.#chunked as ChunkedScanner;
      this.#to = scanner.scan(piece, from, to);
      this.done = scanner.done;
      return scanner.fault === null ? this.#to : -1;
    }
    if (this.#framing === UNTIL_CLOSE) {
      this.#to = to;
      return to;
    }
    this.#to = from + Math.min(this.#remaining, to - from);
    this.#remaining -= this.#to - from;
    this.done = this.#remaining === 0;
    return this.#to;
  }

  /** The server closed: what ends a body that went until the close, for the client. */
  get closing(): string {
    return this.#mode === BODY_ENCODE ? '0\r\n\r\n' : '';
  }

  /**
   * Writes `head` and what was taken last, as one write; returns the number of bytes. `piece` may
   * be used again as soon as this returns.
   */
  write(wire: BodySink, head: string, piece: Buffer): number {
    const size = this.#size();
    if (head.length + size > MAX_TEXT_BYTES) return this.#writeBuffer(wire, head, piece, size);
    const text = head + this.#text(piece, size);
    if (text !== '') wire.writeText(text);
    return text.length;
  }

  /** Bytes of the ranges and the tail, without a frame of ours. */
  #size(): number {
    if (this.#framing !== CHUNKED) return this.#framing === NO_BODY ? 0 : this.#to - this.#from;
    const { ranges, tail } = this.#chunked as ChunkedScanner;
    let size = tail.length;
    for (let i = 0; i < ranges.length; i += 2) {
      size += (ranges[i + 1] as number) - (ranges[i] as number);
    }
    return size;
  }

  #text(piece: Buffer, size: number): string {
    if (size === 0) return '';
    if (this.#framing !== CHUNKED) {
      const text = latin1(piece, this.#from, this.#to);
      return this.#mode === BODY_ENCODE ? `${size.toString(16)}\r\n${text}\r\n` : text;
    }
    const { ranges, tail } = this.#chunked as ChunkedScanner;
    let text = '';
    for (let i = 0; i < ranges.length; i += 2) {
      text += latin1(piece, ranges[i] as number, ranges[i + 1] as number);
    }
    return text + tail;
  }

  #writeBuffer(wire: BodySink, head: string, piece: Buffer, size: number): number {
    // A chunk of size 0 would be the end.
    const encode = this.#mode === BODY_ENCODE && size > 0;
    const before = encode ? `${head}${size.toString(16)}\r\n` : head;
    const after = encode ? '\r\n' : this.#framing === CHUNKED ? this.#tail() : '';
    const data = encode ? size : size - after.length;
    const out = wire.lend(before.length + data + after.length);
    let at = out.write(before, 0, 'latin1');
    if (this.#framing === CHUNKED) {
      const { ranges } = this.#chunked as ChunkedScanner;
      for (let i = 0; i < ranges.length; i += 2) {
        at += piece.copy(out, at, ranges[i], ranges[i + 1]);
      }
    } else {
      at += piece.copy(out, at, this.#from, this.#to);
    }
    at += out.write(after, at, 'latin1');
    wire.writeLent(out, at);
    return at;
  }

  #tail(): string {
    return (this.#chunked as ChunkedScanner).tail;
  }
}
