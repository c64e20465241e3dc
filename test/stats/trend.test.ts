import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counters } from '../../src/stats/counters.ts';
import { type MergedPool, Tally } from '../../src/stats/tally.ts';
import { TREND_SECONDS, Trends } from '../../src/stats/trend.ts';
import { row } from './sample-view.ts';

/** What one pool has counted so far. */
function counted(values: Partial<Counters>) {
  const tally = new Tally();
  const pool = { service: '*:10080', appId: '/zdd/blue', name: 'zdd_blue_10080' };
  const pools = [{ ...pool, frontend: row({}), backend: row(values), draining: null, servers: [] }];
  tally.update(1, { pid: 1, epoch: 1, frontends: [], pools });
  return tally.merged();
}

const blue = (trends: Trends) => trends.of('*:10080', '/zdd/blue');

describe('the trend of a colour', () => {
  it('is what was counted in each second, and what a second lasted', () => {
    const trends = new Trends();
    trends.take(counted({ requests: 100, responses5xx: 1, responseMs: 900 }), 0);
    trends.take(counted({ requests: 150, responses5xx: 3, responseMs: 1_400 }), 1_000);
    trends.take(counted({ requests: 250, responses5xx: 3, responseMs: 1_400 }), 3_000);
    expect(blue(trends)).toEqual({
      perSecond: [50, 50],
      errorsPerSecond: [2, 0],
      responseMs: [10, 0],
    });
  });

  it('counts sessions and failed connections where there are no requests', () => {
    const trends = new Trends();
    trends.take(counted({ sessions: 5 }), 0);
    trends.take(counted({ sessions: 9, connectErrors: 1, responseErrors: 2 }), 1_000);
    expect(blue(trends)).toMatchObject({ perSecond: [4], errorsPerSecond: [3], responseMs: [0] });
  });

  it('keeps three minutes, the newest last', () => {
    const trends = new Trends();
    for (let second = 0; second <= TREND_SECONDS + 25; second += 1) {
      trends.take(counted({ requests: (second * (second + 1)) / 2 }), second * 1_000);
    }
    const { perSecond } = blue(trends);
    expect(perSecond).toHaveLength(TREND_SECONDS);
    expect([perSecond[0], perSecond.at(-1)]).toEqual([26, TREND_SECONDS + 25]);
  });

  it('never shows less than nothing when counting began anew, and forgets pools that are gone', () => {
    const trends = new Trends();
    trends.take(counted({ requests: 100 }), 0);
    trends.take(counted({ requests: 7 }), 1_000);
    expect(blue(trends).perSecond).toEqual([0]);
    trends.take({ frontends: [], pools: [] }, 2_000);
    expect(blue(trends).perSecond).toEqual([]);
  });
});

describe('trends kept by what changed', () => {
  const anyTake = fc.record({
    /** Requests of each pool in the second; absent = the pool is not there. */
    pools: fc.dictionary(fc.constantFrom('/a', '/b', '/c'), fc.constantFrom(0, 0, 0, 3, 7)),
    /** So many seconds in which nothing changes follow. */
    still: fc.constantFrom(0, 1, 5, TREND_SECONDS - 1, TREND_SECONDS + 3),
  });

  it('are what is worked out of every second there was', () => {
    fc.assert(
      fc.property(fc.array(anyTake, { maxLength: 8 }), (takes) => {
        const trends = new Trends();
        const totals = new Map<string, number>();
        /** Of each pool since it came, second by second. */
        let expected = new Map<string, number[]>();
        let pools: readonly MergedPool[] = [];
        let second = 0;
        const take = (grown: ReadonlyMap<string, number>): void => {
          trends.take({ frontends: [], pools }, second * 1_000);
          expected = new Map(
            pools.map(({ appId }): [string, number[]] => {
              const known = expected.get(appId);
              if (known !== undefined) return [appId, [...known, grown.get(appId) ?? 0]];
              return [appId, second === 0 ? [] : [0]];
            }),
          );
          second += 1;
        };
        for (const { pools: now, still } of takes) {
          const grown = new Map(Object.entries(now).filter(([, requests]) => requests > 0));
          for (const [appId, requests] of grown) {
            totals.set(appId, (totals.get(appId) ?? 0) + requests);
          }
          pools = Object.keys(now).map((appId) => {
            const known = pools.find((one) => one.appId === appId);
            if (known !== undefined && !grown.has(appId)) return known;
            const [pool] = counted({ requests: totals.get(appId) ?? 0 }).pools;
            return { ...(pool as MergedPool), service: 's', appId };
          });
          take(grown);
          for (let n = 0; n < still; n += 1) take(new Map());
          for (const appId of ['/a', '/b', '/c']) {
            const { perSecond } = trends.of('s', appId);
            expect(perSecond).toEqual((expected.get(appId) ?? []).slice(-TREND_SECONDS));
          }
        }
      }),
      { numRuns: 200, seed: 9 },
    );
  });
});
