// Servers as balancers see them, for tests without sockets.

import type { Balancer, Member } from '../../../src/proxy/balance/balancer.ts';

export class FakeMember implements Member {
  readonly id: string;
  readonly rank: number;
  weight: number;
  /** Part of the weight that counts. */
  ratio = 1;
  inFlight = 0;
  /** 0 = none. */
  limit: number;

  constructor(id: string, weight = 1, limit = 0, rank = 0) {
    this.id = id;
    this.weight = weight;
    this.limit = limit;
    this.rank = rank;
  }

  get share(): number {
    return this.weight * this.ratio;
  }

  get full(): boolean {
    return this.limit !== 0 && this.inFlight >= this.limit;
  }
}

/** Members of these weights: `a`, `b`, `c` … */
export function membersOf(...weights: number[]): FakeMember[] {
  return weights.map((weight, place) => new FakeMember(nameOf(place), weight, 0, place));
}

export function nameOf(place: number): string {
  return place < 26 ? String.fromCharCode(97 + place) : `m${place}`;
}

/** Ids of the next picks; none of them is put in flight. */
export function picks(balancer: Balancer<FakeMember>, count: number, key = ''): string[] {
  return Array.from({ length: count }, () => balancer.pick(key, null)?.id ?? '-');
}

/** Puts the next pick in flight. */
export function begin(balancer: Balancer<FakeMember>, key = ''): FakeMember | null {
  const member = balancer.pick(key, null);
  if (member !== null) {
    member.inFlight += 1;
    balancer.changed(member);
  }
  return member;
}

export function end(balancer: Balancer<FakeMember>, member: FakeMember): void {
  member.inFlight -= 1;
  balancer.changed(member);
}

export function tally(ids: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of ids) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
}

/** Numbers from 0 to below 1, the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
