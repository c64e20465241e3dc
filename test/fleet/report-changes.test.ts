import { describe, expect, it } from 'vitest';
import { ReportKeeper, ReportSender } from '../../src/fleet/report-changes.ts';
import type { PoolReport, WorkerReport } from '../../src/stats/report.ts';

function pool(appId: string, requests = 0): PoolReport {
  const row = [requests];
  return {
    service: '*:10080',
    appId,
    name: appId,
    frontend: row,
    backend: row,
    draining: null,
    servers: [],
  };
}

function reportOf(pools: readonly PoolReport[], epoch = 1): WorkerReport {
  return { pid: 7, epoch, frontends: [{ key: '*:80', name: 'in', row: [epoch] }], pools };
}

describe('a report on its way home', () => {
  it('is whole again at home, whatever came, changed or went', () => {
    const sender = new ReportSender();
    const keeper = new ReportKeeper();
    const [a, b, c] = [pool('/a'), pool('/b'), pool('/c')];
    const later = pool('/b', 5);
    for (const pools of [[a, b], [a, later], [later], [], [c, a], [c, a]]) {
      const report = reportOf(pools, pools.length);
      const sent = JSON.parse(JSON.stringify(sender.changes(report)));
      const home = keeper.take(sent);
      expect({ ...home, pools: new Set(home.pools) }).toEqual({ ...report, pools: new Set(pools) });
    }
  });

  it('tells only pools that are other objects than before, and those that are gone', () => {
    const sender = new ReportSender();
    const [a, b] = [pool('/a'), pool('/b')];
    expect(sender.changes(reportOf([a, b])).pools).toEqual([a, b]);
    expect(sender.changes(reportOf([a, b]))).toMatchObject({ pools: [], gone: [] });
    const changed = pool('/b', 1);
    expect(sender.changes(reportOf([a, changed])).pools).toEqual([changed]);
    expect(sender.changes(reportOf([changed]))).toMatchObject({
      pools: [],
      gone: [{ service: '*:10080', appId: '/a' }],
    });
  });

  it('loses no answer time when a report came too late to be used', () => {
    const keeper = new ReportKeeper();
    const answered = (...counts: number[]) => ({
      ...pool('/a'),
      answers: { sumMs: 2, counts },
    });
    keeper.take({ ...reportOf([answered(5, 1)]), gone: [] });
    const both = keeper.take({ ...reportOf([answered(6, 1)]), gone: [] });
    expect(both.pools[0]?.answers).toEqual({ sumMs: 4, counts: [5, 1, 6, 1] });
    keeper.collected();
    const next = keeper.take({ ...reportOf([answered(7, 1)]), gone: [] });
    expect(next.pools[0]?.answers).toEqual({ sumMs: 2, counts: [7, 1] });
  });

  it('leaves pools the same objects at home while they are not told again', () => {
    const keeper = new ReportKeeper();
    const [first] = keeper.take({ ...reportOf([pool('/a')]), gone: [] }).pools;
    const { pools } = keeper.take({ ...reportOf([pool('/b')]), gone: [] });
    expect(pools).toHaveLength(2);
    expect(pools[0]).toBe(first);
  });
});
