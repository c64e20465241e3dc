import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKey } from '../../src/catalogue/checks.ts';
import type { Claim, TaskStanding } from '../../src/catalogue/claim.ts';
import { applyVerdicts, PoolIndex } from '../../src/catalogue/own-checks.ts';
import { candidates, claim } from '../plan/claims.ts';

const other = claim('/other');

function judged(standings: readonly TaskStanding[], up: readonly (boolean | null)[]) {
  const before: Claim = claim('/a', { candidates: candidates('a', ...standings) });
  const failing = before.candidates.filter((_, place) => up[place] === false);
  const keys = failing.map((one) => checkKey(before.name, one));
  const { claims, problems } = applyVerdicts([before, other], new Set(keys));
  expect(claims[1]).toBe(other);
  const after = claims[0] as Claim;
  return {
    same: after === before,
    standings: after.candidates.map((one) => one.standing),
    usable: after.candidates.map((one) => one.usable),
    problems: problems.map((one) => `${one.app} ${one.where} ${one.message}`),
  };
}

describe("Teal's own verdicts on a pool", () => {
  it('take out a server that fails though Marathon lets it serve', () => {
    expect(judged(['healthy', 'healthy', 'unchecked'], [true, false, null])).toEqual({
      same: false,
      standings: ['healthy', 'failing', 'unchecked'],
      usable: [true, false, true],
      problems: [],
    });
  });

  it('change nothing while all pass or nothing is known', () => {
    expect(judged(['healthy', 'healthy'], [true, null])).toMatchObject({
      same: true,
      problems: [],
    });
  });

  it.each([
    [['healthy', 'healthy'], [false, false], /^\/a a_10080 all 2 usable servers fail/],
    [['healthy'], [false], /its only usable server fails/],
    [['healthy', 'unhealthy'], [false, true], /its only usable server fails/],
    [['killing', 'healthy', 'starting'], [null, false, null], /its only usable server fails/],
  ] as const)(
    'never empty a pool: %j judged %j keep their requests, loudly',
    (standings, up, said) => {
      const after = judged(standings, up);
      expect(after.same).toBe(true);
      expect(after.problems).toHaveLength(1);
      expect(after.problems[0]).toMatch(said);
    },
  );

  it('do not bring back whom Marathon calls unhealthy', () => {
    expect(judged(['unhealthy', 'healthy'], [true, true]).usable).toEqual([false, true]);
  });
});

describe('verdicts from look to look', () => {
  it('give the same claim while the same servers are down', () => {
    const index = new PoolIndex();
    const one = claim('/a', { candidates: candidates('a', 'healthy', 'healthy') });
    const [down] = one.candidates.map((server) => checkKey(one.name, server));
    const look = (...failing: (string | undefined)[]) =>
      applyVerdicts([one, other], new Set(failing.filter((key) => key !== undefined)), index)
        .claims[0];
    const first = look(down);
    expect(first).not.toBe(one);
    expect(look(down)).toBe(first);
    expect(look()).toBe(one);
    expect(look(down)).toBe(first);
  });

  it('are what they are without anything remembered', () => {
    const known = ['/a', '/b', '/c'].flatMap((id) =>
      [1, 2].map(() => claim(id, { candidates: candidates('t', 'healthy', 'healthy', 'killing') })),
    );
    const keys = known.flatMap((one) => one.candidates.map((server) => checkKey(one.name, server)));
    // Each app once in a look, as the one object or the other.
    const anyLook = fc.tuple(
      fc.array(fc.nat({ max: 1 }), { minLength: 3, maxLength: 3 }),
      fc.subarray(['/a', '/b', '/c']),
      fc.subarray([...new Set(keys)]),
    );
    fc.assert(
      fc.property(fc.array(anyLook, { maxLength: 8 }), (looks) => {
        const index = new PoolIndex();
        for (const [which, present, failing] of looks) {
          const claims = which
            .map((place, app) => known[app * 2 + place] as Claim)
            .filter(({ appId }) => present.includes(appId));
          const down = new Set(failing);
          expect(applyVerdicts(claims, down, index)).toEqual(applyVerdicts(claims, down));
        }
      }),
      { numRuns: 500, seed: 13 },
    );
  });
});
