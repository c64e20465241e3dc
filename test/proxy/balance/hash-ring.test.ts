import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashRing } from '../../../src/proxy/balance/hash-ring.ts';
import { begin, end, type FakeMember, membersOf, picks, tally } from './members.ts';

const KEYS = Array.from({ length: 4_000 }, (_, i) => `/key/${i}`);

function ringOf(members: readonly FakeMember[]): HashRing<FakeMember> {
  const ring = new HashRing<FakeMember>();
  ring.update(members);
  return ring;
}

function whereTo(ring: HashRing<FakeMember>): string[] {
  return KEYS.map((key) => ring.pick(key, null)?.id ?? '-');
}

function moved(before: readonly string[], after: readonly string[]): number {
  return before.filter((id, place) => after[place] !== id).length / before.length;
}

describe('consistent hashing', () => {
  it('leads equal keys to the same member, in whatever order the members are listed', () => {
    const members = membersOf(1, 1, 1, 1, 1);
    const there = whereTo(ringOf(members));
    expect(whereTo(ringOf([...members].reverse()))).toEqual(there);
    expect(whereTo(ringOf(membersOf(1, 1, 1, 1, 1)))).toEqual(there);
  });

  it('moves about 1/n of the keys when one of n members comes or goes, and only its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 24 }), fc.nat(23), (n, which) => {
        const members = membersOf(...Array.from({ length: n }, () => 1));
        const gone = members[which % n] as FakeMember;
        const all = whereTo(ringOf(members));
        const fewer = whereTo(ringOf(members.filter((member) => member !== gone)));
        const strangers = all.filter((id, place) => id !== gone.id && fewer[place] !== id);
        expect(strangers).toEqual([]);
        expect(moved(all, fewer)).toBeLessThan(1.6 / n);
        expect(moved(all, fewer)).toBeGreaterThan(0.5 / n);
      }),
      { numRuns: 25 },
    );
  });

  it('shares the keys by weight', () => {
    const counts = tally(whereTo(ringOf(membersOf(4, 2, 1, 1))));
    expect((counts['a'] ?? 0) / KEYS.length).toBeCloseTo(0.5, 1);
    expect((counts['b'] ?? 0) / KEYS.length).toBeCloseTo(0.25, 1);
    expect((counts['c'] ?? 0) / KEYS.length).toBeCloseTo(0.125, 1);
  });

  it('bears the largest weights and many members', () => {
    const heavy = membersOf(256, 1, 1);
    expect(tally(whereTo(ringOf(heavy)))['a']).toBeGreaterThan(3_800);
    const many = membersOf(...Array.from({ length: 2_000 }, () => 1));
    expect(new Set(whereTo(ringOf(many))).size).toBeGreaterThan(1_500);
  });

  it('a key whose member is full goes to the same other one, and back when there is room', () => {
    const members = membersOf(1, 1, 1, 1);
    for (const member of members) member.limit = 1;
    const ring = ringOf(members);
    const home = begin(ring, 'k') as FakeMember;
    const other = ring.pick('k', null);
    expect(other).not.toBe(home);
    expect(ring.pick('k', null)).toBe(other);
    end(ring, home);
    expect(ring.pick('k', null)).toBe(home);
  });

  it('avoids whom it is told to, even if that is the only member', () => {
    const members = membersOf(1, 1, 1);
    const ring = ringOf(members);
    const home = ring.pick('k', null) as FakeMember;
    expect(ring.pick('k', home)).not.toBe(home);
    const alone = ringOf([home]);
    expect(alone.pick('k', home)).toBeNull();
    expect(alone.pick('k', null)).toBe(home);
  });

  it('lets requests without a key take turns', () => {
    expect(picks(ringOf(membersOf(1, 1, 1)), 6).join('')).toBe('abcabc');
  });

  it('has nobody when there is nobody', () => {
    expect(ringOf([]).pick('k', null)).toBeNull();
  });
});
