import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_POLICY, PLAIN_BALANCING, type ServiceSpec } from '../../src/plan/plan.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { OK, Origin, type Script } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, type HasPort, listener, service, until } from './plans.ts';

const KEY = '*:10080';
const APP = '/test/blue';
const GET = 'GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n';
/** A port that nobody listens on: everything is refused there. */
const NOBODY: HasPort = { port: 1 };

let folder = '';
let bench: Bench | null = null;
const origins: Origin[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teal-access-'));
});

afterEach(async () => {
  await bench?.close();
  bench = null;
  for (const origin of origins.splice(0)) await origin.close();
  rmSync(folder, { recursive: true });
});

interface Setup {
  readonly servers: readonly HasPort[];
  readonly settings?: Partial<ProxySettings>;
  readonly colour?: Partial<ServiceSpec['colours'][number]>;
  readonly mode?: 'http' | 'tcp';
  readonly format?: 'httplog' | 'json';
  readonly captures?: readonly string[];
}

/** A plane that logs to a file; resolves with its port. */
async function serve(setup: Setup): Promise<number> {
  const { servers, settings = {}, mode = 'http', format = 'httplog', captures = [] } = setup;
  bench = new Bench({
    accessLog: { format, to: { kind: 'file', path: join(folder, 'log') }, captures },
    accessWish: { which: 'all', share: 1 },
    connectRetries: 0,
    emptyPoolWaitMs: 0,
    ...settings,
  });
  const blue = { ...colour(APP, servers), ...setup.colour };
  bench.publish({
    listeners: [listener('service', 10_080, { mode })],
    services: [service(servers.length === 0 ? null : APP, [blue], { mode })],
  });
  return bench.open(KEY);
}

async function originOf(script: Script | string): Promise<Origin> {
  const origin =
    typeof script === 'string' ? await Origin.answering(script) : await Origin.scripted(script);
  origins.push(origin);
  return origin;
}

function linesNow(): string[] {
  try {
    return readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

async function lines(count = 1): Promise<string[]> {
  await until(`${count} lines of the log`, () => linesNow().length >= count);
  return linesNow();
}

/** What is told of how it ended: letters and status, backend and server. */
async function ending(): Promise<string> {
  const [line = ''] = await lines();
  const [, , , way = '', , status, , , , letters] = line.split(' ');
  return `${letters} ${status} ${way.replace(/server_\d+/, 'server')}`;
}

const silent: Script = async (connection) => {
  await connection.head();
};

/** Reads a head and writes this; then the connection is closed. */
const thenCloses =
  (bytes: string): Script =>
  async (connection) => {
    await connection.head();
    await connection.write(bytes);
    connection.end();
  };

describe('the access log', () => {
  it('has a line of httplog for a request that was served', async () => {
    const origin = await originOf(OK);
    const port = await serve({ servers: [origin] });
    const client = await RawClient.connect(port);
    await client.request(GET);
    const [line = ''] = await lines();
    const { localPort } = client.socket;
    expect(line).toMatch(
      new RegExp(
        `^127\\.0\\.0\\.1:${localPort} \\[[^\\]]+\\] test_blue_10080 ` +
          `test_blue_10080/server_${origin.port} 0/0/\\d+/\\d+/\\d+ 200 ${OK.length} - - ---- ` +
          '1/1/1/1/0 0/0 "GET /a\\?b HTTP/1\\.1"$',
      ),
    );
  });

  it('names colour, epoch, id and captured headers in JSON', async () => {
    const origin = await originOf(OK);
    const port = await serve({ servers: [origin], format: 'json', captures: ['user-agent'] });
    const client = await RawClient.connect(port);
    await client.request(
      'GET /x HTTP/1.1\r\nHost: a\r\nx-request-ID:  id-1 \r\nUser-Agent: curl "8"\r\n\r\n',
    );
    const [line = ''] = await lines();
    expect(JSON.parse(line)).toMatchObject({
      colour: APP,
      epoch: 1,
      id: 'id-1',
      captured: { 'user-agent': 'curl "8"' },
      method: 'GET',
      target: '/x',
      status: 200,
      termination: '----',
    });
  });

  it('has a line for each request of a connection, in their order', async () => {
    const port = await serve({ servers: [await originOf(OK)] });
    const client = await RawClient.connect(port);
    for (const path of ['/1', '/2', '/3']) {
      await client.request(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    }
    const targets = (await lines(3)).map((line) => line.split('"')[1]);
    expect(targets).toEqual(['GET /1 HTTP/1.1', 'GET /2 HTTP/1.1', 'GET /3 HTTP/1.1']);
  });

  it('writes nothing of a colour whose label says off, or only its errors', async () => {
    const answer = await Origin.answering(({ target }) =>
      target === '/bad' ? OK.replace('200 OK', '500 Bad') : OK,
    );
    origins.push(answer);
    const accessLog = { which: 'errors', share: 1 } as const;
    const port = await serve({ servers: [answer], colour: { accessLog } });
    const client = await RawClient.connect(port);
    await client.request(GET);
    await client.request('GET /bad HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await lines()).map((line) => line.split('"')[1])).toEqual(['GET /bad HTTP/1.1']);
  });

  it('writes lines of a colour whose label says on where the flags say off', async () => {
    const port = await serve({
      servers: [await originOf(OK)],
      settings: { accessWish: { which: 'none', share: 1 } },
      colour: { accessLog: { which: 'all', share: 1 } },
    });
    await (await RawClient.connect(port)).request(GET);
    expect(await lines()).toHaveLength(1);
  });
});

describe('what has no line', () => {
  it('is a request that began while no log was in use', async () => {
    const origin = await originOf(async (connection) => {
      for (;;) {
        const head = await connection.head();
        if (head.includes('/first')) {
          await until('the change of the label', () => bench!.plane.report().epoch === 2);
        }
        await connection.write(OK);
      }
    });
    const port = await serve({
      servers: [origin],
      settings: { accessWish: { which: 'none', share: 1 } },
    });
    const client = await RawClient.connect(port);
    void client.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\n');
    await origin.connection();
    await until('the first request', () => bench!.backend(APP).inFlight === 1);
    const loud = { ...colour(APP, [origin]), accessLog: { which: 'all', share: 1 } as const };
    bench!.publish({ services: [service(APP, [loud])] });
    await client.finalResponse();
    await client.request('GET /second HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await lines()).map((line) => line.split('"')[1])).toEqual(['GET /second HTTP/1.1']);
  });

  it('is a client that connects and says nothing', async () => {
    const settings = { requestHeadTimeoutMs: 200 };
    const port = await serve({ servers: [await originOf(OK)], settings });
    const quiet = await RawClient.connect(port);
    expect((await quiet.response()).status).toBe(408);
    await (await RawClient.connect(port)).request(GET);
    expect((await lines()).map((line) => line.split('"')[1])).toEqual(['GET /a?b HTTP/1.1']);
  });
});

describe('the letters of how it ended', () => {
  it.each([
    ['a server that closes before its head', thenCloses(''), 'SH-- 502'],
    ['a server that sends junk', thenCloses('junk\r\n\r\n'), 'PH-- 502'],
    [
      'a server that closes within its body',
      thenCloses('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx'),
      'SD-- 200',
    ],
    ['a server that says nothing', silent, 'sH-- 504'],
  ] as const)('of %s', async (_what, script, told) => {
    const port = await serve({
      servers: [await originOf(script)],
      settings: { serverTimeoutMs: 300 },
    });
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.ended();
    expect(await ending()).toBe(`${told} test_blue_10080/server`);
  });

  it('of a server that refuses the connection', async () => {
    const client = await RawClient.connect(await serve({ servers: [NOBODY] }));
    await client.request(GET);
    expect(await ending()).toBe('SC-- 503 test_blue_10080/server');
  });

  it('of a service without a server', async () => {
    const client = await RawClient.connect(await serve({ servers: [] }));
    await client.request(GET);
    expect(await ending()).toBe('SC-- 503 test_blue_10080/<NOSRV>');
    expect((await lines())[0]).toContain(' 0/-1/-1/-1/');
  });

  it('of a client that leaves while its server thinks', async () => {
    const origin = await originOf(silent);
    const client = await RawClient.connect(await serve({ servers: [origin] }));
    void client.write(GET);
    await origin.connection();
    client.reset();
    expect(await ending()).toBe('CH-- 400 test_blue_10080/server');
  });

  it('of a client that leaves the queue, and of one that waits there for too long', async () => {
    const origin = await originOf(silent);
    const port = await serve({
      servers: [origin],
      settings: { serverMaxConnections: 1, queueTimeoutMs: 1_500 },
    });
    const first = await RawClient.connect(port);
    void first.write(GET);
    await origin.connection();
    const [second, third] = [await RawClient.connect(port), await RawClient.connect(port)];
    void second.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    void third.write('GET /3 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('both in the queue', () => bench!.backend(APP).queued === 2);
    second.reset();
    const told = (await lines(2)).map((line) => /(-?\d+) \d+ - - (\S+) .*"GET (\/\d)/.exec(line));
    expect(told.map((found) => found?.slice(1).join(' '))).toEqual(['-1 CQ-- /2', '503 sQ-- /3']);
    expect((await lines(2))[1]).toMatch(/<NOSRV> 0\/\d{4}\/-1\/-1\/\d{4} .* 0\/2 "/);
  });

  it.each([
    ['what is no request', 'GET / HTTP/9.9\r\n\r\n', 'PR-- 505', {}],
    [
      'a head that is never whole',
      'GET / HTTP/1.1\r\nHo',
      'cR-- 408',
      { requestHeadTimeoutMs: 200 },
    ],
  ])('of %s, without naming it', async (_what, bytes, told, settings) => {
    const port = await serve({ servers: [NOBODY], settings });
    const client = await RawClient.connect(port);
    void client.write(bytes);
    await client.ended();
    expect(await ending()).toBe(`${told} test_blue_10080/<NOSRV>`);
    expect((await lines())[0]).toMatch(/ -1\/-1\/-1\/-1\/\d+ .* "<BADREQ>"$/);
  });

  it('of a request that a rule refuses', async () => {
    const request = [
      { when: null, action: { do: 'deny', status: 403 }, scope: 'everywhere' },
    ] as const;
    const policy = { ...NO_POLICY, request };
    const port = await serve({ servers: [await originOf(OK)], colour: { policy } });
    await (await RawClient.connect(port)).request(GET);
    expect(await ending()).toBe('PR-- 403 test_blue_10080/<NOSRV>');
  });

  it('of what is cut when the worker ends', async () => {
    const origin = await originOf(silent);
    const client = await RawClient.connect(await serve({ servers: [origin] }));
    void client.write(GET);
    await origin.connection();
    void bench?.plane.drain(0);
    expect(await ending()).toBe('KH-- -1 test_blue_10080/server');
  });

  it('of an upgraded connection, once that is over, with all its bytes', async () => {
    const switching = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    const origin = await originOf(thenCloses(`${switching}hello`));
    const client = await RawClient.connect(await serve({ servers: [origin] }));
    void client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await client.ended();
    client.end();
    expect(await ending()).toBe('---- 101 test_blue_10080/server');
    const bytes = Number((await lines())[0]?.split(' ')[6]);
    expect(bytes).toBe(client.received.length);
  });

  it('of a TCP connection, in the form of tcplog', async () => {
    const origin = await originOf(async (connection) => {
      await connection.write('hello');
      connection.end();
    });
    const client = await RawClient.connect(await serve({ servers: [origin], mode: 'tcp' }));
    await client.ended();
    client.end();
    const [line = ''] = await lines();
    expect(line).toMatch(
      /^127\.0\.0\.1:\d+ \[[^\]]+\] test_blue_10080 test_blue_10080\/server_\d+ 0\/\d+\/\d+ 5 -- 1\/[01]\/1\/1\/0 0\/0$/,
    );
  });

  it('of a TCP connection whose server refuses', async () => {
    const client = await RawClient.connect(await serve({ servers: [NOBODY], mode: 'tcp' }));
    await client.ended();
    expect((await lines())[0]).toMatch(/server_1 0\/-1\/\d+ 0 SC /);
  });

  it('of the cookie that led a client to its server, or did not', async () => {
    const origin = await originOf(OK);
    const balancing = { ...PLAIN_BALANCING, sticky: true };
    const port = await serve({ servers: [origin], colour: { balancing } });
    const client = await RawClient.connect(port);
    const first = await client.request(GET);
    const [, cookie = ''] = /set-cookie: ([^;\r]+)/i.exec(first.head) ?? [];
    const name = cookie.split('=')[0];
    const again = (value: string) => `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${value}\r\n\r\n`;
    await client.request(again(cookie));
    await client.request(again(`${name}=nobody`));
    const letters = (await lines(3)).map((line) => line.split(' ')[9]);
    expect(letters).toEqual(['--NI', '--VN', '--II']);
  });
});
