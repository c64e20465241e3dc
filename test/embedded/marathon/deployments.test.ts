import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import type { Logger } from '../../../src/log/logger.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { type Body, call, EventClient, settled, until } from './support.ts';

const SERVICE = {
  instances: 2,
  container: {
    type: 'DOCKER',
    docker: { image: 'mhausenblas/simpleservice:0.4.0', network: 'HOST' },
  },
  healthChecks: [{ protocol: 'HTTP', path: '/health', intervalSeconds: 0, timeoutSeconds: 5 }],
};
const SLEEP = { cmd: 'exec sleep 600', portDefinitions: [] };
// Nothing answers there: its deployment is never done.
const NEVER = {
  ...SLEEP,
  cmd: 'exec sleep 601',
  ports: [0],
  portDefinitions: null,
  healthChecks: [{ protocol: 'TCP', intervalSeconds: 1, timeoutSeconds: 1 }],
};

let marathon: EmbeddedMarathon;
let port: number;
let stream: EventClient;
const errors: string[] = [];
const warnings: string[] = [];
const log: Logger = {
  ...SILENT,
  warn: (_fields, message) => void warnings.push(message),
  error: (_fields, message) => void errors.push(message),
};

beforeAll(async () => {
  marathon = await startEmbeddedMarathon({ port: 0, log, killGraceMs: 100 });
  port = marathon.port;
  stream = await EventClient.open(port);
});
afterAll(async () => {
  stream.close();
  await marathon.stop();
});

interface Running {
  readonly id: string;
  readonly affectedApps: readonly string[];
  readonly currentStep: number;
  readonly totalSteps: number;
  readonly steps: readonly object[];
  readonly currentActions: readonly object[];
}
const running = async (): Promise<readonly Running[]> =>
  (await call<readonly Running[]>(port, 'GET', '/v2/deployments')).json;
const outcome = (id: string | undefined) =>
  stream.next(
    `outcome of ${id}`,
    (event) => event.id === id && /^deployment_(success|failed)$/.test(event.eventType),
  );

describe('a rolling restart', () => {
  it.each([
    [
      'keeps all healthy and may double',
      4,
      { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      4,
      8,
    ],
    [
      'goes one by one when it may have one more',
      2,
      { minimumHealthCapacity: 1, maximumOverCapacity: 0 },
      2,
      3,
    ],
    [
      'keeps half and never has more',
      2,
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      1,
      2,
    ],
  ])('%s', async (_title, instances, upgradeStrategy, fewest, most) => {
    await call(port, 'PUT', '/v2/apps/rolling', { ...SERVICE, instances, upgradeStrategy });
    await settled(port, 'rolling');
    let fewestHealthy = Number.POSITIVE_INFINITY;
    let mostTasks = 0;
    const { json } = await call(port, 'PUT', '/v2/apps/rolling', {
      env: { RUN: `${Math.random()}` },
    });
    await until('the restart is done', async () => {
      const { app } = (await call(port, 'GET', '/v2/apps/rolling')).json;
      const healthy = app.tasks.filter(
        (task) => task.state === 'TASK_RUNNING' && task.healthCheckResults[0]?.alive,
      );
      fewestHealthy = Math.min(fewestHealthy, healthy.length);
      mostTasks = Math.max(mostTasks, app.tasks.length);
      return app.deployments.length === 0;
    });
    const app = await settled(port, 'rolling');
    expect(fewestHealthy).toBeGreaterThanOrEqual(fewest);
    expect(mostTasks).toBeLessThanOrEqual(most);
    expect(app.tasks).toHaveLength(instances);
    expect(app.tasksHealthy).toBe(instances);
    expect(app.tasks.every((task) => task.version === app.version)).toBe(true);
    expect((await outcome(json.deploymentId)).eventType).toBe('deployment_success');
  });

  it('waits for readiness where the app asks for it', async () => {
    const { healthChecks: _none, ...service } = SERVICE;
    await call(port, 'POST', '/v2/apps', {
      id: '/ready',
      ...service,
      instances: 1,
      portDefinitions: [{ protocol: 'tcp', name: 'main-api', port: 0 }],
      readinessChecks: [
        { path: '/health', portName: 'main-api', intervalSeconds: 2, timeoutSeconds: 1 },
      ],
    });
    expect(
      (await call(port, 'GET', '/v2/apps/ready?embed=readiness')).json.app.deployments,
    ).toHaveLength(1);
    await settled(port, 'ready');
    const { app } = (await call(port, 'GET', '/v2/apps/ready?embed=app.readiness')).json;
    expect(app.readinessCheckResults).toEqual([
      { name: 'readinessCheck', taskId: app.tasks[0]?.id, ready: true },
    ]);
  });
});

describe('while a deployment holds an app', () => {
  let holding: string;

  beforeAll(async () => {
    await call(port, 'POST', '/v2/apps', { id: '/held', ...SLEEP, instances: 2 });
    await settled(port, 'held');
    const { json } = await call(port, 'PUT', '/v2/apps/held?partialUpdate=false', {
      ...NEVER,
      instances: 2,
    });
    holding = json.deploymentId;
    await stream.next(
      'its step',
      (event) => event.eventType === 'deployment_info' && event.plan.id === holding,
    );
  });

  it('it is listed with its steps', async () => {
    expect(await running()).toEqual([
      {
        id: holding,
        version: expect.any(String),
        affectedApps: ['/held'],
        affectedPods: [],
        steps: [{ actions: [{ action: 'RestartApplication', app: '/held' }] }],
        currentActions: [{ action: 'RestartApplication', app: '/held', readinessCheckResults: [] }],
        currentStep: 1,
        totalSteps: 1,
      },
    ]);
    const { app } = (await call(port, 'GET', '/v2/apps/held')).json;
    expect(app.deployments).toEqual([{ id: holding }]);
  });

  it.each([
    ['PUT', '/v2/apps/held', { instances: 5 }],
    ['POST', '/v2/apps/held/restart', undefined],
    ['DELETE', '/v2/apps/held?force=false', undefined],
    ['DELETE', '/v2/apps/held/tasks?scale=true', undefined],
    ['PUT', '/v2/groups/', { scaleBy: 2 }],
  ])('%s %s is refused with 409 and says who holds it', async (method, path, body) => {
    const answer = await call(port, method, path, body);
    expect([answer.status, answer.json]).toEqual([
      409,
      {
        message:
          "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
        deployments: [{ id: holding }],
      },
    ]);
    expect(answer.headers).not.toHaveProperty('marathon-deployment-id');
    expect((await call(port, 'GET', '/v2/apps/held')).json.app.instances).toBe(2);
  });

  it('other apps are free', async () => {
    const { status } = await call(port, 'POST', '/v2/apps', {
      id: '/free',
      ...SLEEP,
      instances: 0,
    });
    expect(status).toBe(201);
  });

  it('force displaces it, and it says so', async () => {
    const { json } = await call(port, 'PUT', '/v2/apps/held?force=true', { cpus: 0.5 });
    const failed = await outcome(holding);
    expect([failed.eventType, failed.reason]).toEqual([
      'deployment_failed',
      'The upgrade has been cancelled',
    ]);
    holding = json.deploymentId;
    expect((await running()).map((one) => one.id)).toEqual([holding]);
  });

  it('rolling it back gives the app its former definition', async () => {
    const { status, json } = await call(port, 'DELETE', `/v2/deployments/${holding}`);
    expect([status, typeof json.deploymentId]).toEqual([200, 'string']);
    expect((await outcome(holding)).eventType).toBe('deployment_failed');
    const { app } = (await call(port, 'GET', '/v2/apps/held')).json;
    expect(app).toMatchObject({ cpus: 1, cmd: NEVER.cmd });
    holding = json.deploymentId;
  });

  it('cancelling it by force answers 202 without a body and leaves all as it is', async () => {
    const { status, text } = await call(port, 'DELETE', `/v2/deployments/${holding}?force=true`);
    expect([status, text]).toEqual([202, '']);
    await outcome(holding);
    expect(await running()).toEqual([]);
    expect((await call(port, 'GET', '/v2/apps/held')).json.app.cmd).toBe(NEVER.cmd);
  });

  it('deleting the app needs no force and takes everything away', async () => {
    await call(port, 'PUT', '/v2/apps/held', { cpus: 0.7 });
    const { status, json } = await call(port, 'DELETE', '/v2/apps/held');
    expect(status).toBe(200);
    expect((await outcome(json.deploymentId)).eventType).toBe('deployment_success');
    expect((await call(port, 'GET', '/v2/apps/held')).status).toBe(404);
    expect(marathon.tasks().filter((task) => task.name === 'held')).toEqual([]);
  });
});

it('rolling back the deployment of a new app removes it', async () => {
  const { json } = await call(port, 'POST', '/v2/apps', { id: '/new', ...NEVER });
  await call(port, 'DELETE', `/v2/deployments/${json.deployments[0]?.id}`);
  await until('it is gone', async () => (await call(port, 'GET', '/v2/apps/new')).status === 404);
});

it('an image that cannot run here is said in the log, the event, the app and its task', async () => {
  const container = { type: 'DOCKER', docker: { image: 'nginx:1.27' } };
  const { status, json } = await call(port, 'POST', '/v2/apps', { id: '/image', container });
  expect(status).toBe(201);
  const failed = await outcome(json.deployments[0]?.id);
  const reason =
    /image nginx:1\.27 cannot be run.*Use the image mhausenblas\/simpleservice, or an app with "cmd"/;
  expect([failed.eventType, failed.reason]).toEqual([
    'deployment_failed',
    expect.stringMatching(reason),
  ]);
  expect(errors).toEqual([expect.stringMatching(/deployment failed: app \/image: image nginx/)]);
  const app = await settled(port, 'image');
  expect(app.lastTaskFailure).toMatchObject({
    state: 'TASK_FAILED',
    message: expect.stringMatching(reason),
  });
  const { status: deleted } = await call(port, 'DELETE', '/v2/apps/image');
  expect(deleted).toBe(200);
});

it('groups are read, made, scaled, rolled back and deleted as one', async () => {
  const app = (id: string) => ({ id, ...SLEEP, instances: 1 });
  const made = await call(port, 'POST', '/v2/groups', {
    id: 'g',
    apps: [app('one')],
    groups: [{ id: 'sub', apps: [app('two')] }],
  });
  expect(made.status).toBe(201);
  await outcome(made.json.deploymentId);
  const shape = (group: Body): unknown => [
    group.id,
    group.apps.map((one) => one.id),
    group.groups.map(shape),
  ];
  const read = async () => (await call(port, 'GET', '/v2/groups/g')).json;
  expect(shape(await read())).toEqual(['/g', ['/g/one'], [['/g/sub', ['/g/sub/two'], []]]]);
  const again = await call(port, 'POST', '/v2/groups', { id: 'g' });
  expect([again.status, again.json.message]).toEqual([
    409,
    'Group /g is already created. Use PUT to change this group.',
  ]);

  const scaled = await call(port, 'PUT', '/v2/groups/g', { scaleBy: 1.5 });
  await outcome(scaled.json.deploymentId);
  expect((await call(port, 'GET', '/v2/apps/g/*')).json['*'].map((one) => one.instances)).toEqual([
    2, 2,
  ]);

  const dry = await call(port, 'PUT', '/v2/groups/g?dryRun=true', { apps: [app('one')] });
  expect(dry.json.steps).toHaveLength(2);
  const changed = await call(port, 'PUT', '/v2/groups/g', { apps: [app('one')] });
  await outcome(changed.json.deploymentId);
  expect((await call(port, 'GET', '/v2/apps/g/sub/two')).status).toBe(404);

  const back = await call(port, 'PUT', '/v2/groups/g', { version: scaled.json.version });
  await outcome(back.json.deploymentId);
  expect((await call(port, 'GET', '/v2/apps/g/sub/two')).json.app.instances).toBe(2);

  const gone = await call(port, 'DELETE', '/v2/groups/g');
  await outcome(gone.json.deploymentId);
  expect((await call(port, 'GET', '/v2/groups/g')).status).toBe(404);
});

it('what has no effect on one machine is said in the log', async () => {
  const body = { id: '/asks', ...SLEEP, constraints: [['hostname', 'UNIQUE']], user: 'nobody' };
  await call(port, 'POST', '/v2/apps', body);
  await settled(port, 'asks');
  expect(warnings).toContain('app /asks: no effect here have constraints, user');
});

it('an image that cannot run here gives way to one that can', async () => {
  const container = (image: string) => ({ container: { docker: { image, network: 'HOST' } } });
  await call(port, 'POST', '/v2/apps', { id: '/mended', ...container('nginx'), instances: 2 });
  await settled(port, 'mended');
  const { json } = await call(
    port,
    'PUT',
    '/v2/apps/mended',
    container('mesosphere/simpleservice'),
  );
  expect((await outcome(json.deploymentId)).eventType).toBe('deployment_success');
  const { tasks } = await settled(port, 'mended');
  expect(tasks.map((task) => task.state)).toEqual(['TASK_RUNNING', 'TASK_RUNNING']);
});
