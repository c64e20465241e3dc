import { describe, expect, it } from 'vitest';
import { type BakeRules, type BakeSample, between, judgeBake } from '../../src/colour/bake.ts';

const RULES: BakeRules = { maxErrorPercent: 5, maxSlowdownPercent: 100, minRequests: 50 };
const did = (requests: number, failures: number, meanMs = 10): BakeSample => ({
  requests,
  failures,
  responseMs: requests * meanMs,
});

describe('the bake time', () => {
  const rows: readonly [string, BakeSample, BakeSample, Partial<BakeRules>, string, string][] = [
    ['holds nothing against who does as well', did(1_000, 0), did(1_000, 0), {}, 'fine', '0 %'],
    ['tells errors above what is allowed', did(1_000, 0), did(100, 6), {}, 'worse', '6 %'],
    ['allows what was usual before', did(1_000, 100), did(1_000, 140), {}, 'fine', '14 %'],
    ['tells what is above the usual', did(1_000, 100), did(1_000, 160), {}, 'worse', '10 %'],
    ['knows nothing from few requests', did(1_000, 0), did(49, 49), {}, 'unknown', '49'],
    [
      'knows nothing from two failures',
      did(1_000, 0),
      did(50, 2),
      { maxErrorPercent: 1 },
      'fine',
      '4 %',
    ],
    ['takes an unknown past for a good one', did(10, 10), did(100, 10), {}, 'worse', '10 %'],
    [
      'tells answers that take far longer',
      did(100, 0, 50),
      did(100, 0, 150),
      {},
      'worse',
      '150 ms',
    ],
    ['allows answers a little longer', did(100, 0, 50), did(100, 0, 90), {}, 'fine', '0 %'],
    ['does not mind some ms', did(100, 0, 1), did(100, 0, 15), {}, 'fine', '0 %'],
    [
      'does not mind time when told so',
      did(100, 0, 1),
      did(100, 0, 900),
      { maxSlowdownPercent: 0 },
      'fine',
      '',
    ],
    ['minds no time when it knows no past', did(10, 0, 1), did(100, 0, 900), {}, 'fine', ''],
    [
      'counts no request that fails twice above all',
      did(100, 0),
      did(100, 300),
      {},
      'worse',
      '100 %',
    ],
  ];

  it.each(rows)('%s', (_, before, since, rules, is, why) => {
    const verdict = judgeBake(before, since, { ...RULES, ...rules });
    expect(verdict.is).toBe(is);
    expect(verdict.why).toContain(why);
  });

  it('never takes counters that begin anew for less than nothing', () => {
    expect(between(did(100, 10), did(50, 5))).toEqual({ requests: 0, failures: 0, responseMs: 0 });
    expect(between(did(100, 10), did(150, 12))).toMatchObject({ requests: 50, failures: 2 });
  });
});
