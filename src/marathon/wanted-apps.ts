// Which apps the next look at Marathon has to read: all, or the few that events told of.

import type { Affected } from './affected-apps.ts';

/** More apps than this are read with all others, in one answer. */
const MAX_SINGLE = 4;
/** One app by itself costs a request; where a whole list is this few times as long, it is read instead. */
const WORTH_FACTOR = 8;

export class WantedApps {
  #wanted = new Set<string>();
  #all = true;

  all(): void {
    this.#all = true;
  }

  add(affected: Affected): void {
    if (affected === 'all') this.#all = true;
    else for (const id of affected) this.#wanted.add(id);
  }

  get none(): boolean {
    return !this.#all && this.#wanted.size === 0;
  }

  /** Takes what is wanted; `known` is the length of the whole list. */
  take(known: number): Affected {
    const ids = [...this.#wanted];
    const all = this.#all || ids.length > MAX_SINGLE || ids.length * WORTH_FACTOR > known;
    this.#wanted = new Set();
    this.#all = false;
    return all ? 'all' : ids;
  }
}
