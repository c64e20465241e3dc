import { describe, expect, it } from 'vitest';
import type { AppDefinition } from '../../../src/embedded/marathon/app-definition.ts';
import { withApps, withoutApps } from '../../../src/embedded/marathon/cluster.ts';
import type { JsonObject } from '../../../src/embedded/marathon/json.ts';
import { normalizeApp, requestOf } from '../../../src/embedded/marathon/normalize.ts';
import {
  type Apps,
  dependencyDepth,
  planSteps,
  restarted,
} from '../../../src/embedded/marathon/upgrade.ts';

const T1 = '2026-01-01T00:00:00.001Z';
const T2 = '2026-01-01T00:00:00.002Z';

function request(id: string, more: JsonObject = {}) {
  return normalizeApp({ id, cmd: 'true', ...more });
}

function apps(...requests: readonly ReturnType<typeof request>[]): Apps {
  return withApps(new Map(), requests, T1);
}

function app(of: Apps, id: string): AppDefinition {
  const found = of.get(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

function steps(from: Apps, to: Apps): readonly string[] {
  return planSteps(from, to).map((step) => step.map((a) => `${a.action} ${a.app.id}`).join(' + '));
}

describe('versions', () => {
  const before = apps(request('/a', { instances: 2, labels: { x: '1' } }));
  const at = (after: Apps) => {
    const { version, versionInfo } = app(after, '/a');
    return [version, versionInfo.lastScalingAt, versionInfo.lastConfigChangeAt];
  };
  const change = (more: object) =>
    withApps(before, [{ ...requestOf(app(before, '/a')), ...more }], T2);

  it('of a new app are all its birth', () => expect(at(before)).toEqual([T1, T1, T1]));
  it('stay when nothing changes', () => expect(at(change({}))).toEqual([T1, T1, T1]));
  it('of a scaled app keep the configuration', () =>
    expect(at(change({ instances: 3 }))).toEqual([T2, T2, T1]));
  it('of a changed label are all new', () =>
    expect(at(change({ labels: { x: '2' } }))).toEqual([T2, T2, T2]));
  it('of a restart keep the scaling', () =>
    expect(at(new Map([['/a', restarted(app(before, '/a'), T2)]]))).toEqual([T2, T1, T2]));
});

describe('the steps of a deployment', () => {
  const one = apps(request('/a'));
  it('start and then scale a new app', () =>
    expect(steps(new Map(), one)).toEqual(['StartApplication /a', 'ScaleApplication /a']));
  it('are none when nothing changes', () => expect(steps(one, one)).toEqual([]));
  it('stop an app that is gone', () =>
    expect(
      steps(
        one,
        withoutApps(one, () => true),
      ),
    ).toEqual(['StopApplication /a']));
  it('scale for another number of instances', () =>
    expect(steps(one, withApps(one, [request('/a', { instances: 5 })], T2))).toEqual([
      'ScaleApplication /a',
    ]));
  it.each([
    ['a label', { labels: { a: 'b' } }],
    ['the environment', { env: { A: 'b' } }],
    ['the command', { cmd: 'false' }],
    ['a health check', { healthChecks: [{}] }],
    ['the upgrade strategy', { upgradeStrategy: { maximumOverCapacity: 0.5 } }],
    ['the configuration and the number of instances', { cmd: 'false', instances: 3 }],
  ])('restart for %s', (_title, more) =>
    expect(steps(one, withApps(one, [request('/a', more)], T2))).toEqual(['RestartApplication /a']),
  );
  it('only scale when nothing is to run any more', () =>
    expect(steps(one, withApps(one, [request('/a', { cmd: 'false', instances: 0 })], T2))).toEqual([
      'ScaleApplication /a',
    ]));
  it('scale an app whose tasks are sentenced, even when it wants no other number', () => {
    const sentences = new Map([['/a', ['x']]]);
    const [step] = planSteps(one, one, sentences);
    expect(step?.map((a) => [a.action, a.sentenced])).toEqual([['ScaleApplication', ['x']]]);
  });
  it('follow the dependencies, one step per depth', () => {
    const to = apps(
      request('/web', { dependencies: ['/api'] }),
      request('/api', { dependencies: ['/db'] }),
      request('/db/main'),
      request('/other'),
    );
    expect(steps(new Map(), to).slice(1)).toEqual([
      'ScaleApplication /db/main + ScaleApplication /other',
      'ScaleApplication /api',
      'ScaleApplication /web',
    ]);
  });
  it('do not exist for a circle', () => {
    const circle = apps(
      request('/a', { dependencies: ['/b'] }),
      request('/b', { dependencies: ['/a'] }),
    );
    expect(dependencyDepth(app(circle, '/a'), circle)).toBeNull();
  });
});

describe('service ports', () => {
  const ports = (of: Apps, id: string) =>
    app(of, id).portDefinitions?.map((definition) => definition.port);

  it('that are 0 get the lowest free numbers from 10000', () => {
    const both = apps(request('/a', { ports: [0, 0] }), request('/b', { ports: [10002, 0] }));
    expect([ports(both, '/a'), ports(both, '/b')]).toEqual([
      [10000, 10001],
      [10002, 10003],
    ]);
  });
  it('stay with the app when it is updated', () => {
    const first = apps(request('/a'), request('/b'));
    const next = withApps(first, [request('/b', { cmd: 'false' })], T2);
    expect(ports(next, '/b')).toEqual([10001]);
    expect(steps(first, withApps(first, [request('/b')], T2))).toEqual([]);
  });
  it('asked for by number may be those of another app', () => {
    const both = apps(request('/blue', { ports: [10080] }), request('/green', { ports: [10080] }));
    expect(ports(both, '/green')).toEqual([10080]);
  });
  it('of a bridged container are assigned in its mappings', () => {
    const bridged = apps(
      request('/a', {
        networks: [{ mode: 'container/bridge' }],
        container: { portMappings: [{ containerPort: 80 }, { containerPort: 81 }] },
      }),
    );
    expect(app(bridged, '/a').container?.portMappings?.map((one) => one.servicePort)).toEqual([
      10000, 10001,
    ]);
  });
  it('end where the range ends', () => {
    const full = Array.from({ length: 10_001 }, (_, index) => 10_000 + index);
    const taken = apps(request('/full', { ports: full }));
    expect(() => withApps(taken, [request('/one-more')], T2)).toThrow(
      'All ports in the range [10000-20000) are already in use',
    );
  });
});
