// What was received of a client and is not used up yet. It starts in the buffer that everything is
// read into, and is copied only if it has to outlive the call that brought it.

export class Rest {
  /** Holds it in `[from, to)`; null = nothing is left. */
  piece: Buffer | null = null;
  from = 0;
  to = 0;
  /** `piece` is its own, and may be appended to. */
  #isOwn = false;

  get size(): number {
    return this.piece === null ? 0 : this.to - this.from;
  }

  /** Appends `piece[0, length)`, which is overwritten unless `keep` is called in time. */
  add(piece: Buffer, length: number): void {
    if (this.piece === null) {
      this.piece = piece;
      this.from = 0;
      this.to = length;
      this.#isOwn = false;
      return;
    }
    this.#reserve(length);
    piece.copy(this.piece, this.to, 0, length);
    this.to += length;
  }

  /** Copies it out of a buffer that is not its own. */
  keep(): void {
    if (this.piece !== null && !this.#isOwn) this.#move(this.to - this.from);
  }

  /** The first `bytes` are used up. */
  consume(bytes: number): void {
    this.from += bytes;
    if (this.from >= this.to) this.piece = null;
  }

  clear(): void {
    this.piece = null;
  }

  /** Makes room for `bytes` more; twice as much as there is, so that single bytes are cheap. */
  #reserve(bytes: number): void {
    const { piece } = this;
    if (this.#isOwn && piece !== null && piece.length - this.to >= bytes) return;
    const size = this.to - this.from;
    this.#move(Math.max(size + bytes, 2 * size));
  }

  #move(capacity: number): void {
    const own = Buffer.allocUnsafe(capacity);
    this.to = this.piece?.copy(own, 0, this.from, this.to) ?? 0;
    this.from = 0;
    this.piece = own;
    this.#isOwn = true;
  }
}
