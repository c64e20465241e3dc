import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/colour/decide.ts';
import { labelledShares, servedShares } from '../../src/colour/shares.ts';
import { claim } from '../plan/claims.ts';

const colour = (appId: string, sharePercent: number | null = null, lastConfigChangeAtMs = 1_000) =>
  claim(appId, { sharePercent, lastConfigChangeAtMs });
const told = (shares: readonly { readonly appId: string; readonly percent: number }[]) =>
  shares.map(({ appId, percent }) => `${appId} ${percent}`).join(', ');

describe('shares of an order', () => {
  const all = ['/a', '/b', '/c'].map((appId) => colour(appId));
  const rows: readonly [
    string,
    readonly (readonly [string, number])[],
    readonly string[],
    string,
  ][] = [
    [
      'are as they are',
      [
        ['/b', 20],
        ['/a', 80],
      ],
      ['/a', '/b'],
      '/a 80, /b 20',
    ],
    [
      'are divided anew without a colour',
      [
        ['/a', 60],
        ['/b', 20],
        ['/c', 20],
      ],
      ['/a', '/b'],
      '/a 75, /b 25',
    ],
    [
      'leave all to the last one',
      [
        ['/a', 1],
        ['/b', 99],
      ],
      ['/a'],
      '/a 100',
    ],
    [
      'leave nothing to nobody',
      [
        ['/a', 100],
        ['/b', 0],
      ],
      ['/b'],
      '',
    ],
    [
      'are whole percents',
      [
        ['/a', 1],
        ['/b', 1],
        ['/c', 1],
      ],
      ['/a', '/b', '/c'],
      '/a 34, /b 33, /c 33',
    ],
  ];

  it.each(rows)('%s', (_, shares, serving, expected) => {
    const list = shares.map(([appId, percent]) => ({ appId, percent }));
    const claims = all.filter(({ appId }) => serving.includes(appId));
    expect(told(servedShares(list, claims))).toBe(expected);
  });

  it('are always 100 together', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(parts, (percents) => {
        const list = percents.map((percent, place) => ({ appId: `/${place}`, percent }));
        const shares = servedShares(
          list,
          list.map(({ appId }) => colour(appId)),
        );
        expect(shares.reduce((sum, { percent }) => sum + percent, 0)).toBe(100);
      }),
      { seed: 3 },
    );
  });
});

describe('shares of labels', () => {
  it('a canary has its share beside the live colour, however new it is', () => {
    const main = colour('/web/1');
    const canary = colour('/web/2', 20, 2_000);
    const decision = decide([main, canary], '/web/1');
    expect(decision).toMatchObject({ live: '/web/1', rule: 'labels' });
    expect(told(decision.shares)).toBe('/web/1 80, /web/2 20');
    // The next whole version takes over, and the canary keeps its share.
    const next = decide([main, canary, colour('/web/3', null, 3_000)], '/web/1');
    expect(told(next.shares)).toBe('/web/2 20, /web/3 80');
    expect(next).toMatchObject({ live: '/web/3', why: 'the newest ready colour' });
  });

  it('a canary alone has everything', () => {
    const decision = decide([colour('/web/2', 20)], null);
    expect(decision).toMatchObject({ live: '/web/2', shares: [] });
  });

  it('labels of 100 and more leave nothing to the others', () => {
    const claims = [colour('/a', 90), colour('/b', 90), colour('/c')];
    expect(told(labelledShares(claims, '/c'))).toBe('/a 50, /b 50');
    expect(decide(claims, '/c')).toMatchObject({ live: '/a' });
  });
});
