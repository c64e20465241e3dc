// The member with the fewest requests in flight for its weight; among equals the one whose last turn
// is longest ago.

import type { Balancer, Member } from './balancer.ts';
import { Ranking } from './ranking.ts';

export class LeastConnections<M extends Member> implements Balancer<M> {
  readonly countsLoad = true;
  readonly #ranking = new Ranking<M>();
  #turn = 0;

  update(members: readonly M[]): void {
    this.#ranking.keepOnly(members);
    for (const member of members) {
      if (this.#ranking.get(member) === undefined) this.#turn += 1;
      this.#ranking.set(member, loadOf(member), this.#ranking.get(member)?.tie ?? this.#turn);
    }
  }

  changed(member: M): void {
    const entry = this.#ranking.get(member);
    if (entry === undefined) return;
    const load = loadOf(member);
    if (load !== entry.key) this.#ranking.set(member, load, entry.tie);
  }

  pick(_key: string, avoid: M | null): M | null {
    const entry = this.#ranking.first(avoid);
    if (entry === null) return null;
    this.#turn += 1;
    this.#ranking.set(entry.member, entry.key, this.#turn);
    return entry.member;
  }
}

function loadOf(member: Member): number {
  return member.full ? Number.POSITIVE_INFINITY : member.inFlight / member.share;
}
