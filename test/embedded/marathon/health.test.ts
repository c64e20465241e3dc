import { rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import { probeHttp, probeTcp } from '../../../src/embedded/marathon/probes.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { call, EventClient, settled, signalFile, until } from './support.ts';

/** Answers every connection with these bytes; null never answers. */
async function withAnswer<T>(bytes: string | null, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => bytes !== null && socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await use(typeof address === 'object' && address ? address.port : 0);
  } finally {
    server.close();
  }
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

describe('an HTTP probe', () => {
  const probe = {
    host: '127.0.0.1',
    timeoutMs: 3000,
    tls: false,
    path: '/h',
    ignoreHttp1xx: false,
  };
  it.each([
    ['200 is alive', ok, { outcome: 'alive' }],
    ['204 is alive', 'HTTP/1.1 204 No Content\r\n\r\n', { outcome: 'alive' }],
    [
      'a redirect is alive and not followed',
      'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
      { outcome: 'alive' },
    ],
    [
      'a body that never ends is not waited for',
      'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx',
      { outcome: 'alive' },
    ],
    [
      '404 fails',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
      { outcome: 'failed', cause: '404 Not Found' },
    ],
    [
      '500 fails',
      'HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n',
      { outcome: 'failed', cause: '500 Internal Server Error' },
    ],
    ['no HTTP fails', 'hello\r\n\r\n', { outcome: 'failed', cause: expect.any(String) }],
    ['an early end fails', '', { outcome: 'failed', cause: expect.any(String) }],
  ])('%s', async (_title, bytes, expected) => {
    expect(await withAnswer(bytes, (port) => probeHttp({ ...probe, port }))).toEqual(expected);
  });

  it('fails when no answer comes in time, when nobody listens and when the path cannot be asked for', async () => {
    const late = await withAnswer(null, (port) => probeHttp({ ...probe, port, timeoutMs: 50 }));
    expect(late).toEqual({ outcome: 'failed', cause: 'no answer within 50 ms' });
    const closed = await withAnswer(ok, async (port) => port);
    expect(await probeHttp({ ...probe, port: closed })).toMatchObject({ outcome: 'failed' });
    expect(await probeHttp({ ...probe, port: closed, path: '/ä b' })).toMatchObject({
      outcome: 'failed',
    });
  });

  it('takes 101 as asked', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n';
    const run = (ignoreHttp1xx: boolean) =>
      withAnswer(upgrade, (port) => probeHttp({ ...probe, port, ignoreHttp1xx }));
    expect(await run(false)).toEqual({ outcome: 'failed', cause: '101 Switching Protocols' });
    expect(await run(true)).toEqual({ outcome: 'ignored' });
  });
});

it('a TCP probe is alive when it connects and fails when it cannot', async () => {
  const probe = { host: '127.0.0.1', timeoutMs: 3000 };
  expect(await withAnswer(ok, (port) => probeTcp({ ...probe, port }))).toEqual({
    outcome: 'alive',
  });
  const closed = await withAnswer(ok, async (port) => port);
  expect(await probeTcp({ ...probe, port: closed })).toMatchObject({ outcome: 'failed' });
});

describe('health checks of running tasks', () => {
  let marathon: EmbeddedMarathon;
  let port: number;
  let stream: EventClient;
  const service = {
    container: {
      type: 'DOCKER',
      docker: { image: 'mesosphere/simpleservice:1.0', network: 'HOST' },
    },
  };
  const check = { intervalSeconds: 0, timeoutSeconds: 5, gracePeriodSeconds: 60 };
  beforeAll(async () => {
    marathon = await startEmbeddedMarathon({ port: 0, log: SILENT, killGraceMs: 100 });
    port = marathon.port;
    stream = await EventClient.open(port);
  });
  afterAll(async () => {
    stream.close();
    await marathon.stop();
  });

  it.each([
    ['HTTP', { ...check, protocol: 'HTTP', path: '/health' }],
    ['TCP', { ...check, protocol: 'TCP' }],
    ['MESOS_HTTP', { ...check, protocol: 'MESOS_HTTP', path: 'health', delaySeconds: 0 }],
    [
      'COMMAND',
      {
        ...check,
        protocol: 'COMMAND',
        command: { value: 'test -n "$PORT0" && test -d "$MESOS_SANDBOX"' },
        delaySeconds: 0,
      },
    ],
  ])('of kind %s make a deployment wait and then succeed', async (kind, healthCheck) => {
    const id = `/kind/${kind.toLowerCase().replace('_', '-')}`;
    await call(port, 'POST', '/v2/apps', { id, ...service, healthChecks: [healthCheck] });
    const app = await settled(port, id);
    expect([app.tasksHealthy, app.tasksUnhealthy]).toEqual([1, 0]);
    expect(app.tasks[0]?.healthCheckResults).toEqual([
      expect.objectContaining({ alive: true, consecutiveFailures: 0 }),
    ]);
    const flips = stream.of('health_status_changed_event').filter((event) => event.appId === id);
    expect(flips.map((event) => event.alive)).toEqual([true]);
  });

  it('forgive in the grace period without an event of failure', async () => {
    const id = '/graceful';
    const healthChecks = [
      { ...check, protocol: 'HTTP', path: '/nothing', maxConsecutiveFailures: 1 },
    ];
    await call(port, 'POST', '/v2/apps', { id, ...service, healthChecks });
    await stream.next(
      'not healthy',
      (event) =>
        event.eventType === 'instance_health_changed_event' && Object.values(event).includes(id),
    );
    const { app } = (await call(port, 'GET', '/v2/apps/graceful')).json;
    expect([app.tasksHealthy, app.tasksUnhealthy]).toEqual([0, 1]);
    expect(app.tasks[0]?.healthCheckResults).toEqual([
      { alive: false, consecutiveFailures: 0, instanceId: expect.any(String) },
    ]);
    expect(stream.of('failed_health_check_event')).toEqual([]);
    await call(port, 'DELETE', '/v2/apps/graceful');
  });

  it('kill after one failure more than allowed, and the task is replaced', async () => {
    const id = '/sick';
    const healthChecks = [
      {
        ...check,
        protocol: 'HTTP',
        path: '/nothing',
        gracePeriodSeconds: 0,
        maxConsecutiveFailures: 2,
      },
    ];
    await call(port, 'POST', '/v2/apps', { id, ...service, healthChecks });
    const killed = await stream.next(
      'the kill',
      (event) => event.eventType === 'unhealthy_instance_kill_event' && event.appId === id,
    );
    expect(killed.reason).toMatch(/404 Not Found|ECONNREFUSED/);
    expect(
      stream.of('failed_health_check_event').filter((event) => event.appId === id),
    ).toHaveLength(3);
    const next = `${killed.taskId.slice(0, -1)}2`;
    await stream.next(
      'its successor',
      (event) => event.taskId === next && event.taskStatus === 'TASK_RUNNING',
    );
    await call(port, 'DELETE', '/v2/apps/sick');
  });

  it('by command kill on the failure that reaches the limit', async () => {
    const id = '/command';
    const well = signalFile();
    writeFileSync(well, '');
    const command = { value: `test -e ${well}` };
    const mine = { ...check, command, protocol: 'COMMAND', delaySeconds: 0 };
    const healthChecks = [{ ...mine, maxConsecutiveFailures: 1 }];
    const app = { id, cmd: 'exec sleep 600', portDefinitions: [], healthChecks };
    await call(port, 'POST', '/v2/apps', app);
    await stream.next(
      'alive',
      (event) =>
        event.eventType === 'health_status_changed_event' && event.appId === id && event.alive,
    );
    rmSync(well);
    const killed = await stream.next(
      'the kill',
      (event) => event.eventType === 'unhealthy_instance_kill_event' && event.appId === id,
    );
    expect(killed.reason).toBe('Command exited with status 1');
    await call(port, 'DELETE', '/v2/apps/command');
  });

  it('say nothing of a task that was replaced while they asked', async () => {
    const held: ServerResponse[] = [];
    const target = createHttpServer((_request, response) => {
      held.push(response);
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const address = target.address();
    const literal = typeof address === 'object' && address ? address.port : 0;
    const healthChecks = [{ ...check, protocol: 'HTTP', port: literal, timeoutSeconds: 60 }];
    const app = { id: '/asked', cmd: 'exec sleep 600', portDefinitions: [], healthChecks };
    await call(port, 'POST', '/v2/apps', app);
    const [early] = await until('it was asked', async () => held.length > 0 && [...held]);
    const { tasks } = (await call(port, 'DELETE', '/v2/apps/asked/tasks')).json;
    const next = `${tasks[0]?.id.slice(0, -1)}2`;
    await stream.next(
      'its successor',
      (event) => event.taskId === next && event.taskStatus === 'TASK_RUNNING',
    );
    const closed = new Promise((resolve) => early?.socket?.once('close', resolve));
    early?.end();
    await closed;
    const after = (await call(port, 'GET', '/v2/apps/asked')).json.app.tasks;
    expect(after.map((task) => [task.id, task.healthCheckResults])).toEqual([[next, []]]);
    await call(port, 'DELETE', '/v2/apps/asked');
    target.closeAllConnections();
    target.close();
  });

  it('are announced, and taken back with the app', async () => {
    const removed = await stream.next(
      'removal',
      (event) => event.eventType === 'remove_health_check_event' && event.appId === '/command',
    );
    expect(removed.appId).toBe('/command');
    expect(stream.of('add_health_check_event').map((event) => event.appId)).toContain('/kind/http');
  });
});
