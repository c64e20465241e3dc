// Sorting a list that is nearly the one that was sorted before: ten thousand apps are not sorted anew
// for each event.

export class SortedBefore<T extends object> {
  readonly #keyOf: (item: T) => string;
  #items: readonly T[] = [];
  #sorted: readonly T[] = [];
  /** Where each of #items stands in #sorted. */
  #ranks: readonly number[] = [];

  /** `keyOf` is unique in a list. */
  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  sort(items: readonly T[]): readonly T[] {
    if (this.#isInStep(items)) {
      const sorted = this.#sorted.slice();
      for (let place = 0; place < items.length; place += 1) {
        const item = items[place] as T;
        if (item !== this.#items[place]) sorted[this.#ranks[place] as number] = item;
      }
      this.#sorted = sorted;
    } else {
      const keys = items.map((item) => this.#keyOf(item));
      const order = [...keys.keys()].sort((a, b) => compare(keys[a] ?? '', keys[b] ?? ''));
      const ranks = Array<number>(items.length);
      order.forEach((place, rank) => {
        ranks[place] = rank;
      });
      this.#ranks = ranks;
      this.#sorted = order.map((place) => items[place] as T);
    }
    this.#items = items;
    return this.#sorted;
  }

  /** The same keys in the same places as before. */
  #isInStep(items: readonly T[]): boolean {
    const before = this.#items;
    if (items.length !== before.length) return false;
    for (let place = 0; place < items.length; place += 1) {
      const item = items[place] as T;
      const was = before[place] as T;
      if (item !== was && this.#keyOf(item) !== this.#keyOf(was)) return false;
    }
    return true;
  }
}

/** By code units, the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
