import { afterEach, describe, expect, it } from 'vitest';
import { type BalancingSpec, PLAIN_BALANCING, type ServiceSpec } from '../../src/plan/plan.ts';
import { FAILURES } from '../../src/proxy/failure.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { RawClient } from '../support/raw-client.ts';
import { HeldOrigin } from './held-origin.ts';
import {
  Bench,
  colour,
  expectNothingInFlight,
  type HasPort,
  listener,
  service,
  until,
} from './plans.ts';

let bench = new Bench();
const origins: HeldOrigin[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

async function held(): Promise<HeldOrigin> {
  const origin = await HeldOrigin.start();
  origins.push(origin);
  return origin;
}

function limited(appId: string, servers: readonly HasPort[], more: Partial<BalancingSpec> = {}) {
  const balancing = { ...PLAIN_BALANCING, maxConnections: 1, ...more };
  return { ...colour(appId, servers), balancing };
}

async function open(
  first: ServiceSpec,
  settings: Partial<ProxySettings> = {},
): Promise<(target: string, field?: string) => Promise<RawClient>> {
  bench = new Bench(settings);
  const listens = listener('service', 10_080, { mode: first.mode });
  bench.publish({ listeners: [listens], services: [first] });
  const port = await bench.open('*:10080');
  return async (target, field = 'X: y') => {
    const client = await RawClient.connect(port);
    clients.push(client);
    void client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
    return client;
  };
}

/** As `ask`, and waits until the request stands in the queue of `/a`. */
async function queue(
  ask: (target: string) => Promise<RawClient>,
  target: string,
): Promise<RawClient> {
  const before = bench.backend('/a').queued;
  const client = await ask(target);
  await until(`${target} in the queue`, () => bench.backend('/a').queued === before + 1);
  return client;
}

describe('a limit per server', () => {
  it('is never exceeded, and those that wait are served in the order they came', async () => {
    const servers = [await held(), await held()] as const;
    const ask = await open(service('/a', [limited('/a', servers)]));
    const all = [await ask('/0'), await ask('/1')];
    await until('both at work', () => servers.every(({ inFlight }) => inFlight === 1));
    for (const target of ['/2', '/3', '/4', '/5']) all.push(await queue(ask, target));
    expect(bench.backend('/a')).toMatchObject({ queued: 4, queuedMax: 4, inFlight: 6 });
    const order = ['/0', '/1'];
    for (let answered = 0; answered < 6; answered += 1) {
      const [one] = servers.filter(({ inFlight }) => inFlight === 1);
      const seen = servers[0].targets.length + servers[1].targets.length;
      one?.answer();
      if (answered < 4) {
        await until('the next', () => {
          const targets = servers.flatMap(({ targets }) => targets);
          if (targets.length === seen) return false;
          order.push(...targets.filter((target) => !order.includes(target)));
          return true;
        });
      }
      expect(servers.every(({ inFlight }) => inFlight <= 1)).toBe(true);
    }
    expect(order).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
    for (const client of all) expect((await client.response()).status).toBe(200);
    expect(bench.backend('/a')).toMatchObject({ queued: 0, queuedMax: 4, responses2xx: 6 });
    expect(bench.backend('/a').queueMs).toBeGreaterThan(0);
    for (const { port } of servers) expect(bench.server('/a', port).inFlightMax).toBe(1);
    expectNothingInFlight(bench);
  });

  it('is shared by the workers, each has at least one place', async () => {
    const server = await held();
    const ask = await open(service('/a', [limited('/a', [server], { maxConnections: 7 })]), {
      workers: 3,
    });
    await ask('/0');
    await ask('/1');
    await until('two at work', () => server.inFlight === 2);
    await queue(ask, '/2');
    bench.publish({ services: [service('/a', [limited('/a', [server])])] });
    server.answer();
    server.answer();
    await until('the third at work', () => server.inFlight === 1);
  });

  it('is that of the settings where the plan has none', async () => {
    const server = await held();
    const ask = await open(service('/a', [colour('/a', [server])]), { serverMaxConnections: 1 });
    await ask('/0');
    await until('one at work', () => server.inFlight === 1);
    await queue(ask, '/1');
    server.answer();
    await until('the other', () => server.targets.length === 2);
  });

  it('makes connections of a tcp service wait as well', async () => {
    const server = await held();
    const ask = await open(service('/a', [limited('/a', [server])], { mode: 'tcp' }));
    const first = await ask('/0');
    await until('the first', () => server.targets.length === 1);
    const second = await queue(ask, '/1');
    server.answer();
    await first.response();
    first.destroy();
    await until('the second', () => server.targets.length === 2);
    server.answer();
    expect((await second.response()).status).toBe(200);
  });

  it('lets `first` fill one server before it uses the next', async () => {
    const servers = [await held(), await held(), await held()] as const;
    const balancing = { balance: { algorithm: 'first' }, maxConnections: 2 } as const;
    const ask = await open(service('/a', [limited('/a', servers, balancing)]));
    for (const target of ['/0', '/1', '/2']) {
      await ask(target);
      const count = Number(target.slice(1)) + 1;
      await until(target, () => servers.flatMap(({ targets }) => targets).length === count);
    }
    expect(servers.map(({ inFlight }) => inFlight)).toEqual([2, 1, 0]);
  });
});

describe('a request that waits', () => {
  it('is refused with 503 when its time is over', async () => {
    const server = await held();
    const ask = await open(service('/a', [limited('/a', [server])]), { queueTimeoutMs: 100 });
    await ask('/0');
    await until('one at work', () => server.inFlight === 1);
    const late = await ask('/1');
    expect((await late.response()).status).toBe(503);
    expect(FAILURES.QUEUE_TIMEOUT.letters).toBe('sQ');
    expect(bench.backend('/a')).toMatchObject({ queued: 0, connectErrors: 1, responses5xx: 1 });
    // Its connection goes on.
    void late.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the next', () => bench.backend('/a').queued === 1);
    server.answer();
    await until('its turn', () => server.targets.length === 2);
    server.answer();
    expect((await late.response()).status).toBe(200);
    expect(server.targets).toEqual(['/0', '/2']);
  });

  it.each(['destroy', 'reset', 'end'] as const)(
    'leaves when its client does (%s), and nobody behind it has to wait for it',
    async (how) => {
      const server = await held();
      const ask = await open(service('/a', [limited('/a', [server])]));
      await ask('/0');
      await until('one at work', () => server.inFlight === 1);
      const leaving = await queue(ask, '/1');
      const staying = await queue(ask, '/2');
      leaving[how]();
      await until('it has left', () => bench.backend('/a').queued === 1);
      server.answer();
      await until('the next', () => server.inFlight === 1 && server.targets.length === 2);
      server.answer();
      expect((await staying.response()).status).toBe(200);
      expect(server.targets).toEqual(['/0', '/2']);
      expect(bench.backend('/a').clientAborts).toBe(1);
    },
  );

  it('goes to the pool that is live after a cut-over, while the old one still works', async () => {
    const [blue, green] = [await held(), await held()] as const;
    const ask = await open(service('/a', [limited('/a', [blue]), colour('/b', [])]));
    const working = await ask('/0');
    await until('one at work', () => blue.inFlight === 1);
    const waiting = [await queue(ask, '/1'), await queue(ask, '/2')] as const;
    bench.publish({ services: [service('/b', [limited('/a', [blue]), colour('/b', [green])])] });
    await until('both over there', () => green.inFlight === 2);
    expect(green.targets).toEqual(['/1', '/2']);
    for (const one of [green, green, blue]) one.answer();
    for (const one of [working, ...waiting]) expect((await one.response()).status).toBe(200);
    expect(blue.targets).toEqual(['/0']);
    expect(bench.backend('/a')).toMatchObject({ queued: 0, inFlight: 0, responses2xx: 1 });
    expect(bench.backend('/b')).toMatchObject({ queued: 0, inFlight: 0, responses2xx: 2 });
  });

  it('goes on when a server appears, or the limit is raised', async () => {
    const [one, two] = [await held(), await held()] as const;
    const ask = await open(service('/a', [limited('/a', [one])]));
    await ask('/0');
    await until('one at work', () => one.inFlight === 1);
    for (const target of ['/1', '/2', '/3']) await queue(ask, target);
    bench.publish({ services: [service('/a', [limited('/a', [one, two])])] });
    await until('the second server', () => two.inFlight === 1);
    expect(two.targets).toEqual(['/1']);
    const raised = limited('/a', [one, two], { maxConnections: 2 });
    bench.publish({ services: [service('/a', [raised])] });
    await until('all at work', () => one.inFlight + two.inFlight === 4);
    expect(bench.backend('/a').queued).toBe(0);
  });

  it('is refused when its service is gone', async () => {
    const server = await held();
    const ask = await open(service('/a', [limited('/a', [server])]));
    await ask('/0');
    await until('one at work', () => server.inFlight === 1);
    const waiting = await queue(ask, '/1');
    bench.publish({ removedServices: ['*:10080'] });
    expect((await waiting.response()).status).toBe(503);
    server.answer();
    await until('the end of the pool', () => bench.pool('/a') === undefined);
  });

  it('is cut when the worker ends', async () => {
    const server = await held();
    const ask = await open(service('/a', [limited('/a', [server])]));
    await ask('/0');
    await until('one at work', () => server.inFlight === 1);
    const waiting = await queue(ask, '/1');
    expect(await bench.plane.drain(0)).toBe(2);
    await waiting.ended();
    expect(bench.backend('/a')).toMatchObject({ queued: 0, inFlight: 0 });
  });
});

describe('a pool without servers', () => {
  const empty = service(null, [colour('/a', [])]);

  /** A pool that has lost its only server. */
  async function emptied(settings: Partial<ProxySettings>) {
    const gone = await held();
    const ask = await open(service('/a', [colour('/a', [gone])]), settings);
    bench.publish({ services: [empty] });
    return ask;
  }

  it('since a moment ago is waited for, until there is one', async () => {
    const ask = await emptied({});
    const waiting = [await queue(ask, '/0'), await queue(ask, '/1')];
    // A table without a change for them is no reason to give up.
    bench.publish({ services: [empty] });
    const server = await held();
    bench.publish({ services: [service('/a', [colour('/a', [server])])] });
    await until('both at work', () => server.inFlight === 2);
    expect(server.targets).toEqual(['/0', '/1']);
    server.answer();
    server.answer();
    for (const one of waiting) expect((await one.response()).status).toBe(200);
    expect(bench.backend('/a')).toMatchObject({ queued: 0, inFlight: 0, connectErrors: 0 });
  });

  it('is waited for whichever colour is to fill it', async () => {
    const ask = await emptied({ emptyPoolWaitMs: 30_000 });
    const waiting = await queue(ask, '/0');
    bench.publish({ services: [service('/b', [colour('/a', []), colour('/b', [])])] });
    const server = await held();
    bench.publish({ services: [service('/b', [colour('/a', []), colour('/b', [server])])] });
    await until('it at work', () => server.inFlight === 1);
    server.answer();
    expect((await waiting.response()).status).toBe(200);
  });

  it('for longer is not waited for any more', async () => {
    const ask = await emptied({ emptyPoolWaitMs: 100 });
    expect((await (await ask('/0')).response()).status).toBe(503);
    expect(bench.backend('/a')).toMatchObject({ queued: 0, queuedMax: 1, connectErrors: 1 });
    const late = [await ask('/1'), await ask('/2')];
    for (const one of late) expect((await one.response()).status).toBe(503);
    expect(bench.backend('/a')).toMatchObject({ queued: 0, queuedMax: 1, connectErrors: 3 });
  });

  it('is not waited for where that is not wanted, nor where there never was one', async () => {
    const unwanted = await emptied({ emptyPoolWaitMs: 0 });
    expect((await (await unwanted('/0')).response()).status).toBe(503);
    expect(bench.backend('/a')).toMatchObject({ queuedMax: 0, connectErrors: 1 });
    await bench.close();
    const never = await open(empty, { emptyPoolWaitMs: 30_000 });
    expect((await (await never('/0')).response()).status).toBe(503);
    expect(bench.backend('/a')).toMatchObject({ queuedMax: 0, connectErrors: 1 });
  });

  it('since a moment ago is waited for by clients of TCP as well', async () => {
    const whole = { mode: 'tcp' } as const;
    bench = new Bench();
    const gone = await held();
    bench.publish({
      listeners: [listener('service', 10_080, whole)],
      services: [service('/a', [colour('/a', [gone])], whole)],
    });
    const port = await bench.open('*:10080');
    bench.publish({ services: [service(null, [colour('/a', [])], whole)] });
    const client = await RawClient.connect(port);
    void client.write('GET /0 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('it to wait', () => bench.backend('/a').queued === 1);
    const server = await held();
    bench.publish({ services: [service('/a', [colour('/a', [server])], whole)] });
    await until('it at work', () => server.inFlight === 1);
    server.answer();
    expect((await client.response()).status).toBe(200);
    client.destroy();
  });
});
