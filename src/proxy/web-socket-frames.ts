// Where the frames of a WebSocket begin and end in the bytes of one direction (RFC 6455 §5.2), so that
// one of ours can stand between two of them. Nothing is judged: bytes that make no sense are passed on
// like any others.

import { randomBytes } from 'node:crypto';

const CLOSE = 0x8;
const FINAL = 0x80;
const MASKED = 0x80;
/** "Going away" (RFC 6455 §7.4.1). */
const GOING_AWAY = 1_001;

export class FrameWalk {
  /** A Close frame has passed, or has begun to: no other may follow it. */
  closed = false;
  /** Bytes of the present header seen, and how many it has as far as is known. */
  #headerSeen = 0;
  #headerBytes = 2;
  /** Of the payload: as the header says, then what of it is still to come. */
  #payloadBytes = 0;
  #lengthEnd = 2;

  /** No frame has begun that has not ended. */
  get atBoundary(): boolean {
    return this.#headerSeen === 0 && this.#payloadBytes === 0;
  }

  /** Goes over `piece[from, to)`; returns `to`. */
  pass(piece: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to) at = this.#step(piece, at, to);
    return at;
  }

  /** Goes on up to the end of the frame that has begun; returns where that is, `to` if it is later. */
  finish(piece: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && !this.atBoundary) at = this.#step(piece, at, to);
    return at;
  }

  #step(piece: Buffer, at: number, to: number): number {
    if (this.#headerSeen === 0 && this.#payloadBytes > 0) {
      const bytes = Math.min(this.#payloadBytes, to - at);
      this.#payloadBytes -= bytes;
      return at + bytes;
    }
    this.#header(piece[at] as number);
    return at + 1;
  }

  #header(byte: number): void {
    const place = this.#headerSeen;
    if (place === 0) {
      this.closed ||= (byte & 0xf) === CLOSE;
    } else if (place === 1) {
      const length = byte & 0x7f;
      this.#lengthEnd = length === 126 ? 4 : length === 127 ? 10 : 2;
      this.#headerBytes = this.#lengthEnd + ((byte & MASKED) === 0 ? 0 : 4);
      this.#payloadBytes = length < 126 ? length : 0;
    } else if (place < this.#lengthEnd) {
      this.#payloadBytes = this.#payloadBytes * 256 + byte;
    }
    this.#headerSeen += 1;
    if (this.#headerSeen < this.#headerBytes) return;
    this.#headerSeen = 0;
    this.#headerBytes = 2;
  }
}

/** A Close frame that says we go away; a client's must be masked (§5.3), a server's must not. */
export function goingAway(masked: boolean): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(GOING_AWAY);
  if (!masked) return Buffer.from([FINAL | CLOSE, code.length, ...code]);
  const mask = randomBytes(4);
  const payload = code.map((byte, place) => byte ^ (mask[place] as number));
  return Buffer.from([FINAL | CLOSE, MASKED | code.length, ...mask, ...payload]);
}
