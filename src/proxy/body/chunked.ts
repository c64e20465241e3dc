// Reads chunked framing strictly, byte by byte over whatever pieces arrive, and says which ranges of
// a piece go on as they are: mostly the whole piece. Extensions never go on; trailers only if they
// are harmless. Nothing is copied here.

import { forwardableTrailers, MAX_TRAILER_BYTES } from './trailers.ts';

export type ChunkFault =
  | 'bad-chunk-size'
  | 'bad-chunk-end'
  | 'bad-chunk-extension'
  | 'extensions-too-long'
  | 'bad-trailers'
  | 'trailers-too-long';

/** More digits would not fit a safe integer. */
const MAX_SIZE_DIGITS = 13;
/** All extensions of a message together, in bytes. */
const MAX_EXTENSION_BYTES = 4_096;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILER_START = 6;
const END_LF = 7;
const TRAILERS = 8;

const CR = 0x0d;
const LF = 0x0a;

export class ChunkedScanner {
  /** The last byte of the message was read. */
  done = false;
  fault: ChunkFault | null = null;
  /** Pairs of offsets into the piece scanned last: what goes on. */
  readonly ranges: number[] = [];
  /** Latin1 text that follows the ranges: trailers and the empty line, held back until sound. */
  tail = '';
  #decode = false;
  #state = SIZE;
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailers = '';
  /** Start of the range not yet ended; -1 = none. */
  #keptFrom = -1;

  /** Starts a message. `decode`: only the data goes on, without framing and trailers. */
  begin(decode: boolean): void {
    this.done = false;
    this.fault = null;
    this.tail = '';
    this.ranges.length = 0;
    this.#decode = decode;
    this.#state = SIZE;
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#trailers = '';
  }

  /** Reads `piece[from, to)`; returns where it stopped: `to`, or right after the message's end. */
  scan(piece: Buffer, from: number, to: number): number {
    this.ranges.length = 0;
    this.tail = '';
    const inExtension = this.#state === EXTENSION || this.#state === TRAILERS;
    this.#keptFrom = this.#decode || inExtension ? -1 : from;
    let at = from;
    while (at < to && !this.done && this.fault === null) {
      at = this.#state === DATA ? this.#data(at, to) : this.#framing(piece, at, to);
    }
    this.#keepUntil(at);
    return at;
  }

  #data(at: number, to: number): number {
    const end = at + Math.min(this.#size, to - at);
    if (this.#decode) this.ranges.push(at, end);
    this.#size -= end - at;
    if (this.#size === 0) this.#state = DATA_CR;
    return end;
  }

  #framing(piece: Buffer, at: number, to: number): number {
    const code = piece[at] as number;
    switch (this.#state) {
      case SIZE:
        this.#sizeDigit(code, at);
        return at + 1;
      case EXTENSION:
        this.#extension(code, at);
        return at + 1;
      case SIZE_LF:
        this.#expect(code, LF, this.#size === 0 ? TRAILER_START : DATA, 'bad-chunk-size');
        this.#digits = 0;
        return at + 1;
      case DATA_CR:
        this.#expect(code, CR, DATA_LF, 'bad-chunk-end');
        return at + 1;
      case DATA_LF:
        this.#expect(code, LF, SIZE, 'bad-chunk-end');
        return at + 1;
      case TRAILER_START:
        if (code === CR) {
          this.#state = END_LF;
          return at + 1;
        }
        this.#keepUntil(at);
        this.#state = TRAILERS;
        return at;
      case END_LF:
        this.#expect(code, LF, SIZE, 'bad-trailers');
        this.done = this.fault === null;
        return at + 1;
      default:
        return this.#readTrailers(piece, at, to);
    }
  }

  #sizeDigit(code: number, at: number): void {
    const digit = hexDigit(code);
    if (digit >= 0 && this.#digits < MAX_SIZE_DIGITS) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
    } else if (digit >= 0 || this.#digits === 0) {
      this.fault = 'bad-chunk-size';
    } else if (code === CR) {
      this.#state = SIZE_LF;
    } else if (code === 0x3b) {
      this.#keepUntil(at);
      this.#state = EXTENSION;
    } else {
      // White space before the line's end too: RFC 9112 §7.1.1 has it only around extensions.
      this.fault = 'bad-chunk-size';
    }
  }

  #extension(code: number, at: number): void {
    if (code === CR) {
      if (!this.#decode) this.#keptFrom = at;
      this.#state = SIZE_LF;
      return;
    }
    this.#extensionBytes += 1;
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) this.fault = 'bad-chunk-extension';
    else if (this.#extensionBytes > MAX_EXTENSION_BYTES) this.fault = 'extensions-too-long';
  }

  #readTrailers(piece: Buffer, at: number, to: number): number {
    const before = this.#trailers.length;
    const room = MAX_TRAILER_BYTES - before;
    const text = this.#trailers + piece.toString('latin1', at, Math.min(to, at + room));
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end === -1) {
      if (text.length >= MAX_TRAILER_BYTES) this.fault = 'trailers-too-long';
      else if (/(?:^|[^\r])\n/.test(text)) this.fault = 'bad-trailers';
      this.#trailers = text;
      return at + text.length - before;
    }
    const lines = forwardableTrailers(text.slice(0, end + 4));
    if (lines === null) this.fault = 'bad-trailers';
    else this.tail = this.#decode ? '' : lines;
    this.done = lines !== null;
    return at + end + 4 - before;
  }

  #expect(code: number, wanted: number, next: number, fault: ChunkFault): void {
    if (code === wanted) this.#state = next;
    else this.fault = fault;
  }

  #keepUntil(at: number): void {
    if (this.#keptFrom >= 0 && at > this.#keptFrom) this.ranges.push(this.#keptFrom, at);
    this.#keptFrom = -1;
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
