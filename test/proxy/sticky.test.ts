import { afterEach, describe, expect, it } from 'vitest';
import { type ColourSpec, PLAIN_BALANCING, type ServerSpec } from '../../src/plan/plan.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { cookieOf } from '../../src/proxy/sticky.ts';
import { valuesOf } from '../support/message.ts';
import { Origin, refusedPort } from '../support/origin.ts';
import { RawClient, type RawResponse } from '../support/raw-client.ts';
import { HeldOrigin } from './held-origin.ts';
import { Bench, colour, type HasPort, listener, service, until } from './plans.ts';

let bench = new Bench();
const closing: { close(): Promise<void> }[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await bench.close();
  for (const one of closing.splice(0)) await one.close();
});

async function origin(): Promise<Origin> {
  const made = await Origin.answering((request) => {
    const length = String(made.port).length;
    const kept = request.target === '/kept' ? 'Cache-Control: max-age=60\r\n' : '';
    return `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n${kept}\r\n${made.port}`;
  });
  closing.push(made);
  return made;
}

type Orders = Partial<Record<number, Partial<ServerSpec>>>;

/** A sticky colour; `orders` are more words on the servers of these ports. */
function sticky(appId: string, servers: readonly HasPort[], orders: Orders = {}): ColourSpec {
  const plain = colour(appId, servers);
  return {
    ...plain,
    balancing: { ...PLAIN_BALANCING, sticky: true },
    servers: plain.servers.map((server) => ({ ...server, ...orders[server.port] })),
  };
}

async function open(first: ColourSpec, settings: Partial<ProxySettings> = {}): Promise<RawClient> {
  bench = new Bench(settings);
  bench.publish({
    listeners: [listener('service', 10_080)],
    services: [service(first.appId, [first])],
  });
  const client = await RawClient.connect(await bench.open('*:10080'));
  clients.push(client);
  return client;
}

const cookieFor = ({ port }: HasPort) => cookieOf(`server_${port}`);

function ask(client: RawClient, cookie: string, target = '/'): Promise<RawResponse> {
  const line = cookie === '' ? '' : `Cookie: ${cookie}\r\n`;
  return client.request(`GET ${target} HTTP/1.1\r\nHost: a\r\n${line}\r\n`);
}

/** Port of the server that answered, and the cookie it was given. */
function told(response: RawResponse) {
  const [set = ''] = valuesOf(response, 'set-cookie');
  const value = /^mesosphere_server_id=([0-9a-f]{10}); path=\/$/.exec(set)?.[1] ?? set;
  return { port: Number(response.body.toString()), value };
}

describe('a sticky service', () => {
  it('gives a client without a cookie the one of its server, and leads it back there', async () => {
    const servers = [await origin(), await origin(), await origin()];
    const client = await open(sticky('/a', servers));
    for (let i = 0; i < 6; i += 1) {
      const first = told(await ask(client, ''));
      expect(first.value).toBe(cookieFor(first));
      for (let j = 0; j < 4; j += 1) {
        const again = told(await ask(client, `mesosphere_server_id=${first.value}`));
        expect(again).toEqual({ port: first.port, value: '' });
      }
    }
    expect(servers.map(({ requests }) => requests.length)).toEqual([10, 10, 10]);
  });

  it('never shows the cookie to a server, and leaves the others as they are', async () => {
    const one = await origin();
    const client = await open(sticky('/a', [one]));
    const ours = `mesosphere_server_id=${cookieFor(one)}`;
    await ask(client, ours);
    await ask(client, `a=1; ${ours}; c=2`);
    await ask(client, 'a=1; mesosphere_server_id=gone');
    const cookies = one.requests.map((request) => valuesOf(request, 'cookie'));
    expect(cookies).toEqual([[], ['a=1; c=2'], ['a=1']]);
  });

  it.each([
    'mesosphere_server_id=0123456789',
    'mesosphere_server_id=',
    'mesosphere_server_id=__proto__',
    `mesosphere_server_id=${'x'.repeat(5_000)}`,
    'a=1',
  ])('gives a new cookie for %.60s', async (cookie) => {
    const one = await origin();
    const client = await open(sticky('/a', [one]));
    expect(told(await ask(client, cookie)).value).toBe(cookieFor(one));
  });

  it('keeps shared caches from giving one client the cookie of another', async () => {
    const one = await origin();
    const client = await open(sticky('/a', [one]));
    const ours = `mesosphere_server_id=${cookieFor(one)}`;
    const fresh = await ask(client, '', '/kept');
    expect(valuesOf(fresh, 'cache-control')).toEqual(['max-age=60', 'private']);
    const known = await ask(client, ours, '/kept');
    expect(valuesOf(known, 'cache-control')).toEqual(['max-age=60']);
  });

  it.each([
    ['drains', { admin: 'drain' }],
    ['has weight 0', { weight: 0 }],
  ] as const)('serves on from a server that %s, but only its own clients', async (_, order) => {
    const [one, two] = [await origin(), await origin()] as const;
    const client = await open(sticky('/a', [one, two], { [one.port]: order }));
    const ours = `mesosphere_server_id=${cookieFor(one)}`;
    expect(told(await ask(client, ours))).toEqual({ port: one.port, value: '' });
    for (let i = 0; i < 6; i += 1) expect(told(await ask(client, '')).port).toBe(two.port);
  });

  it('leads clients of a server in maintenance elsewhere, with a new cookie', async () => {
    const [one, two] = [await origin(), await origin()] as const;
    const client = await open(sticky('/a', [one, two]));
    const ours = `mesosphere_server_id=${cookieFor(one)}`;
    expect(told(await ask(client, ours)).port).toBe(one.port);
    const order = { [one.port]: { admin: 'maint' as const } };
    bench.publish({ services: [service('/a', [sticky('/a', [one, two], order)])] });
    expect(told(await ask(client, ours))).toEqual({ port: two.port, value: cookieFor(two) });
    bench.publish({ services: [service('/a', [sticky('/a', [one, two])])] });
    expect(told(await ask(client, ours))).toEqual({ port: one.port, value: '' });
  });

  it('leads clients of a server that cannot be reached to another, with a new cookie', async () => {
    const gone = { port: refusedPort() };
    const two = await origin();
    const client = await open(sticky('/a', [gone, two]));
    const answer = await ask(client, `mesosphere_server_id=${cookieFor(gone)}`);
    expect(told(answer)).toEqual({ port: two.port, value: cookieFor(two) });
    expect(bench.backend('/a').redispatches).toBe(1);
  });

  it('does not go back to a server that refuses, while there are more', async () => {
    const [gone, also] = [{ port: refusedPort() }, { port: refusedPort() }];
    const good = await origin();
    // Nothing but the cookie leads to it.
    const orders = { [gone.port]: { weight: 0 } };
    for (const servers of [
      [gone, also, good],
      [also, good, gone],
      [good, gone, also],
    ]) {
      const client = await open(sticky('/a', servers, orders), { connectRetries: 2 });
      for (let i = 0; i < 3; i += 1) {
        const answer = await ask(client, `mesosphere_server_id=${cookieFor(gone)}`);
        expect(told(answer)).toEqual({ port: good.port, value: cookieFor(good) });
      }
      await bench.close();
    }
  });

  it('gives clients of the old colour a cookie of the new one after a cut-over', async () => {
    const [blue, green] = [await origin(), await origin()] as const;
    const client = await open(sticky('/a', [blue]));
    const ours = `mesosphere_server_id=${cookieFor(blue)}`;
    expect(told(await ask(client, ours))).toEqual({ port: blue.port, value: '' });
    const both = [sticky('/a', [blue]), sticky('/b', [green])];
    bench.publish({ services: [service('/b', both)] });
    expect(told(await ask(client, ours))).toEqual({ port: green.port, value: cookieFor(green) });
    expect(valuesOf(green.requests[0] ?? { fields: [] }, 'cookie')).toEqual([]);
  });

  it('gives it with a switch of protocols, too', async () => {
    const one = await Origin.sending(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n',
    );
    closing.push(one);
    const client = await open(sticky('/a', [one]));
    const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n';
    const response = await client.request(upgrade);
    expect(response.status).toBe(101);
    expect(valuesOf(response, 'set-cookie')).toEqual([
      `mesosphere_server_id=${cookieFor(one)}; path=/`,
    ]);
  });

  it('says nothing of it in an answer of its own', async () => {
    const client = await open(sticky('/a', [{ port: refusedPort() }]));
    bench.publish({ services: [service(null, [sticky('/a', [])])] });
    const response = await ask(client, '');
    expect(response.status).toBe(503);
    expect(valuesOf(response, 'set-cookie')).toEqual([]);
  });

  it('has a client wait for its own server while that is full, though another is free', async () => {
    const [one, two] = [await HeldOrigin.start(), await HeldOrigin.start()] as const;
    closing.push(one, two);
    const both = sticky('/a', [one, two]);
    const balancing = { ...both.balancing, maxConnections: 1 };
    const client = await open({ ...both, balancing });
    const other = await RawClient.connect(client.socket.remotePort ?? 0);
    clients.push(other);
    const ours = `mesosphere_server_id=${cookieFor(one)}`;
    const first = ask(client, ours, '/0');
    await until('one at work', () => one.inFlight === 1);
    const second = ask(other, ours, '/1');
    await until('the other waits', () => bench.server('/a', one.port).queued === 1);
    expect([two.targets, bench.backend('/a').queued]).toEqual([[], 0]);
    one.answer();
    await first;
    await until('its turn', () => one.targets.length === 2);
    one.answer();
    expect((await second).status).toBe(200);
    expect(bench.server('/a', one.port)).toMatchObject({ queued: 0, queuedMax: 1 });
  });
});

describe('a service that is not sticky', () => {
  it('leaves cookies of that name alone', async () => {
    const one = await origin();
    const client = await open(colour('/a', [one]));
    const response = await ask(client, 'mesosphere_server_id=x; a=1');
    expect(valuesOf(response, 'set-cookie')).toEqual([]);
    expect(one.requests.map((request) => valuesOf(request, 'cookie'))).toEqual([
      ['mesosphere_server_id=x; a=1'],
    ]);
  });
});
