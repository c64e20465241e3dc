import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { numericId, poolName, serverName } from '../../src/catalogue/names.ts';
import { app, OPTIONS, task } from './apps.ts';

function candidatesOf(changes: Parameters<typeof app>[0], options = OPTIONS) {
  return makeCatalogue([app(changes)], options).claims[0]?.candidates ?? [];
}

describe('a claim', () => {
  it('says what the app is and asks for', () => {
    const { claims, problems } = makeCatalogue(
      [
        app({
          deployments: ['d1'],
          labels: { HAPROXY_GROUP: 'external', HAPROXY_0_PORT: '10080' },
        }),
      ],
      OPTIONS,
    );
    expect(problems).toEqual([]);
    expect(claims).toMatchObject([
      {
        appId: '/zdd/blue',
        portIndex: 0,
        name: 'zdd_blue_10080',
        servicePort: 10_080,
        bindAddress: '*',
        mode: 'http',
        routes: [],
        version: '2026-01-01T00:00:00.000Z',
        instances: 1,
        lastConfigChangeAtMs: 1_000,
        lastScalingAtMs: 2_000,
        deploying: true,
        candidates: [
          {
            taskId: 'zdd_blue.1',
            name: '10_0_6_25_23336',
            numericId: 14_676,
            host: '10.0.6.25',
            address: '10.0.6.25',
            port: 23_336,
            standing: 'healthy',
            usable: true,
            check: {
              kind: 'http',
              path: '/health',
              port: 23_336,
              intervalMs: 60_000,
              timeoutMs: 20_000,
              rise: 2,
              fall: 4,
            },
          },
        ],
      },
    ]);
  });

  it('is the same whatever order Marathon lists apps, tasks and labels in', () => {
    const labels = { HAPROXY_GROUP: 'external', HAPROXY_X: '1', HAPROXY_Y: 'y', HAPROXY_Z: 'z' };
    const tasks = ['a', 'b', 'c', 'd'].map((id, place) =>
      task(id, { ports: [31_000 + (place % 2)] }),
    );
    const apps = ['/b', '/a', '/c/d'].map((id) => app({ id, labels, tasks }));
    const expected = makeCatalogue(apps, OPTIONS);
    const anyOrder = fc.tuple(
      fc.shuffledSubarray(apps, { minLength: apps.length }),
      fc.shuffledSubarray(tasks, { minLength: tasks.length }),
      fc.shuffledSubarray(Object.entries(labels), { minLength: 4 }),
    );
    fc.assert(
      fc.property(anyOrder, ([someApps, someTasks, someLabels]) => {
        const shuffled = someApps.map((one) => ({
          ...one,
          tasks: someTasks,
          labels: Object.fromEntries(someLabels),
        }));
        expect(makeCatalogue(shuffled, OPTIONS)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('claims are sorted by app and service port', () => {
    const two = app({
      servicePorts: [10_009, 10_001],
      tasks: [],
    });
    const { claims } = makeCatalogue([two, app({ id: '/a', tasks: [] })], OPTIONS);
    expect(claims.map((one) => [one.appId, one.servicePort, one.portIndex])).toEqual([
      ['/a', 10_000, 0],
      ['/zdd/blue', 10_001, 1],
      ['/zdd/blue', 10_009, 0],
    ]);
  });
});

describe('the standing of a task', () => {
  const rows = [
    // state, verdicts, app has checks → standing, usable with --health-check, usable without
    ['TASK_RUNNING', [true], true, 'healthy', true, true],
    ['TASK_RUNNING', [false, true], true, 'healthy', true, true],
    ['TASK_RUNNING', [false], true, 'unhealthy', false, true],
    ['TASK_RUNNING', [], true, 'starting', false, true],
    ['TASK_RUNNING', null, true, 'starting', false, true],
    ['TASK_RUNNING', null, false, 'unchecked', true, true],
    ['TASK_STAGING', [], true, 'starting', false, false],
    ['TASK_STAGING', null, false, 'starting', false, false],
    ['TASK_STARTING', null, false, 'starting', false, false],
    ['TASK_KILLING', [true], true, 'killing', false, false],
    ['TASK_KILLING', null, false, 'killing', false, false],
    ['TASK_UNREACHABLE', [true], true, 'unreachable', true, true],
    ['TASK_UNREACHABLE', [false], true, 'unreachable', false, true],
    ['TASK_UNREACHABLE', [], true, 'unreachable', false, true],
    ['TASK_LOST', null, false, 'unreachable', true, true],
    ['TASK_FINISHED', [true], true, 'ended', false, false],
    ['TASK_FAILED', null, false, 'ended', false, false],
    ['TASK_KILLED', [true], true, 'ended', false, false],
    ['TASK_GONE_BY_OPERATOR', null, false, 'ended', false, false],
    ['TASK_UNKNOWN', null, false, 'ended', false, false],
    ['TASK_OF_ANOTHER_WORLD', [true], true, 'ended', false, false],
  ] as const;

  it.each(rows)(
    '%s with verdicts %j, checks: %j → %s',
    (state, alive, checked, standing, strict, lax) => {
      const changes = {
        tasks: [task('t', { state, alive })],
        ...(checked ? {} : { healthChecks: [] }),
      };
      expect(candidatesOf(changes)).toMatchObject([{ standing, usable: strict }]);
      expect(candidatesOf(changes, { ...OPTIONS, healthCheck: false })).toMatchObject([
        { standing, usable: lax },
      ]);
    },
  );
});

describe('where a task is dialled', () => {
  it('host networking: the agent and the port of the same index', () => {
    const tasks = [task('t', { ports: [31_000, 31_001] })];
    const { claims } = makeCatalogue([app({ servicePorts: [1, 2], tasks })], OPTIONS);
    expect(claims.map((one) => one.candidates[0]?.port)).toEqual([31_000, 31_001]);
  });

  it('container networking: its own address and port, named after both', () => {
    const candidates = candidatesOf({
      networking: 'container',
      containerPorts: [8080],
      tasks: [task('t', { ports: [], containerAddress: '9.0.0.7', host: 'agent-1' })],
    });
    expect(candidates).toMatchObject([
      {
        address: '9.0.0.7',
        port: 8080,
        host: 'agent-1',
        name: 'agent-1_9_0_0_7_8080',
        usable: true,
      },
    ]);
  });

  it('a host name is dialled at its address and named after both', () => {
    const addresses = new Map([['srv7.example.com', '10.1.2.3']]);
    const changes = { tasks: [task('t', { host: 'srv7.example.com' })] };
    expect(candidatesOf(changes, { ...OPTIONS, addresses })).toMatchObject([
      { address: '10.1.2.3', name: 'srv7_example_com_10_1_2_3_23336', usable: true },
    ]);
  });

  it('a host that does not resolve gets no requests and is told once', () => {
    const tasks = [task('a', { host: 'gone.test' }), task('b', { host: 'gone.test', ports: [2] })];
    const { claims, problems } = makeCatalogue([app({ tasks })], OPTIONS);
    expect(claims[0]?.candidates).toMatchObject([
      { taskId: 'b', address: null, usable: false, standing: 'healthy' },
      { taskId: 'a', address: null, usable: false, standing: 'healthy' },
    ]);
    expect(problems).toMatchObject([{ app: '/zdd/blue', where: 'task host', value: 'gone.test' }]);
  });

  it('a container without an address gets no requests and is told', () => {
    const changes = { networking: 'container', containerPorts: [80], tasks: [task('t')] } as const;
    const { claims, problems } = makeCatalogue([app(changes)], OPTIONS);
    expect(claims[0]?.candidates).toMatchObject([{ address: null, usable: false }]);
    expect(problems).toMatchObject([{ where: 'task t', value: '' }]);
  });

  it('a running task without a port is left out and told; one that has ended is left out', () => {
    const tasks = [task('a', { ports: [] }), task('b', { ports: [], state: 'TASK_FAILED' })];
    const { claims, problems } = makeCatalogue([app({ tasks })], OPTIONS);
    expect(claims[0]?.candidates).toEqual([]);
    expect(problems.map((one) => one.where)).toEqual(['task a']);
  });

  it('servers are sorted by host and port as numbers', () => {
    const tasks = [
      task('a', { host: '10.0.0.2', ports: [9] }),
      task('b', { host: '10.0.0.1', ports: [31_000] }),
      task('c', { host: '10.0.0.1', ports: [4_000] }),
    ];
    expect(candidatesOf({ tasks }).map((one) => one.taskId)).toEqual(['c', 'b', 'a']);
  });
});

describe('names and numbers as Marathon-LB gives them', () => {
  it('the documented example comes out', () => {
    expect(serverName('10.0.6.25', '10.0.6.25', 23_336)).toBe('10_0_6_25_23336');
    expect(numericId('10_0_6_25_23336', new Set())).toBe(14_676);
    expect(poolName('/zdd/blue', 10_080)).toBe('zdd_blue_10080');
  });

  it('a clash takes the id of the name lengthened by its own hash, as the Python code does', () => {
    // int(sha256(name + ' ' + sha256(name))) % 32767, computed with Python's hashlib.
    expect(numericId('10_0_6_25_23336', new Set([14_676]))).toBe(6099);
  });

  it('ids are positive, small and unique in a pool', () => {
    const taken = new Set<number>();
    for (let port = 1; port <= 5_000; port += 1) numericId(`10_0_0_1_${port}`, taken);
    expect(taken.size).toBe(5_000);
    expect(Math.min(...taken)).toBeGreaterThan(0);
    expect(Math.max(...taken)).toBeLessThan(32_767);
  });
});

describe('what is left out', () => {
  it("is the balancer's own app, by its id without the first slash", () => {
    const apps = [app(), app({ id: '/infra/lb' }), app({ id: '/infra/lb/x' })];
    const ids = (ownAppName: string) =>
      makeCatalogue(apps, { ...OPTIONS, ownAppName }).claims.map((one) => one.appId);
    expect(ids('infra/lb')).toEqual(['/infra/lb/x', '/zdd/blue']);
    expect(ids('lb')).toHaveLength(3);
    expect(ids('')).toHaveLength(3);
  });

  it('mappings without a service port are told to whoever counts them', () => {
    const { problems } = makeCatalogue([app({ unassignedMappings: [0, 2] })], OPTIONS);
    expect(problems).toMatchObject([{ app: '/zdd/blue', where: 'portMappings', value: '0,2' }]);
    const hidden = app({ unassignedMappings: [0], labels: {} });
    expect(makeCatalogue([hidden], OPTIONS).problems).toEqual([]);
  });
});

describe('a task', () => {
  it('is ready unless its own readiness check says otherwise', () => {
    const ready = (value: boolean | null) =>
      candidatesOf({ tasks: [task('t', { ready: value })] })[0]?.ready;
    expect([ready(null), ready(true), ready(false)]).toEqual([true, true, false]);
  });
});
