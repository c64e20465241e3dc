// Two apps of a deployment group, from Marathon's JSON to the pool and to real sockets: contract §2.1,
// §4.7 with the rule of §4.8, and what zdd.py reads of it (§6.3).

import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { joinGroups } from '../../src/colour/deployment-groups.ts';
import { diffPlans } from '../../src/plan/diff.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { fromRow } from '../../src/stats/counters.ts';
import { OPTIONS } from '../catalogue/apps.ts';
import { rawApp } from '../scenario/raw-apps.ts';
import { Origin } from '../support/origin.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';
import { Edge, labelled } from './edge.ts';
import { planOf } from './plan-of.ts';

interface SideOf {
  readonly instances: number;
  /** Minutes past midnight. */
  readonly scaledAt?: number;
  readonly task?: Record<string, unknown>;
  readonly labels?: Record<string, string>;
  readonly more?: Record<string, unknown>;
}

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

/** As zdd makes them: blue at minute 1, green at minute 2, six servers wanted. */
function side(colour: 'blue' | 'green', of: SideOf) {
  const begun = colour === 'blue' ? 1 : 2;
  const labels = of.labels ?? {
    HAPROXY_DEPLOYMENT_GROUP: 'nginx',
    HAPROXY_DEPLOYMENT_ALT_PORT: '10001',
    HAPROXY_DEPLOYMENT_COLOUR: colour,
    HAPROXY_DEPLOYMENT_STARTED_AT: at(begun).slice(0, 19),
    HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '6',
    HAPROXY_DEPLOYMENT_NEW_INSTANCES: '6',
    HAPROXY_0_PORT: '10080',
  };
  return rawApp(`/nginx-${colour}`, labels, [], {
    portDefinitions: [{ port: colour === 'blue' ? 10_080 : 10_001 }],
    instances: of.instances,
    versionInfo: { lastConfigChangeAt: at(begun), lastScalingAt: at(of.scaledAt ?? begun) },
    tasks: Array.from({ length: of.instances }, (_, n) => ({
      id: `${colour}.${n}`,
      host: colour === 'blue' ? '10.0.0.1' : '10.0.0.2',
      ports: [31_000 + n],
      state: 'TASK_RUNNING',
      healthCheckResults: [{ alive: true }],
      ...of.task,
    })),
    ...of.more,
  });
}

/** `pool: drained of all`, for each colour of the one service. */
function pools(...apps: object[]): string[] {
  const { services } = planOf(apps);
  expect(services).toHaveLength(1);
  return (services[0]?.colours ?? []).map(({ name, servers }) => {
    const drained = servers.filter((one) => one.admin === 'maint').map((one) => one.id);
    return `${name}: ${drained.join(' ')} of ${servers.length}`;
  });
}

describe('the merge of a pair (§4.7)', () => {
  it('6 new, 3 old: the old ones are drained', () => {
    expect(pools(side('blue', { instances: 3 }), side('green', { instances: 6 }))).toEqual([
      'nginx_10080: blue.0 blue.1 blue.2 of 9',
    ]);
  });

  it('6 new, 2 old that were scaled last: still the old ones (8.1, row 7)', () => {
    expect(
      pools(
        side('blue', { instances: 2, scaledAt: 9 }),
        side('green', { instances: 6, scaledAt: 8 }),
      ),
    ).toEqual(['nginx_10080: blue.0 blue.1 of 8']);
  });

  it('unhealthy new ones drain nothing', () => {
    const task = { healthCheckResults: [{ alive: false }] };
    expect(pools(side('blue', { instances: 6 }), side('green', { instances: 2, task }))).toEqual([
      'nginx_10080:  of 6',
    ]);
  });

  it('new ones without checks that are staging drain nothing (8.1, row 8)', () => {
    const staging = { task: { state: 'TASK_STAGING' }, more: { healthChecks: [] } };
    expect(
      pools(side('blue', { instances: 6 }), side('green', { instances: 2, ...staging })),
    ).toEqual(['nginx_10080:  of 6']);
  });

  it('a pair without labels of zdd are two colours, and nothing is drained (8.1, row 9)', () => {
    const labels = { HAPROXY_DEPLOYMENT_GROUP: 'nginx', HAPROXY_0_PORT: '10080' };
    expect(
      pools(side('blue', { instances: 2, labels }), side('green', { instances: 2, labels })),
    ).toEqual(['nginx_10080:  of 2', 'nginx-green_10080:  of 2']);
  });

  it('an app that is alone has the name of the group', () => {
    expect(pools(side('blue', { instances: 1 }))).toEqual(['nginx_10080:  of 1']);
  });

  it('a bad label of one side is told, and the other side serves on', () => {
    const labels = {
      HAPROXY_DEPLOYMENT_GROUP: 'nginx',
      HAPROXY_DEPLOYMENT_TARGET_INSTANCES: 'six',
      HAPROXY_0_PORT: '10080',
    };
    const { problems } = planOf([
      side('blue', { instances: 2 }),
      side('green', { instances: 2, labels }),
    ]);
    expect(problems).toMatchObject([
      { app: '/nginx-green', where: 'HAPROXY_DEPLOYMENT_TARGET_INSTANCES', value: 'six' },
    ]);
  });

  it('is the same whatever order Marathon lists apps and tasks in', () => {
    const [blue, green] = [side('blue', { instances: 5 }), side('green', { instances: 2 })];
    const turned = [green, blue].map((app) => ({
      ...app,
      tasks: [...(app['tasks'] as object[])].reverse(),
    }));
    expect(planOf(turned).services).toEqual(planOf([blue, green]).services);
  });
});

describe('the roles (§4.8)', () => {
  const drainedOf = (blue: SideOf, green: SideOf) =>
    pools(side('blue', blue), side('green', green))[0]?.replace(/^\S+ /, '');

  it('rule 1: the older side is complete and was scaled since the younger was made: a way back', () => {
    expect(drainedOf({ instances: 6, scaledAt: 9 }, { instances: 2, scaledAt: 3 })).toBe(
      'green.0 green.1 of 8',
    );
  });

  it('rule 2: else a younger side that is complete is the new one', () => {
    expect(drainedOf({ instances: 1, scaledAt: 9 }, { instances: 6, scaledAt: 3 })).toBe(
      'blue.0 of 7',
    );
  });

  it('rule 3: else the one that was scaled last', () => {
    const [four, three] = [{ instances: 4 }, { instances: 3 }];
    expect(drainedOf({ ...four, scaledAt: 3 }, { ...three, scaledAt: 9 })).toBe('blue.0 of 7');
    expect(drainedOf({ ...four, scaledAt: 9 }, { ...three, scaledAt: 3 })).toBe('green.0 of 7');
  });
});

describe('a drained server', () => {
  const leaving: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const leave of leaving.splice(0).reverse()) await leave();
  });

  it('finishes what it has, shows it, and gets nothing more', async () => {
    const signs = new EventEmitter<{ read: []; released: [] }>();
    const released = once(signs, 'released');
    const read = once(signs, 'read');
    const answer = (name: string) =>
      `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\nConnection: close\r\n\r\n${name}`;
    const slow = await Origin.scripted(async (connection) => {
      await connection.head();
      signs.emit('read');
      await released;
      await connection.write(answer('blue'));
    });
    const fast = await Origin.scripted(async (connection) => {
      await connection.head();
      await connection.write(answer('green'));
    });
    leaving.push(
      () => slow.close(),
      () => fast.close(),
    );
    const zdd = (startedAt: string) => ({
      '0_PORT': '10080',
      DEPLOYMENT_GROUP: 'nginx',
      DEPLOYMENT_STARTED_AT: startedAt,
      DEPLOYMENT_TARGET_INSTANCES: '1',
      DEPLOYMENT_NEW_INSTANCES: '1',
    });
    const blue = labelled('/nginx-blue', 10_080, zdd('2026-01-01'), [slow]);
    const green = {
      ...labelled('/nginx-green', 10_001, zdd('2026-01-02'), [fast]),
      lastConfigChangeAtMs: 3_000,
      lastScalingAtMs: 3_000,
    };
    const edge = await Edge.open([blue]);
    leaving.push(() => edge.close());
    const port = edge.at(10_080);
    const client = await RawClient.connect(port);
    await client.write('GET /held HTTP/1.1\r\nHost: a\r\n\r\n');
    await read;

    const { claims } = joinGroups(makeCatalogue([blue, green], OPTIONS).claims);
    const options = { httpPort: 80, httpsPort: 443, appidPort: 9091, acceptProxy: false };
    const { plan } = makePlan(
      claims,
      { ...options, bindAddress: '127.0.0.1', statsPort: 9090, groupHttpsByVhost: false },
      edge.plan,
      2,
    );
    edge.plane.commit(edge.plane.prepare(2, diffPlans(edge.plan, plan)));
    for (let request = 0; request < 5; request += 1) {
      const { body } = await requestOnce(
        port,
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      );
      expect(body.toString()).toBe('green');
    }
    const report = edge.plane.report().pools.find((pool) => pool.appId === '/nginx');
    const open = report?.servers.map(({ id, row }) => [id, fromRow(row).inFlight]);
    expect(open).toEqual([
      ['nginx-blue.0', 1],
      ['nginx-green.0', 0],
    ]);
    signs.emit('released');
    expect((await client.response()).body.toString()).toBe('blue');
    client.destroy();
  });
});
