import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/catalogue/claim.ts';
import { GroupCache, joinGroups } from '../../src/colour/deployment-groups.ts';
import { drainedTasks } from '../../src/colour/drain.ts';
import { candidate, claim } from '../plan/claims.ts';
import { side, UNLABELLED } from './deployments.ts';

function join(...claims: Claim[]): readonly Claim[] {
  return joinGroups(claims).claims;
}

/** What is drained of the one pool that two sides make. */
function drained(...claims: Claim[]): string[] {
  const joined = join(...claims);
  expect(joined).toHaveLength(1);
  return [...drainedTasks(joined[0] as Claim)].sort();
}

describe('a pair that zdd deploys', () => {
  it("is one pool under the group's id, with the definition of the old side", () => {
    const blue = side('blue', { instances: 3, claim: { sticky: true, version: 'v1' } });
    const green = side('green', { instances: 2, claim: { sticky: false, version: 'v2' } });
    const [pool, ...more] = join(blue, green);
    expect(more).toEqual([]);
    expect(pool).toMatchObject({
      appId: '/nginx',
      name: 'nginx_10080',
      sticky: true,
      version: 'v1',
      instances: 5,
      handover: { oldAppIds: ['/nginx-blue'], newAppId: '/nginx-green', target: 6 },
    });
    expect(pool?.candidates.map((one) => one.taskId)).toEqual([
      'blue.0',
      'blue.1',
      'blue.2',
      'green.0',
      'green.1',
    ]);
  });

  it('has server ids that are unique in the pool, whatever they were in those of the sides', () => {
    const twin = (taskId: string, host: string) => ({
      ...candidate(taskId),
      host,
      name: `${host}_31000`,
      numericId: 7,
    });
    const [pool] = join(
      side('blue', { claim: { candidates: [twin('b', 'h1'), twin('c', 'h2')] } }),
      side('green', { claim: { candidates: [twin('d', 'h1')] } }),
    );
    expect(new Set(pool?.candidates.map((one) => one.numericId)).size).toBe(3);
  });

  it('is the same whatever order the claims come in', () => {
    const [blue, green] = [side('blue', { instances: 5 }), side('green', { instances: 2 })];
    expect(join(green, blue)).toEqual(join(blue, green));
  });

  it('a port that only the new side has waits until the old side is gone, and is told', () => {
    const extra = side('green', { claim: { portIndex: 1, servicePort: 10_081 } });
    const { claims, problems } = joinGroups([side('blue'), side('green'), extra]);
    expect(claims.map((one) => one.servicePort)).toEqual([10_080]);
    expect(problems).toMatchObject([{ app: '/nginx-green', where: 'HAPROXY_1_PORT' }]);
    expect(join(side('green'), extra).map((one) => one.servicePort)).toEqual([10_080, 10_081]);
  });

  it('a third app is on the old side', () => {
    const third = side('blue', {
      deployment: { startedAtMs: 500 },
      claim: { appId: '/nginx-red', candidates: [candidate('red.0', 'healthy', 30_000)] },
    });
    const [pool] = join(third, side('blue', { instances: 5 }), side('green', { instances: 6 }));
    expect(pool?.handover).toMatchObject({ oldAppIds: ['/nginx-blue', '/nginx-red'] });
    expect(pool?.candidates).toHaveLength(12);
    expect(drainedTasks(pool as Claim).size).toBe(6);
  });

  it('groups of others are not touched', () => {
    const other = claim('/other');
    const { claims } = joinGroups([other, side('blue'), side('green')]);
    expect(claims.map((one) => one.appId)).toEqual(['/nginx', '/other']);
    expect(claims[1]).toBe(other);
  });
});

describe('what is drained', () => {
  it('6 new, 3 old of a target of 6: the old ones', () => {
    expect(drained(side('blue', { instances: 3 }), side('green'))).toEqual([
      'blue.0',
      'blue.1',
      'blue.2',
    ]);
  });

  it('6 new, 2 old that were scaled last: still the old ones, not the new', () => {
    const blue = side('blue', { instances: 2, scaledAt: 1_999 });
    expect(drained(blue, side('green'))).toEqual(['blue.0', 'blue.1']);
    // Killed with scale=true after the new side was made, as zdd does it.
    const killed = side('blue', { instances: 2, scaledAt: 9_000 });
    expect(drained(killed, side('green', { scaledAt: 8_000 }))).toEqual(['blue.0', 'blue.1']);
  });

  it.each([
    ['unhealthy', 'unhealthy'],
    ['staging, without health checks', 'starting'],
    ["failing Teal's own check", 'failing'],
    ['being killed', 'killing'],
    ['out of reach', 'unreachable'],
  ] as const)('new ones that are %s drain nothing', (_title, standing) => {
    expect(drained(side('blue'), side('green', { standings: [standing, standing] }))).toEqual([]);
  });

  it('new ones that are not ready by their own readiness check drain nothing', () => {
    const candidates = [{ ...candidate('green.0', 'healthy', 32_000), ready: false }];
    expect(drained(side('blue'), side('green', { claim: { candidates } }))).toEqual([]);
  });

  it('one for each new one that can serve, the first by task id, as long as the target is kept', () => {
    const blue = side('blue');
    expect(drained(blue, side('green', { standings: ['healthy'] }))).toEqual(['blue.0']);
    expect(drained(blue, side('green', { standings: ['healthy', 'starting'] }))).toEqual([
      'blue.0',
    ]);
    expect(drained(blue, side('green', { instances: 3 }))).toEqual(['blue.0', 'blue.1', 'blue.2']);
    const short = side('blue', { instances: 4 });
    expect(drained(short, side('green', { instances: 2 }))).toEqual([]);
    expect(drained(short, side('green', { instances: 3 }))).toEqual(['blue.0']);
  });

  it('counts old ones that can serve: what Marathon wants of them serves nobody', () => {
    const blue = side('blue', {
      instances: 6,
      standings: ['healthy', 'unhealthy', 'healthy', 'killing', 'healthy', 'healthy'],
    });
    expect(drained(blue, side('green', { instances: 3 }))).toEqual(['blue.0']);
  });

  it('old ones that cannot serve are drained too once the new side is complete', () => {
    const blue = side('blue', { standings: ['healthy', 'unhealthy'] });
    expect(drained(blue, side('green'))).toEqual(['blue.0', 'blue.1']);
  });

  it('a target of nothing drains nothing while nothing new can serve', () => {
    const nothing = { targetInstances: 0, newInstances: 0 };
    const blue = side('blue', { deployment: nothing });
    expect(drained(blue, side('green', { standings: [], deployment: nothing }))).toEqual([]);
  });
});

describe('apps of a group that zdd does not deploy', () => {
  it('are colours of one service, and none is drained', () => {
    const claims = join(
      side('blue', { deployment: UNLABELLED }),
      side('green', { deployment: UNLABELLED }),
    );
    expect(claims.map((one) => [one.appId, one.name, one.handover])).toEqual([
      ['/nginx-blue', 'nginx_10080', null],
      ['/nginx-green', 'nginx-green_10080', null],
    ]);
    expect(claims.map((one) => drainedTasks(one).size)).toEqual([0, 0]);
  });

  it('an app that is alone has the id of the group if zdd made it, else its own', () => {
    expect(join(side('blue'))[0]).toMatchObject({ appId: '/nginx', name: 'nginx_10080' });
    expect(join(side('blue', { deployment: UNLABELLED }))[0]).toMatchObject({
      appId: '/nginx-blue',
      name: 'nginx_10080',
    });
  });

  it('an app without a time is the older side of one that zdd deploys', () => {
    const made = side('green', { instances: 1 });
    const byHand = side('blue', { deployment: UNLABELLED, configuredAt: 9_000 });
    expect(drained(byHand, made)).toEqual(['blue.0']);
  });
});

describe('groups that did not change', () => {
  it('keep their claims from look to look', () => {
    const claims = [side('blue'), side('green'), claim('/other')];
    const cache = new GroupCache();
    const first = joinGroups(claims, cache).claims;
    expect(joinGroups([...claims], cache).claims.every((one, n) => one === first[n])).toBe(true);
    const changed = joinGroups([side('blue', { instances: 1 }), ...claims.slice(1)], cache).claims;
    expect(changed[0]).not.toBe(first[0]);
    expect(changed[1]).toBe(first[1]);
  });
});
