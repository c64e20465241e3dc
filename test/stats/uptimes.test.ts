import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan, type ServiceSpec } from '../../src/plan/plan.ts';
import { type Uptime, Uptimes } from '../../src/stats/uptimes.ts';
import { candidates, claim } from '../plan/claims.ts';

const OPTIONS = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 0,
  appidPort: 0,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};

/** One colour on a port, with a server or without. */
function serviceOf(port: number, isUp: boolean): ServiceSpec {
  const servers = isUp ? candidates('t', 'healthy') : [];
  const one = claim('/a', { servicePort: port, candidates: servers });
  return makePlan([one], OPTIONS, EMPTY_PLAN, 0).plan.services[0] as ServiceSpec;
}

describe('since when a colour has servers', () => {
  it('is what every plan there was comes to, whatever stayed the same object', () => {
    // Absent, up or down; `null` stays as it was.
    const anyPort = fc.constantFrom('absent' as const, true, false, null, null);
    fc.assert(
      fc.property(fc.array(fc.tuple(anyPort, anyPort, anyPort), { maxLength: 12 }), (plans) => {
        const uptimes = new Uptimes();
        let expected = new Map<string, Uptime>();
        let known = new Map<number, ServiceSpec>();
        for (const [nowMs, ports] of plans.entries()) {
          known = new Map(
            ports.flatMap((is, place): [number, ServiceSpec][] => {
              const service = is === null ? known.get(place) : undefined;
              if (service !== undefined) return [[place, service]];
              return is === 'absent' || is === null ? [] : [[place, serviceOf(10_000 + place, is)]];
            }),
          );
          const plan: Plan = { listeners: [], services: [...known.values()] };
          uptimes.take(plan, nowMs);
          expected = new Map(
            plan.services.map(({ key, colours }): [string, Uptime] => {
              const isUp = (colours[0]?.servers.length ?? 0) > 0;
              const before = expected.get(key);
              if (before?.isUp === isUp) return [key, before];
              const { sinceMs = nowMs, downs = 0, downtimeMs = 0 } = before ?? {};
              const lasted = before !== undefined && isUp ? nowMs - sinceMs : 0;
              const fell = before !== undefined && !isUp ? 1 : 0;
              const counted = { downs: downs + fell, downtimeMs: downtimeMs + lasted };
              return [key, { isUp, sinceMs: nowMs, ...counted }];
            }),
          );
          for (const port of [10_000, 10_001, 10_002]) {
            const key = `*:${port}`;
            expect(uptimes.of(key, '/a')).toEqual(expected.get(key) ?? null);
          }
        }
      }),
      { numRuns: 500, seed: 12 },
    );
  });
});
