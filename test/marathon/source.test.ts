import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../src/log/logger.ts';
import {
  type AppList,
  MarathonSource,
  type MarathonSourceOptions,
} from '../../src/marathon/source.ts';
import {
  FakeMarathon,
  hang,
  reset,
  type Script,
  sendHalf,
  sendJson,
  sendStatus,
  sendText,
  until,
} from '../support/fake-marathon.ts';

const ONE = { apps: [{ id: '/one', tasks: [{ id: 't', host: '127.0.0.1', ports: [1] }] }] };
const TWO = { apps: [...ONE.apps, { id: '/two' }] };
const FULL = JSON.stringify(TWO);

/** Periodic reads are out of the picture unless a test asks for them. */
const NEVER_MS = 3_600_000;

const sendSome: Script = (_request, response) => {
  response.write(FULL.slice(0, 40));
};

let marathon: FakeMarathon;
let standby: FakeMarathon;
let source: MarathonSource | null = null;
let lists: AppList[] = [];
let lines: string[] = [];

const log: Logger = {
  debug() {},
  info: (_fields, message) => lines.push(`info ${message}`),
  warn: (_fields, message) => lines.push(`warn ${message}`),
  error: (_fields, message) => lines.push(`error ${message}`),
};

beforeEach(async () => {
  [marathon, standby] = await Promise.all([FakeMarathon.start(), FakeMarathon.start()]);
  marathon.apps = sendJson(ONE);
  standby.apps = sendJson(TWO);
  lists = [];
  lines = [];
});

afterEach(async () => {
  await source?.stop();
  source = null;
  await Promise.all([marathon.stop(), standby.stop()]);
});

function start(changes: Partial<MarathonSourceOptions> = {}): MarathonSource {
  source = new MarathonSource(
    {
      urls: [marathon.url],
      stream: true,
      resyncIntervalMs: NEVER_MS,
      silenceTimeoutMs: NEVER_MS,
      fetchTimeoutMs: 5_000,
      backoffMinMs: 1,
      backoffMaxMs: 20,
      emptyHoldMs: 300,
      maxRemovalShare: 0.5,
      removalHoldMs: 300,
      ...changes,
    },
    log,
    (list) => lists.push(list),
  );
  source.start();
  return source;
}

const idsOf = (list: AppList | undefined) => list?.apps.map((app) => app.id).join();
const latest = () => idsOf(lists.at(-1));

/** The stream is open and the list was read after it opened. */
async function settled(one: MarathonSource): Promise<void> {
  await until('a settled source', () => one.status().streaming && marathon.appsAsked >= 2);
  await until('both lists', () => lists.length >= 2);
}

describe('reading the app list', () => {
  it('asks as Marathon-LB does, and says who asks', async () => {
    const asked = new Promise<unknown>((resolve) => {
      marathon.seen.once('apps', ({ url, headers }) =>
        resolve([url, headers.accept, headers['user-agent'], headers['accept-encoding']]),
      );
    });
    start({ version: '1.2.3' });
    expect(await asked).toEqual([
      '/v2/apps?embed=apps.tasks&embed=apps.readiness',
      'application/json',
      'teal/1.2.3',
      expect.stringContaining('gzip'),
    ]);
  });

  it('hands on apps, problems and addresses', async () => {
    marathon.apps = sendJson({ apps: [...ONE.apps, { id: '/bad', instances: 'x' }] });
    start();
    await until('a list', () => lists.length > 0);
    expect(lists[0]?.addresses).toEqual(new Map([['127.0.0.1', '127.0.0.1']]));
    expect(lists[0]?.problems).toMatchObject([{ app: '/bad', where: '/instances' }]);
    expect(latest()).toBe('/one');
  });

  it('reads a compressed answer', async () => {
    marathon.apps = (_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(FULL));
    };
    start();
    await until('a list', () => latest() === '/one,/two');
  });

  it('follows one redirect, not two', async () => {
    marathon.apps = sendStatus(307, {
      location: `${standby.url}/v2/apps?embed=apps.tasks&embed=apps.readiness`,
    });
    const one = start({ stream: false });
    await until('the list of the other', () => latest() === '/one,/two');
    await one.stop();
    standby.apps = sendStatus(302, { location: `${marathon.url}/v2/apps` });
    const again = start({ stream: false });
    await until('an error', () => again.status().error !== '');
    expect(again.status().error).toContain('expected status 200, got 302');
  });

  it('reads again every resync interval without any event', async () => {
    start({ stream: false, resyncIntervalMs: 20 });
    await until('four reads', () => marathon.appsAsked >= 4);
    expect(marathon.streamsAsked).toBe(0);
    marathon.apps = sendJson(TWO);
    await until('the change', () => latest() === '/one,/two');
  });

  it('a host name is handed on with its address', async () => {
    marathon.apps = sendJson({ apps: [{ id: '/x', tasks: [{ id: 't', host: 'localhost' }] }] });
    start();
    await until('a list', () => lists.length > 0);
    expect(lists[0]?.addresses.get('localhost')).toBe('127.0.0.1');
  });
});

describe('an answer that makes no sense keeps the last good list', () => {
  const faults: [string, Script, string][] = [
    ['a 500', sendStatus(500), 'expected status 200, got 500'],
    ['a 401', sendStatus(401), 'expected status 200, got 401'],
    ['garbage', sendText('<html>'), "expected JSON, got 6 characters that begin with '<html>'"],
    ['an empty body', sendText(''), 'expected JSON, got 0 characters'],
    ['another object', sendJson({ message: 'x' }), "expected JSON with a list 'apps'"],
    ['half a body', sendHalf(FULL), 'expected an answer, got'],
    ['JSON cut short', sendText(FULL.slice(0, 40)), 'expected JSON, got 40 characters'],
    ['a reset', reset, 'expected an answer, got'],
    ['silence', hang, 'expected a whole answer within 100 ms, it did not come'],
    ['half a body and silence', sendSome, 'expected a whole answer within 100 ms, it did not come'],
  ];
  it.each(faults)('%s, and it recovers without a restart', async (_title, fault, said) => {
    const one = start({ fetchTimeoutMs: 100 });
    await settled(one);
    const before = lists.length;
    marathon.apps = fault;
    marathon.pushEvent('status_update_event');
    await until('an error', () => one.status().error !== '');
    expect(one.status().error).toContain(said);
    expect(one.status().error).toContain(`${marathon.url}/v2/apps`);
    const failing = marathon.appsAsked;
    await until('more attempts', () => marathon.appsAsked >= failing + 2);
    expect(lists).toHaveLength(before);
    marathon.apps = sendJson(TWO);
    await until('the recovery', () => latest() === '/one,/two');
    expect(one.status().error).toBe('');
    expect(lines.filter((line) => line.startsWith("warn reading Marathon's apps"))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('info'))).toEqual([
      "info reading Marathon's apps works again",
    ]);
  });

  it.each(faults)('%s of one Marathon is made good by the next', async (_title, fault) => {
    marathon.apps = fault;
    const one = start({ urls: [marathon.url, standby.url], stream: false, fetchTimeoutMs: 100 });
    await until('a list', () => latest() === '/one,/two');
    expect(one.status().error).toBe('');
    expect(one.status().url).toBe(standby.url);
  });

  it('the Marathon that answered last is asked first', async () => {
    marathon.apps = sendStatus(503);
    start({ urls: [marathon.url, standby.url], stream: false, resyncIntervalMs: 10 });
    await until('five reads', () => standby.appsAsked >= 5);
    expect(marathon.appsAsked).toBe(1);
  });

  it('nobody there is an error that names everyone', async () => {
    const gone = await FakeMarathon.start();
    const { url } = gone;
    await gone.stop();
    const one = start({ urls: [url, `${url}/other`], stream: false });
    await until('an error', () => one.status().error !== '');
    expect(one.status().error).toMatch(/ECONNREFUSED.*; .*\/other\/v2\/apps.*ECONNREFUSED/);
    expect(lists).toEqual([]);
  });
});

describe('an empty list out of the blue', () => {
  it('is held back, said once, and forgotten when apps come back', async () => {
    const one = start({ emptyHoldMs: NEVER_MS });
    await settled(one);
    const before = lists.length;
    marathon.apps = sendJson({ apps: [] });
    marathon.pushEvent('status_update_event');
    await until('the hold', () => one.status().held);
    marathon.pushEvent('status_update_event');
    const asked = marathon.appsAsked;
    await until('another look', () => marathon.appsAsked > asked);
    expect(lists).toHaveLength(before + 1);
    expect(latest()).toBe('/one');
    expect(lists.at(-1)?.problems).toMatchObject([
      { app: null, where: 'Marathon', message: expect.stringContaining('is suddenly empty') },
    ]);
    marathon.apps = sendJson(TWO);
    marathon.pushEvent('status_update_event');
    await until('the apps', () => latest() === '/one,/two');
    expect(one.status().held).toBe(false);
    expect(lists.at(-1)?.problems).toEqual([]);
    expect(lines.filter((line) => line.includes('suddenly empty'))).toHaveLength(1);
  });

  it('is looked at again by itself and believed when it has stayed', async () => {
    const one = start({ emptyHoldMs: 100 });
    await settled(one);
    marathon.apps = sendJson({ apps: [] });
    marathon.pushEvent('status_update_event');
    await until('the hold', () => one.status().held);
    await until('the end of the hold', () => latest() === '');
    expect(one.status().held).toBe(false);
  });

  it('is held back as well when it is only that no app can be read', async () => {
    const one = start({ emptyHoldMs: NEVER_MS });
    await settled(one);
    marathon.apps = sendJson({ apps: [{ id: 1 }, { id: 2 }] });
    marathon.pushEvent('status_update_event');
    await until('the hold', () => one.status().held);
  });

  it('is believed at once when there was nothing before', async () => {
    marathon.apps = sendJson({ apps: [] });
    start();
    await until('the empty list', () => latest() === '');
  });
});

describe('the event stream', () => {
  it('is asked for with the header that Marathon insists on, and for its events', async () => {
    const asked = new Promise<unknown>((resolve) => {
      marathon.seen.once('events', ({ url, headers }) => {
        const { searchParams } = new URL(url ?? '', marathon.url);
        resolve([
          headers.accept,
          searchParams.get('plan-format'),
          searchParams.getAll('event_type').includes('status_update_event'),
        ]);
      });
    });
    start();
    expect(await asked).toEqual(['text/event-stream', 'light', true]);
  });

  it('the list is read once more after it has opened', async () => {
    marathon.apps = (request, response) => {
      // The first answer is from before the stream.
      sendJson(marathon.appsAsked === 1 ? ONE : TWO)(request, response);
    };
    start();
    await until('the list read after the stream opened', () => latest() === '/one,/two');
  });

  it.each(['status_update_event', 'health_status_changed_event', 'deployment_success'])(
    '%s makes it read the list',
    async (type) => {
      const one = start();
      await settled(one);
      marathon.apps = sendJson(TWO);
      marathon.pushEvent(type);
      await until('the change', () => latest() === '/one,/two');
      expect(one.status().events).toBe(1);
    },
  );

  it('frames without an event line do, too', async () => {
    const one = start();
    await settled(one);
    marathon.apps = sendJson(TWO);
    marathon.push('data: {"eventType":"api_post_event"}\n\n');
    await until('the change', () => latest() === '/one,/two');
  });

  it('events of no concern and garbage do not', async () => {
    const one = start();
    await settled(one);
    const asked = marathon.appsAsked;
    marathon.pushEvent('framework_message_event');
    marathon.push('data: no json\n\n: comment\n\nnonsense\r\n\r\ndata: null\n\n');
    marathon.pushEvent('event_stream_attached');
    await until('the last of them', () => one.status().events === 1);
    await until('its read', () => marathon.appsAsked === asked + 1);
    expect(marathon.appsAsked).toBe(asked + 1);
  });

  it('a burst of a hundred events is a handful of reads, the last of them after the last event', async () => {
    const one = start();
    await settled(one);
    const before = marathon.appsAsked;
    for (let sent = 0; sent < 100; sent += 1) {
      marathon.pushEvent('status_update_event');
      if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    marathon.apps = sendJson(TWO);
    marathon.pushEvent('status_update_event');
    await until('the change', () => latest() === '/one,/two');
    expect(one.status().events).toBe(101);
    expect(marathon.appsAsked - before).toBeLessThanOrEqual(6);
  });

  it('an event during a read makes it read once more', async () => {
    const one = start();
    await settled(one);
    const before = marathon.appsAsked;
    let finish = () => {};
    marathon.apps = (request, response) => {
      finish = () => sendJson(ONE)(request, response);
    };
    marathon.pushEvent('status_update_event');
    await until('the read', () => marathon.appsAsked === before + 1);
    marathon.pushEvent('status_update_event');
    await until('the second event', () => one.status().events === 2);
    expect(marathon.appsAsked).toBe(before + 1);
    marathon.apps = sendJson(TWO);
    finish();
    await until('the second read', () => latest() === '/one,/two');
  });

  it('heartbeats, two segments of one blank line, keep it open', async () => {
    const one = start({ silenceTimeoutMs: 700 });
    await settled(one);
    const opened = one.status().lastEventAtMs;
    let segment = '\n';
    await until('a life of twice the silence allowed', () => {
      segment = segment === '\r' ? '\n' : '\r';
      marathon.push(segment);
      return one.status().lastEventAtMs - opened > 1_400;
    });
    expect(one.status().reconnects).toBe(0);
    expect(one.status().streaming).toBe(true);
    expect(one.status().events).toBe(0);
  });

  it('silence ends it, and the next Marathon of the list is followed', async () => {
    const one = start({ urls: [marathon.url, standby.url], silenceTimeoutMs: 150 });
    await until('the first stream', () => marathon.streams === 1);
    await until('its end', () => marathon.streams === 0);
    await until('the second stream', () => standby.streams === 1);
    await until('the list of the second', () => latest() === '/one,/two');
    expect(one.status().reconnects).toBeGreaterThanOrEqual(1);
    expect(lines.some((line) => line.includes('expected at least a heartbeat within 150 ms'))).toBe(
      true,
    );
  });

  it('a Marathon that never answers the stream is given up, too', async () => {
    marathon.events = hang;
    start({ urls: [marathon.url, standby.url], silenceTimeoutMs: 150 });
    await until('the second stream', () => standby.streams === 1);
  });

  it('a read that hangs at a dead Marathon is called off when the stream opens at another', async () => {
    marathon.apps = hang;
    marathon.events = sendStatus(502);
    start({ urls: [marathon.url, standby.url], fetchTimeoutMs: NEVER_MS });
    await until('the list of the other', () => latest() === '/one,/two');
  });

  it.each([
    ['502', sendStatus(502)],
    ['204', sendStatus(204)],
    ['405', sendStatus(405)],
    ['another content type', sendText('hello')],
    ['a reset', reset],
  ] as [string, Script][])(
    '%s is no end: it is asked for again until it opens',
    async (_title, fault) => {
      const { events } = marathon;
      marathon.events = fault;
      const one = start();
      await until('three attempts', () => marathon.streamsAsked >= 3);
      expect(one.status().streaming).toBe(false);
      expect(one.status().error).toContain(`${marathon.url}/v2/events`);
      marathon.events = events;
      await until('the stream', () => one.status().streaming);
      expect(one.status().error).toBe('');
      const said = lines.filter((line) => line.includes('event stream'));
      expect(said).toHaveLength(2);
    },
  );

  it('a stream that ends is opened again, and the list is read again', async () => {
    const one = start();
    await settled(one);
    marathon.apps = sendJson(TWO);
    marathon.endStreams();
    await until('the list', () => latest() === '/one,/two');
    await until('a new stream', () => marathon.streams === 1 && one.status().reconnects === 1);
  });

  it("a standby's redirect leads to the leader's stream", async () => {
    standby.events = (request, response) =>
      sendStatus(302, { location: `${marathon.url}${request.url}` })(request, response);
    const one = start({ urls: [standby.url] });
    await until('the stream at the leader', () => marathon.streams === 1 && one.status().streaming);
  });
});

describe('an event that tells of one app', () => {
  const MANY = Array.from({ length: 40 }, (_, n) => ({
    id: `/app${n}`,
    instances: 1,
    tasks: [{ id: `t${n}`, host: '127.0.0.1', ports: [n + 1], state: 'TASK_RUNNING' }],
  }));

  beforeEach(() => {
    marathon.apps = sendJson({ apps: MANY });
  });

  const instancesOf = (id: string) => lists.at(-1)?.apps.find((app) => app.id === id)?.instances;

  it('reads that app alone, puts it into the list and keeps the others as they are', async () => {
    const one = start();
    await settled(one);
    const [before, asked] = [lists.at(-1), marathon.appsAsked];
    marathon.singles.set('/app7', sendJson({ app: { ...MANY[7], instances: 5 } }));
    marathon.pushEvent('status_update_event', { appId: '/app7', taskStatus: 'TASK_RUNNING' });
    await until('the change', () => instancesOf('/app7') === 5);
    expect(marathon.singlesAsked).toEqual(['/app7']);
    expect(marathon.appsAsked).toBe(asked);
    const after = lists.at(-1);
    expect(after?.apps[8]).toBe(before?.apps[8]);
    expect(after?.addresses).toBe(before?.addresses);
  });

  it('adds an app that is new', async () => {
    const one = start();
    await settled(one);
    marathon.singles.set('/new', sendJson({ app: { id: '/new', instances: 2 } }));
    marathon.pushEvent('api_post_event', { appDefinition: { id: '/new' } });
    await until('the new app', () => instancesOf('/new') === 2);
    expect(lists.at(-1)?.apps).toHaveLength(41);
  });

  it('reads the whole list when there is no such app any more', async () => {
    const one = start();
    await settled(one);
    const asked = marathon.appsAsked;
    marathon.apps = sendJson({ apps: MANY.slice(1) });
    marathon.pushEvent('status_update_event', { appId: '/app0' });
    await until('the shorter list', () => lists.at(-1)?.apps.length === 39);
    expect(marathon.appsAsked).toBe(asked + 1);
  });

  it('reads the whole list when the app could not be read', async () => {
    const one = start();
    await settled(one);
    marathon.singles.set('/app7', sendStatus(500));
    marathon.apps = sendJson({ apps: [{ ...MANY[7], instances: 9 }, ...MANY.slice(8)] });
    marathon.pushEvent('status_update_event', { appId: '/app7' });
    await until('the list', () => instancesOf('/app7') === 9);
    expect(one.status().error).toBe('');
  });

  it('a resync reads the whole list all the same', async () => {
    start({ resyncIntervalMs: 50 });
    await until('lists', () => lists.length > 0);
    const timer = setInterval(
      () => marathon.pushEvent('status_update_event', { appId: '/app1' }),
      10,
    );
    marathon.singles.set('/app1', sendJson({ app: MANY[1] }));
    const asked = marathon.appsAsked;
    await until('resyncs', () => marathon.appsAsked >= asked + 4);
    clearInterval(timer);
    expect(marathon.singlesAsked.length).toBeGreaterThan(0);
  });

  it('a thousand events in a second, of all apps, are a handful of reads', async () => {
    const one = start();
    await settled(one);
    const [asked, startTick] = [marathon.appsAsked, performance.now()];
    for (let sent = 0; sent < 1_000; sent += 1) {
      marathon.pushEvent('status_update_event', { appId: `/app${sent % 40}` });
      const aheadMs = sent - (performance.now() - startTick);
      if (aheadMs > 5) await new Promise((resolve) => setTimeout(resolve, aheadMs));
    }
    marathon.apps = sendJson({ apps: [{ ...MANY[0], instances: 8 }, ...MANY.slice(1)] });
    marathon.singles.set('/app0', sendJson({ app: { ...MANY[0], instances: 8 } }));
    marathon.pushEvent('status_update_event', { appId: '/app0' });
    await until('the last change', () => instancesOf('/app0') === 8);
    expect(one.status().events).toBe(1_001);
    const seconds = (performance.now() - startTick) / 1_000;
    const reads = marathon.appsAsked - asked + marathon.singlesAsked.length;
    expect(reads).toBeLessThanOrEqual(4 + 10 * seconds + 4);
  });
});

describe('a list that has lost most of its tasks', () => {
  const cluster = (apps: number) => ({
    apps: Array.from({ length: apps }, (_, n) => ({
      id: `/app${n}`,
      instances: 1,
      tasks: [{ id: `t${n}`, host: '127.0.0.1', ports: [n + 1], state: 'TASK_RUNNING' }],
    })),
  });
  const told = () => lists.at(-1)?.problems.map(({ message }) => message) ?? [];

  it('is held back and told, and believed when a second look says the same', async () => {
    marathon.apps = sendJson(cluster(30));
    const one = start({ removalHoldMs: 150 });
    await settled(one);
    marathon.apps = sendJson(cluster(10));
    marathon.pushEvent('group_change_success');
    await until('the hold', () => one.status().held);
    expect(lists.at(-1)?.apps).toHaveLength(30);
    expect(told()[0]).toContain('has suddenly lost 20 of 30 running tasks; the last one stays');
    await until('the second look', () => lists.at(-1)?.apps.length === 10);
    expect([one.status().held, told()]).toEqual([false, []]);
  });

  it('is forgotten when the tasks are back', async () => {
    marathon.apps = sendJson(cluster(30));
    const one = start({ removalHoldMs: NEVER_MS });
    await settled(one);
    marathon.apps = sendJson(cluster(3));
    marathon.pushEvent('group_change_success');
    await until('the hold', () => one.status().held);
    marathon.apps = sendJson(cluster(31));
    marathon.pushEvent('group_change_success');
    await until('the list', () => lists.at(-1)?.apps.length === 31);
    expect([one.status().held, told()]).toEqual([false, []]);
  });
});

describe('stop', () => {
  it('leaves nothing open, whatever was going on', async () => {
    const one = start({ fetchTimeoutMs: NEVER_MS });
    await settled(one);
    marathon.apps = hang;
    marathon.pushEvent('status_update_event');
    const asked = marathon.appsAsked;
    await until('a read that hangs', () => marathon.appsAsked > asked);
    let ended = false;
    void one.stop().then(() => {
      ended = true;
    });
    await until('the end, long before the fetch gives up', () => ended);
    await until('closed connections', () => marathon.connections === 0);
    const before = lists.length;
    expect(one.status().streaming).toBe(false);
    expect(lists).toHaveLength(before);
    expect(lines).toEqual([]);
  });

  it('ends the waiting between attempts', async () => {
    marathon.apps = sendStatus(500);
    marathon.events = sendStatus(500);
    const one = start({ backoffMinMs: NEVER_MS, backoffMaxMs: NEVER_MS });
    await until('both failures', () => marathon.appsAsked === 1 && marathon.streamsAsked === 1);
    await until('the error', () => one.status().error !== '');
    await one.stop();
    expect(marathon.appsAsked).toBe(1);
  });
});
