import { describe, expect, it } from 'vitest';
import { checkKey } from '../../src/catalogue/checks.ts';
import type { Claim, TaskStanding } from '../../src/catalogue/claim.ts';
import { applyVerdicts } from '../../src/catalogue/own-checks.ts';
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
