// BALANCE, STICKY and a limit per server, from the label to the request, over two workers.

import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeMarathon, sendJson } from '../support/fake-marathon.ts';
import { Origin } from '../support/origin.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

/** A server that answers with its port. */
async function origin(): Promise<Origin> {
  const made: Origin = await Origin.answering(
    () => `HTTP/1.1 200 OK\r\nContent-Length: ${String(made.port).length}\r\n\r\n${made.port}`,
  );
  leaving.push(() => made.close());
  return made;
}

/** Each request on a connection of its own: any worker may get it. */
const fresh = new Agent({ pipelining: 0 });

async function ask(port: number, cookie: string) {
  const headers = cookie === '' ? {} : { cookie };
  const answer = await request(`http://127.0.0.1:${port}/`, { headers, dispatcher: fresh });
  expect(answer.statusCode).toBe(200);
  const [set = ''] = [answer.headers['set-cookie'] ?? ''].flat();
  return { server: await answer.body.text(), cookie: set.split(';')[0] ?? '' };
}

describe('an app that asks for sticky sessions', () => {
  it('keeps a client on its server over all workers, and moves it at the cut-over', async () => {
    const servers = await Promise.all([origin(), origin(), origin(), origin()]);
    const [blue, green] = [servers.slice(0, 2), servers.slice(2)];
    const marathon = await FakeMarathon.start();
    leaving.push(() => marathon.stop());
    const [service = 0, http = 0, https = 0, appid = 0, stats = 0] = await freePorts(5);
    const labels = {
      HAPROXY_0_PORT: String(service),
      HAPROXY_0_STICKY: 'true',
      HAPROXY_0_BALANCE: 'leastconn',
    };
    marathon.apps = sendJson({ apps: [rawApp('/blue', labels, blue)] });
    const teal = new TealProcess([
      ...['sse', '--marathon', marathon.url, '--group', 'external', '--workers', '2'],
      ...['--bind', '127.0.0.1', '--http-port', String(http), '--https-port', String(https)],
      ...['--appid-port', String(appid), '--stats-port', String(stats)],
      ...['--server-max-connections', '4'],
    ]);
    leaving.push(async () => {
      teal.signal('SIGKILL');
      await teal.exit;
    });
    await teal.line((line) => line.includes('"to":"/blue"'), 'blue live', 20_000);
    const first = await ask(service, '');
    expect(first.cookie).toMatch(/^mesosphere_server_id=[0-9a-f]{10}$/);
    const all = Array.from({ length: 30 }, () => ask(service, first.cookie));
    for (const one of await Promise.all(all)) {
      expect(one).toEqual({ server: first.server, cookie: '' });
    }
    const csv = await request(`http://127.0.0.1:${stats}/haproxy?stats;csv`);
    const text = await csv.body.text();
    expect(text).toMatch(new RegExp(`^blue_${service},BACKEND,.*,leastconn,`, 'm'));
    expect(text).not.toContain('roundrobin');

    const later = {
      version: '2026-01-02T00:00:00.000Z',
      versionInfo: {
        lastScalingAt: '2026-01-02T00:00:00.000Z',
        lastConfigChangeAt: '2026-01-02T00:00:00.000Z',
      },
    };
    const both = [rawApp('/blue', labels, blue), rawApp('/green', labels, green, later)];
    marathon.apps = sendJson({ apps: both });
    marathon.pushEvent('api_post_event');
    await teal.line((line) => line.includes('"to":"/green"'), 'green live', 20_000);
    const moved = await ask(service, first.cookie);
    expect(green.map(({ port }) => String(port))).toContain(moved.server);
    expect(moved.cookie).not.toBe('');
    expect(await ask(service, moved.cookie)).toEqual({ server: moved.server, cookie: '' });
  });
});
