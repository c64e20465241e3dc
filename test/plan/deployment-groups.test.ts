import { describe, expect, it } from 'vitest';
import { joinGroups } from '../../src/colour/deployment-groups.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN } from '../../src/plan/plan.ts';
import type { PlanOptions } from '../../src/plan/plan-options.ts';
import { side } from '../colour/deployments.ts';

const OPTIONS: PlanOptions = {
  bindAddress: '*',
  httpPort: 0,
  httpsPort: 0,
  appidPort: 0,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};

function poolOf(...sides: ReturnType<typeof side>[]) {
  const { plan } = makePlan(joinGroups(sides).claims, OPTIONS, EMPTY_PLAN, 0);
  expect(plan.services).toHaveLength(1);
  return plan.services[0];
}

describe('the pool of a deployment group', () => {
  it('has its drained servers in maintenance, the others ready', () => {
    const service = poolOf(side('blue', { instances: 5 }), side('green', { instances: 2 }));
    expect(service).toMatchObject({ live: '/nginx', appIds: ['/nginx'] });
    expect(service?.colours).toHaveLength(1);
    expect(service?.colours[0]).toMatchObject({ appId: '/nginx', name: 'nginx_10080' });
    expect(service?.colours[0]?.servers.map((one) => [one.id, one.admin])).toEqual([
      ['blue.0', 'maint'],
      ['blue.1', 'ready'],
      ['blue.2', 'ready'],
      ['blue.3', 'ready'],
      ['blue.4', 'ready'],
      ['green.0', 'ready'],
      ['green.1', 'ready'],
    ]);
  });

  it('lists old tasks that cannot serve as draining once nothing is wanted of them', () => {
    const blue = side('blue', { standings: ['healthy', 'unhealthy', 'killing', 'ended'] });
    const others = (green: number) =>
      poolOf(blue, side('green', { instances: green }))?.colours[0]?.others.map(
        (one) => one.standing,
      );
    expect(others(1)).toEqual(['unhealthy', 'killing', 'ended']);
    expect(others(6)).toEqual(['draining', 'killing', 'ended']);
  });

  it('stays live, and the same pool, when one side is gone', () => {
    const pair = joinGroups([side('blue'), side('green')]).claims;
    const before = makePlan(pair, OPTIONS, EMPTY_PLAN, 1).plan;
    const alone = joinGroups([side('green')]).claims;
    const after = makePlan(alone, OPTIONS, before, 2).plan;
    expect(after.services[0]).toMatchObject({ live: '/nginx', liveSinceMs: 1 });
    expect(after.services[0]?.colours.map((one) => one.name)).toEqual(['nginx_10080']);
  });
});
