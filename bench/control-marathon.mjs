// A scripted Marathon for the bench of the control plane, in this process: as many apps as are wanted, an
// event stream, and the moments at which it was asked and had answered. Texts are made before they are asked
// for, so that what an answer takes is little more than sending it.

import { once } from 'node:events';
import http from 'node:http';

const TASKS_EACH = 10;
/** One service port per app from here on; below the ports that systems give to clients. */
const FIRST_SERVICE_PORT = 20_000;
const END_OF_APP = Buffer.from('}');
const AT = '2026-01-01T00:00:00.000Z';

/** Answers as many apps with ten tasks each; `origin`: port of the first app's servers. */
export async function startMarathon(count, origin) {
  const apps = Array.from({ length: count }, (_, place) => makeApp(place, origin));
  const texts = apps.map(textOf);
  const streams = new Set();
  let list = null;
  let waiting = null;

  const bodyOf = (place) => {
    if (place !== null) return Buffer.concat([Buffer.from('{"app":'), texts[place], END_OF_APP]);
    list ??= listOf(texts);
    return list;
  };
  const server = http.createServer((request, response) => {
    if (request.url.startsWith('/v2/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    }
    const askedMs = performance.now();
    const place = placeIn(request.url);
    response.setHeader('content-type', 'application/json');
    response.end(bodyOf(place), () => {
      if (waiting === null || waiting.wantsList !== (place === null)) return;
      waiting.resolve({ askedMs, answeredMs: performance.now() });
      waiting = null;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Port of the service that leads to `origin`. */
    servicePort: FIRST_SERVICE_PORT,
    get listBytes() {
      return bodyOf(null).length;
    },
    /** The next answer about `one` app or about `all`: when it was asked for, when it had been handed over. */
    answered(about) {
      return new Promise((resolve) => {
        waiting = { wantsList: about === 'all', resolve };
      });
    },
    /** Takes the last task from an app or gives it back; returns the event that tells of it. */
    change(place) {
      const app = apps[place];
      const isWhole = app.tasks.length === TASKS_EACH;
      const task = isWhole ? app.tasks.pop() : makeTask(app.id, place, TASKS_EACH - 1, origin);
      if (!isWhole) app.tasks.push(task);
      texts[place] = textOf(app);
      list = null;
      return { appId: app.id, taskId: task.id, taskStatus: isWhole ? 'TASK_KILLED' : task.state };
    },
    /** Makes what a whole list will say, so that no answer waits for it. */
    prepare() {
      bodyOf(null);
    },
    tell(event) {
      const eventType = 'status_update_event';
      const data = JSON.stringify({ eventType, ...event, timestamp: AT, version: AT });
      for (const stream of streams) stream.write(`event: ${eventType}\r\ndata: ${data}\r\n\r\n`);
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Place of the app that is asked for; null = all are. */
function placeIn(url) {
  const place = /^\/v2\/apps\/bench\/app-(\d+)\?/.exec(url)?.[1];
  return place === undefined ? null : Number(place);
}

function textOf(app) {
  return Buffer.from(JSON.stringify(app));
}

function listOf(texts) {
  const comma = Buffer.from(',');
  const parts = texts.flatMap((text, place) => (place === 0 ? [text] : [comma, text]));
  return Buffer.concat([Buffer.from('{"apps":['), ...parts, Buffer.from(']}')]);
}

/** What Marathon 1.11 says of an app with a readable definition: some 6 KB. */
function makeApp(place, origin) {
  const id = `/bench/app-${place}`;
  const port = FIRST_SERVICE_PORT + place;
  return {
    id,
    acceptedResourceRoles: ['*'],
    backoffFactor: 1.15,
    backoffSeconds: 1,
    cmd: `./bin/start --port $PORT0 --name app-${place}`,
    container: {
      type: 'DOCKER',
      docker: {
        forcePullImage: true,
        image: `registry.example/app-${place}:1.4.2`,
        privileged: false,
      },
      volumes: [],
    },
    cpus: 0.5,
    disk: 0,
    env: { LOG_LEVEL: 'info', JAVA_OPTS: '-Xmx384m -XX:+UseG1GC', STAGE: 'production' },
    executor: '',
    healthChecks: [
      {
        gracePeriodSeconds: 30,
        intervalSeconds: 10,
        maxConsecutiveFailures: 3,
        path: '/health',
        portIndex: 0,
        protocol: 'MESOS_HTTP',
        timeoutSeconds: 5,
      },
    ],
    instances: TASKS_EACH,
    labels: {
      HAPROXY_GROUP: 'external',
      HAPROXY_0_MODE: 'http',
      HAPROXY_0_PORT: String(port),
      HAPROXY_0_VHOST: `app-${place}.bench.example`,
      OWNER: 'team-42',
    },
    maxLaunchDelaySeconds: 300,
    mem: 512,
    gpus: 0,
    networks: [{ mode: 'host' }],
    portDefinitions: [{ labels: {}, name: 'http', port, protocol: 'tcp' }],
    requirePorts: false,
    upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
    version: AT,
    versionInfo: { lastScalingAt: AT, lastConfigChangeAt: AT },
    killSelection: 'YOUNGEST_FIRST',
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    tasksStaged: 0,
    tasksRunning: TASKS_EACH,
    tasksHealthy: TASKS_EACH,
    tasksUnhealthy: 0,
    deployments: [],
    tasks: Array.from({ length: TASKS_EACH }, (_, number) => makeTask(id, place, number, origin)),
  };
}

/** Only the first app's servers are there; the others are never asked for anything. */
function makeTask(appId, place, number, origin) {
  const instance = `bench_app-${place}.instance-0000${number}a7c-3f1e-11ee-b5d0-70b3d580000${number}`;
  const host = '127.0.0.1';
  return {
    ipAddresses: [{ ipAddress: host, protocol: 'IPv4' }],
    stagedAt: AT,
    state: 'TASK_RUNNING',
    ports: [place === 0 ? origin : 31_000 + number],
    startedAt: AT,
    version: AT,
    id: `${instance}._app.1`,
    appId,
    slaveId: '2f0e8fd9-6f38-4ac1-9e70-1ad5dcf0d7f2-S11',
    host,
    healthCheckResults: [
      {
        alive: true,
        consecutiveFailures: 0,
        firstSuccess: AT,
        lastFailure: null,
        lastSuccess: AT,
        lastFailureCause: null,
        instanceId: instance,
      },
    ],
  };
}
