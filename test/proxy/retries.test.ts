import { afterEach, describe, expect, it } from 'vitest';
import { OK, Origin, type OriginConnection, refusedPort } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

const origins: Origin[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const GET = 'GET /once HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST /once HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';

async function scripted(script: (connection: OriginConnection) => Promise<void>): Promise<Origin> {
  const origin = await Origin.scripted(script);
  origins.push(origin);
  return origin;
}

async function answering(answer = OK): Promise<Origin> {
  const origin = await Origin.answering(answer);
  origins.push(origin);
  return origin;
}

/** Answers one request, then closes (or resets) as soon as the next one has arrived. */
async function dyingOnSecond(how: 'end' | 'reset'): Promise<Origin> {
  const origin: Origin = await scripted(async (connection) => {
    await connection.request();
    await connection.write(OK);
    if (origin.connections.length === 1) {
      await connection.request();
      connection[how]();
    } else {
      await connection.request();
      await connection.write(OK);
    }
  });
  return origin;
}

async function open(servers: readonly { port: number }[], settings = {}): Promise<number> {
  bench = new Bench(settings);
  bench.publish({
    listeners: [listener('service', 10_080)],
    services: [service('/a', [colour('/a', servers)])],
  });
  return bench.open('*:10080');
}

describe('a connect that is refused', () => {
  it('is tried on another server at once, for requests with a body too', async () => {
    const good = await answering();
    const port = await open([{ port: refusedPort() }, good]);
    const client = await RawClient.connect(port);
    for (let i = 0; i < 4; i += 1) {
      expect((await client.request(i % 2 === 0 ? GET : POST)).status).toBe(200);
    }
    expect(good.requests.map(({ body }) => body.toString())).toEqual(['', 'abc', '', 'abc']);
    expect(bench.backend('/a').redispatches).toBeGreaterThan(0);
    expect(bench.backend('/a')).toMatchObject({ retries: 0, connectErrors: 0, responses2xx: 4 });
    client.destroy();
    await until('the end', () => bench.frontend('/a').inFlight === 0);
    expectNothingInFlight(bench);
  });

  it('goes to the colour that is live by then', async () => {
    const port = await open([{ port: refusedPort() }], { connectTimeoutMs: 300 });
    const client = await RawClient.connect(port);
    void client.write(POST);
    await until('the first try', () => bench.backend('/a').retries === 1);
    const good = await answering();
    bench.publish({ services: [service('/b', [colour('/a', []), colour('/b', [good])])] });
    expect((await client.response()).status).toBe(200);
    expect(bench.backend('/a').inFlight).toBe(0);
    expect(bench.backend('/b').responses2xx).toBe(1);
    client.destroy();
  });
});

describe('a connect under way at a cut-over', () => {
  it('is given up for the new colour: nothing was sent, and the old one gets no new request', async () => {
    const blue = await answering();
    const green = await answering();
    const port = await open([blue]);
    const client = await RawClient.connect(port);
    void client.write(POST);
    // The loop's check phase comes between the connect and its completion.
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (bench.backend('/a').connects === 0) {
          setImmediate(look);
          return;
        }
        bench.publish({ services: [service('/b', [colour('/a', [blue]), colour('/b', [green])])] });
        resolve();
      };
      look();
    });
    expect((await client.response()).status).toBe(200);
    expect([blue.requests.length, green.requests.length]).toEqual([0, 1]);
    expect(bench.backend('/a')).toMatchObject({ inFlight: 0, redispatches: 1, responses2xx: 0 });
    client.destroy();
  });
});

describe('a reused connection that turns out to be dead', () => {
  it.each(['end', 'reset'] as const)('costs a GET nothing (%s)', async (how) => {
    const origin = await dyingOnSecond(how);
    const port = await open([origin]);
    const client = await RawClient.connect(port);
    await client.request(GET);
    expect((await client.request(GET)).status).toBe(200);
    expect(origin.connections).toHaveLength(2);
    expect(bench.backend('/a')).toMatchObject({ retries: 1, responseErrors: 0, requests: 2 });
    client.destroy();
  });

  it('is 502 for a POST, which is never sent twice', async () => {
    const origin = await dyingOnSecond('end');
    const port = await open([origin]);
    const client = await RawClient.connect(port);
    await client.request(GET);
    expect((await client.request(POST)).status).toBe(502);
    expect(origin.connections).toHaveLength(1);
    client.destroy();
  });

  it('is not used when the server has closed it before', async () => {
    const origin = await scripted(async (connection) => {
      await connection.request();
      await connection.write(OK);
      connection.end();
    });
    const port = await open([origin]);
    const client = await RawClient.connect(port);
    await client.request(GET);
    await (await origin.connection()).ended();
    expect((await client.request(POST)).status).toBe(200);
    client.destroy();
  });
});

describe('a server that dies without an answer', () => {
  const dies = async (how: 'end' | 'reset') => {
    let arrived: (connection: OriginConnection) => void = () => {};
    const request = new Promise<OriginConnection>((resolve) => {
      arrived = resolve;
    });
    const origin = await scripted(async (connection) => {
      await connection.request();
      arrived(connection);
    });
    return { origin, request, how };
  };

  it.each(['end', 'reset'] as const)(
    'after it left the plan: its request is answered by the pool that is live now (%s)',
    async (how) => {
      const { origin, request } = await dies(how);
      const green = await answering();
      const port = await open([origin]);
      const client = await RawClient.connect(port);
      void client.write(GET);
      const connection = await request;
      bench.publish({ services: [service('/b', [colour('/a', [origin]), colour('/b', [green])])] });
      connection[how]();
      expect((await client.response()).status).toBe(200);
      expect(green.requests[0]?.target).toBe('/once');
      expect(bench.backend('/a')).toMatchObject({
        inFlight: 0,
        redispatches: 1,
        responseErrors: 0,
      });
      expect(bench.backend('/b')).toMatchObject({ inFlight: 0, responses2xx: 1 });
      client.destroy();
    },
  );

  it('is rescued once, not again and again', async () => {
    const first = await dies('end');
    const second = await dies('end');
    const port = await open([first.origin]);
    const client = await RawClient.connect(port);
    void client.write(GET);
    const one = await first.request;
    bench.publish({ services: [service('/a', [colour('/a', [second.origin])])] });
    one.end();
    const two = await second.request;
    bench.publish({ services: [service('/a', [colour('/a', [await answering()])])] });
    two.end();
    expect((await client.response()).status).toBe(502);
    client.destroy();
  });

  it('is 502 while it is in force, and for what could be executed twice', async () => {
    for (const [text, leaves] of [
      [GET, false],
      [POST, true],
    ] as const) {
      const { origin, request } = await dies('end');
      const green = await answering();
      const port = await open([origin]);
      const client = await RawClient.connect(port);
      void client.write(text);
      const connection = await request;
      if (leaves) bench.publish({ services: [service('/a', [colour('/a', [green])])] });
      connection.end();
      expect((await client.response()).status).toBe(502);
      expect(green.connections).toHaveLength(0);
      client.destroy();
      await bench.close();
    }
  });

  it('is 502 once a byte of a response has come', async () => {
    const { origin, request } = await dies('end');
    const green = await answering();
    const port = await open([origin]);
    const client = await RawClient.connect(port);
    void client.write(GET);
    const connection = await request;
    await connection.write('HTTP/1.1 103 Early Hints\r\n\r\n');
    expect((await client.response()).status).toBe(103);
    bench.publish({ services: [service('/a', [colour('/a', [green])])] });
    connection.end();
    expect((await client.response()).status).toBe(502);
    client.destroy();
  });
});

describe('round robin', () => {
  it('is fair to one, and keeps its turn when the servers change', async () => {
    const servers = await Promise.all([answering(), answering(), answering()]);
    const port = await open(servers);
    const client = await RawClient.connect(port);
    for (let i = 0; i < 32; i += 1) await client.request(GET);
    const counts = servers.map((one) => bench.server('/a', one.port).sessions);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    const two = servers.slice(0, 2);
    bench.publish({ services: [service('/a', [colour('/a', two)])] });
    for (let i = 0; i < 20; i += 1) await client.request(GET);
    const after = two.map((one, i) => bench.server('/a', one.port).sessions - (counts[i] ?? 0));
    expect(Math.abs((after[0] ?? 0) - (after[1] ?? 0))).toBeLessThanOrEqual(1);
    client.destroy();
  });
});
