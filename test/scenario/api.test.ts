// What a running `teal sse` says of itself to load balancers before it and to programs.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeMarathon, sendJson, sendStatus, until } from '../support/fake-marathon.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Reply> {
  const agent = new Agent();
  try {
    const reply = await request(url, { headers, dispatcher: agent });
    return { status: reply.statusCode, text: await reply.body.text() };
  } finally {
    await agent.close();
  }
}

/** A server that answers with `name`, but to `/slow` only when told to. */
async function origin(name: string) {
  const waiting: http.ServerResponse[] = [];
  const server = http.createServer(({ url }, response) => {
    if (url === '/slow') waiting.push(response);
    else response.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, waiting };
}

async function start(flags: readonly string[] = []) {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const [service = 0, other = 0, web = 0, https = 0, appid = 0, stats = 0] = await freePorts(6);
  marathon.apps = sendStatus(500);
  const teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '2', '--max-backoff', '1'],
    ...['--http-port', String(web), '--https-port', String(https)],
    ...['--appid-port', String(appid), '--stats-port', String(stats), ...flags],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  await teal.line((line) => line.includes('Teal is listening'), 'listening', 20_000);
  const ready = () => ask(`http://127.0.0.1:${stats}/readyz`);
  return { teal, marathon, ready, service, other, web, appid, stats: `http://127.0.0.1:${stats}` };
}

/** Waits until `/readyz` answers with `status`; resolves with its text. */
async function readyIs(ready: () => Promise<Reply>, status: number): Promise<string> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const reply = await ready();
    if (reply.status === status) return reply.text;
    if (Date.now() > deadline) throw new Error(`expected ${status}, still: ${reply.text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the health of a running balancer', () => {
  it('is ready with the first list, not before, and not while it drains', async () => {
    const { teal, marathon, ready, service, stats } = await start();
    const server = await origin('one');
    await until('the first refusal', () => marathon.appsAsked > 0);
    const before = await ready();
    expect(before.status).toBe(503);
    expect(before.text).toMatch(/^not ready: no app list is in force yet/);
    marathon.apps = sendJson({
      apps: [rawApp('/one', { HAPROXY_0_PORT: String(service) }, [{ port: server.port }])],
    });
    await readyIs(ready, 200);
    const slow = ask(`http://127.0.0.1:${service}/slow`);
    await until('a request in flight', () => server.waiting.length === 1);
    teal.signal('SIGTERM');
    expect(await readyIs(ready, 503)).toBe('not ready: draining, it is about to end\n');
    expect(await ask(`${stats}/healthz`)).toEqual({ status: 200, text: 'ok\n' });
    server.waiting[0]?.end('slow');
    expect((await slow).text).toBe('slow');
    expect(await teal.exit, teal.lines.join('\n')).toBe(0);
  }, 60_000);

  it('is not ready once what it knows is too old, and is again when it is not', async () => {
    const { teal, marathon, ready } = await start(['--max-knowledge-age-seconds', '1']);
    marathon.apps = sendJson({ apps: [] });
    await readyIs(ready, 200);
    expect(await readyIs(ready, 503)).toMatch(
      /^not ready: Marathon answered last \d+ s ago, 1 s are/,
    );
    teal.signal('SIGHUP');
    await readyIs(ready, 200);
  }, 60_000);
});

describe('what a running balancer explains', () => {
  it('is what it does', async () => {
    const { marathon, ready, service, other, web, appid, stats } = await start();
    const [one, two] = [await origin('/one'), await origin('/two')];
    const labels = (port: number, path: string) => ({
      HAPROXY_0_PORT: String(port),
      HAPROXY_0_VHOST: 'shop.test',
      HAPROXY_0_PATH: path,
      HAPROXY_0_BACKEND_WEIGHT: String(path.length),
    });
    marathon.apps = sendJson({
      apps: [
        rawApp('/one', labels(service, '/'), [{ port: one.port }]),
        rawApp('/two', labels(other, '/two'), [{ port: two.port }]),
      ],
    });
    await readyIs(ready, 200);
    const cases: readonly (readonly [number, string, Record<string, string>])[] = [
      [service, '/', {}],
      [other, '/two', {}],
      [web, '/', { host: 'shop.test' }],
      [web, '/two/x?y=1', { host: 'SHOP.test:80' }],
      [web, '/two', { host: 'no.test' }],
      [appid, '/', { 'x-marathon-app-id': '/two' }],
      [appid, '/', { 'x-marathon-app-id': '/no' }],
    ];
    for (const [port, path, headers] of cases) {
      const url = `http://127.0.0.1:${port}${path}`;
      const query = new URLSearchParams({ url });
      for (const [name, value] of Object.entries(headers))
        query.append('header', `${name}: ${value}`);
      const done = await ask(url, headers);
      const { status, text } = await ask(`${stats}/_teal/explain?${query}`);
      expect(status).toBe(200);
      const { answer, servers } = JSON.parse(text);
      const app = done.status === 200 ? done.text : null;
      expect([url, servers[0]?.appId ?? null]).toEqual([url, app]);
      expect(answer).toMatch(app === null ? /^503: / : / servers of \/(?:one|two)$/);
    }
  }, 60_000);
});
