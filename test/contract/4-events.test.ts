// §4: how Teal follows Marathon, row by row. What goes wrong at Marathon, and how that is outlived, is
// the matter of test/marathon.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/log/logger.ts';
import { MarathonSource, type MarathonSourceOptions } from '../../src/marathon/source.ts';
import { FakeMarathon, sendJson, sendStatus, until } from '../support/fake-marathon.ts';

const NEVER_MS = 3_600_000;

let marathon: FakeMarathon;
let standby: FakeMarathon;
let source: MarathonSource | null = null;
let seen: string[] = [];

beforeEach(async () => {
  [marathon, standby] = await Promise.all([FakeMarathon.start(), FakeMarathon.start()]);
  seen = [];
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
      emptyHoldMs: 60_000,
      maxRemovalShare: 0.5,
      removalHoldMs: 5_000,
      ...changes,
    },
    SILENT,
    ({ apps }) => seen.push(apps.map(({ id, instances }) => `${id}=${instances}`).join()),
  );
  source.start();
  return source;
}

const appOf = (instances: number) => sendJson({ apps: [{ id: '/a', instances }] });

/** The stream is open, and the list that was read after it opened has come. */
async function settled(): Promise<void> {
  await until('the stream', () => source?.status().streaming === true);
  await until('the list', () => seen.length >= 2);
}

describe('§4.1 the stream', () => {
  it('is asked for with the light plan format, the header Marathon wants, and by event type', async () => {
    const asked = once(marathon.seen, 'events') as Promise<[IncomingMessage]>;
    start();
    const [{ url = '', headers }] = await asked;
    const { pathname, searchParams } = new URL(url, marathon.url);
    expect([pathname, searchParams.get('plan-format')]).toEqual(['/v2/events', 'light']);
    expect(headers.accept).toBe('text/event-stream');
    expect(searchParams.getAll('event_type')).toEqual(
      expect.arrayContaining([
        'api_post_event',
        'health_status_changed_event',
        'status_update_event',
      ]),
    );
  });

  it('follows one redirect of a standby, its credentials with it', async () => {
    marathon.apps = appOf(1);
    standby.events = (request, response) =>
      sendStatus(307, { location: `${marathon.url}${request.url}` })(request, response);
    standby.apps = appOf(1);
    const asked = once(marathon.seen, 'events') as Promise<[IncomingMessage]>;
    start({
      urls: [standby.url],
      access: {
        login: { kind: 'basic', userAndPassword: 'joe:pw' },
        trust: { verifies: false, authorities: [] },
      },
    });
    const [{ headers }] = await asked;
    expect(headers.authorization).toBe(`Basic ${Buffer.from('joe:pw').toString('base64')}`);
  });

  it.each(['api_post_event', 'health_status_changed_event', 'status_update_event'])(
    '%s brings a change in',
    async (type) => {
      marathon.apps = appOf(1);
      start();
      await settled();
      marathon.apps = appOf(2);
      marathon.pushEvent(type, { appId: '/a' });
      await until('the change', () => seen.at(-1) === '/a=2');
    },
  );
});

describe('§4.2 frames', () => {
  it.each([
    ['a data line with a document', 'data: {"eventType":"status_update_event"}\r\n\r\n'],
    [
      'several documents in one payload',
      'data: {"eventType":"framework_message_event"}\r\ndata: {"eventType":"status_update_event"}\r\n\r\n',
    ],
    ['a frame that came in pieces', 'event: status_upd|ate_event\r\nda|ta: {}\r|\n\r\n'],
  ])('%s is read', async (_title, frame) => {
    marathon.apps = appOf(1);
    start();
    await settled();
    marathon.apps = appOf(2);
    for (const piece of frame.split('|')) {
      marathon.push(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('the change', () => seen.at(-1) === '/a=2');
  });
});

describe('§4.3 looks at Marathon', () => {
  it('one at the start, and one at every opening of a stream', async () => {
    marathon.apps = appOf(1);
    start();
    await settled();
    const looks = marathon.appsAsked;
    marathon.endStreams();
    await until('the next stream', () => source?.status().reconnects === 1);
    await until('its look', () => marathon.appsAsked === looks + 1);
  });

  it('one without any event when the interval is over', async () => {
    marathon.apps = appOf(1);
    start({ resyncIntervalMs: 40 });
    await settled();
    const looks = marathon.appsAsked;
    await until('more looks', () => marathon.appsAsked >= looks + 3);
  });

  it('one for SIGHUP', async () => {
    marathon.apps = appOf(1);
    const one = start();
    await settled();
    marathon.apps = appOf(2);
    one.resync();
    await until('the change', () => seen.at(-1) === '/a=2');
  });

  it('events during a look are one more look', async () => {
    marathon.apps = appOf(1);
    const one = start();
    await settled();
    const looks = marathon.appsAsked;
    let finish = () => {};
    marathon.apps = (request, response) => {
      finish = () => appOf(1)(request, response);
    };
    marathon.pushEvent('status_update_event');
    await until('the look', () => marathon.appsAsked === looks + 1);
    for (let n = 0; n < 50; n += 1) marathon.pushEvent('status_update_event');
    await until('the events', () => one.status().events === 51);
    marathon.apps = appOf(2);
    finish();
    await until('the change', () => seen.at(-1) === '/a=2');
    expect(marathon.appsAsked).toBe(looks + 2);
  });
});

describe('§4.4 a stream that ends', () => {
  it('is asked for at the next Marathon of the list, round and round', async () => {
    const order: string[] = [];
    for (const [name, one] of Object.entries({ marathon, standby })) {
      one.events = (request, response) => {
        order.push(name);
        sendStatus(502)(request, response);
      };
    }
    start({ urls: [marathon.url, standby.url] });
    await until('six attempts', () => order.length >= 6);
    expect(order.slice(0, 6)).toEqual([
      ...['marathon', 'standby', 'marathon', 'standby', 'marathon', 'standby'],
    ]);
  });

  it('silence ends it as well', async () => {
    marathon.apps = appOf(1);
    start({ silenceTimeoutMs: 100 });
    await until('a new stream', () => marathon.streamsAsked >= 2);
  });
});

describe('§4.6 a Marathon in trouble', () => {
  it('whatever it answers, the last list stays; REST moves on to the next and stays there', async () => {
    marathon.apps = sendStatus(500);
    standby.apps = appOf(3);
    start({ urls: [marathon.url, standby.url], stream: false, resyncIntervalMs: 20 });
    await until('three lists', () => seen.length >= 3);
    expect(new Set(seen)).toEqual(new Set(['/a=3']));
    expect(marathon.appsAsked).toBe(1);
    standby.apps = sendStatus(500);
    await until('an error', () => source?.status().error !== '');
    expect(seen.at(-1)).toBe('/a=3');
  });

  it('§8.2: an empty list does not remove everything at once', async () => {
    marathon.apps = appOf(1);
    start();
    await settled();
    marathon.apps = sendJson({ apps: [] });
    marathon.pushEvent('group_change_success');
    await until('the hold', () => source?.status().held === true);
    expect(seen.at(-1)).toBe('/a=1');
  });
});
