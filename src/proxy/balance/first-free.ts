// The first member that is not full: the later ones are idle unless they are needed. Without a limit
// per server the first one gets everything.

import type { Balancer, Member } from './balancer.ts';
import { Ranking } from './ranking.ts';

export class FirstFree<M extends Member> implements Balancer<M> {
  readonly countsLoad = false;
  readonly #ranking = new Ranking<M>();

  update(members: readonly M[]): void {
    this.#ranking.keepOnly(members);
    members.forEach((member, place) => {
      this.#ranking.set(member, keyOf(member), place);
    });
  }

  changed(member: M): void {
    const entry = this.#ranking.get(member);
    if (entry === undefined || entry.key === keyOf(member)) return;
    this.#ranking.set(member, keyOf(member), entry.tie);
  }

  pick(_key: string, avoid: M | null): M | null {
    return this.#ranking.first(avoid)?.member ?? null;
  }
}

function keyOf(member: Member): number {
  return member.full ? Number.POSITIVE_INFINITY : member.rank;
}
