import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import type { CutOver, View } from '../../src/stats/view.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';

interface LiveEvent {
  readonly event: string;
  readonly data: unknown;
}

interface Stream {
  readonly response: IncomingMessage;
  /** The next event of that name. */
  next(event: string): Promise<LiveEvent['data']>;
}

const running: Admin[] = [];
const streams: IncomingMessage[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const stream of streams.splice(0)) stream.destroy();
  await Promise.all(running.splice(0).map((admin) => admin.close()));
});

async function start(view: () => Promise<View>): Promise<Admin> {
  const admin = await startAdmin({
    address: '127.0.0.1',
    port: 0,
    view,
    config: sampleFacts,
    signals: null,
    log: SILENT,
  });
  running.push(admin);
  return admin;
}

async function follow(admin: Admin, pieces = ''): Promise<Stream> {
  const path = `/_teal/events${pieces}`;
  const [response] = (await once(
    get({ host: '127.0.0.1', port: admin.port, path, agent: false }),
    'response',
  )) as [IncomingMessage];
  streams.push(response);
  response.on('error', () => {});
  const events: LiveEvent[] = [];
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const found = /^event: (.*)\ndata: (.*)$/.exec(part);
      if (found === null) continue;
      events.push({ event: found[1] as string, data: JSON.parse(found[2] as string) });
      response.emit('told');
    }
  });
  const next = async (event: string): Promise<unknown> => {
    for (;;) {
      const place = events.findIndex((one) => one.event === event);
      if (place >= 0) return events.splice(place, 1)[0]?.data;
      await once(response, 'told');
    }
  };
  return { response, next };
}

describe('the stream of a page', () => {
  it('is a stream of events that nobody keeps', async () => {
    const { response } = await follow(await start(async () => sampleView()));
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
  });

  it('tells the whole page at once, then what differs', async () => {
    let epoch = 12;
    const admin = await start(async () => sampleView({ epoch }));
    const stream = await follow(admin, '?stats;scope=green');
    const first = await stream.next('view');
    expect(first).toMatchObject({ epoch: 12, order: { services: expect.any(Array) } });
    expect(JSON.stringify(first)).toContain('zdd_green_10080');
    expect(JSON.stringify(first)).not.toContain('search_indexer');
    epoch = 13;
    const second = (await stream.next('view')) as { readonly changed: readonly { id: string }[] };
    expect(second).toMatchObject({ epoch: 13, order: null });
    expect(second.changed.map((one) => one.id)).toEqual(['banner']);
  });

  it('tells a cut-over once, and none that was before', async () => {
    const [last] = sampleView().history;
    const next = { ...(last as CutOver), epoch: 13, to: '/zdd/blue' };
    let history = sampleView().history;
    const admin = await start(async () => sampleView({ history }));
    const stream = await follow(admin);
    await stream.next('view');
    history = [next, ...history];
    expect(await stream.next('cut-over')).toMatchObject({ epoch: 13, to: '/zdd/blue' });
  });

  it('gathers once for all who look, and not at all when nobody does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let gathered = 0;
    const admin = await start(async () => {
      gathered += 1;
      return sampleView({ epoch: gathered });
    });
    const both = [await follow(admin), await follow(admin)];
    await both[1]?.next('view');
    const next = gathered + 1;
    const told = Promise.all(both.map((stream) => toldOf(stream, next)));
    await vi.advanceTimersByTimeAsync(1_000);
    await told;
    expect(gathered).toBe(next);
    for (const { response } of both) response.destroy();
    // Until the server has seen them go, it may have gathered again.
    await expect.poll(async () => (await gatheredIn(1_000)) === 0, { interval: 1 }).toBe(true);
    expect(await gatheredIn(60_000)).toBe(0);

    async function gatheredIn(ms: number): Promise<number> {
      const sofar = gathered;
      await vi.advanceTimersByTimeAsync(ms);
      return gathered - sofar;
    }
  });

  it('says what is wrong and goes on when the numbers cannot be gathered', async () => {
    let broken = true;
    const admin = await start(async () => {
      if (broken) throw new Error('secret detail');
      return sampleView();
    });
    const stream = await follow(admin);
    expect(await stream.next('trouble')).toBe(
      'the statistics could not be shown; the log says why',
    );
    broken = false;
    expect(await stream.next('view')).toMatchObject({ epoch: 12 });
  });

  it('is not opened past a bounded number, and is free again when others close', async () => {
    const admin = await start(async () => sampleView());
    const open = await Promise.all(Array.from({ length: 64 }, () => follow(admin)));
    const refused = await follow(admin);
    expect(refused.response.statusCode).toBe(503);
    expect(refused.response.headers['retry-after']).toBe('10');
    open[0]?.response.destroy();
    let status = 503;
    while (status === 503) status = (await follow(admin)).response.statusCode ?? 0;
    expect(status).toBe(200);
  });

  it('has a head without a body', async () => {
    const admin = await start(async () => sampleView());
    const asked = request({
      host: '127.0.0.1',
      port: admin.port,
      path: '/_teal/events',
      method: 'HEAD',
      agent: false,
    }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    expect(response.headers['content-type']).toBe('text/event-stream');
  });

  it('ends when the server closes', async () => {
    const admin = await start(async () => sampleView());
    const { response } = await follow(admin);
    const ended = once(response, 'close');
    await admin.close();
    await ended;
    running.splice(0);
  });
});

/** Waits for the view of that epoch. */
async function toldOf(stream: Stream, epoch: number): Promise<void> {
  let told: unknown;
  while (told !== epoch) told = ((await stream.next('view')) as { readonly epoch: number }).epoch;
}
