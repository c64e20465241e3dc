// The part of a head that has come while the rest has not: each piece is copied once, into a buffer
// that doubles, and searched once, so that a peer who sends byte by byte costs neither more memory
// nor more time than the head itself.

const LEAST_BYTES = 256;
const CR = 0x0d;
const LF = 0x0a;

export class HalfHead {
  /** Bytes of it; 0 = nothing is half read. */
  length = 0;
  /** Where the head ends, its empty line included; -1 = not yet. */
  end = -1;
  /** A line ends with LF alone. */
  hasBareLineFeed = false;
  #bytes: Buffer | null = null;

  /** Adds `piece[from, to)`; it is never to hold more than `most` bytes. */
  add(piece: Buffer, from: number, to: number, most: number): void {
    const before = this.length;
    const bytes = this.#room(before + to - from, most);
    piece.copy(bytes, before, from, to);
    this.length = before + to - from;
    this.#search(bytes, before);
  }

  /** Its first `length` bytes as latin1. */
  text(length: number): string {
    return this.#bytes?.toString('latin1', 0, Math.min(length, this.length)) ?? '';
  }

  clear(): void {
    this.length = 0;
    this.end = -1;
    this.hasBareLineFeed = false;
    this.#bytes = null;
  }

  #room(length: number, most: number): Buffer {
    const before = this.#bytes;
    if (before !== null && before.length >= length) return before;
    const doubled = Math.max(LEAST_BYTES, 2 * (before?.length ?? 0));
    // Not from Node's pool: a few bytes would keep the whole slab.
    const bytes = Buffer.allocUnsafeSlow(Math.max(length, Math.min(most, doubled)));
    before?.copy(bytes, 0, 0, this.length);
    this.#bytes = bytes;
    return bytes;
  }

  /** Goes through the lines that end in `bytes[from, length)`, up to the empty one. */
  #search(bytes: Buffer, from: number): void {
    for (let at = from; at < this.length; at += 1) {
      if (bytes[at] !== LF) continue;
      if (bytes[at - 1] !== CR) this.hasBareLineFeed = true;
      else if (bytes[at - 2] === LF && bytes[at - 3] === CR) {
        this.end = at + 1;
        return;
      }
    }
  }
}
