// Shares out requests by percent, smoothly: among any hundred in a row each share has had its part, and
// its turns are spread evenly among them. Requests that have chosen themselves (by a cookie) are set
// against their share, so that it is requests that are shared out, not clients.

import type { Share } from '../plan/plan.ts';

/** A share is owed, or ahead by, no more than it is due of so many requests. */
const MEMORY = 100;

export class Split {
  readonly shares: readonly Share[];
  /** What each is owed, in hundredths of a request. */
  readonly #owed: number[];

  /** All percents are above 0. */
  constructor(shares: readonly Share[]) {
    this.shares = shares;
    this.#owed = shares.map(() => 0);
  }

  /** Place of the share that has the next request, among those that may have one; -1 = none may. */
  next(may: (place: number) => boolean): number {
    let next = -1;
    let total = 0;
    this.shares.forEach(({ percent }, place) => {
      if (!may(place)) return;
      total += percent;
      this.#owe(place, percent);
      if (next === -1 || this.#owedTo(place) > this.#owedTo(next)) next = place;
    });
    if (next !== -1) this.#owe(next, -total);
    return next;
  }

  /** A request has gone to a share by itself. */
  charge(taken: number): void {
    let total = 0;
    this.shares.forEach(({ percent }, place) => {
      total += percent;
      this.#owe(place, percent);
    });
    this.#owe(taken, -total);
  }

  #owedTo(place: number): number {
    return this.#owed[place] as number;
  }

  #owe(place: number, hundredths: number): void {
    const most = MEMORY * (this.shares[place] as Share).percent;
    const owed = this.#owedTo(place) + hundredths;
    this.#owed[place] = Math.max(-MEMORY * 100, Math.min(most, owed));
  }
}
