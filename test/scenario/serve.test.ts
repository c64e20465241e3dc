// `teal sse` as a process in front of a scripted Marathon: bad apps, a Marathon in trouble, signals.

import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import {
  FakeMarathon,
  hang,
  type Script,
  sendHalf,
  sendJson,
  sendStatus,
  sendText,
  until,
} from '../support/fake-marathon.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { isAlive, TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

/** A server that answers with its name; `/slow` when told to. */
async function origin(name: string) {
  const waiting: http.ServerResponse[] = [];
  const server = http.createServer((message, response) => {
    if (message.url === '/slow') waiting.push(response);
    else response.end(name);
  });
  server.on('upgrade', (_message, socket) => {
    socket.on('error', () => {});
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, waiting };
}

interface Running {
  readonly teal: TealProcess;
  readonly marathon: FakeMarathon;
  readonly service: number;
  readonly other: number;
  readonly http: number;
  readonly appid: number;
  readonly stats: number;
}

/** Teal in front of a Marathon that answers with what `apps` makes of two free service ports. */
async function serve(
  apps: (service: number, other: number) => readonly unknown[],
  flags: readonly string[] = [],
): Promise<Running> {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const [service = 0, other = 0, httpPort = 0, https = 0, appid = 0, stats = 0] =
    await freePorts(6);
  marathon.apps = sendJson({ apps: apps(service, other) });
  const teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '2', '--max-backoff', '1'],
    ...['--http-port', String(httpPort), '--https-port', String(https)],
    ...['--appid-port', String(appid), '--stats-port', String(stats), ...flags],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  await teal.line((line) => line.includes('"msg":"cut-over"'), 'the first colour live', 20_000);
  return { teal, marathon, service, other, http: httpPort, appid, stats };
}

const fresh = new Agent({ pipelining: 0 });

async function ask(port: number, path = '/', headers: Record<string, string> = {}) {
  const answer = await request(`http://127.0.0.1:${port}${path}`, { headers, dispatcher: fresh });
  return `${answer.statusCode} ${await answer.body.text()}`;
}

describe('what apps ask for', () => {
  it('an app is reached by service port, host and app id, and its ports go with it', async () => {
    const { port } = await origin('one');
    const running = await serve((service) => [
      rawApp('/one', { HAPROXY_0_PORT: String(service), HAPROXY_0_VHOST: 'One.test,two.test' }, [
        { port },
      ]),
    ]);
    expect(await ask(running.service)).toBe('200 one');
    expect(await ask(running.http, '/', { host: 'one.TEST:8080' })).toBe('200 one');
    expect(await ask(running.http, '/', { host: 'other.test' })).toMatch(/^503 /);
    expect(await ask(running.appid, '/', { 'x-marathon-app-id': '/one' })).toBe('200 one');
    running.marathon.apps = sendJson({
      apps: [rawApp('/one', { HAPROXY_0_PORT: String(running.other) }, [{ port }])],
    });
    running.marathon.pushEvent('api_post_event');
    await running.teal.line(
      (line) => line.includes(`"service":"127.0.0.1:${running.other}"`),
      'the port moved',
    );
    expect(await ask(running.other)).toBe('200 one');
    await expect(ask(running.service)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('a tcp service is a tunnel', async () => {
    const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => echo.once('listening', resolve));
    leaving.push(() => echo.close());
    const { port } = echo.address() as AddressInfo;
    const running = await serve((service) => [
      rawApp('/echo', { HAPROXY_0_PORT: String(service), HAPROXY_0_MODE: 'tcp' }, [{ port }]),
    ]);
    const socket = net.connect(running.service, '127.0.0.1');
    socket.end('not HTTP at all');
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      socket.on('data', (piece) => {
        received += piece.toString();
      });
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toBe('not HTTP at all');
  });

  it('nonsense in one app is named, with app, label and value, and disturbs no other', async () => {
    const { port } = await origin('good');
    const running = await serve((service) => [
      rawApp('/bad-port', { HAPROXY_0_PORT: 'eighty' }, [{ port }]),
      rawApp('/bad-mode', { HAPROXY_0_MODE: 'carrier-pigeon' }, [{ port }], {
        portDefinitions: [{ port: 10_555 }],
      }),
      rawApp('/bad-shape', {}, [], { tasks: 'none' }),
      { id: 7, labels: null },
      rawApp('/bad-host', { HAPROXY_0_VHOST: '<script>alert(1)</script>' }, [{ port }], {
        portDefinitions: [{ port: 10_556 }],
      }),
      rawApp('/good', { HAPROXY_0_PORT: String(service) }, [{ port }]),
      null,
    ]);
    expect(await ask(running.service)).toBe('200 good');
    const page = await ask(running.stats, '/haproxy?stats');
    expect(page).not.toContain('<script>alert');
    for (const [app, where, value] of [
      ['/bad-port', 'HAPROXY_0_PORT', 'eighty'],
      ['/bad-mode', 'HAPROXY_0_MODE', 'carrier-pigeon'],
      ['/bad-shape', '/tasks', 'none'],
      ['/bad-host', 'HAPROXY_0_VHOST', '<script>alert(1)</script>'],
    ] as const) {
      const named = running.teal.log.filter((line) => line['app'] === app);
      expect(named.map((line) => line['where']).join(), app).toContain(where);
      expect(named.map((line) => line['value']).join(), app).toContain(value);
      expect(page).toContain(app);
    }
  });

  it('two apps that cannot share a port: one is served, the other is named', async () => {
    const { port } = await origin('web');
    const running = await serve((service) => [
      rawApp('/web', { HAPROXY_0_PORT: String(service) }, [{ port }]),
      rawApp('/raw', { HAPROXY_0_PORT: String(service), HAPROXY_0_MODE: 'tcp' }, [{ port }], {
        versionInfo: {
          lastScalingAt: '2026-02-01T00:00:00.000Z',
          lastConfigChangeAt: '2026-02-01T00:00:00.000Z',
        },
      }),
    ]);
    expect(await ask(running.service)).toBe('200 web');
    expect(running.teal.log.some((line) => line['app'] === '/raw')).toBe(true);
  });
});

describe('a Marathon in trouble', () => {
  const troubles: readonly [string, Script][] = [
    ['500', sendStatus(500)],
    ['garbage', sendText('<html>it works</html>')],
    ['half a body', sendHalf(JSON.stringify({ apps: [rawApp('/one', {}, [])] }))],
    ['JSON of another shape', sendJson({ message: 'no' })],
    ['an empty list out of the blue', sendJson({ apps: [] })],
    ['nothing at all', hang],
  ];
  it.each(troubles)(
    '%s: the last good plan stays, and it recovers by itself',
    async (_name, trouble) => {
      const { port } = await origin('before');
      const after = await origin('after');
      const app = (service: number, to: number) =>
        rawApp('/one', { HAPROXY_0_PORT: String(service) }, [{ port: to }]);
      const running = await serve((service) => [app(service, port)]);
      const { marathon } = running;
      const asked = marathon.appsAsked;
      marathon.apps = trouble;
      marathon.pushEvent('status_update_event');
      await until('it looked', () => marathon.appsAsked > asked);
      expect(await ask(running.service)).toBe('200 before');
      marathon.apps = sendJson({ apps: [app(running.service, after.port)] });
      // A look that hangs is given up when the stream opens anew, as after a change of leader.
      const nudge = trouble === hang ? () => marathon.endStreams() : () => {};
      await untilAnswered(running.service, '200 after', nudge);
    },
    40_000,
  );
});

async function untilAnswered(port: number, wanted: string, nudge: () => void): Promise<void> {
  const deadlineMs = Date.now() + 20_000;
  for (;;) {
    const answer = await ask(port);
    if (answer === wanted) return;
    nudge();
    if (Date.now() > deadlineMs) throw new Error(`expected ${wanted}, it is ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('workers', () => {
  it('one that is killed is replaced; new requests are answered all the time', async () => {
    const { port } = await origin('one');
    const running = await serve((service) => [
      rawApp('/one', { HAPROXY_0_PORT: String(service) }, [{ port }]),
    ]);
    const [victim = 0] = running.teal.descendants();
    process.kill(victim, 'SIGKILL');
    for (let i = 0; i < 50; i += 1) expect(await ask(running.service)).toBe('200 one');
    await until('another is there', () => running.teal.descendants().filter(isAlive).length === 2);
    expect(running.teal.descendants()).not.toContain(victim);
  });
});

describe('SIGTERM', () => {
  it('drains: the request in flight gets its answer, new connections are refused, exit code 0', async () => {
    const slow = await origin('one');
    const running = await serve((service) => [
      rawApp('/one', { HAPROXY_0_PORT: String(service) }, [{ port: slow.port }]),
    ]);
    const answer = ask(running.service, '/slow');
    await until('the request is in flight', () => slow.waiting.length === 1);
    const processes = running.teal.descendants();
    running.teal.signal('SIGTERM');
    await running.teal.line((line) => line.includes('"signal":"SIGTERM"'), 'stopping');
    await untilRefused(running.service);
    slow.waiting[0]?.end('late');
    expect(await answer).toBe('200 late');
    expect(await running.teal.exit).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('cuts what is left at the deadline and says so with exit code 3', async () => {
    const { port } = await origin('one');
    const running = await serve(
      (service) => [rawApp('/one', { HAPROXY_0_PORT: String(service) }, [{ port }])],
      ['--drain-seconds', '1'],
    );
    const socket = net.connect(running.service, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    running.teal.signal('SIGTERM');
    expect(await running.teal.exit).toBe(3);
  });
});

async function untilRefused(port: number): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (Date.now() < deadlineMs) {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(false));
      socket.on('error', () => resolve(true));
      socket.on('close', () => socket.destroy());
    });
    if (refused) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`port ${port} still accepts`);
}

describe('the command line', () => {
  it.each([
    [['sse'], 2, /--group is required/],
    [
      ['sse', '--group', 'x', '--worker', '2'],
      2,
      /unknown flag --worker; did you mean --workers\?/,
    ],
    [['frobnicate'], 2, /unknown command 'frobnicate'/],
    [['sse', '--group', 'x', '--ssl-certs', '/nowhere.pem'], 2, /\/nowhere\.pem/],
  ] as const)('teal %j ends with code %i and one clear line', async (args, code, line) => {
    const teal = new TealProcess(args);
    expect(await teal.exit).toBe(code);
    const said = teal.lines.filter((one) => !one.startsWith('{'));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(line);
  });

  it('a port that is taken ends it with code 1, naming port and flag', async () => {
    const squatter = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    leaving.push(() => squatter.close());
    const { port } = squatter.address() as AddressInfo;
    const [stats = 0, appid = 0] = await freePorts(2);
    const teal = new TealProcess([
      ...['sse', '--group', 'x', '--bind', '127.0.0.1', '--dont-bind-http-https'],
      ...['--appid-port', String(port), '--stats-port', String(stats), '--log-level', 'silent'],
    ]);
    expect(await teal.exit).toBe(1);
    expect(teal.lines.join('\n')).toMatch(new RegExp(`127.0.0.1:${port} .*--appid-port`));
    const demo = new TealProcess([
      ...['demo', '--marathon-port', String(port), '--appid-port', String(appid)],
      ...['--stats-port', String(stats)],
    ]);
    expect(await demo.exit).toBe(1);
    expect(demo.lines.join('\n')).toMatch(
      new RegExp(`port ${port} \\(tcp\\).*taken by .*pid ${process.pid}.*--marathon-port`),
    );
  });
});
