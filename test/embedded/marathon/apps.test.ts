import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { call, settled } from './support.ts';

const SLEEP = { cmd: 'exec sleep 600', portDefinitions: [] };
let marathon: EmbeddedMarathon;
let port: number;

beforeAll(async () => {
  marathon = await startEmbeddedMarathon({ port: 0, log: SILENT });
  port = marathon.port;
});
afterAll(() => marathon.stop());

describe('creating an app', () => {
  it('answers 201 with the submitted app, its deployment, and where it is', async () => {
    const { status, headers, json } = await call(port, 'POST', '/v2/apps', {
      id: 'made/one',
      ...SLEEP,
      ports: [0],
      portDefinitions: null,
      instances: 0,
    });
    expect(status).toBe(201);
    expect(headers['location']).toBe('/v2/apps/made/one');
    expect(headers['marathon-deployment-id']).toBe(json.deployments[0]?.id);
    expect(json).toMatchObject({
      id: '/made/one',
      instances: 0,
      labels: {},
      portDefinitions: [{ port: 0, protocol: 'tcp' }],
      tasksRunning: 0,
    });
    expect(json).not.toHaveProperty('versionInfo');
    expect(json).not.toHaveProperty('tasks');
  });

  it('shows assigned service ports and versions from then on', async () => {
    const app = await settled(port, 'made/one');
    expect(app.portDefinitions[0]?.port).toBeGreaterThanOrEqual(10_000);
    expect(app.versionInfo).toEqual({
      lastScalingAt: app.version,
      lastConfigChangeAt: app.version,
    });
  });

  it('of a known id answers 409 in exactly the words clients look for', async () => {
    const { status, json } = await call(port, 'POST', '/v2/apps', { id: '/made/one', ...SLEEP });
    expect([status, json]).toEqual([
      409,
      { message: 'An app with id [/made/one] already exists.' },
    ]);
  });

  it('by PUT of an unknown id answers 201', async () => {
    const { status, json, headers } = await call(port, 'PUT', '/v2/apps/made/two', {
      ...SLEEP,
      instances: 0,
    });
    expect(status).toBe(201);
    expect(Object.keys(json)).toEqual(['deploymentId', 'version']);
    expect(headers['marathon-deployment-id']).toBe(json.deploymentId);
  });

  it('as a group or below an app is refused', async () => {
    const { status, json } = await call(port, 'POST', '/v2/apps', { id: '/made', ...SLEEP });
    expect([status, json.message]).toEqual([422, 'Object is not valid']);
    expect(json.details).toEqual([
      { path: '/made', errors: ['Groups and Applications may not have the same identifier.'] },
    ]);
  });
});

describe('reading apps', () => {
  beforeAll(async () => {
    await call(port, 'POST', '/v2/apps', { id: '/read/a', ...SLEEP, labels: { env: 'prod' } });
    await settled(port, 'read/a');
  });
  const list = async (query: string) => (await call(port, 'GET', `/v2/apps${query}`)).json.apps;

  it('lists counts and deployments, and tasks only when asked', async () => {
    const plain = (await list('')).find((app) => app.id === '/read/a');
    expect(plain).toMatchObject({
      deployments: [],
      tasksRunning: 1,
      tasksHealthy: 0,
      labels: { env: 'prod' },
    });
    expect(plain).not.toHaveProperty('tasks');
    expect(plain).not.toHaveProperty('healthChecks');
    for (const app of await list('?embed=apps.tasks')) expect(Array.isArray(app.tasks)).toBe(true);
  });

  it('tells all a client needs of a task', async () => {
    const { tasks } = (await call(port, 'GET', '/v2/apps//read/a')).json.app;
    expect(tasks).toEqual([
      {
        appId: '/read/a',
        healthCheckResults: [],
        host: '127.0.0.1',
        id: expect.stringMatching(/^read_a\.instance-[0-9a-f-]{36}\._app\.1$/),
        ipAddresses: [{ ipAddress: '127.0.0.1', protocol: 'IPv4' }],
        ports: [],
        servicePorts: [],
        slaveId: expect.stringMatching(/-S0$/),
        state: 'TASK_RUNNING',
        stagedAt: expect.stringMatching(/Z$/),
        startedAt: expect.stringMatching(/Z$/),
        version: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        localVolumes: [],
        role: '*',
      },
    ]);
  });

  it.each([
    ['?id=READ', ['/read/a']],
    ['?label=env==prod', ['/read/a']],
    ['?label=env!=prod', []],
    ['?cmd=sleep%20600&id=made/t', ['/made/two']],
  ])('filters by %s', async (query, ids) => {
    expect((await list(query)).map((app) => app.id)).toEqual(ids);
  });

  it('lists the apps of a group', async () => {
    const { json } = await call(port, 'GET', '/v2/apps/read/*?embed=apps.tasks');
    expect(json['*'].map((app) => [app.id, app.tasks.length])).toEqual([['/read/a', 1]]);
  });
});

describe('changing an app', () => {
  it('by instances alone scales it: nothing else changes and no task is replaced', async () => {
    await call(port, 'POST', '/v2/apps', { id: '/scale', ...SLEEP, labels: { a: 'b' } });
    const before = await settled(port, 'scale');
    const { status } = await call(port, 'PUT', '/v2/apps/scale', { instances: 2 });
    expect(status).toBe(200);
    const after = await settled(port, 'scale');
    expect(after.tasks).toHaveLength(2);
    expect(after.tasks[0]?.id).toBe(before.tasks[0]?.id);
    expect(after.labels).toEqual({ a: 'b' });
    expect(after.versionInfo.lastConfigChangeAt).toBe(before.versionInfo.lastConfigChangeAt);
    expect(after.versionInfo.lastScalingAt > before.versionInfo.lastScalingAt).toBe(true);
  });

  it('that changes nothing is a deployment without steps and no new version', async () => {
    const before = await settled(port, 'scale');
    const { status, json } = await call(port, 'PUT', '/v2/apps/scale', { instances: 2 });
    expect([status, typeof json.deploymentId]).toEqual([200, 'string']);
    expect((await settled(port, 'scale')).version).toBe(before.version);
  });

  it('by a label replaces its tasks', async () => {
    const before = await settled(port, 'scale');
    await call(port, 'PATCH', '/v2/apps/scale', { labels: { c: 'd' } });
    const after = await settled(port, 'scale');
    const old = before.tasks.map((task) => task.id);
    expect(after.tasks).toHaveLength(2);
    expect(after.tasks.filter((task) => old.includes(task.id))).toEqual([]);
    expect(after.versionInfo.lastConfigChangeAt).toBe(after.version);
  });

  it('with partialUpdate=false puts the defaults back', async () => {
    await call(port, 'PUT', '/v2/apps/scale?partialUpdate=false', { ...SLEEP, instances: 0 });
    const app = await settled(port, 'scale');
    expect([app.labels, app.instances]).toEqual([{}, 0]);
  });

  it('keeps its versions and goes back to one', async () => {
    const { versions } = (await call(port, 'GET', '/v2/apps/scale/versions')).json;
    expect(versions).toEqual([...versions].sort().reverse());
    const first = versions.at(-1);
    const old = (await call(port, 'GET', `/v2/apps/scale/versions/${first}`)).json;
    expect([old.labels, old.version, old.instances]).toEqual([{ a: 'b' }, first, 1]);
    await call(port, 'PUT', '/v2/apps/scale', { version: first });
    const app = await settled(port, 'scale');
    expect([app.labels, app.instances]).toEqual([{ a: 'b' }, 1]);
    expect(app.version > (versions[0] ?? '')).toBe(true);
  });

  it('by restart replaces its tasks and leaves the time of scaling alone', async () => {
    const before = await settled(port, 'scale');
    const { status } = await call(port, 'POST', '/v2/apps/scale/restart');
    expect(status).toBe(200);
    const after = await settled(port, 'scale');
    expect(after.tasks[0]?.id).not.toBe(before.tasks[0]?.id);
    expect(after.versionInfo.lastScalingAt).toBe(before.versionInfo.lastScalingAt);
  });

  it('can be done to many at once', async () => {
    const { status } = await call(port, 'PUT', '/v2/apps', [
      { id: '/many/a', ...SLEEP, instances: 0 },
      { id: '/many/b', ...SLEEP, instances: 0 },
    ]);
    expect(status).toBe(200);
    await call(port, 'PATCH', '/v2/apps', [{ id: '/many/a', labels: { x: 'y' } }]);
    expect((await settled(port, 'many/a')).labels).toEqual({ x: 'y' });
    expect((await call(port, 'PATCH', '/v2/apps', [{ id: '/many/c' }])).status).toBe(404);
  });

  it('away removes it from the list at once', async () => {
    const deleted = await call(port, 'DELETE', '/v2/apps/scale');
    expect([deleted.status, typeof deleted.json.deploymentId]).toEqual([200, 'string']);
    const { json } = await call(port, 'GET', '/v2/apps');
    expect(json.apps.map((app) => app.id)).not.toContain('/scale');
  });
});

describe('what Marathon refuses', () => {
  it.each<[string, string, string, unknown, number, object]>([
    [
      'an unknown app',
      'GET',
      '/v2/apps/nope',
      undefined,
      404,
      { message: "App '/nope' does not exist" },
    ],
    [
      'a patch of an unknown app',
      'PATCH',
      '/v2/apps/nope',
      {},
      404,
      { message: "App '/nope' does not exist" },
    ],
    [
      'a restart of an unknown app',
      'POST',
      '/v2/apps/nope/restart',
      undefined,
      404,
      { message: "App '/nope' does not exist" },
    ],
    [
      'deleting an unknown app',
      'DELETE',
      '/v2/apps/nope',
      undefined,
      404,
      { message: "App '/nope' does not exist" },
    ],
    [
      'an unknown group',
      'GET',
      '/v2/groups/nope',
      undefined,
      404,
      { message: "Group '/nope' does not exist" },
    ],
    [
      'an unknown deployment',
      'DELETE',
      '/v2/deployments/nope',
      undefined,
      404,
      { message: 'DeploymentPlan nope does not exist' },
    ],
    ['an unknown path', 'GET', '/v3', undefined, 404, { message: 'URI not found' }],
    ['a method the resource lacks', 'PUT', '/v2/info', {}, 405, { message: 'Method Not Allowed' }],
    [
      'broken JSON',
      'POST',
      '/v2/apps',
      '{"id":',
      400,
      { message: 'Invalid JSON', details: expect.any(String) },
    ],
    [
      'no body',
      'POST',
      '/v2/apps',
      undefined,
      400,
      { message: 'Please specify data in JSON format', details: expect.any(String) },
    ],
    [
      'a list where an app belongs',
      'POST',
      '/v2/apps',
      [],
      400,
      { message: 'Please specify data in JSON format', details: expect.any(String) },
    ],
    [
      'a wrong type',
      'POST',
      '/v2/apps',
      { id: 5 },
      422,
      { message: 'Invalid JSON', details: [{ path: '/id', errors: ['error.expected.jsstring'] }] },
    ],
    [
      'a version that is none',
      'GET',
      '/v2/apps/read/a/versions/yesterday',
      undefined,
      422,
      { message: "Invalid timestamp provided 'yesterday'. Expecting ISO-8601 datetime string." },
    ],
    [
      'a version it never had',
      'GET',
      '/v2/apps/read/a/versions/2014-03-01T23:29:30.158Z',
      undefined,
      404,
      { message: "App '/read/a' does not exist in version 2014-03-01T23:29:30.158Z" },
    ],
    [
      'a version among other fields',
      'PUT',
      '/v2/apps/read/a',
      { version: '2014-03-01T23:29:30.158Z', cpus: 1 },
      422,
      {
        message: 'Object is not valid',
        details: [
          { path: '/', errors: ["The 'version' field may only be combined with the 'id' field."] },
        ],
      },
    ],
    [
      'a circle of dependencies',
      'PUT',
      '/v2/apps',
      [
        { id: '/c/a', ...SLEEP, dependencies: ['/c/b'] },
        { id: '/c/b', ...SLEEP, dependencies: ['/c/a'] },
      ],
      422,
      {
        message: 'Object is not valid',
        details: [{ path: '/', errors: ['Dependency graph has cyclic dependencies.'] }],
      },
    ],
  ])('%s', async (_title, method, path, body, status, expected) => {
    const answer = await call(port, method, path, body);
    expect([answer.status, answer.json]).toEqual([status, expected]);
    expect(answer.headers).not.toHaveProperty('marathon-deployment-id');
  });
});
