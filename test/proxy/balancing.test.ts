import { afterEach, describe, expect, it } from 'vitest';
import { type BalanceSpec, PLAIN_BALANCING } from '../../src/plan/plan.ts';
import { OK, Origin, refusedPort } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
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

async function origins(count: number): Promise<Origin[]> {
  const made = await Promise.all(Array.from({ length: count }, () => Origin.answering(OK)));
  closing.push(...made);
  return made;
}

const balanced = (servers: readonly HasPort[], balance: BalanceSpec) => ({
  ...colour('/a', servers),
  balancing: { ...PLAIN_BALANCING, balance },
});

async function open(servers: readonly HasPort[], balance: BalanceSpec): Promise<number> {
  bench = new Bench({ connectTimeoutMs: 500 });
  bench.publish({
    listeners: [listener('service', 10_080)],
    services: [service('/a', [balanced(servers, balance)])],
  });
  return bench.open('*:10080');
}

async function connect(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  clients.push(client);
  return client;
}

/** Which server got each of these requests. */
async function placesOf(port: number, servers: readonly Origin[], heads: readonly string[]) {
  const client = await connect(port);
  const places: number[] = [];
  for (const head of heads) {
    const before = servers.map(({ requests }) => requests.length);
    expect((await client.request(head)).status).toBe(200);
    places.push(servers.findIndex(({ requests }, i) => requests.length > (before[i] ?? 0)));
  }
  return places;
}

const get = (target: string, field = 'X: y') =>
  `GET ${target} HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`;

describe('balancing requests', () => {
  it.each([
    [
      { algorithm: 'uri', whole: false, depth: 0, length: 0 },
      (i: number) => get(`/thing/${i % 8}?n=${i}`),
    ],
    [{ algorithm: 'url_param', name: 'user' }, (i: number) => get(`/${i}?a=${i}&user=${i % 8}`)],
    [{ algorithm: 'hdr', name: 'x-user' }, (i: number) => get(`/${i}`, `X-User: ${i % 8}`)],
  ] as const)(
    '%j: equal keys go to one server, different ones to several',
    async (balance, head) => {
      const servers = await origins(4);
      const port = await open(servers, balance);
      const heads = Array.from({ length: 32 }, (_, i) => head(i));
      const places = await placesOf(port, servers, heads);
      for (let i = 8; i < 32; i += 1) expect(places[i]).toBe(places[i % 8]);
      expect(new Set(places).size).toBeGreaterThan(1);
    },
  );

  it('source: one client always comes to one server', async () => {
    const servers = await origins(4);
    const port = await open(servers, { algorithm: 'source' });
    const heads = Array.from({ length: 12 }, (_, i) => get(`/${i}`));
    expect(new Set(await placesOf(port, servers, heads)).size).toBe(1);
  });

  it.each(['http', 'tcp'] as const)(
    'source: clients behind another proxy are told apart by its PROXY header (%s)',
    async (mode) => {
      const servers = await origins(4);
      bench = new Bench();
      const listens = listener('service', 10_080, { mode, acceptProxy: true });
      bench.publish({
        listeners: [listens],
        services: [service('/a', [balanced(servers, { algorithm: 'source' })], { mode })],
      });
      const port = await bench.open('*:10080');
      const served = new Map<number, Set<number>>();
      for (let i = 0; i < 32; i += 1) {
        const client = await connect(port);
        const before = servers.map(({ requests }) => requests.length);
        void client.write(`PROXY TCP4 10.0.0.${i % 8} 10.1.0.1 ${4_000 + i} 80\r\n${get('/')}`);
        expect((await client.response()).status).toBe(200);
        const place = servers.findIndex(({ requests }, at) => requests.length > (before[at] ?? 0));
        served.set(i % 8, (served.get(i % 8) ?? new Set()).add(place));
      }
      expect([...served.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
      expect(new Set([...served.values()].flatMap((places) => [...places])).size).toBeGreaterThan(
        1,
      );
    },
  );

  it('requests without the key take turns', async () => {
    const servers = await origins(3);
    const port = await open(servers, { algorithm: 'hdr', name: 'x-user' });
    const heads = Array.from({ length: 9 }, () => get('/'));
    expect(await placesOf(port, servers, heads)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('a key whose server refuses connections goes to another one', async () => {
    const [good] = await origins(1);
    const servers = [{ port: refusedPort() }, good as Origin];
    const port = await open(servers, { algorithm: 'uri', whole: false, depth: 0, length: 0 });
    const client = await connect(port);
    for (let i = 0; i < 16; i += 1) {
      expect((await client.request(get(`/${i}`))).status).toBe(200);
    }
    expect(bench.backend('/a').redispatches).toBeGreaterThan(0);
  });

  it('leastconn: a server that answers slowly gets no more than the others have open', async () => {
    const slow = await HeldOrigin.start();
    closing.push(slow);
    const [fast] = await origins(1);
    const port = await open([slow, fast as Origin], { algorithm: 'leastconn' });
    const stuck = await connect(port);
    void stuck.write(get('/stuck'));
    await until('one is stuck', () => slow.inFlight === 1);
    const client = await connect(port);
    for (let i = 0; i < 10; i += 1) {
      expect((await client.request(get('/'))).status).toBe(200);
    }
    expect(slow.targets).toEqual(['/stuck']);
    slow.answer();
    expect((await stuck.response()).status).toBe(200);
  });

  it.each(['static-rr', 'roundrobin', 'leastconn'] as const)(
    '%s: is fair to one',
    async (algorithm) => {
      const servers = await origins(3);
      const port = await open(servers, { algorithm });
      await placesOf(
        port,
        servers,
        Array.from({ length: 31 }, () => get('/')),
      );
      const counts = servers.map(({ requests }) => requests.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    },
  );

  it('random: everybody gets some', async () => {
    const servers = await origins(3);
    const port = await open(servers, { algorithm: 'random', draws: 2 });
    const heads = Array.from({ length: 90 }, () => get('/'));
    expect(new Set(await placesOf(port, servers, heads)).size).toBe(3);
  });
});
