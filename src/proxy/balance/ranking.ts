// Members in order of a number, the least first: a binary heap in which each can be found and moved.
// Every operation but `keepOnly` costs O(log n) at most.

export interface Ranked<M> {
  readonly member: M;
  /** Infinity = not to be chosen. Changed by `set` and `move` only. */
  key: number;
  /** Decides between equal keys. */
  tie: number;
  /** Place in the heap. */
  at: number;
}

export class Ranking<M> {
  readonly #heap: Ranked<M>[] = [];
  readonly #entries = new Map<M, Ranked<M>>();

  get(member: M): Ranked<M> | undefined {
    return this.#entries.get(member);
  }

  /** Puts a member in its place, whether it was in already or not. */
  set(member: M, key: number, tie: number): void {
    const known = this.#entries.get(member);
    if (known !== undefined) {
      known.key = key;
      known.tie = tie;
      this.#settle(known);
      return;
    }
    const entry = { member, key, tie, at: this.#heap.length };
    this.#entries.set(member, entry);
    this.#heap.push(entry);
    this.#rise(entry);
  }

  /** Gives one that is in another key. */
  move(entry: Ranked<M>, key: number): void {
    entry.key = key;
    this.#settle(entry);
  }

  /** Takes out everybody who is not among `members`. */
  keepOnly(members: readonly M[]): void {
    const kept = new Set(members);
    for (const [member, entry] of this.#entries) {
      if (kept.has(member)) continue;
      this.#entries.delete(member);
      const last = this.#heap.pop() as Ranked<M>;
      if (last === entry) continue;
      this.#place(last, entry.at);
      this.#settle(last);
    }
  }

  /** The first but `avoid`; null if nobody is to be chosen. */
  first(avoid: M | null): Ranked<M> | null {
    let entry = this.#heap[0];
    if (entry !== undefined && entry.member === avoid) {
      const left = this.#heap[1];
      const right = this.#heap[2];
      entry = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
    }
    return entry === undefined || entry.key === Number.POSITIVE_INFINITY ? null : entry;
  }

  #settle(entry: Ranked<M>): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: Ranked<M>): void {
    while (entry.at > 0) {
      const above = this.#heap[(entry.at - 1) >> 1] as Ranked<M>;
      if (!isBefore(entry, above)) return;
      this.#swap(entry, above);
    }
  }

  #sink(entry: Ranked<M>): void {
    for (;;) {
      const left = this.#heap[2 * entry.at + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * entry.at + 2];
      const least = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(least, entry)) return;
      this.#swap(least, entry);
    }
  }

  /** `upper` takes the place of `lower`, and the other way round. */
  #swap(upper: Ranked<M>, lower: Ranked<M>): void {
    const at = upper.at;
    this.#place(upper, lower.at);
    this.#place(lower, at);
  }

  #place(entry: Ranked<M>, at: number): void {
    entry.at = at;
    this.#heap[at] = entry;
  }
}

function isBefore<M>(a: Ranked<M>, b: Ranked<M>): boolean {
  return a.key < b.key || (a.key === b.key && a.tie < b.tie);
}
