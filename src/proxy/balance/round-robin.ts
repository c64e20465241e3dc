// Weighted round robin, spread evenly. Each member has a date on a common scale of virtual time and
// comes 1/weight after its last one; the earliest is next. So in every unit of time each comes exactly
// as often as its weight says, and heavy ones do not come in a row.

import type { Balancer, Member } from './balancer.ts';
import { Ranking } from './ranking.ts';

export class RoundRobin<M extends Member> implements Balancer<M> {
  readonly countsLoad = false;
  readonly #weightOf: (member: M) => number;
  readonly #ranking = new Ranking<M>();
  /** Dates of full members too; their key is Infinity meanwhile. */
  readonly #dates = new Map<M, number>();
  #now = 0;

  constructor(weightOf: (member: M) => number) {
    this.#weightOf = weightOf;
  }

  /** Newcomers are spread over one round, in their order: they neither come all at once nor last. */
  update(members: readonly M[]): void {
    this.#ranking.keepOnly(members);
    const kept = new Set(members);
    for (const member of this.#dates.keys()) if (!kept.has(member)) this.#dates.delete(member);
    const newcomers = members.filter((member) => !this.#dates.has(member));
    newcomers.forEach((member, place) => {
      const phase = (place + 0.5) / newcomers.length;
      this.#dates.set(member, this.#now + phase / this.#weightOf(member));
    });
    for (const member of members) this.changed(member);
  }

  changed(member: M): void {
    const date = this.#dates.get(member);
    const entry = this.#ranking.get(member);
    if (date === undefined || (entry !== undefined && entry.key === keyOf(member, date))) return;
    if (entry?.key === Number.POSITIVE_INFINITY && date < this.#now) {
      // Turns missed while it was full are not made up for.
      this.#dates.set(member, this.#now);
      this.#ranking.set(member, this.#now, member.rank);
      return;
    }
    this.#ranking.set(member, keyOf(member, date), member.rank);
  }

  pick(_key: string, avoid: M | null): M | null {
    const entry = this.#ranking.first(avoid);
    if (entry === null) return null;
    const { member } = entry;
    this.#now = Math.max(this.#now, entry.key);
    const date = entry.key + 1 / this.#weightOf(member);
    this.#dates.set(member, date);
    this.#ranking.set(member, date, member.rank);
    return member;
  }
}

function keyOf(member: Member, date: number): number {
  return member.full ? Number.POSITIVE_INFINITY : date;
}
