// The least loaded of a few members drawn by weight ("the power of two choices"): nearly as even as
// counting all of them, without balancers that know the same numbers running to the same member.

import type { Balancer, Member } from './balancer.ts';

export class RandomChoice<M extends Member> implements Balancer<M> {
  readonly countsLoad = false;
  readonly #draws: number;
  readonly #random: () => number;
  #members: readonly M[] = [];
  readonly #shares = new Map<M, number>();
  /** Sums of the shares up to each member; rebuilt when one has changed. */
  #sums: number[] = [];

  /** `random` gives numbers from 0 to below 1. */
  constructor(draws: number, random: () => number) {
    this.#draws = draws;
    this.#random = random;
  }

  update(members: readonly M[]): void {
    this.#members = members;
    this.#sums = [];
  }

  changed(member: M): void {
    if (this.#shares.get(member) !== member.share) this.#sums = [];
  }

  pick(_key: string, avoid: M | null): M | null {
    if (this.#members.length === 0) return null;
    if (this.#sums.length === 0) this.#addUp();
    let best: M | null = null;
    for (let i = 0; i < this.#draws; i += 1) {
      const drawn = this.#draw();
      if (drawn.full || drawn === avoid) continue;
      if (best === null || loadOf(drawn) < loadOf(best)) best = drawn;
    }
    return best ?? this.#anyFree(avoid);
  }

  #addUp(): void {
    let sum = 0;
    this.#shares.clear();
    this.#sums = this.#members.map((member) => {
      this.#shares.set(member, member.share);
      sum += member.share;
      return sum;
    });
  }

  #draw(): M {
    const last = this.#sums.length - 1;
    const mark = this.#random() * (this.#sums[last] as number);
    let from = 0;
    let to = last;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sums[middle] as number) > mark) to = middle;
      else from = middle + 1;
    }
    return this.#members[from] as M;
  }

  /** Luck has failed, most likely because most are full: the next one from a random place. */
  #anyFree(avoid: M | null): M | null {
    const { length } = this.#members;
    const from = Math.floor(this.#random() * length);
    for (let i = 0; i < length; i += 1) {
      const member = this.#members[(from + i) % length] as M;
      if (!member.full && member !== avoid) return member;
    }
    return null;
  }
}

/** With the request that is to be placed: an empty heavy server is better than an empty light one. */
function loadOf(member: Member): number {
  return (member.inFlight + 1) / member.share;
}
