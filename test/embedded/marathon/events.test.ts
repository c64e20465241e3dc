import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { call, EventClient, exists, settled, signalFile, until } from './support.ts';

const SLEEP = { cmd: 'exec sleep 600', portDefinitions: [] };
let marathon: EmbeddedMarathon;
let port: number;
const clients: EventClient[] = [];

async function open(query = ''): Promise<EventClient> {
  const client = await EventClient.open(port, query);
  clients.push(client);
  return client;
}

beforeAll(async () => {
  marathon = await startEmbeddedMarathon({ port: 0, log: SILENT, heartbeatMs: 50 });
  port = marathon.port;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => marathon.stop());

describe('the event stream', () => {
  it.each([
    ['no Accept', {}],
    ['any Accept', { accept: '*/*' }],
    ['a list of types', { accept: 'text/event-stream, */*' }],
  ])('is refused with 405 for %s', async (_title, headers) => {
    const { status, text } = await call(port, 'GET', '/v2/events', undefined, headers);
    expect(status).toBe(405);
    expect(text).toContain('HTTP method GET is not supported by this URL');
  });

  it('runs until its end without length or chunks', async () => {
    const { headers } = await open();
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream;charset=utf-8',
      connection: 'close',
      'cache-control': 'no-cache, no-store, must-revalidate',
    });
    expect(headers).not.toHaveProperty('content-length');
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(headers).not.toHaveProperty('content-encoding');
  });

  it('begins with its own attachment, framed with CRLF and one blank', async () => {
    const client = await open();
    await client.next('attachment', (event) => event.eventType === 'event_stream_attached');
    expect(client.raw).toMatch(
      /^event: event_stream_attached\r\ndata: \{"remoteAddress":"127\.0\.0\.1","eventType":"event_stream_attached","timestamp":"[^"]{24}"\}\r\n\r\n/,
    );
  });

  it('beats with a lone blank line', async () => {
    const client = await open('?event_type=nothing');
    await until('two beats came', async () => client.raw.length >= 4);
    expect(client.raw).toMatch(/^(\r\n){2,}$/);
  });

  it('carries only the types asked for, of several parameters too', async () => {
    const query = '?plan-format=light&event_type=api_post_event&event_type=deployment_success';
    const client = await open(query);
    await call(port, 'POST', '/v2/apps', { id: '/filtered', ...SLEEP, instances: 0 });
    await client.next('success', (event) => event.eventType === 'deployment_success');
    const types = new Set(client.events.map((event) => event.eventType));
    expect([...types]).toEqual(['api_post_event', 'deployment_success']);
  });

  it('tells the others when one goes', async () => {
    const client = await open();
    const other = await open();
    other.close();
    await client.next('detachment', (event) => event.eventType === 'event_stream_detached');
  });
});

describe('the events of an app', () => {
  it('come in the order of its life', async () => {
    const client = await open();
    await call(port, 'POST', '/v2/apps', { id: '/life/app', ...SLEEP, labels: { a: 'b' } });
    await client.next('success', (event) => event.eventType === 'deployment_success');
    await call(port, 'DELETE', '/v2/apps/life/app');
    await client.next('end', (event) => event.eventType === 'app_terminated_event');
    await client.next('second success', () => client.of('deployment_success').length === 2);
    const story = client.events
      .slice(1)
      .map((event) => `${event.eventType} ${event.taskStatus ?? event.condition ?? ''}`.trim());
    expect(story).toEqual([
      'group_change_success',
      'api_post_event',
      'deployment_info',
      'deployment_step_success',
      'deployment_info',
      'instance_changed_event Scheduled',
      'instance_changed_event Provisioned',
      'status_update_event TASK_STARTING',
      'instance_changed_event Starting',
      'status_update_event TASK_RUNNING',
      'instance_changed_event Running',
      'deployment_step_success',
      'deployment_success',
      'group_change_success',
      'deployment_info',
      'instance_changed_event Running',
      'status_update_event TASK_KILLING',
      'instance_changed_event Killing',
      'status_update_event TASK_KILLED',
      'instance_changed_event Killed',
      'app_terminated_event',
      'deployment_step_success',
      'deployment_success',
    ]);
    const [posted] = client.of('api_post_event');
    expect(posted).toMatchObject({
      clientIp: '127.0.0.1',
      uri: '/v2/apps',
      appDefinition: { id: '/life/app', labels: { a: 'b' } },
    });
    expect(client.of('group_change_success')[0]?.groupId).toBe('/life');
    const [update] = client.of('status_update_event');
    expect(Object.keys(update ?? {})).toEqual([
      'slaveId',
      'taskId',
      'taskStatus',
      'message',
      'appId',
      'host',
      'ipAddresses',
      'ports',
      'version',
      'eventType',
      'timestamp',
    ]);
  });

  it('come after the state they tell of can be read', async () => {
    const stream = await open('?event_type=status_update_event');
    const ready = signalFile();
    await call(port, 'POST', '/v2/apps', {
      id: '/visible',
      portDefinitions: [],
      cmd: `trap '' TERM; touch ${ready}; while :; do sleep 0.1; done`,
      taskKillGracePeriodSeconds: 1,
    });
    await stream.next('running', (event) => event.taskStatus === 'TASK_RUNNING');
    expect((await settled(port, 'visible')).tasks[0]?.state).toBe('TASK_RUNNING');
    await exists(ready);
    rmSync(ready);
    await call(port, 'PUT', '/v2/apps/visible', { instances: 0 });
    await stream.next('killing', (event) => event.taskStatus === 'TASK_KILLING');
    const { app } = (await call(port, 'GET', '/v2/apps/visible')).json;
    expect(app.tasks.map((task) => task.state)).toEqual(['TASK_KILLING']);
    expect(app.tasksRunning).toBe(0);
    const killed = await stream.next('killed', (event) => event.taskStatus === 'TASK_KILLED');
    expect(killed.message).toBe('Command terminated with signal SIGKILL');
    expect((await call(port, 'GET', '/v2/apps/visible')).json.app.tasks).toEqual([]);
  });

  it('tell of a change that was refused', async () => {
    const client = await open('?event_type=group_change_failed');
    await call(port, 'POST', '/v2/apps', { id: '/visible', ...SLEEP });
    const failed = await client.next('refusal', () => true);
    expect(failed.reason).toBe('An app with id [/visible] already exists.');
  });
});
