import { afterEach, describe, expect, it } from 'vitest';
import { PLAIN_ROUTE } from '../../src/plan/plan.ts';
import { Origin } from '../support/origin.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

const origins: Origin[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

/** An origin that answers with its name. */
async function named(name: string): Promise<Origin> {
  const origin = await Origin.answering(
    `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`,
  );
  origins.push(origin);
  return origin;
}

async function bodyOf(port: number, head: string): Promise<string> {
  const response = await requestOnce(port, `${head}\r\n\r\n`);
  return response.status === 200 ? response.body.toString() : String(response.status);
}

describe('shared listeners', () => {
  async function shared(): Promise<{ http: number; appid: number }> {
    const blue = await named('blue');
    const green = await named('green');
    const other = await named('other');
    bench = new Bench();
    bench.publish({
      listeners: [listener('http', 80), listener('appid', 9091)],
      services: [
        service('/zdd/green', [colour('/zdd/blue', [blue]), colour('/zdd/green', [green])], {
          routes: [{ ...PLAIN_ROUTE, hosts: ['shop.example', 'www.shop.example'] }],
        }),
        service('/zzz', [colour('/zzz', [other], 10_081)], {
          servicePort: 10_081,
          routes: [{ ...PLAIN_ROUTE, hosts: ['other.example', 'shop.example'] }],
        }),
        service('/db', [colour('/db', [other], 10_082)], {
          servicePort: 10_082,
          mode: 'tcp',
          routes: [{ ...PLAIN_ROUTE, hosts: ['db.example'] }],
        }),
        service(null, [colour('/none', [], 10_083)], {
          servicePort: 10_083,
          routes: [{ ...PLAIN_ROUTE, hosts: ['none.example'] }],
        }),
      ],
    });
    return { http: await bench.open('*:80'), appid: await bench.open('*:9091') };
  }

  it('route by host, whatever its case, port and trailing dot; the first app id owns a name', async () => {
    const { http } = await shared();
    for (const host of ['shop.example', 'SHOP.Example', 'shop.example:8080', 'www.shop.example.']) {
      expect(await bodyOf(http, `GET / HTTP/1.1\r\nHost: ${host}`)).toBe('green');
    }
    expect(await bodyOf(http, 'GET / HTTP/1.1\r\nHost: other.example')).toBe('other');
    expect(await bodyOf(http, 'GET http://other.example/ HTTP/1.1\r\nHost: other.example')).toBe(
      'other',
    );
  });

  it('answer 503 for a host nobody claims, a TCP service and one without servers', async () => {
    const { http } = await shared();
    for (const host of ['unknown.example', 'db.example', 'none.example', '127.0.0.1']) {
      expect(await bodyOf(http, `GET / HTTP/1.1\r\nHost: ${host}`)).toBe('503');
    }
    const [frontend] = bench.plane.report().frontends;
    expect(frontend?.key).toBe('*:80');
  });

  it('route by app id to the live colour of the service the app claims', async () => {
    const { appid } = await shared();
    const ask = (app: string) =>
      bodyOf(appid, `GET / HTTP/1.1\r\nHost: any\r\nX-Marathon-App-Id: ${app}`);
    expect(await ask('/zdd/green')).toBe('green');
    expect(await ask('/ZDD/Blue')).toBe('green');
    expect(await ask('/zzz')).toBe('other');
    expect(await ask('/unknown')).toBe('503');
    expect(await bodyOf(appid, 'GET / HTTP/1.1\r\nHost: shop.example')).toBe('503');
  });
});

describe('a cut-over', () => {
  it('sends the next request of a kept-alive client to the new colour, and ends what the old one had', async () => {
    const blue = await Origin.scripted(async (connection) => {
      await connection.request();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbl');
    });
    origins.push(blue);
    const green = await named('green');
    bench = new Bench();
    const colours = [colour('/blue', [blue]), colour('/green', [green])];
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/blue', colours)],
    });
    const port = await bench.open('*:10080');
    const client = await RawClient.connect(port);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.incoming.through('\r\n\r\nbl');
    expect(bench.backend('/blue').inFlight).toBe(1);

    bench.publish({ services: [service('/green', colours)] });
    const other = await RawClient.connect(port);
    expect((await other.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).body.toString()).toBe(
      'green',
    );
    void (await blue.connection()).write('ue');
    await client.incoming.through('ue');
    expect((await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).body.toString()).toBe(
      'green',
    );
    // The unused connection to the old colour is closed at once.
    await (await blue.connection()).ended();
    expect(blue.connections).toHaveLength(1);
    expect(bench.frontend('/blue').inFlight).toBe(0);
    expect(bench.frontend('/green').inFlight).toBe(2);
    client.destroy();
    other.destroy();
    expectNothingInFlight(bench);
  });

  it('keeps a server that left the plan in the report, draining, until its last exchange ended', async () => {
    const slow = await Origin.scripted(async (connection) => {
      await connection.request();
    });
    const quick = await named('quick');
    origins.push(slow);
    bench = new Bench();
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [colour('/a', [slow])])],
    });
    const port = await bench.open('*:10080');
    const client = await RawClient.connect(port);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const connection = await slow.connection();
    await connection.incoming.more();
    bench.publish({ services: [service('/a', [colour('/a', [quick])])] });
    expect(bench.pool('/a')?.servers.map(({ draining }) => draining)).toEqual([true, false]);

    bench.publish({ services: [], removedServices: ['*:10080'] });
    expect(bench.pool('/a')?.servers.map(({ draining }) => draining)).toEqual([true]);
    void connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    expect((await client.response()).body.toString()).toBe('ok');
    await until('the colour to go', () => bench.pool('/a') === undefined);
    expect((await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(503);
    client.destroy();
  });

  it('keeps counters of a server that stays, and never lowers the totals of its pool', async () => {
    const a = await named('a');
    const b = await named('b');
    bench = new Bench();
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [colour('/a', [a, b])])],
    });
    const port = await bench.open('*:10080');
    for (let i = 0; i < 6; i += 1) await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a');
    expect(bench.server('/a', a.port).sessions).toBe(3);
    expect(bench.server('/a', b.port).sessions).toBe(3);
    bench.publish({ services: [service('/a', [colour('/a', [b])])] });
    expect(bench.pool('/a')?.servers).toHaveLength(1);
    expect(bench.server('/a', b.port).sessions).toBe(3);
    expect(bench.backend('/a').sessions).toBe(6);
    for (let i = 0; i < 2; i += 1) await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a');
    expect(bench.server('/a', b.port).sessions).toBe(5);
    expect(bench.backend('/a')).toMatchObject({ sessions: 8, responses2xx: 8, requests: 8 });
    expectNothingInFlight(bench);
  });

  it('takes a server whose address changed for a new one', async () => {
    const a = await named('a');
    const b = await named('b');
    bench = new Bench();
    const at = (port: number) => {
      const made = colour('/a', [{ port }]);
      return { ...made, servers: made.servers.map((server) => ({ ...server, id: 'task' })) };
    };
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [at(a.port)])],
    });
    const port = await bench.open('*:10080');
    expect(await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a')).toBe('a');
    bench.publish({ services: [service('/a', [at(b.port)])] });
    expect(await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a')).toBe('b');
    expect(bench.pool('/a')?.servers.map(({ address }) => address)).toEqual([
      `127.0.0.1:${b.port}`,
    ]);
  });

  it('does nothing before the commit, and forgets a table that is not committed', async () => {
    const a = await named('a');
    const b = await named('b');
    bench = new Bench();
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [colour('/a', [a]), colour('/b', [b])])],
    });
    const port = await bench.open('*:10080');
    const delta = { listeners: [], removedListeners: [], removedServices: [] };
    const services = [service('/b', [colour('/b', [b]), colour('/c', [a])])];
    bench.plane.prepare(7, { ...delta, services });
    expect(await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a')).toBe('a');
    expect(bench.pool('/c')).toBeUndefined();
    expect(bench.plane.report().epoch).toBe(1);
    const prepared = bench.plane.prepare(8, { ...delta, services });
    bench.plane.commit(prepared);
    expect(await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a')).toBe('b');
    expect(bench.plane.report().epoch).toBe(8);
  });

  it('passes over servers that cannot be dialled', async () => {
    const a = await named('a');
    bench = new Bench();
    const made = colour('/a', [a, { port: 0 }, { port: 70_000 }, { port: 1.5 }]);
    const READY = { weight: 1, admin: 'ready' as const };
    const strange = [
      ...made.servers,
      { id: 'x', name: 'x', numericId: 9, address: '', port: 80, ...READY },
      { id: 'y', name: 'y', numericId: 9, address: 'no address', port: 80, ...READY },
    ];
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [{ ...made, servers: strange }])],
    });
    const port = await bench.open('*:10080');
    for (let i = 0; i < 4; i += 1)
      expect(await bodyOf(port, 'GET / HTTP/1.1\r\nHost: a')).toBe('a');
  });
});

describe('a listener', () => {
  it('that is not in the plan is refused with a reason', async () => {
    bench = new Bench();
    await expect(bench.open('*:1')).rejects.toThrow('listener *:1 is not in the plan');
  });

  it('that is released takes no connections any more, while those it took live on', async () => {
    const a = await named('a');
    bench = new Bench();
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [colour('/a', [a])])],
    });
    const port = await bench.open('*:10080');
    const client = await RawClient.connect(port);
    await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    bench.plane.release('*:10080');
    bench.plane.release('*:10080');
    await expect(RawClient.connect(port)).rejects.toThrow('ECONNREFUSED');
    expect((await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).body.toString()).toBe('a');
    client.destroy();
  });
});
