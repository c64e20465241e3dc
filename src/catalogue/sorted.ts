// Sorting a list that is nearly the one that was sorted before: the last order is the first guess, so
// that a cluster of ten thousand apps is not sorted anew for each event.

export class SortedBefore {
  #order: readonly string[] = [];

  /** By `keyOf`, each key once. */
  sort<T>(items: Iterable<T>, keyOf: (item: T) => string): T[] {
    const left = new Map<string, T>();
    for (const item of items) left.set(keyOf(item), item);
    const guess: string[] = [];
    for (const key of this.#order) {
      if (left.has(key)) guess.push(key);
    }
    if (guess.length < left.size) {
      const known = new Set(guess);
      for (const key of left.keys()) {
        if (!known.has(key)) guess.push(key);
      }
    }
    // Linear for what is in order already.
    guess.sort(compare);
    this.#order = guess;
    return guess.map((key) => left.get(key) as T);
  }
}

/** By code units, the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
