import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTER_FIELDS, mergingOf } from '../../src/stats/counters.ts';
import type { DrainReport, ServerReport, WorkerReport } from '../../src/stats/report.ts';
import { type MergedPool, Tally } from '../../src/stats/tally.ts';
import { row } from './sample-view.ts';

const SERVICE = '*:10080';
const APP = '/zdd/blue';

interface Given {
  readonly requests?: number;
  readonly inFlight?: number;
  readonly inFlightMax?: number;
  readonly servers?: readonly Partial<ServerReport>[];
  readonly appId?: string;
  readonly draining?: DrainReport | null;
}

function report(pid: number, given: Given = {}): WorkerReport {
  const { requests = 0, inFlight = 0, inFlightMax = inFlight } = given;
  const counters = row({ requests, sessions: requests, inFlight, inFlightMax });
  return {
    pid,
    epoch: 1,
    frontends: [{ key: '*:80', name: 'marathon_http_in', row: counters }],
    pools: [
      {
        service: SERVICE,
        appId: given.appId ?? APP,
        name: 'zdd_blue_10080',
        frontend: counters,
        backend: counters,
        draining: given.draining ?? null,
        servers: (given.servers ?? [{}]).map((server) => ({
          id: 'blue.1',
          name: 'host_31000',
          address: '10.0.0.1:31000',
          draining: false,
          row: counters,
          ...server,
        })),
      },
    ],
  };
}

const bare = (pid: number): WorkerReport => ({ pid, epoch: 1, frontends: [], pools: [] });

function only(tally: Tally): MergedPool {
  const { pools } = tally.merged();
  expect(pools).toHaveLength(1);
  return pools[0] as MergedPool;
}

describe('the tally of all workers', () => {
  it('adds up frontends by key, pools by service and app, servers by task', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 3, inFlight: 1 }));
    tally.update(2, report(2, { requests: 4, inFlight: 2 }));
    const pool = only(tally);
    for (const merged of [pool.frontend, pool.backend, pool.servers[0]?.row]) {
      expect(merged?.counters).toMatchObject({ requests: 7, inFlight: 3 });
    }
    expect(tally.merged().frontends[0]?.row.counters.requests).toBe(7);
  });

  it("takes a worker's newer report in place of its older one", () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 3, inFlight: 5 }));
    tally.update(1, report(1, { requests: 9, inFlight: 0 }));
    expect(only(tally).backend.counters).toMatchObject({ requests: 9, inFlight: 0 });
  });

  it('tells the same of a pool, as the same object, while its workers report the same ones', () => {
    const tally = new Tally();
    const { pools } = report(1, { requests: 8 });
    const again = (): void => tally.update(1, { ...bare(1), pools });
    tally.tick(0);
    for (let second = 1; second <= 4; second += 1) {
      again();
      tally.tick(second * 1_000);
    }
    const still = only(tally);
    expect(still.backend).toMatchObject({ requestRate: 0, requestRateMax: 8 });
    again();
    tally.tick(5_000);
    expect(only(tally)).toBe(still);

    tally.update(1, report(1, { requests: 11 }));
    tally.tick(6_000);
    expect(only(tally).backend).toMatchObject({ requestRate: 3, counters: { requests: 11 } });
    tally.update(2, report(2, { requests: 4, inFlight: 2 }));
    expect(only(tally).backend.counters).toMatchObject({ requests: 15, inFlight: 2 });
    tally.retire(2);
    expect(only(tally).backend.counters).toMatchObject({ requests: 15, inFlight: 0 });
  });

  it('keeps what an ended worker had counted and drops what it had open', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 10, inFlight: 4 }));
    tally.update(2, report(2, { requests: 1, inFlight: 1 }));
    tally.retire(1);
    expect(only(tally).backend.counters).toMatchObject({ requests: 11, inFlight: 1 });
    tally.update(3, report(3, { requests: 2 }));
    expect(only(tally).backend.counters).toMatchObject({ requests: 13, inFlight: 1 });
  });

  it('shows the last numbers between the end of the only worker and its successor', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 10, inFlight: 4 }));
    tally.retire(1);
    tally.tick(1_000);
    expect(only(tally).backend.counters).toMatchObject({ requests: 10, inFlight: 0 });
    expect(only(tally).servers).toHaveLength(1);
  });

  it('lets a server leave the view once nobody reports it, and the pool keeps its total', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 10 }));
    tally.update(2, report(2, { requests: 10, servers: [] }));
    expect(only(tally).servers).toHaveLength(1);
    tally.update(1, report(1, { requests: 12, servers: [] }));
    const pool = only(tally);
    expect(pool.servers).toEqual([]);
    expect(pool.past.map((server) => server.row.counters.requests)).toEqual([10]);
    expect(pool.backend.counters.requests).toBe(22);
  });

  it('lets a pool leave the view once nobody reports it', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 10 }));
    tally.update(1, bare(1));
    expect(tally.merged()).toEqual({ frontends: [], pools: [] });
  });

  it('counts on when a colour comes back, though the worker starts it anew', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 10 }));
    tally.update(1, bare(1));
    tally.update(1, report(1, { requests: 2 }));
    expect(only(tally).backend.counters.requests).toBe(12);
  });

  it('forgets what nobody has reported for ten minutes', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 10 }));
    tally.update(1, bare(1));
    for (let second = 0; second <= 601; second += 1) tally.tick(second * 1_000);
    tally.update(1, report(1, { requests: 2 }));
    expect(only(tally).backend.counters.requests).toBe(2);
  });

  it('keeps apart a task at its old address, draining, and at its new one', () => {
    const tally = new Tally();
    const servers = [
      { address: '10.0.0.1:31000', draining: true, row: row({ requests: 50 }) },
      { address: '10.0.0.2:31000', row: row({ requests: 3 }) },
    ];
    tally.update(1, report(1, { servers }));
    tally.update(1, report(1, { servers }));
    expect(
      only(tally).servers.map((server) => [server.draining, server.row.counters.requests]),
    ).toEqual([
      [true, 50],
      [false, 3],
    ]);
  });

  it('calls a server draining when every worker that still has it says so', () => {
    const tally = new Tally();
    const draining = { servers: [{ draining: true }] };
    tally.update(1, report(1, draining));
    tally.update(2, report(2));
    expect(only(tally).servers[0]?.draining).toBe(false);
    tally.update(2, report(2, draining));
    expect(only(tally).servers[0]?.draining).toBe(true);
    tally.update(1, report(1, { servers: [] }));
    expect(only(tally).servers[0]?.draining).toBe(true);
  });

  it('drains a pool from the first worker that stops to the last that ends, and not while one has it live', () => {
    const tally = new Tally();
    const drain = { sinceMs: 2_000, deadlineMs: 9_000, inFlight: 3, tunnels: 1, cut: 0 };
    tally.update(1, report(1, { draining: drain }));
    tally.update(2, report(2));
    expect(only(tally).draining).toBe(null);
    tally.update(
      2,
      report(2, { draining: { ...drain, sinceMs: 1_000, deadlineMs: 8_000, cut: 2 } }),
    );
    const both = { sinceMs: 1_000, deadlineMs: 9_000, inFlight: 6, tunnels: 2, cut: 2 };
    expect(only(tally).draining).toEqual(both);
    tally.retire(2);
    expect(only(tally).draining).toEqual(drain);
  });

  it('takes rates per second, also when a tick comes late', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 100 }));
    tally.tick(0);
    expect(only(tally).backend).toMatchObject({ sessionRate: 0, requestRate: 0 });
    tally.update(1, report(1, { requests: 180 }));
    tally.tick(2_000);
    expect(only(tally).backend).toMatchObject({ sessionRate: 40, requestRate: 40 });
    tally.update(1, report(1, { requests: 190 }));
    tally.tick(3_000);
    expect(only(tally).backend).toMatchObject({ sessionRate: 10, sessionRateMax: 40 });
  });

  it('makes no rate of the end of a worker', () => {
    const tally = new Tally();
    tally.update(1, report(1, { requests: 100 }));
    tally.tick(0);
    tally.retire(1);
    tally.update(2, report(2, { requests: 3 }));
    tally.tick(1_000);
    expect(only(tally).backend.requestRate).toBe(3);
  });

  it('takes as peak what was there at once, not the sum of peaks at different times', () => {
    const tally = new Tally();
    tally.update(1, report(1, { inFlight: 2, inFlightMax: 9 }));
    tally.update(2, report(2, { inFlight: 3, inFlightMax: 8 }));
    tally.tick(0);
    expect(only(tally).backend.counters.inFlightMax).toBe(9);
    tally.update(1, report(1, { inFlight: 7, inFlightMax: 9 }));
    tally.update(2, report(2, { inFlight: 6, inFlightMax: 8 }));
    tally.tick(1_000);
    tally.update(1, report(1, { inFlight: 0, inFlightMax: 9 }));
    expect(only(tally).backend.counters).toMatchObject({ inFlight: 6, inFlightMax: 13 });
  });

  it('takes those that wait as a gauge too: it may fall, and an ended worker has none', () => {
    const waiting = (queued: number) => ({
      servers: [{ row: row({ queued, queuedMax: queued }) }],
    });
    const tally = new Tally();
    tally.update(1, report(1, waiting(4)));
    tally.update(2, report(2, waiting(5)));
    tally.tick(0);
    tally.update(1, report(1, waiting(1)));
    expect(only(tally).servers[0]?.row.counters).toMatchObject({ queued: 6, queuedMax: 9 });
    tally.retire(2);
    expect(only(tally).servers[0]?.row.counters).toMatchObject({ queued: 1, queuedMax: 9 });
  });
});

type Step =
  | { readonly kind: 'update'; readonly worker: number; readonly given: Given }
  | { readonly kind: 'bare'; readonly worker: number }
  | { readonly kind: 'retire'; readonly worker: number }
  | { readonly kind: 'tick' };

const worker = fc.integer({ min: 1, max: 3 });
const small = fc.nat({ max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('update' as const),
    worker,
    given: fc.record({
      requests: small,
      inFlight: small,
      appId: fc.constantFrom('/zdd/blue', '/zdd/green'),
    }),
  }),
  fc.record({ kind: fc.constant('bare' as const), worker }),
  fc.record({ kind: fc.constant('retire' as const), worker }),
  fc.record({ kind: fc.constant('tick' as const) }),
);

function take(tally: Tally, one: Step, nowTick: number): void {
  if (one.kind === 'tick') tally.tick(nowTick);
  else if (one.kind === 'retire') tally.retire(one.worker);
  else if (one.kind === 'update') tally.update(one.worker, report(one.worker, one.given));
  else tally.update(one.worker, bare(one.worker));
}

/** Every row shown, by a name of its own. */
function rows(tally: Tally) {
  const { frontends, pools } = tally.merged();
  return new Map(
    [
      ...frontends.map((one) => [one.key, one.row] as const),
      ...pools.flatMap((pool) => [
        [`${pool.appId} frontend`, pool.frontend] as const,
        [`${pool.appId} backend`, pool.backend] as const,
        ...pool.servers.map((one) => [`${pool.appId} ${one.id}`, one.row] as const),
      ]),
    ].map(([name, merged]) => [name, merged.counters]),
  );
}

describe('whatever the workers report, end and forget', () => {
  it('no counter and no maximum ever goes backwards', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tally = new Tally();
        const highest = new Map<string, number>();
        steps.forEach((one, place) => {
          take(tally, one, place * 1_000);
          for (const [name, counters] of rows(tally)) {
            for (const field of COUNTER_FIELDS) {
              if (field === 'inFlight') continue;
              const key = `${name} ${field}`;
              expect(counters[field]).toBeGreaterThanOrEqual(highest.get(key) ?? 0);
              highest.set(key, counters[field]);
            }
          }
        });
      }),
    );
  });

  it('in flight is what the live workers said last, and never above its maximum', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tally = new Tally();
        const latest = new Map<number, Given>();
        steps.forEach((one, place) => {
          take(tally, one, place * 1_000);
          if ('worker' in one) latest.delete(one.worker);
          if (one.kind === 'update') latest.set(one.worker, one.given);
          for (const pool of tally.merged().pools) {
            const open = [...latest.values()]
              .filter((given) => given.appId === pool.appId)
              .reduce((sum, given) => sum + (given.inFlight ?? 0), 0);
            const { inFlight, inFlightMax } = pool.backend.counters;
            expect(inFlight).toBe(open);
            expect(inFlightMax).toBeGreaterThanOrEqual(inFlight);
          }
        });
      }),
    );
  });

  it('counts every request once while workers only grow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ worker, more: small, retire: fc.boolean() }), { maxLength: 40 }),
        (steps) => {
          const tally = new Tally();
          const counted = new Map<number, number>();
          let total = 0;
          for (const one of steps) {
            const requests = (counted.get(one.worker) ?? 0) + one.more;
            total += one.more;
            counted.set(one.worker, requests);
            tally.update(one.worker, report(one.worker, { requests }));
            if (one.retire) {
              tally.retire(one.worker);
              counted.delete(one.worker);
            }
            expect(only(tally).backend.counters.requests).toBe(total);
          }
        },
      ),
    );
  });
});

describe('the fields of a row', () => {
  it('merge by addition but for those that are no amounts', () => {
    expect(COUNTER_FIELDS.filter((field) => mergingOf(field) === 'maximum')).toEqual([
      'inFlightMax',
      'lastSessionMs',
      'queueMsMax',
      'connectMsMax',
      'responseMsMax',
      'totalMsMax',
      'queuedMax',
    ]);
  });
});
