import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import type { MesosTask } from '../../../src/embedded/mesos-task.ts';
import { SILENT } from '../../../src/log/logger.ts';
import {
  type Body,
  call,
  EventClient,
  exists,
  settled,
  signalFile,
  type TaskView,
  until,
} from './support.ts';

const SLEEP = { cmd: 'exec sleep 600', portDefinitions: [] };
let marathon: EmbeddedMarathon;
let port: number;
let stream: EventClient;
let told: readonly MesosTask[] = [];

beforeAll(async () => {
  marathon = await startEmbeddedMarathon({
    port: 0,
    log: SILENT,
    killGraceMs: 200,
    onTasks: (tasks) => {
      told = tasks;
    },
  });
  port = marathon.port;
  stream = await EventClient.open(port, '?event_type=status_update_event');
});
afterAll(async () => {
  stream.close();
  await marathon.stop();
});

async function deploy(id: string, more: object): Promise<readonly TaskView[]> {
  await call(port, 'POST', '/v2/apps', { id, ...more });
  return (await settled(port, id)).tasks;
}

/** What a task wrote into `name` in its sandbox, once there is something. */
function written(sandbox: string, name: string): Promise<string> {
  return until(`${name} is written`, async () => {
    const path = `${sandbox}/${name}`;
    return existsSync(path) && readFileSync(path, 'utf8');
  });
}

/** The environment variables a task was given; it prints them itself. */
async function environmentOf(task: TaskView): Promise<ReadonlyMap<string, string>> {
  const pid = await until('the task is found', async () => pidOf(task.id) ?? false);
  const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  return new Map(
    text.split('\0').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function processIds(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function belongsTo(pid: string, taskId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MESOS_TASK_ID=${taskId}\0`);
  } catch {
    return false;
  }
}

function pidOf(taskId: string): string | undefined {
  return processIds().find((pid) => belongsTo(pid, taskId));
}

describe('a task', () => {
  it('runs its cmd by a shell in its sandbox, output in files there', async () => {
    const cmd = 'echo "cwd $PWD"; echo oops >&2; exec sleep 600';
    const [task] = await deploy('cmd', { cmd, portDefinitions: [] });
    const sandbox = (await environmentOf(task!)).get('MESOS_SANDBOX') ?? '';
    expect(await written(sandbox, 'stdout')).toBe(`cwd ${sandbox}\n`);
    expect(await written(sandbox, 'stderr')).toBe('oops\n');
  });

  it('runs its args without a shell', async () => {
    const args = ['sh', '-c', 'printf "%s|" "$@"; exec sleep 600', 'x', '$HOME', 'a b'];
    const [task] = await deploy('args', { args, portDefinitions: [] });
    const sandbox = (await environmentOf(task!)).get('MESOS_SANDBOX') ?? '';
    expect(await written(sandbox, 'stdout')).toBe('$HOME|a b|');
  });

  it('is given consecutive free host ports and told of them', async () => {
    const [task] = await deploy('ports', { cmd: 'exec sleep 600', ports: [10090, 10091, 10092] });
    const [first = 0, ...others] = task?.ports ?? [];
    expect(first).toBeGreaterThanOrEqual(31_000);
    expect(others).toEqual([first + 1, first + 2]);
    const environment = await environmentOf(task!);
    expect(environment.get('PORTS')).toBe(`${first},${first + 1},${first + 2}`);
    expect(environment.get('PORT_10091')).toBe(`${first + 1}`);
    expect(environment.get('HOST')).toBe('127.0.0.1');
    expect(environment.has('NODE_OPTIONS')).toBe(false);
  });

  it('is told to whoever makes names of it while it runs', async () => {
    const body = {
      cmd: 'exec sleep 600',
      portDefinitions: [{ name: 'main-api', protocol: 'udp,tcp' }],
    };
    const [task] = await deploy('named/by/dns', body);
    const number = task?.ports[0];
    const known = {
      id: task?.id,
      name: 'dns.by.named',
      slaveId: expect.stringMatching(/-S0$/),
      agentAddress: '127.0.0.1',
      address: '127.0.0.1',
      ports: [
        { number, protocol: 'udp', name: 'main-api' },
        { number, protocol: 'tcp', name: 'main-api' },
      ],
    };
    expect(told).toContainEqual(known);
    expect(marathon.tasks()).toContainEqual(known);
    await call(port, 'DELETE', '/v2/apps/named/by/dns');
    await until('it is gone', async () => !told.some((one) => one.name === 'dns.by.named'));
  });

  it('is listed with its service ports, as text too', async () => {
    const [task] = await deploy('listed', { cmd: 'exec sleep 600', ports: [10095] });
    const { tasks } = (await call(port, 'GET', '/v2/apps/listed/tasks')).json;
    expect(tasks[0]).toMatchObject({ id: task?.id, servicePorts: [10095], ports: task?.ports });
    const all = (await call(port, 'GET', '/v2/tasks?status=running')).json.tasks;
    expect(all.map((one) => one.id)).toContain(task?.id);
    expect((await call(port, 'GET', '/v2/tasks?status=staging')).json.tasks).toEqual([]);
    const text = await call(port, 'GET', '/v2/tasks', undefined, { accept: 'text/plain' });
    expect(text.text).toContain(`listed\t10095\t127.0.0.1:${task?.ports[0]}\t\n`);
  });
});

describe('killing tasks', () => {
  const kill = (ids: readonly string[], query = '') =>
    call(port, 'POST', `/v2/tasks/delete${query}`, { ids });

  it('replaces them in the same instances', async () => {
    const [before] = await deploy('replace', SLEEP);
    const { status, json } = await kill([before!.id]);
    expect([status, json.tasks.map((task) => task.id)]).toEqual([200, [before?.id]]);
    const next = `${before?.id.slice(0, -1)}2`;
    await stream.next(
      'the next incarnation',
      (event) => event.taskId === next && event.taskStatus === 'TASK_RUNNING',
    );
    const { app } = (await call(port, 'GET', '/v2/apps/replace')).json;
    expect(app.tasks.map((task) => task.id)).toEqual([next]);
    expect(app.instances).toBe(1);
  });

  it('with scale=True takes exactly those and wants so many fewer', async () => {
    const before = await deploy('shrink', { ...SLEEP, instances: 4 });
    const victims = [before[0]!.id, before[2]!.id];
    const scaledBefore = (await settled(port, 'shrink')).versionInfo.lastScalingAt;
    const { json } = await kill([...victims, 'unknown.instance-x._app.1'], '?scale=True');
    expect(Object.keys(json)).toEqual(['deploymentId', 'version']);
    const app = await settled(port, 'shrink');
    expect(app.instances).toBe(2);
    expect(app.tasks.map((task) => task.id)).toEqual([before[1]?.id, before[3]?.id]);
    expect(app.versionInfo.lastScalingAt > scaledBefore).toBe(true);
  });

  it('one by one or all of an app', async () => {
    const [first, second] = await deploy('some', { ...SLEEP, instances: 2 });
    const one = await call(port, 'DELETE', `/v2/apps/some/tasks/${first?.id}?scale=true`);
    expect(typeof one.json.deploymentId).toBe('string');
    expect((await settled(port, 'some')).tasks.map((task) => task.id)).toEqual([second?.id]);
    const elsewhere = await call(port, 'DELETE', '/v2/apps/some/tasks?host=other');
    expect(elsewhere.json.tasks).toEqual([]);
    const all = await call(port, 'DELETE', '/v2/apps/some/tasks');
    expect(all.json.tasks.map((task) => task.id)).toEqual([second?.id]);
  });

  it.each<[string, string, string, unknown, number, Partial<Body>]>([
    [
      'scale and wipe together',
      'POST',
      '/v2/tasks/delete?scale=true&wipe=true',
      { ids: [] },
      400,
      { message: 'You cannot use scale and wipe at the same time.' },
    ],
    [
      'an id that is none',
      'POST',
      '/v2/tasks/delete',
      { ids: ['x'] },
      400,
      { message: "Invalid task id 'x'. [taskId x no valid identifier]" },
    ],
    ['no ids', 'POST', '/v2/tasks/delete', {}, 422, { message: 'Invalid JSON' }],
    [
      'a task the app does not have',
      'DELETE',
      '/v2/apps/some/tasks/nope',
      undefined,
      404,
      { message: "Task 'nope' does not exist" },
    ],
  ])('is refused for %s', async (_title, method, path, body, status, expected) => {
    const answer = await call(port, method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(expected);
  });

  it('ends a whole process group, and by force what does not listen', async () => {
    const cmd =
      "trap '' TERM; sh -c \"trap '' TERM; sleep 601 & wait\" & sleep 602 & wait; sleep 603";
    const [task] = await deploy('stubborn', { cmd, portDefinitions: [] });
    const members = () => processIds().filter((pid) => belongsTo(pid, task!.id));
    await until('the children run', async () => members().length >= 3);
    await call(port, 'DELETE', '/v2/apps/stubborn');
    const ended = await stream.next(
      'its end',
      (event) => event.taskId === task?.id && event.taskStatus === 'TASK_KILLED',
    );
    expect(ended.message).toBe('Command terminated with signal SIGKILL');
    await until('all are gone', async () => members().length === 0);
  });

  it('asks first: what ends at SIGTERM ends by it', async () => {
    const ready = signalFile();
    const cmd = `trap 'exit 0' TERM; touch ${ready}; while :; do sleep 0.05; done`;
    const grace = { taskKillGracePeriodSeconds: 60 };
    const [task] = await deploy('polite', { cmd, portDefinitions: [], ...grace });
    await exists(ready);
    rmSync(ready);
    await call(port, 'DELETE', '/v2/apps/polite');
    const ended = await stream.next(
      'its end',
      (event) => event.taskId === task?.id && event.taskStatus === 'TASK_KILLED',
    );
    expect(ended.message).toBe('Command exited with status 0');
  });

  it('that are being killed already scales nothing', async () => {
    const ready = signalFile();
    const cmd = `trap '' TERM; touch ${ready}; sleep 600; sleep 600`;
    const [task] = await deploy('twice', {
      cmd,
      portDefinitions: [],
      taskKillGracePeriodSeconds: 1,
    });
    await exists(ready);
    rmSync(ready);
    await kill([task!.id]);
    const { status } = await kill([task!.id], '?scale=true');
    expect([status, (await settled(port, 'twice')).instances]).toEqual([200, 1]);
    await call(port, 'DELETE', '/v2/apps/twice');
  });

  it.each([
    [
      'killed',
      'DELETE',
      (ready: string) => `trap 'exit 0' TERM; (trap '' TERM; sleep 604) & touch ${ready}; wait`,
      'TASK_KILLED',
    ],
    [
      'ended by itself',
      'GET',
      (ready: string) => `(trap '' TERM; sleep 605) & touch ${ready}; sleep 0.3; exit 1`,
      'TASK_FAILED',
    ],
  ])('leaves nothing of the group when its leader was %s', async (title, method, cmd, state) => {
    const ready = signalFile();
    const id = `/orphans/${title.length}`;
    const body = {
      id,
      cmd: cmd(ready),
      portDefinitions: [],
      taskKillGracePeriodSeconds: 60,
      backoffSeconds: 60,
    };
    await call(port, 'POST', '/v2/apps', body);
    await exists(ready);
    rmSync(ready);
    await call(port, method, `/v2/apps${id}`);
    const ended = await stream.next(
      'its end',
      (event) => event.appId === id && event.taskStatus === state,
    );
    await until(
      'all are gone',
      async () => !processIds().some((pid) => belongsTo(pid, ended.taskId)),
    );
    if (method === 'GET') await call(port, 'DELETE', `/v2/apps${id}`);
  });
});

describe('a task that ends by itself', () => {
  it('fails, is remembered, and is launched again after a delay', async () => {
    const cmd = 'if [ -e "$MARK" ]; then exec sleep 600; fi; touch "$MARK"; exit 3';
    const mark = signalFile();
    const body = {
      id: '/crash',
      cmd,
      env: { MARK: mark },
      portDefinitions: [],
      backoffSeconds: 0.2,
    };
    try {
      await call(port, 'POST', '/v2/apps', body);
      const failed = await stream.next(
        'its failure',
        (event) => event.appId === '/crash' && event.taskStatus === 'TASK_FAILED',
      );
      expect(failed.message).toBe('Command exited with status 3');
      const next = `${failed.taskId.slice(0, -1)}2`;
      await stream.next(
        'the next one',
        (event) => event.taskId === next && event.taskStatus === 'TASK_RUNNING',
      );
      const { app } = (await call(port, 'GET', '/v2/apps/crash')).json;
      expect(app.lastTaskFailure).toMatchObject({ state: 'TASK_FAILED', message: failed.message });
    } finally {
      rmSync(mark, { force: true });
    }
  });

  it('waits in the queue, listed as failed, until its delay is over or lifted', async () => {
    await call(port, 'POST', '/v2/apps', {
      id: '/waits',
      cmd: 'exit 1',
      portDefinitions: [],
      backoffSeconds: 600,
      maxLaunchDelaySeconds: 600,
    });
    const failed = await stream.next(
      'its failure',
      (event) => event.appId === '/waits' && event.taskStatus === 'TASK_FAILED',
    );
    const { queue } = (await call(port, 'GET', '/v2/queue')).json;
    const waiting = queue.filter((item) => item.app.id === '/waits');
    expect(waiting).toEqual([
      expect.objectContaining({
        count: 1,
        delay: { overdue: false, timeLeftSeconds: expect.any(Number) },
      }),
    ]);
    const { app } = (await call(port, 'GET', '/v2/apps/waits')).json;
    expect(app.tasks).toEqual([
      expect.objectContaining({ id: failed.taskId, state: 'TASK_FAILED', ports: [] }),
    ]);
    expect(app.tasks[0]).not.toHaveProperty('startedAt');
    expect((await call(port, 'DELETE', '/v2/queue/waits/delay')).status).toBe(204);
    await stream.next(
      'the second failure',
      (event) => event.taskId === `${failed.taskId.slice(0, -1)}2`,
    );
    const nothing = await call(port, 'DELETE', '/v2/queue/replace/delay');
    expect([nothing.status, nothing.json.message]).toEqual([
      404,
      'Application /replace not found in tasks queue.',
    ]);
    await call(port, 'DELETE', '/v2/apps/waits');
  });

  it.each([
    [
      'a program that does not exist',
      { args: ['/no/such/program'] },
      /Failed to launch the command: .*ENOENT/,
    ],
    [
      'an environment no process can have',
      { cmd: 'true', env: { A: 'a\u0000b' } },
      /Failed to launch the command: /,
    ],
  ])('fails with the reason: %s', async (title, body, reason) => {
    const id = `/fails/${title.length}`;
    await call(port, 'POST', '/v2/apps', {
      id,
      ...body,
      portDefinitions: [],
      backoffSeconds: 600,
      maxLaunchDelaySeconds: 600,
    });
    const failed = await stream.next(
      'its failure',
      (event) => event.appId === id && event.taskStatus === 'TASK_FAILED',
    );
    expect(failed.message).toMatch(reason);
    await call(port, 'DELETE', `/v2/apps${id}`);
  });
});
