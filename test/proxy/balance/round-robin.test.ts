import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoundRobin } from '../../../src/proxy/balance/round-robin.ts';
import { begin, end, FakeMember, membersOf, picks, tally } from './members.ts';

const balancerOf = (members: readonly FakeMember[]) => {
  const balancer = new RoundRobin<FakeMember>((member) => member.share);
  balancer.update(members);
  return balancer;
};

describe('round robin', () => {
  it('takes equals in their order, again and again', () => {
    expect(picks(balancerOf(membersOf(1, 1, 1)), 7).join('')).toBe('abcabca');
  });

  it('spreads a heavy member over the round instead of giving it a row', () => {
    expect(picks(balancerOf(membersOf(5, 1, 1)), 14).join('')).toBe('aaabaacaaabaac');
    expect(picks(balancerOf(membersOf(2, 1)), 6).join('')).toMatch(/^(aba|aab|baa){2}$/);
  });

  it('gives each member exactly its weight in every round', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, (given) => {
        const members = membersOf(...given);
        const balancer = balancerOf(members);
        const round = given.reduce((sum, weight) => sum + weight, 0);
        const counts = tally(picks(balancer, 3 * round));
        for (const member of members) {
          expect(Math.abs((counts[member.id] ?? 0) - 3 * member.weight)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('never lets a member wait for more than two of its own intervals', () => {
    const members = membersOf(10, 3, 1);
    const balancer = balancerOf(members);
    const order = picks(balancer, 280);
    for (const member of members) {
      const places = order.flatMap((id, place) => (id === member.id ? [place] : []));
      const gaps = places.slice(1).map((place, i) => place - (places[i] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.ceil(14 / member.weight));
    }
  });

  it('keeps its turn when members come and go', () => {
    const members = membersOf(1, 1, 1, 1);
    const [a, b, c, d] = members as [FakeMember, FakeMember, FakeMember, FakeMember];
    const balancer = balancerOf([a, b, c]);
    expect(picks(balancer, 4).join('')).toBe('abca');
    balancer.update([a, b]);
    expect(picks(balancer, 3).join('')).toBe('bab');
    balancer.update([a, b, c, d]);
    expect(tally(picks(balancer, 40))).toEqual({ a: 10, b: 10, c: 10, d: 10 });
  });

  it('is fair to one between members that stay, whatever else comes and goes', () => {
    const changes = fc.array(fc.subarray([2, 3, 4, 5, 6, 7]), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 20 }), (sets, between) => {
        const members = membersOf(1, 1, 1, 1, 1, 1, 1, 1);
        const balancer = new RoundRobin<FakeMember>(() => 1);
        const order: string[] = [];
        for (const set of sets) {
          balancer.update(members.filter((_, place) => place < 2 || set.includes(place)));
          order.push(...picks(balancer, between));
        }
        const { a = 0, b = 0 } = tally(order);
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('passes over the full without giving them their missed turns afterwards', () => {
    const [a, b] = [new FakeMember('a', 1, 1), new FakeMember('b', 1)] as const;
    const balancer = balancerOf([a, b]);
    expect(begin(balancer)).toBe(a);
    expect(picks(balancer, 10).join('')).toBe('bbbbbbbbbb');
    end(balancer, a);
    a.limit = 0;
    expect(tally(picks(balancer, 20))['a']).toBeLessThanOrEqual(11);
  });

  it('avoids whom it is told to, and has nobody when all others are full', () => {
    const members = membersOf(1, 1, 1);
    const [a, b, c] = members as [FakeMember, FakeMember, FakeMember];
    const balancer = balancerOf(members);
    for (let i = 0; i < 12; i += 1) expect(balancer.pick('', a)).not.toBe(a);
    for (const one of [b, c]) {
      one.limit = 1;
      one.inFlight = 1;
      balancer.changed(one);
    }
    expect(balancer.pick('', a)).toBeNull();
    expect(balancer.pick('', null)).toBe(a);
  });

  it('has nobody when there is nobody', () => {
    expect(balancerOf([]).pick('', null)).toBeNull();
  });

  it('follows a share that grows', () => {
    const members = membersOf(1, 1);
    const [, b] = members as [FakeMember, FakeMember];
    b.ratio = 1 / 4;
    const balancer = balancerOf(members);
    expect(tally(picks(balancer, 20))).toEqual({ a: 16, b: 4 });
    b.ratio = 1;
    picks(balancer, 8);
    expect(tally(picks(balancer, 20))).toEqual({ a: 10, b: 10 });
  });
});

describe('static round robin', () => {
  it('goes by the planned weight, not by what of it counts for now', () => {
    const members = membersOf(1, 1);
    const balancer = new RoundRobin<FakeMember>((member) => member.weight);
    (members[1] as FakeMember).ratio = 1 / 16;
    balancer.update(members);
    expect(picks(balancer, 4).join('')).toBe('abab');
  });
});
