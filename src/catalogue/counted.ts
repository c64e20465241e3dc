// How many of a list are of one kind, from look to look: only those that came or went are looked into.

import { listChanges } from './list-changes.ts';

export class Counted<T extends object> {
  readonly #isOne: (item: T) => boolean;
  #items: readonly T[] = [];
  #count = 0;

  /** `isOne` always says the same of an object. */
  constructor(isOne: (item: T) => boolean) {
    this.#isOne = isOne;
  }

  /** How many of these are of the kind; each object is once in the list. */
  in(items: readonly T[]): number {
    const { removed, added } = listChanges(this.#items, items);
    this.#items = items;
    for (const item of removed) if (this.#isOne(item)) this.#count -= 1;
    for (const item of added) if (this.#isOne(item)) this.#count += 1;
    return this.#count;
  }
}
