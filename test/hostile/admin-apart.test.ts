// The admin port and the services are two worlds: no host, path, form of a target or header leads from a
// port of the services to what the admin port answers, nor from the admin port to a server. An app
// whose server is the admin port itself may show it, but gives no orders.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../scenario/free-ports.ts';
import { rawApp } from '../scenario/raw-apps.ts';
import { TealProcess } from '../scenario/teal-process.ts';
import { FakeMarathon, sendJson } from '../support/fake-marathon.ts';
import { RawClient, requestOnce, send } from '../support/raw-client.ts';

const ADMIN_PATHS = [
  '/',
  '/haproxy?stats',
  '/haproxy?stats;csv',
  '/_haproxy_health_check',
  '/_haproxy_getpids',
  '/_haproxy_getconfig',
  '/_haproxy_getvhostmap',
  '/_haproxy_getappmap',
  '/_mlb_signal/hup',
  '/metrics',
  '/healthz',
  '/readyz',
  '/teal.css',
  '/_teal',
  '/_teal/status',
  '/_teal/plan',
  '/_teal/orders',
  '/_teal/events',
] as const;
/** What the origin says: nothing of Teal's. */
const MARK = 'the server of the app';
const ORDER = (service: number) =>
  JSON.stringify({ order: 'freeze', service: String(service), seconds: 60, by: 'eve' });

let marathon: FakeMarathon;
let teal: TealProcess;
let origin: http.Server;
const seen: string[] = [];
let ports: Readonly<Record<'web' | 'appid' | 'stats' | 'service' | 'trap', number>>;

beforeAll(async () => {
  origin = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end(MARK);
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const { port } = origin.address() as AddressInfo;
  const [web = 0, https = 0, appid = 0, stats = 0, service = 0, trap = 0] = await freePorts(6);
  ports = { web, appid, stats, service, trap };
  marathon = await FakeMarathon.start();
  marathon.apps = sendJson({
    apps: [
      rawApp('/shop', { HAPROXY_0_PORT: `${service}`, HAPROXY_0_VHOST: 'shop.test' }, [{ port }]),
      // It would have the admin port for its own.
      rawApp('/thief', { HAPROXY_0_PORT: `${stats}`, HAPROXY_0_VHOST: 'thief.test' }, [{ port }]),
      // Its server is the admin port.
      rawApp('/trap', { HAPROXY_0_PORT: `${trap}`, HAPROXY_0_MODE: 'http' }, [{ port: stats }], {
        healthChecks: [],
      }),
    ],
  });
  teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--bind', '127.0.0.1'],
    ...['--workers', '1', '--http-port', `${web}`, '--https-port', `${https}`],
    ...['--appid-port', `${appid}`, '--stats-port', `${stats}`],
  ]);
  await teal.line((line) => line.includes('/shop'), 'the shop to be live', 20_000);
}, 60_000);

beforeEach(() => {
  seen.length = 0;
});

afterAll(async () => {
  teal?.signal('SIGKILL');
  await teal?.exit;
  await marathon?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

describe('what the admin port answers', () => {
  /** Ways to a server of the shop, with a target made of a path. */
  const ways = (path: string): readonly (readonly [string, number, string])[] => {
    const admin = `127.0.0.1:${ports.stats}`;
    return [
      ['the service port', ports.service, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`],
      ['its Host on it', ports.service, `GET ${path} HTTP/1.1\r\nHost: ${admin}\r\n\r\n`],
      ['a host', ports.web, `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`],
      [
        'a host and its port',
        ports.web,
        `GET ${path} HTTP/1.1\r\nHost: shop.test:${ports.stats}\r\n\r\n`,
      ],
      [
        'a target in absolute form',
        ports.web,
        `GET http://shop.test:${ports.stats}${path} HTTP/1.1\r\nHost: shop.test:${ports.stats}\r\n\r\n`,
      ],
      [
        'an app id',
        ports.appid,
        `GET ${path} HTTP/1.1\r\nHost: ${admin}\r\nX-Marathon-App-Id: /shop\r\n\r\n`,
      ],
    ];
  };

  it.each(ADMIN_PATHS)('is there: %s', async (path) => {
    const client = await RawClient.connect(ports.stats);
    void client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(await client.incoming.through('\r\n\r\n')).toMatch(/^HTTP\/1\.1 (?:200|302) /);
    client.destroy();
  });

  it.each(ADMIN_PATHS)('is what a server answers on the ports of services: %s', async (path) => {
    for (const [way, port, bytes] of ways(path)) {
      const { status, body } = await requestOnce(port, bytes);
      expect([way, status, body.toString()]).toEqual([way, 200, MARK]);
    }
    expect(seen).toEqual(ways(path).map(() => `GET ${path}`));
  });

  it.each(ADMIN_PATHS)('is nowhere where no service is: %s', async (path) => {
    const admin = `127.0.0.1:${ports.stats}`;
    for (const port of [ports.web, ports.appid]) {
      for (const head of [
        `GET ${path} HTTP/1.1\r\nHost: ${admin}\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `GET http://${admin}${path} HTTP/1.1\r\nHost: ${admin}\r\n\r\n`,
        `GET ${path} HTTP/1.0\r\n\r\n`,
      ]) {
        const { status, body } = await requestOnce(port, head);
        expect([head, status]).toEqual([head, 503]);
        expect(body.toString()).toContain('No server is available to handle this request.');
      }
    }
    expect(seen).toEqual([]);
  });
});

describe('a service', () => {
  it.each([
    ['its host', () => 'GET /x HTTP/1.1\r\nHost: shop.test\r\n\r\n'],
    ['its port', () => `GET /x HTTP/1.1\r\nHost: 127.0.0.1:${ports.service}\r\n\r\n`],
    ['its app id', () => 'GET /x HTTP/1.1\r\nHost: a\r\nX-Marathon-App-Id: /shop\r\n\r\n'],
    [
      'a target in absolute form',
      () => 'GET http://shop.test/x HTTP/1.1\r\nHost: shop.test\r\n\r\n',
    ],
    [
      'the host of an app that claims the admin port',
      () => 'GET /x HTTP/1.1\r\nHost: thief.test\r\n\r\n',
    ],
    ['CONNECT', () => `CONNECT 127.0.0.1:${ports.service} HTTP/1.1\r\nHost: shop.test\r\n\r\n`],
    [
      'an upgrade',
      () => 'GET /x HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    ],
  ])('is not reached through the admin port by %s', async (_what, bytes) => {
    const { responses } = await send(ports.stats, bytes(), 1);
    expect(responses.map(({ body }) => body.toString())).not.toContain(MARK);
    expect(responses.every(({ status }) => status >= 400)).toBe(true);
    expect(seen).toEqual([]);
  });

  it('that claims the admin port is told to, and the admin port stays what it is', async () => {
    const health = 'GET /_haproxy_health_check HTTP/1.1\r\nHost: thief.test\r\n\r\n';
    const problems = 'GET /_teal/problems HTTP/1.1\r\nHost: a\r\n\r\n';
    expect((await requestOnce(ports.stats, health)).body.toString()).toContain('Service ready.');
    const told = (await requestOnce(ports.stats, problems)).body.toString();
    expect(JSON.parse(told).problems).toContainEqual(
      expect.objectContaining({
        app: '/thief',
        value: `${ports.stats}`,
        message: expect.stringContaining("Teal's own stats port"),
      }),
    );
  });

  it('whose server is the admin port gives no orders, though it comes from this machine', async () => {
    const body = ORDER(ports.service);
    const post = `POST /_teal/orders HTTP/1.1\r\nHost: 127.0.0.1:${ports.stats}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const form = 's=server&action=drain&b=shop';
    const stats = `POST /haproxy?stats HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
    const before = await requestOnce(ports.stats, 'GET /_teal/orders HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await requestOnce(ports.trap, post)).status).toBe(403);
    await requestOnce(ports.trap, stats);
    const after = await requestOnce(ports.stats, 'GET /_teal/orders HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(after.body.toString()).toBe(before.body.toString());
    // The same from here is taken.
    expect((await requestOnce(ports.stats, post)).status).toBe(200);
  });
});
