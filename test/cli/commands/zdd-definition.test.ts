import { describe, expect, it } from 'vitest';
import type { AppState } from '../../../src/cli/commands/marathon-desk.ts';
import { Stop } from '../../../src/cli/commands/stop.ts';
import {
  aimOf,
  deployedBefore,
  nextSide,
  poolOf,
  readZddApp,
} from '../../../src/cli/commands/zdd-definition.ts';

const LABELS = { HAPROXY_DEPLOYMENT_GROUP: 'shop', HAPROXY_DEPLOYMENT_ALT_PORT: '10081' };
const FILE = { id: 'shop', instances: 6, labels: LABELS, ports: [10_080] };
const FLAGS = { initialInstances: 1, newInstances: 0 };
const NOON = new Date('2026-01-31T12:00:00Z');

function side(labels: Readonly<Record<string, string>> = {}, changes: object = {}): AppState {
  const json = { ports: [10_080], ...changes };
  return {
    ...{ id: '/shop-blue', instances: 6, tasks: [], tasksRunning: 6, tasksHealthy: 6 },
    ...{ hasHealthChecks: true, configuredAtMs: 0, deploying: false, json },
    labels: {
      ...LABELS,
      HAPROXY_0_PORT: '10080',
      HAPROXY_DEPLOYMENT_COLOUR: 'blue',
      HAPROXY_DEPLOYMENT_STARTED_AT: '2026-01-01T00:00:00.000000',
      ...labels,
    },
  };
}

function next(last: AppState | null, flags: Partial<typeof FLAGS> = {}, file: object = FILE) {
  return nextSide(readZddApp(JSON.stringify(file)), last, { ...FLAGS, ...flags }, NOON);
}

function stopOf(work: () => unknown): Stop {
  try {
    work();
  } catch (error) {
    if (error instanceof Stop) return error;
  }
  throw new Error('it did not stop');
}

describe('the side of a deployment that a definition becomes', () => {
  it('is blue, whole and on its own port where there is none before', () => {
    expect(next(null)).toMatchObject({
      id: '/shop-blue',
      instances: 6,
      ports: [10_080],
      labels: {
        ...LABELS,
        HAPROXY_APP_ID: 'shop',
        HAPROXY_0_PORT: '10080',
        HAPROXY_DEPLOYMENT_COLOUR: 'blue',
        HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '6',
        HAPROXY_DEPLOYMENT_NEW_INSTANCES: '0',
        HAPROXY_DEPLOYMENT_STARTED_AT: expect.stringMatching(/^2026-01-3[01]T\d\d:00:00\.000000$/),
      },
    });
  });

  it('is the other colour on the other port, small at first, and aims at what there is', () => {
    const green = next(side({}, { instances: 6 }));
    expect(green).toMatchObject({ id: '/shop-green', instances: 1, ports: [10_081] });
    expect(green['labels']).toMatchObject({
      HAPROXY_0_PORT: '10080',
      HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '6',
    });
    const last = side({ HAPROXY_DEPLOYMENT_COLOUR: 'green' }, { ports: [10_081] });
    expect(next(last)).toMatchObject({ id: '/shop-blue', ports: [10_080] });
  });

  it.each([
    [{ initialInstances: 4 }, 4, '0'],
    [{ initialInstances: 9 }, 6, '0'],
    [{ newInstances: 2 }, 1, '2'],
    [{ newInstances: 2, initialInstances: 4 }, 2, '2'],
    [{ newInstances: 9, initialInstances: 9 }, 6, '6'],
  ])('with %j begins with %i instances and is to have %s of its own', (flags, instances, own) => {
    const made = next(side(), flags);
    expect(made['instances']).toBe(instances);
    expect(made['labels']).toMatchObject({ HAPROXY_DEPLOYMENT_NEW_INSTANCES: own });
  });

  it.each([
    [{ ports: [10_080] }, { ports: [10_081] }],
    [{ portDefinitions: [{ port: 10_080 }] }, { portDefinitions: [{ port: 10_081 }] }],
    [
      { container: { portMappings: [{ servicePort: 10_080, containerPort: 1 }] } },
      { container: { portMappings: [{ servicePort: 10_081, containerPort: 1 }] } },
    ],
    [
      { container: { docker: { portMappings: [{ servicePort: 10_080 }] } } },
      { container: { docker: { portMappings: [{ servicePort: 10_081 }] } } },
    ],
  ])('has its port wherever the definition has one: %j', (ports, expected) => {
    const made = next(side({}, ports), {}, { id: '/shop', labels: LABELS, ...ports });
    expect(made).toMatchObject(expected);
    // Marathon 1.5 tells no `ports` of a container: the next one is on the first port all the same.
    expect(next(side({}, made), {}, { id: '/shop', labels: LABELS, ...ports })).toMatchObject(
      ports,
    );
  });

  it('began later than the one before it, whatever the clock says', () => {
    const last = side({ HAPROXY_DEPLOYMENT_STARTED_AT: '2027-01-01T00:00:00.000000' });
    expect(next(last)['labels']).toMatchObject({
      HAPROXY_DEPLOYMENT_STARTED_AT: '2027-01-01T00:00:00.001000',
    });
  });

  it('is made without the nulls of the file', () => {
    expect(next(null, {}, { ...FILE, cmd: null, env: { A: null, B: 'b' } })).toMatchObject({
      env: { B: 'b' },
    });
    expect('cmd' in next(null, {}, { ...FILE, cmd: null })).toBe(false);
  });

  it.each<[string, object | string, number, RegExp]>([
    ['no JSON', '{', 2, /expected JSON/],
    ['no id', { ...FILE, id: null }, 4, /lacks an 'id'/],
    ['no labels', { ...FILE, labels: null }, 4, /HAPROXY_DEPLOYMENT_GROUP/],
    [
      'no other port',
      { ...FILE, labels: { HAPROXY_DEPLOYMENT_GROUP: 'a' } },
      4,
      /HAPROXY_DEPLOYMENT_ALT_PORT/,
    ],
    ['no service port', { ...FILE, ports: [] }, 4, /service port/],
    ['half an instance', { ...FILE, instances: 0.5 }, 4, /whole number/],
  ])('cannot be made with %s', (_, file, exitCode, message) => {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    const stop = stopOf(() => readZddApp(text));
    expect(stop.exitCode).toBe(exitCode);
    expect(stop.message).toMatch(message);
  });

  it('cannot be made on another service port than the one clients use', () => {
    const stop = stopOf(() => next(side(), {}, { ...FILE, ports: [10_090] }));
    expect(stop.exitCode).toBe(4);
    expect(stop.message).toContain('/shop-blue serves port 10080 and the definition says 10090');
  });
});

describe('the sides of a deployment', () => {
  const older = side();
  const newer = {
    ...side({ HAPROXY_DEPLOYMENT_STARTED_AT: '2026-01-02T00:00:00.000000' }),
    id: '/shop-green',
  };

  it('are the apps of the group, the newest first; one without a time is the oldest', () => {
    const bare = { ...side(), id: '/shop', labels: LABELS };
    const other = side({ HAPROXY_DEPLOYMENT_GROUP: 'other' });
    expect(deployedBefore([older, bare, other, newer], 'shop').map(({ id }) => id)).toEqual([
      '/shop-green',
      '/shop-blue',
      '/shop',
    ]);
  });

  it('aim at what their labels say, and a pair ends where one side is to be all of it', () => {
    const labels = {
      HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '6',
      HAPROXY_DEPLOYMENT_NEW_INSTANCES: '2',
    };
    const [young, old] = [side(labels), side({ HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '6' })];
    const flags = { complete: null, linearIncrease: 0 } as const;
    expect(aimOf(young, old, flags)).toMatchObject({ goal: 2, target: 6, keeps: 4 });
    expect(aimOf(young, old, { ...flags, complete: 'current' })).toMatchObject({
      goal: 6,
      keeps: null,
    });
    expect(aimOf(side(), old, flags)).toMatchObject({ goal: 6, target: 6, keeps: null });
  });

  it('share a pool of the name that scripts know, slashes in the group as well', () => {
    expect(poolOf(side())).toBe('shop_10080');
    expect(poolOf(side({ HAPROXY_DEPLOYMENT_GROUP: 'a/b' }))).toBe('a_b_10080');
  });
});
