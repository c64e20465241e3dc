// Who is to be probed next: a binary heap by due time. An item is in it once; putting it again moves it.

/** What can be scheduled. */
export interface Scheduled {
  /** Monotonic ms; set by the schedule. */
  dueTick: number;
  /** Place in the heap, -1 = not in it; the schedule's own. */
  place: number;
}

export class Schedule<T extends Scheduled> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Undefined when nothing is scheduled. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  put(item: T, dueTick: number): void {
    this.remove(item);
    item.dueTick = dueTick;
    this.#heap.push(item);
    this.#rise(item, this.#heap.length - 1);
  }

  /** Takes an item out; one that is not in it is left alone. */
  remove(item: T): void {
    const { place } = item;
    if (place === -1) return;
    item.place = -1;
    const last = this.#heap.pop() as T;
    if (last === item) return;
    this.#rise(last, place);
    this.#sink(last, last.place);
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as T;
      if (parent.dueTick <= item.dueTick) break;
      this.#set(parent, place);
      place = above;
    }
    this.#set(item, place);
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      let child = this.#heap[left];
      if (child === undefined) break;
      let at = left;
      const other = this.#heap[right];
      if (other !== undefined && other.dueTick < child.dueTick) {
        child = other;
        at = right;
      }
      if (child.dueTick >= item.dueTick) break;
      this.#set(child, place);
      place = at;
    }
    this.#set(item, place);
  }

  #set(item: T, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }
}
