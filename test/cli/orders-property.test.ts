import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../src/admin/order-request.ts';
import type { Claim, TaskStanding } from '../../src/catalogue/claim.ts';
import type { ServiceSpec } from '../../src/plan/plan.ts';
import { candidates, claim } from '../plan/claims.ts';
import { OrderStage } from './order-stage.ts';

const COLOURS = ['/zdd/blue', '/zdd/green', '/zdd/red'] as const;
const STANDINGS: readonly TaskStanding[] = ['healthy', 'starting', 'killing', 'unhealthy'];

/** Some of three colours, each with any tasks, version and wish for a share. */
const anyLook = fc
  .tuple(
    ...COLOURS.map((appId) =>
      fc.option(
        fc
          .record({
            standings: fc.array(fc.constantFrom(...STANDINGS), { maxLength: 3 }),
            instances: fc.nat(3),
            version: fc.constantFrom('1', '2', '3'),
            lastConfigChangeAtMs: fc.constantFrom(1_000, 2_000, 3_000),
            deploying: fc.boolean(),
            sharePercent: fc.option(fc.constantFrom(5, 50, 100), { freq: 9 }),
          })
          .map(({ standings, ...rest }) =>
            claim(appId, { ...rest, candidates: candidates(appId, ...standings) }),
          ),
        { freq: 4 },
      ),
    ),
  )
  .map((claims) => ({ look: claims.filter((one): one is Claim => one !== null) }));

/** Blue and green, both ready; green newer, or older. */
const anyReady = fc
  .tuple(fc.constantFrom(1_000, 2_000), fc.constantFrom('1', '2'))
  .map(([lastConfigChangeAtMs, version]) => ({
    look: [
      claim('/zdd/blue', {
        candidates: candidates('blue', 'healthy'),
        lastConfigChangeAtMs: 1_500,
      }),
      claim('/zdd/green', {
        candidates: candidates('green', 'healthy'),
        lastConfigChangeAtMs,
        version,
      }),
    ],
  }));

const colour = fc.constantFrom('', 'blue', 'green', 'red', 'white');
const anyOrder: fc.Arbitrary<{ order: Partial<OrderRequest> & Pick<OrderRequest, 'order'> }> = fc
  .oneof(
    fc.record({ order: fc.constant('cutover' as const), colour, force: fc.boolean() }),
    fc.record({ order: fc.constant('rollback' as const), colour }),
    fc.record({ order: fc.constantFrom('release' as const, 'unfreeze' as const) }),
    fc.record({ order: fc.constant('drain' as const), colour, seconds: fc.nat(60) }),
    fc.record({ order: fc.constant('freeze' as const), seconds: fc.constantFrom(0, 60) }),
    fc.record({
      order: fc.constant('split' as const),
      shares: fc.constantFrom(
        { blue: 80, green: 20 },
        { red: 100 },
        { blue: 34, green: 33, red: 33 },
      ),
    }),
    fc.record({
      order: fc.constant('server' as const),
      servers: fc.constantFrom(
        { '127_0_0_1_31000': 'maint' as const },
        { '127_0_0_1_31001': 'ready' as const },
      ),
    }),
  )
  .map((order) => ({ order }));
/** A worker takes the next changes, or does not. */
const anyWorker = fc.boolean().map((refuses) => ({ refuses }));

const anyStep = fc.oneof(
  { weight: 5, arbitrary: anyLook },
  { weight: 5, arbitrary: anyOrder },
  anyWorker,
);

const anyOrdered = fc.oneof(
  anyLook,
  { weight: 3, arbitrary: anyReady },
  { weight: 5, arbitrary: anyOrder },
);

const isUsable = ({ candidates: tasks }: Claim): boolean => tasks.some((one) => one.usable);

/** One live set of colours there are, with servers wherever any colour has one. */
function expectWhole(service: ServiceSpec, claims: readonly Claim[]): void {
  const servers = new Map(service.colours.map(({ appId, servers: usable }) => [appId, usable]));
  const usable = claims.filter(isUsable).map(({ appId }) => appId);
  if (usable.length > 0) {
    expect(usable).toContain(service.live);
  } else if (service.live !== null) {
    expect(claims.some(({ appId }) => appId === service.live)).toBe(true);
  }
  if (service.shares.length === 0) return;
  expect(service.shares.length).toBeGreaterThan(1);
  expect(service.shares.map(({ appId }) => appId)).toContain(service.live);
  expect(service.shares.reduce((sum, { percent }) => sum + percent, 0)).toBe(100);
  for (const { appId, percent } of service.shares) {
    expect(percent).toBeGreaterThan(0);
    expect(servers.get(appId)).not.toHaveLength(0);
  }
}

describe('any sequence of changes, orders and refusals', () => {
  it('leaves one live set, never empty while some colour is usable, and epochs that only grow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
        const stage = new OrderStage();
        for (const step of steps) {
          const { epoch, plan } = stage;
          if ('look' in step) await stage.look(...step.look);
          else if ('order' in step) await stage.order(step.order);
          else stage.refuses = step.refuses ? 'worker 7: no room' : null;
          expect(stage.epoch).toBeGreaterThanOrEqual(epoch);
          if (stage.plan !== plan) expect(stage.epoch).toBeGreaterThan(epoch);
          const { services } = stage.plan;
          expect(services).toHaveLength(stage.planned.length === 0 ? 0 : 1);
          for (const service of services) expectWhole(service, stage.planned);
        }
      }),
      { numRuns: 500, seed: 11 },
    );
  });

  it('comes to the same, whether orders are given at once or prepared and then committed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyOrdered, { maxLength: 15 }), async (steps) => {
        const [atOnce, inPhases] = [new OrderStage(), new OrderStage()];
        for (const step of steps) {
          if ('look' in step) {
            await atOnce.look(...step.look);
            await inPhases.look(...step.look);
          } else {
            const done = await atOnce.order(step.order);
            const prepared = await inPhases.order({ ...step.order, phase: 'prepare' });
            expect('code' in prepared).toBe('code' in done);
            if ('code' in prepared || 'code' in done) continue;
            const { lease = '' } = prepared;
            const committed = await inPhases.order({ ...step.order, phase: 'commit', lease });
            expect(committed).toMatchObject({ live: done.live, previous: done.previous });
          }
          const [one, other] = [atOnce, inPhases].map(({ plan }) =>
            plan.services.map(({ live, shares, rule }) => ({ live, shares, rule })),
          );
          expect(one).toEqual(other);
        }
      }),
      { numRuns: 300, seed: 13 },
    );
  });

  it('decides alike on every instance that saw the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anyLook, anyOrder), { maxLength: 15 }), async (steps) => {
        const stages = [new OrderStage(), new OrderStage()];
        for (const stage of stages) {
          for (const step of steps) {
            if ('look' in step) await stage.look(...[...step.look].reverse());
            else await stage.order(step.order);
          }
        }
        const [one, other] = stages.map(({ plan }) =>
          plan.services.map(({ live, shares, rule }) => ({ live, shares, rule })),
        );
        expect(one).toEqual(other);
      }),
      { numRuns: 200, seed: 12 },
    );
  });
});
