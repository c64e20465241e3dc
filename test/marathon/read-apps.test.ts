import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readApps } from '../../src/marathon/read-apps.ts';
import { SourceError } from '../../src/marathon/source-error.ts';

function fixture(name: string) {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
}

function readOne(app: object) {
  const { apps, problems } = readApps({ apps: [{ id: '/x', ...app }] });
  expect(problems).toEqual([]);
  return apps[0];
}

describe('apps as Marathons of all ages send them', () => {
  it('an app list of 1.x with ports, explicit nulls and a deployment', () => {
    expect(readApps(fixture('app-list'))).toEqual({
      problems: [],
      apps: [
        {
          id: '/myapp',
          version: '2015-09-25T15:13:48.343Z',
          instances: 3,
          labels: {},
          networking: 'host',
          servicePorts: [10_013, 10_015],
          unassignedMappings: [],
          containerPorts: [],
          healthChecks: [],
          lastConfigChangeAtMs: Date.UTC(2015, 8, 25, 15, 13, 48, 343),
          lastScalingAtMs: Date.UTC(2015, 8, 25, 15, 13, 48, 343),
          deployments: ['9538079c-3898-4e32-aa31-799bf9097f74'],
          tasks: [],
        },
      ],
    });
  });

  it('the oldest tasks: no state, nulls, the task named in its health', () => {
    const { apps, problems } = readApps({ apps: [fixture('app-1.0').app] });
    expect(problems).toEqual([]);
    expect(apps[0]).toMatchObject({
      id: '/toggle',
      servicePorts: [10_000],
      lastConfigChangeAtMs: Date.UTC(2014, 8, 11, 2, 26, 1, 135),
      lastScalingAtMs: Date.UTC(2014, 8, 12, 23, 28, 21, 737),
      healthChecks: [
        { protocol: 'HTTP', portIndex: 0, path: '/health', intervalSeconds: 10 },
        { protocol: 'HTTP', portIndex: 0, path: '/machinehealth', maxConsecutiveFailures: 6 },
      ],
    });
    expect(apps[0]?.tasks).toMatchObject([
      { host: '10.141.141.10', ports: [31_045], state: 'TASK_RUNNING', alive: [true, true] },
      { host: '10.141.141.10', ports: [31_234], state: 'TASK_RUNNING', alive: [true, true] },
    ]);
  });

  it("1.4: Docker's bridge with its own mappings wins over ipAddress and portDefinitions", () => {
    expect(readOne(fixture('app-1.4'))).toMatchObject({
      id: '/foo',
      networking: 'bridge',
      servicePorts: [10_019],
      containerPorts: [8080],
      labels: { owner: 'zeus', note: 'Away from olympus' },
      healthChecks: [{ protocol: 'HTTP', portIndex: 0, intervalSeconds: 20 }],
    });
  });

  it('1.5: a hundred real apps of one group', () => {
    const group = fixture('group-1.5');
    const { apps, problems } = readApps({ apps: group.apps });
    expect(problems).toEqual([]);
    expect(apps).toHaveLength(100);
    expect(new Set(apps.map((app) => app.networking))).toEqual(new Set(['host']));
    expect(apps[0]).toMatchObject({
      id: '/cudcos/mactest1',
      instances: 0,
      servicePorts: [10_003],
      version: '2018-01-11T06:25:26.501Z',
    });
  });

  it('master: a task that is staging', () => {
    expect(readOne({ tasks: fixture('app-tasks').tasks })?.tasks).toEqual([
      {
        id: 'minecraft_survival-world.instance-564bd685-4c30-11e5-98c1-be5b2935a987',
        host: 'srv7.hw.ca1.mesosphere.com',
        containerAddress: null,
        ports: [31_756],
        state: 'TASK_STAGING',
        alive: null,
        ready: null,
        version: '2015-04-17T04:00:14.171Z',
        startedAtMs: Date.UTC(2015, 7, 26, 20, 23, 44, 678),
      },
    ]);
  });

  it('a task without state waits as long as it has not started', () => {
    const tasks = [{ id: 'a', host: 'h', stagedAt: '2014-01-23T05:31+0000', startedAt: null }];
    expect(readOne({ tasks })?.tasks).toMatchObject([{ state: 'TASK_STAGING', startedAtMs: 0 }]);
  });

  it('null and absent are the same everywhere', () => {
    const nulls = {
      version: null,
      versionInfo: null,
      instances: null,
      labels: null,
      ports: null,
      portDefinitions: null,
      networks: null,
      ipAddress: null,
      container: null,
      healthChecks: null,
      deployments: null,
      tasks: null,
    };
    expect(readOne(nulls)).toEqual(readOne({}));
    const deeper = {
      versionInfo: { lastConfigChangeAt: null, lastScalingAt: null },
      labels: { A: null },
      portDefinitions: [{ port: null }],
      ipAddress: {},
      container: { portMappings: null, docker: { network: null, portMappings: null } },
    };
    expect(readOne(deeper)).toEqual(readOne({}));
    const task = { id: 't', host: 'h' };
    const nullTask = {
      ...task,
      ports: null,
      state: null,
      version: null,
      startedAt: null,
      ipAddresses: null,
      healthCheckResults: null,
    };
    expect(readOne({ tasks: [nullTask] })).toEqual(readOne({ tasks: [task] }));
    expect(readOne({ tasks: [{ ...task, healthCheckResults: [null, { alive: null }] }] })).toEqual(
      readOne({ tasks: [{ ...task, healthCheckResults: [] }] }),
    );
  });
});

describe('networking, ports and addresses', () => {
  const bridge = [{ containerPort: 80, hostPort: 0, servicePort: 10_001 }];
  it.each([
    ['nothing is host', {}, 'host'],
    ['an empty ipAddress is host', { ipAddress: {} }, 'host'],
    ['ipAddress is container', { ipAddress: { groups: [] } }, 'container'],
    ['USER is container', { container: { docker: { network: 'USER' } } }, 'container'],
    ['BRIDGE is bridge', { container: { docker: { network: 'BRIDGE' } } }, 'bridge'],
    ['HOST is host', { container: { docker: { network: 'HOST' } } }, 'host'],
    [
      'BRIDGE wins over ipAddress',
      { ipAddress: { groups: [] }, container: { docker: { network: 'BRIDGE' } } },
      'bridge',
    ],
    ['networks win over all', { ipAddress: { groups: [] }, networks: [{ mode: 'host' }] }, 'host'],
    [
      'the last of networks wins',
      { networks: [{ mode: 'host' }, { mode: 'container/bridge' }] },
      'bridge',
    ],
    ['a network without mode is container', { networks: [{ name: 'dcos' }] }, 'container'],
    [
      'no networks say nothing',
      { networks: [], container: { docker: { network: 'BRIDGE' } } },
      'bridge',
    ],
  ])('%s', (_title, app, networking) => {
    expect(readOne(app)?.networking).toBe(networking);
  });

  it.each([
    [
      'host: definitions',
      { portDefinitions: [{ port: 10_001 }, { port: 10_002 }], ports: [1] },
      [10_001, 10_002],
    ],
    ['host: ports of old', { ports: [10_001] }, [10_001]],
    [
      'host: 0 is not assigned yet, and keeps its index',
      { portDefinitions: [{ port: 0 }, { port: 5 }] },
      [0, 5],
    ],
    [
      'bridge, old place',
      { container: { docker: { network: 'BRIDGE', portMappings: bridge } } },
      [10_001],
    ],
    [
      'bridge, new place',
      { networks: [{ mode: 'container/bridge' }], container: { portMappings: bridge } },
      [10_001],
    ],
    [
      'mappings without service port shift the index',
      {
        networks: [{ mode: 'container' }],
        container: { portMappings: [{ containerPort: 1 }, ...bridge] },
      },
      [10_001],
    ],
    [
      'container without mappings: definitions',
      { ipAddress: { groups: [] }, portDefinitions: [{ port: 7 }] },
      [7],
    ],
    ['nothing', {}, []],
  ])('service ports, %s', (_title, app, ports) => {
    expect(readOne(app)?.servicePorts).toEqual(ports);
  });

  it('places of mappings without a service port are known, once any has one', () => {
    const places = (...servicePorts: (number | null | undefined)[]) =>
      readOne({
        networks: [{ mode: 'container' }],
        container: { portMappings: servicePorts.map((servicePort) => ({ servicePort })) },
      })?.unassignedMappings;
    expect(places(null, 10_001, undefined)).toEqual([0, 2]);
    expect(places(10_001)).toEqual([]);
    expect(places(null, null)).toEqual([]);
  });

  it('the results of readiness checks belong to their tasks; what is no result is none', () => {
    const tasks = ['a', 'b', 'c'].map((id) => ({ id, host: 'h' }));
    const readinessCheckResults = [
      { name: 'x', taskId: 'a', ready: true, lastResponse: { status: 200 } },
      { name: 'x', taskId: 'b', ready: false },
      { taskId: 'c', ready: null },
      null,
    ];
    const app = readOne({ tasks, readinessCheckResults });
    expect(app?.tasks.map((one) => one.ready)).toEqual([true, false, null]);
  });

  it('discovery ports win over mappings as the ports inside the container', () => {
    const container = { portMappings: bridge };
    expect(readOne({ container })?.containerPorts).toEqual([80]);
    const ipAddress = { discovery: { ports: [{ number: 81, name: 'http', protocol: 'tcp' }] } };
    expect(readOne({ container, ipAddress })?.containerPorts).toEqual([81]);
  });

  it.each([
    ['its own', { portDefinitions: [{ port: 10_001 }] }, { ports: [31_000] }, [31_000]],
    ['the definition where it has none', { portDefinitions: [{ port: 10_001 }] }, {}, [10_001]],
    [
      'the container port where there is no definition',
      { networks: [{ mode: 'container/bridge' }], container: { portMappings: bridge } },
      {},
      [80],
    ],
    [
      'none when it has ended',
      { portDefinitions: [{ port: 10_001 }] },
      { state: 'TASK_FAILED' },
      [],
    ],
  ])('the ports of a task: %s', (_title, app, task, ports) => {
    const tasks = [{ id: 't', host: 'h', state: 'TASK_RUNNING', ...task }];
    expect(readOne({ ...app, tasks })?.tasks[0]?.ports).toEqual(ports);
  });

  it("a container's own address is kept", () => {
    const tasks = [
      { id: 't', host: 'h', ipAddresses: [{ ipAddress: '9.0.0.1', protocol: 'IPv4' }] },
    ];
    expect(readOne({ tasks })?.tasks[0]?.containerAddress).toBe('9.0.0.1');
  });

  it('a check with a literal port has no index; a command has neither', () => {
    const healthChecks = [{ protocol: 'TCP', port: 9 }, { protocol: 'COMMAND' }, {}];
    expect(readOne({ healthChecks })?.healthChecks).toMatchObject([
      { protocol: 'TCP', portIndex: null, port: 9 },
      { protocol: 'COMMAND', portIndex: null, port: null },
      { protocol: 'HTTP', portIndex: 0, port: null, path: '/' },
    ]);
  });
});

describe('what does not fit is left out alone', () => {
  const good = { id: '/good' };
  it.each([
    [{ id: '/x', instances: 'four' }, '/x', '/instances', 'four', 'expected integer'],
    [{ id: '/x', instances: -1 }, '/x', '/instances', '-1', 'expected a value that must be >= 0'],
    [{ id: '/x', labels: [] }, '/x', '/labels', '[]', 'expected object'],
    [{ id: '/x', labels: { A: { b: 1 } } }, '/x', '/labels/A', '{"b":1}', 'expected string'],
    [
      { id: '/x', ports: [70_000] },
      '/x',
      '/ports/0',
      '70000',
      'expected a value that must be <= 65535',
    ],
    [{ id: '/x', ports: ['80'] }, '/x', '/ports/0', '80', 'expected integer'],
    [
      { id: '/x', networks: [{ mode: 'warp' }] },
      '/x',
      '/networks/0/mode',
      'warp',
      'expected a text that matches ^(host|container|container/bridge)$',
    ],
    [
      { id: '/x', version: 'yesterday' },
      '/x',
      '/version',
      'yesterday',
      'expected a timestamp such as 2026-01-31T12:00:00.000Z',
    ],
    [{ id: '/x', tasks: {} }, '/x', '/tasks', '{}', 'expected array'],
    [{ id: '/x', labels: { 'a/b': 1 } }, '/x', '/labels/a~1b', '1', 'expected string'],
    [{ id: 'x' }, 'x', '/id', 'x', 'expected a text that matches ^/.'],
    [{ id: 7 }, null, '/apps/1/id', '7', 'expected string'],
    [{ instances: 1 }, null, '/apps/1', '{"instances":1}', "expected a field 'id'"],
    [null, null, '/apps/1', 'null', 'expected object'],
    ['app', null, '/apps/1', 'app', 'expected object'],
    [{ id: '/good' }, '/good', '/id', '/good', 'expected each app once'],
  ])('app %j', (bad, app, where, value, expected) => {
    const { apps, problems } = readApps({ apps: [good, bad, { id: '/last' }] });
    expect(apps.map((one) => one.id)).toEqual(['/good', '/last']);
    const message = `${expected} in Marathon's answer; the app is left out`;
    expect(problems).toEqual([{ app, where, value, message }]);
  });

  it.each([
    [{ host: 'h' }, '/tasks/0', "expected a field 'id'", 'without id'],
    [{ id: 't' }, '/tasks/0', "expected a field 'host'", 't'],
    [{ id: 't', host: '' }, '/tasks/0/host', 'expected a text that is not empty', 't'],
    [{ id: 't', host: 'h', ports: [1.5] }, '/tasks/0/ports/0', 'expected integer', 't'],
    [
      { id: 't', host: 'h', state: 'fine' },
      '/tasks/0/state',
      'expected a text that matches ^TASK_[A-Z_]+$',
      't',
    ],
    [
      { id: 't', host: 'h', healthCheckResults: [{ alive: 'yes' }] },
      '/tasks/0/healthCheckResults/0/alive',
      'expected boolean',
      't',
    ],
    [17, '/tasks/0', 'expected object', 'without id'],
  ])('task %j costs only the task', (bad, where, expected, id) => {
    const { apps, problems } = readApps({
      apps: [{ id: '/x', tasks: [bad, { id: 'ok', host: 'h' }] }],
    });
    expect(apps[0]?.tasks.map((task) => task.id)).toEqual(['ok']);
    expect(problems).toMatchObject([
      { app: '/x', where, message: `${expected} in Marathon's answer; the task ${id} is left out` },
    ]);
  });

  it('a value is told in at most 200 characters', () => {
    const { problems } = readApps({ apps: [{ id: '/x', instances: 'y'.repeat(1e6) }] });
    expect(problems[0]?.value).toHaveLength(200);
  });

  it('a label called __proto__ changes nothing', () => {
    const { apps } = readApps(
      JSON.parse('{"apps":[{"id":"/x","labels":{"__proto__":"y","a":"b"}}]}'),
    );
    expect(Object.keys(apps[0]?.labels ?? {})).toEqual(['a']);
  });
});

describe('an answer that is no app list', () => {
  it.each([
    [null, 'null'],
    [[], '[]'],
    ['apps', 'apps'],
    [{}, '{}'],
    [{ apps: null }, '{"apps":null}'],
    [{ apps: {} }, '{"apps":{}}'],
    [{ message: 'Too many' }, '{"message":"Too many"}'],
  ])('%j is an error', (answer, got) => {
    expect(() => readApps(answer)).toThrow(SourceError);
    expect(() => readApps(answer)).toThrow(`expected JSON with a list 'apps', got ${got}`);
  });
});
