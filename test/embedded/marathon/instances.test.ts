import { expect, it } from 'vitest';
import { createAgent } from '../../../src/embedded/marathon/agent.ts';
import { EventBus } from '../../../src/embedded/marathon/event-bus.ts';
import { HostPorts } from '../../../src/embedded/marathon/host-ports.ts';
import { Instances } from '../../../src/embedded/marathon/instances.ts';
import { normalizeApp } from '../../../src/embedded/marathon/normalize.ts';
import { Runner } from '../../../src/embedded/marathon/runner.ts';
import { TaskEvents } from '../../../src/embedded/marathon/task-events.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { until } from './support.ts';

const VERSION = '2026-01-01T00:00:00.000Z';

it('every event finds the state it tells of already there', async () => {
  const agent = createAgent('127.0.0.1');
  const bus = new EventBus();
  const runner = new Runner();
  const instances = new Instances({
    agent,
    runner,
    ports: new HostPorts([31_000, 32_000]),
    events: new TaskEvents(bus, agent),
    log: SILENT,
    killGraceMs: 100,
    definition: () => app,
  });
  const app = {
    ...normalizeApp({ id: '/a', cmd: 'exec sleep 600', portDefinitions: [] }),
    version: VERSION,
    versionInfo: { lastScalingAt: VERSION, lastConfigChangeAt: VERSION },
  };
  const seen: string[] = [];
  bus.subscribe(({ type, json }) => {
    if (type !== 'status_update_event') return;
    const { taskId, taskStatus } = JSON.parse(json);
    seen.push(`${taskStatus} ${instances.byTask(taskId)?.task?.state ?? 'gone'}`);
  });
  const [instance] = instances.launch(app, 1);
  const reached = (condition: string) =>
    until(`it is ${condition}`, async () => instance?.condition === condition);
  await reached('Running');
  instances.kill(instance!, 'replace');
  await until('it runs again', async () => instance?.incarnation === 2 && instance.active);
  await reached('Running');
  instances.kill(instance!, 'leave');
  await reached('Killed');
  instances.stop();
  await runner.stop();
  expect(seen).toEqual([
    'TASK_STARTING TASK_STARTING',
    'TASK_RUNNING TASK_RUNNING',
    'TASK_KILLING TASK_KILLING',
    'TASK_KILLED TASK_KILLED',
    'TASK_STARTING TASK_STARTING',
    'TASK_RUNNING TASK_RUNNING',
    'TASK_KILLING TASK_KILLING',
    'TASK_KILLED gone',
  ]);
});
