// Whatever sequence of cut-overs, splits, departures and returns: what was in flight on a colour or server
// that was left ends by itself or at its deadline, and a pool nobody needs any more is gone.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../src/plan/plan.ts';
import { HeldOrigin } from '../proxy/held-origin.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from '../proxy/plans.ts';
import { RawClient } from '../support/raw-client.ts';
import { budget } from './budget.ts';

const APPS = ['/zdd/blue', '/zdd/green', '/zdd/red'] as const;
/** Of a colour that is left: long enough that some requests are answered before it. */
const DRAIN_MS = 40;
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Servers of each colour, by their places; which of those with servers is live; whether all of them share. */
const anyPlan = fc.record({
  servers: fc.tuple(...APPS.map(() => fc.uniqueArray(fc.nat(1), { maxLength: 2 }))),
  live: fc.nat(2),
  shared: fc.boolean(),
});
const anyStep = fc.oneof(
  { weight: 4, arbitrary: anyPlan.map((plan) => ({ plan })) },
  { weight: 1, arbitrary: fc.constant({ plan: null }) },
  { weight: 4, arbitrary: fc.constant({ ask: true as const }) },
  { weight: 2, arbitrary: fc.nat(5).map((answer) => ({ answer })) },
);

describe('any sequence of plans with requests in flight', () => {
  const origins: HeldOrigin[] = [];

  beforeAll(async () => {
    for (let place = 0; place < 2 * APPS.length; place += 1) origins.push(await HeldOrigin.start());
  });

  afterAll(async () => {
    for (const origin of origins) await origin.close();
  });

  function planned({
    servers,
    live,
    shared,
  }: typeof anyPlan extends fc.Arbitrary<infer T> ? T : never) {
    const colours = APPS.map((appId, place) => {
      const ports = (servers[place] ?? []).map((one) => origins[2 * place + one] as HeldOrigin);
      return { ...colour(appId, ports), drainMs: DRAIN_MS };
    });
    const usable = colours.filter((one) => one.servers.length > 0).map(({ appId }) => appId);
    const [first, second] = usable;
    const shares =
      shared && first !== undefined && second !== undefined
        ? [
            { appId: first, percent: 60 },
            { appId: second, percent: 40 },
          ]
        : [];
    const chosen = shares.length > 0 ? first : usable[live % Math.max(1, usable.length)];
    return service(chosen ?? null, colours, { shares });
  }

  /** Colours that may have something in flight: the live one, and those with a share. */
  function serving({ live, shares }: ServiceSpec): ReadonlySet<string> {
    return new Set([...(live === null ? [] : [live]), ...shares.map(({ appId }) => appId)]);
  }

  it('leaves no old pool with anything in flight past its deadline, and none that nobody needs', async () => {
    const { seed, runs } = budget();
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 20 }), async (steps) => {
        const bench = new Bench({ drainDeadlineMs: DRAIN_MS, emptyPoolWaitMs: DRAIN_MS });
        const clients: RawClient[] = [];
        let inForce: ServiceSpec | null = null;
        bench.publish({ listeners: [listener('service', 10_080)] });
        const port = await bench.open('*:10080');
        try {
          for (const step of steps) {
            if ('ask' in step) {
              const client = await RawClient.connect(port);
              clients.push(client);
              void client.write(GET);
            } else if ('answer' in step) {
              origins[step.answer]?.answer();
            } else if (step.plan !== null) {
              inForce = planned(step.plan);
              bench.publish({ services: [inForce] });
            } else if (inForce !== null) {
              bench.publish({ removedServices: [inForce.key] });
              inForce = null;
            }
            await new Promise((resolve) => setImmediate(resolve));
          }
          const live = inForce === null ? new Set<string>() : serving(inForce);
          await until('the end of what was left', () =>
            bench.plane.report().pools.every(({ appId, draining }) => {
              return live.has(appId) ? draining === null : (draining?.inFlight ?? 0) === 0;
            }),
          );
          const known = inForce === null ? [] : inForce.colours.map(({ appId }) => appId);
          const { pools } = bench.plane.report();
          expect(pools.filter(({ appId }) => !known.includes(appId))).toEqual([]);
          // What is left belongs to servers that serve: it ends with their answers.
          await until('the end of the rest', () => {
            for (const origin of origins) if (origin.inFlight > 0) origin.answer();
            return isEmpty(bench);
          });
          expectNothingInFlight(bench);
        } finally {
          for (const client of clients) client.end();
          await bench.close();
          for (const origin of origins) while (origin.inFlight > 0) origin.answer();
        }
      }),
      { numRuns: runs(60), seed },
    );
  }, 120_000);
});

function isEmpty(bench: Bench): boolean {
  try {
    expectNothingInFlight(bench);
    return true;
  } catch {
    return false;
  }
}
