// Requests that wait for a server of a pool, in the order they came: most take whichever is free
// first, one with a sticky cookie waits for its own server.

export interface Waiter {
  /**
   * There may be a place now, or what it waits for is no more. It has left the queue, looks again and
   * joins once more if it has to.
   */
  called(): void;
}

/** What a queue must know of a server. */
export interface Waitable {
  readonly full: boolean;
}

export class Queue<S extends Waitable> {
  /** Waiters and the number each came with. */
  readonly #anywhere = new Map<Waiter, number>();
  readonly #lines = new Map<S, Map<Waiter, number>>();
  #size = 0;
  #number = 0;

  get size(): number {
    return this.#size;
  }

  /** `wanted` null = any server will do. */
  join(waiter: Waiter, wanted: S | null): void {
    this.#number += 1;
    this.#size += 1;
    if (wanted === null) {
      this.#anywhere.set(waiter, this.#number);
      return;
    }
    const line = this.#lines.get(wanted);
    if (line === undefined) this.#lines.set(wanted, new Map([[waiter, this.#number]]));
    else line.set(waiter, this.#number);
  }

  /** With the same `wanted` as it joined. */
  leave(waiter: Waiter, wanted: S | null): void {
    const line = wanted === null ? this.#anywhere : this.#lines.get(wanted);
    if (line?.delete(waiter) !== true) return;
    this.#size -= 1;
    if (wanted !== null && line.size === 0) this.#lines.delete(wanted);
  }

  /** Who has waited longest of those who can be served; `free`: some server has a place for anybody. */
  next(free: boolean): Waiter | null {
    let next: Waiter | null = null;
    let least = Number.POSITIVE_INFINITY;
    const consider = (line: ReadonlyMap<Waiter, number>): void => {
      const [first] = line;
      if (first === undefined || first[1] > least) return;
      [next, least] = first;
    };
    if (free) consider(this.#anywhere);
    for (const [server, line] of this.#lines) if (!server.full) consider(line);
    return next;
  }

  /** Everybody, in the order they came. */
  everybody(): Waiter[] {
    const all = [this.#anywhere, ...this.#lines.values()].flatMap((line) => [...line]);
    return all.sort((a, b) => a[1] - b[1]).map(([waiter]) => waiter);
  }
}
