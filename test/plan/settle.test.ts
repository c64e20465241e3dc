import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import type { PlanOptions } from '../../src/plan/plan-options.ts';
import { claim } from './claims.ts';

const OPTIONS: PlanOptions = {
  bindAddress: '*',
  httpPort: 0,
  httpsPort: 0,
  appidPort: 0,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};
const at = (appId: string, bindAddress: string, lastConfigChangeAtMs = 1_000) =>
  claim(appId, { bindAddress, lastConfigChangeAtMs });
const plan = (claims: ReturnType<typeof claim>[], before: Plan = EMPTY_PLAN) =>
  makePlan(claims, OPTIONS, before, 0);
const keysOf = (made: Plan) => made.services.map((one) => one.key);

describe('addresses that overlap on one port', () => {
  it.each([
    // The older one is first.
    ['*', '10.0.0.1'],
    ['10.0.0.1', '*'],
    ['*', '::1'],
    ['::', '10.0.0.1'],
    ['0.0.0.0', '10.0.0.1'],
    ['::', '0.0.0.0'],
  ])('%s, then %s: the older definition has the port, the other is told', (first, second) => {
    const claims = [at('/old', first, 1), at('/new', second, 2)];
    for (const order of [claims, [...claims].reverse()]) {
      const { plan: made, problems } = plan(order);
      expect(keysOf(made)).toEqual([`${first}:10080`]);
      expect(problems).toMatchObject([{ app: '/new', where: 'HAPROXY_0_PORT', value: '10080' }]);
      expect(problems[0]?.message).toContain(`${first}:10080, which /old has`);
    }
  });

  it('whoever has the port keeps it', () => {
    const before = plan([at('/new', '10.0.0.1', 2)]).plan;
    const after = plan([at('/old', '*', 1), at('/new', '10.0.0.1', 2)], before);
    expect(keysOf(after.plan)).toEqual(['10.0.0.1:10080']);
    expect(after.problems).toMatchObject([{ app: '/old' }]);
  });

  it.each([
    ['10.0.0.1', '10.0.0.2'],
    ['0.0.0.0', '::1'],
    ['10.0.0.1', '::1'],
  ])('%s and %s do not', (first, second) => {
    const { plan: made, problems } = plan([at('/a', first), at('/b', second)]);
    expect(keysOf(made)).toHaveLength(2);
    expect(problems).toEqual([]);
  });

  it('two that are refused do not refuse each other: each address is judged by who is kept', () => {
    const { plan: made, problems } = plan([
      at('/any', '*', 1),
      at('/one', '10.0.0.1', 2),
      at('/two', '10.0.0.2', 3),
    ]);
    expect(keysOf(made)).toEqual(['*:10080']);
    expect(problems.map((one) => one.app)).toEqual(['/one', '/two']);
  });
});

describe('the app ids of 9091', () => {
  const idsOf = (...claims: ReturnType<typeof claim>[]) =>
    Object.fromEntries(plan(claims).plan.services.map((one) => [one.key, one.appIds]));

  it('lead to the http service with the lowest port of each app', () => {
    expect(
      idsOf(
        claim('/a', { servicePort: 10_002, portIndex: 0 }),
        claim('/a', { servicePort: 10_001, portIndex: 1 }),
        claim('/a', { servicePort: 10_000, portIndex: 2, mode: 'tcp' }),
        claim('/b', { servicePort: 9_999 }),
      ),
    ).toEqual({ '*:10000': [], '*:10001': ['/a'], '*:10002': [], '*:9999': ['/b'] });
  });

  it('are those of all colours, and of a deployment group the group', () => {
    const deployment = {
      group: '/nginx',
      startedAtMs: 0,
      targetInstances: null,
      newInstances: null,
    };
    expect(idsOf(claim('/green'), claim('/blue'))).toEqual({ '*:10080': ['/blue', '/green'] });
    expect(idsOf(claim('/b', { deployment }), claim('/g', { deployment }))).toEqual({
      '*:10080': ['/nginx'],
    });
  });

  it('do not lead where an app was refused', () => {
    expect(
      idsOf(
        claim('/a', { servicePort: 9_090 }),
        claim('/a', { servicePort: 10_000, portIndex: 1 }),
      ),
    ).toEqual({ '*:10000': ['/a'] });
  });
});
