import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/catalogue/claim.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import { PlanCache } from '../../src/plan/plan-cache.ts';
import type { PlanOptions } from '../../src/plan/plan-options.ts';
import { candidates, claim } from './claims.ts';

const OPTIONS: PlanOptions = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  statsPort: 9090,
  groupHttpsByVhost: true,
  acceptProxy: false,
};

describe('a plan made with what is known of the last one', () => {
  it('is the same objects where the claims are', () => {
    const claims = [claim('/a'), claim('/b', { servicePort: 10_081 })];
    const cache = new PlanCache();
    const first = makePlan(claims, OPTIONS, EMPTY_PLAN, 1, cache).plan;
    const second = makePlan([...claims], { ...OPTIONS }, first, 2, cache).plan;
    expect(second.services.every((one, place) => one === first.services[place])).toBe(true);
    expect(second.listeners.every((one, place) => one === first.listeners[place])).toBe(true);
    const changed = claim('/b', { servicePort: 10_081, candidates: candidates('n', 'healthy') });
    expect(second).toBe(first);
    const third = makePlan([claims[0] as Claim, changed], OPTIONS, second, 3, cache).plan;
    expect(third.services[0]).toBe(first.services[0]);
    expect(third.services[1]).not.toBe(first.services[1]);
    expect(third.listeners).toBe(first.listeners);
  });

  it('is the same objects where equal claims came, even without a cache', () => {
    const first = makePlan([claim('/a')], OPTIONS, EMPTY_PLAN, 1).plan;
    const second = makePlan([claim('/a')], OPTIONS, first, 2).plan;
    expect(second.services[0]).toBe(first.services[0]);
  });

  it('follows the plan in force, not the last one made: that one may have been refused', () => {
    const cache = new PlanCache();
    const blue = claim('/blue');
    const inForce = makePlan([blue], OPTIONS, EMPTY_PLAN, 1, cache).plan;
    const both = [blue, claim('/green', { lastConfigChangeAtMs: 2_000 })];
    const refused = makePlan(both, OPTIONS, inForce, 2, cache).plan;
    expect(refused.services[0]).toMatchObject({ live: '/green', liveSinceMs: 2 });
    const again = makePlan(both, OPTIONS, inForce, 3, cache).plan;
    expect(again.services[0]).toMatchObject({ live: '/green', liveSinceMs: 3 });
  });

  const idOf = ({ appId, portIndex }: Claim) => `${appId} ${portIndex}`;
  /** A few apps on few ports, so that they meet; every shape the rules look at. */
  const anyClaim = fc
    .record({
      app: fc.constantFrom('/a', '/b', '/c', '/d'),
      servicePort: fc.constantFrom(10_080, 10_081, 9090),
      portIndex: fc.constantFrom(0, 1),
      bindAddress: fc.constantFrom('*', '*', '10.0.0.1', '10.0.0.2'),
      mode: fc.constantFrom('http' as const, 'http' as const, 'tcp' as const),
      lastConfigChangeAtMs: fc.constantFrom(1, 2, 3),
      standings: fc.array(
        fc.constantFrom('healthy' as const, 'unhealthy' as const, 'killing' as const),
        {
          maxLength: 3,
        },
      ),
    })
    .map(({ app, standings, ...rest }) =>
      claim(app, { ...rest, candidates: candidates(app, ...standings) }),
    );

  const anyLooks = fc.array(fc.array(anyClaim, { maxLength: 5 }), { maxLength: 9 });
  const calm = (to: Claim, claims: readonly Claim[]): readonly Claim[] =>
    claims.filter((one) => idOf(one) === idOf(to)).map((one) => ({ ...to, ...placeOf(one) }));
  const placeOf = ({ servicePort, bindAddress, mode }: Claim) => ({
    servicePort,
    bindAddress,
    mode,
  });

  it('equals the one made without, after any changes', () => {
    fc.assert(
      fc.property(anyLooks, fc.boolean(), fc.boolean(), (looks, groupHttpsByVhost, isCalm) => {
        const options = { ...OPTIONS, groupHttpsByVhost };
        const cache = new PlanCache();
        let before: Plan = EMPTY_PLAN;
        let claims: Claim[] = [];
        for (const [nowMs, all] of looks.entries()) {
          // As most looks are: one claim changes, and asks for what it asked for.
          const fresh =
            isCalm && nowMs > 1 ? all.slice(0, 1).flatMap((one) => calm(one, claims)) : all;
          // Some of what was there stays, as the same objects; an app has each port index once.
          const kept = claims.filter((_, place) => isCalm || (place + nowMs) % 3 !== 0);
          claims = [...new Map([...kept, ...fresh].map((one) => [idOf(one), one])).values()];
          const made = makePlan(claims, options, before, nowMs, cache);
          expect(made).toEqual(makePlan(claims, options, before, nowMs));
          // Now and then a worker refuses.
          if (nowMs % 4 !== 3) before = made.plan;
        }
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });
});
