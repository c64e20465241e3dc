import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffPlans } from '../../src/plan/diff.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import { candidates, claim } from './claims.ts';

const OPTIONS = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 0,
  appidPort: 0,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};

/** Services of one to three servers on ports whose texts and numbers sort differently. */
const plans = fc
  .dictionary(fc.constantFrom('9', '99', '100', '10000', '65535'), fc.integer({ min: 1, max: 3 }))
  .map((sizes) => {
    const claims = Object.entries(sizes).map(([port, size]) =>
      claim(`/p${port}`, {
        servicePort: Number(port),
        candidates: candidates('t', ...Array<'healthy'>(size).fill('healthy')),
      }),
    );
    return makePlan(claims, OPTIONS, EMPTY_PLAN, 0).plan;
  });

function apply<T extends { readonly key: string }>(
  before: readonly T[],
  present: readonly T[],
  gone: readonly string[],
): T[] {
  const left = new Map(before.map((one) => [one.key, one]));
  for (const key of gone) expect(left.delete(key)).toBe(true);
  for (const one of present) left.set(one.key, one);
  return [...left.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

describe('the difference between any two plans', () => {
  it('leads from one to the other, and holds nothing that is equal', () => {
    fc.assert(
      fc.property(plans, plans, (before: Plan, after: Plan) => {
        const delta = diffPlans(before, after);
        expect(apply(before.services, delta.services, delta.removedServices)).toEqual(
          after.services,
        );
        expect(apply(before.listeners, delta.listeners, delta.removedListeners)).toEqual(
          after.listeners,
        );
        for (const one of delta.services) expect(before.services).not.toContainEqual(one);
        for (const one of delta.listeners) expect(before.listeners).not.toContainEqual(one);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
