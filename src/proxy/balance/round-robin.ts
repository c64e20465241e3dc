// Weighted round robin, spread evenly. Each member has a date on a common scale of virtual time and
// comes 1/weight after its last one; the earliest is next. So in every unit of time each comes exactly
// as often as its weight says, and heavy ones do not come in a row.

import type { Balancer, Member } from './balancer.ts';
import { Ranking } from './ranking.ts';

export class RoundRobin<M extends Member> implements Balancer<M> {
  readonly countsLoad = false;
  readonly #weightOf: (member: M) => number;
  readonly #ranking = new Ranking<M>();
  /** Dates of members that are full; they rank last meanwhile. */
  readonly #kept = new Map<M, number>();
  #now = 0;

  constructor(weightOf: (member: M) => number) {
    this.#weightOf = weightOf;
  }

  /** Newcomers are spread over one round, in their order: they neither come all at once nor last. */
  update(members: readonly M[]): void {
    this.#ranking.keepOnly(members);
    for (const member of this.#kept.keys()) {
      if (this.#ranking.get(member) === undefined) this.#kept.delete(member);
    }
    const newcomers = members.filter((member) => this.#ranking.get(member) === undefined);
    newcomers.forEach((member, place) => {
      const phase = (place + 0.5) / newcomers.length;
      this.#ranking.set(member, this.#now + phase / this.#weightOf(member), member.rank);
    });
    for (const member of members) this.changed(member);
  }

  changed(member: M): void {
    const entry = this.#ranking.get(member);
    if (entry === undefined) return;
    const kept = this.#kept.get(member);
    if (member.full && kept === undefined) {
      this.#kept.set(member, entry.key);
      this.#ranking.move(entry, Number.POSITIVE_INFINITY);
    } else if (!member.full && kept !== undefined) {
      this.#kept.delete(member);
      // Turns missed while it was full are not made up for.
      this.#ranking.move(entry, Math.max(kept, this.#now));
    }
  }

  pick(_key: string, avoid: M | null): M | null {
    const entry = this.#ranking.first(avoid);
    if (entry === null) return null;
    if (entry.key > this.#now) this.#now = entry.key;
    this.#ranking.move(entry, entry.key + 1 / this.#weightOf(entry.member));
    return entry.member;
  }
}
