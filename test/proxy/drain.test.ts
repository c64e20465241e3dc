import { afterEach, describe, expect, it } from 'vitest';
import type { ListenerSpec, ServiceSpec } from '../../src/plan/plan.ts';
import { NO_CREDENTIALS } from '../../src/proxy/credentials.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { OK, Origin, type OriginConnection, type Script } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { certificateFor } from '../support/tls-visit.ts';
import { HeldOrigin } from './held-origin.ts';
import {
  Bench,
  colour,
  expectNothingInFlight,
  type HasPort,
  listener,
  PLAIN_TLS,
  service,
  until,
} from './plans.ts';

const origins: { close(): Promise<void> }[] = [];
let bench = new Bench();
let port = 0;

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const PEM = '/cert.pem';
const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n';
const GOING_AWAY = '880203e9';

function switched(protocol: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
}

async function scripted(script: Script): Promise<Origin> {
  const origin = await Origin.scripted(script);
  origins.push(origin);
  return origin;
}

async function held(): Promise<HeldOrigin> {
  const origin = await HeldOrigin.start();
  origins.push(origin);
  return origin;
}

/** Blue has the traffic; `drainMs` is what its colour says. */
async function start(
  blue: HasPort,
  settings: Partial<ProxySettings> = {},
  mode: ServiceSpec['mode'] = 'http',
  wish: Partial<ListenerSpec> = {},
): Promise<void> {
  bench = new Bench(settings);
  if (wish.tls) {
    const certificates = [{ path: PEM, pems: [certificateFor('a')] }];
    bench.plane.certify({ ...NO_CREDENTIALS, certificates });
  }
  bench.publish({
    listeners: [listener('service', 10_080, { mode, ...wish })],
    services: [service('/blue', [colour('/blue', [blue])], { mode })],
  });
  port = await bench.open('*:10080');
}

/** Green takes over; blue stays in the plan, with that much time. */
async function cutOver(blue: HasPort, drainMs: number, mode: ServiceSpec['mode'] = 'http') {
  const green = await Origin.answering(OK);
  origins.push(green);
  const colours = [{ ...colour('/blue', [blue]), drainMs }, colour('/green', [green])];
  bench.publish({ services: [service('/green', colours, { mode })] });
}

function draining() {
  return bench.pool('/blue')?.draining ?? null;
}

/** The bytes of a client's Close frame, unmasked. */
function unmasked(frame: Buffer): string {
  const mask = frame.subarray(2, 6);
  return Buffer.from(frame.subarray(6).map((byte, i) => byte ^ (mask[i] as number))).toString(
    'hex',
  );
}

describe('a colour that stops being live', () => {
  it('lets an exchange end by itself before the deadline, and is drained then', async () => {
    const blue = await held();
    await start(blue);
    const client = await RawClient.connect(port);
    void client.write(GET);
    await until('the request', () => blue.inFlight === 1);
    expect(draining()).toBe(null);
    const beforeMs = Date.now();
    await cutOver(blue, 60_000);
    const begun = draining();
    expect(begun).toMatchObject({ inFlight: 1, tunnels: 0, cut: 0 });
    expect((begun?.deadlineMs ?? 0) - (begun?.sinceMs ?? 0)).toBe(60_000);
    expect(begun?.sinceMs).toBeGreaterThan(beforeMs - 1_000);
    blue.answer();
    expect((await client.finalResponse()).status).toBe(200);
    await until('the end', () => draining()?.inFlight === 0);
    expect(draining()).toMatchObject({ cut: 0 });
    // The same connection goes on, with the new colour.
    expect((await client.request(GET)).status).toBe(200);
    expect(bench.backend('/green').requests).toBe(1);
  });

  it('answers 503 in place of a server that has not answered by the deadline', async () => {
    const blue = await held();
    await start(blue);
    const client = await RawClient.connect(port);
    void client.write(GET);
    await until('the request', () => blue.inFlight === 1);
    await cutOver(blue, 200);
    expect((await client.finalResponse()).status).toBe(503);
    expect(draining()).toMatchObject({ inFlight: 0, cut: 1 });
    expect(bench.backend('/blue').cuts).toBe(1);
    expect(bench.server('/blue', blue.port).cuts).toBe(1);
    expect((await client.request(GET)).status).toBe(200);
  });

  it('cuts a response that is not over by the deadline so that nobody takes it for whole', async () => {
    const blue = await scripted(async (connection) => {
      await connection.request();
      await connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    });
    await start(blue);
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.incoming.through('a\r\n');
    await cutOver(blue, 200);
    await client.ended();
    expect(client.received.endsWith('a\r\n')).toBe(true);
    expect(draining()).toMatchObject({ inFlight: 0, cut: 1 });
  });

  it('closes its unused connections at once', async () => {
    const blue = await Origin.answering(OK);
    origins.push(blue);
    await start(blue);
    const client = await RawClient.connect(port);
    expect((await client.request(GET)).status).toBe(200);
    await cutOver(blue, 60_000);
    expect(await (await blue.connection()).ended()).toBe('end');
  });

  it.each([
    ['a later epoch shortens', 60_000, 200],
    ['a later epoch has it at once', 60_000, 1],
  ])('counts a deadline that %s from the start of the drain', async (_, firstMs, thenMs) => {
    const blue = await held();
    await start(blue);
    const client = await RawClient.connect(port);
    void client.write(GET);
    await until('the request', () => blue.inFlight === 1);
    await cutOver(blue, firstMs);
    const { sinceMs } = draining() ?? {};
    await cutOver(blue, thenMs);
    expect(draining()?.sinceMs).toBe(sinceMs);
    expect((draining()?.deadlineMs ?? 0) - (sinceMs ?? 0)).toBe(thenMs);
    expect((await client.finalResponse()).status).toBe(503);
  });

  it('is not cut when it becomes live again before the deadline', async () => {
    const blue = await held();
    await start(blue, { drainDeadlineMs: 300 });
    const client = await RawClient.connect(port);
    void client.write(GET);
    await until('the request', () => blue.inFlight === 1);
    await cutOver(blue, 0);
    bench.publish({ services: [service('/blue', [colour('/blue', [blue])])] });
    expect(draining()).toBe(null);
    // A drain that begins later ends later: once it has, the first deadline is long over.
    const other = await scripted(async () => {});
    bench.publish({
      listeners: [listener('service', 10_090, { mode: 'tcp' })],
      services: [
        service('/other', [colour('/other', [other], 10_090)], {
          servicePort: 10_090,
          mode: 'tcp',
        }),
      ],
    });
    const tunnel = await RawClient.connect(await bench.open('*:10090'));
    await until('the tunnel', () => bench.backend('/other').inFlight === 1);
    bench.publish({
      services: [
        service(null, [colour('/other', [], 10_090)], { servicePort: 10_090, mode: 'tcp' }),
      ],
    });
    expect(await tunnel.ended()).toBe('end');
    blue.answer();
    expect((await client.finalResponse()).status).toBe(200);
  });
});

describe('a server that leaves', () => {
  it('may finish until the deadline of its colour, out of the plan too', async () => {
    const blue = await held();
    await start(blue, { drainDeadlineMs: 200 });
    const client = await RawClient.connect(port);
    void client.write(GET);
    await until('the request', () => blue.inFlight === 1);
    bench.publish({ services: [], removedServices: ['*:10080'] });
    expect(bench.pool('/blue')?.draining).toMatchObject({ inFlight: 1 });
    expect((await client.finalResponse()).status).toBe(503);
    // It leaves the report with its last exchange.
    expect(bench.pool('/blue')).toBe(undefined);
  });

  it('is cut alone: its colour goes on with the others', async () => {
    const leaving = await held();
    await start(leaving, { drainDeadlineMs: 200 });
    const client = await RawClient.connect(port);
    void client.write(GET);
    await until('the request', () => leaving.inFlight === 1);
    const staying = await Origin.answering(OK);
    origins.push(staying);
    bench.publish({ services: [service('/blue', [colour('/blue', [staying])])] });
    expect((await client.finalResponse()).status).toBe(503);
    expect(draining()).toBe(null);
    expect(bench.backend('/blue').cuts).toBe(1);
    expect((await client.request(GET)).status).toBe(200);
  });
});

describe('tunnels past the deadline', () => {
  /** Kinds of wires to a client: a handle of Node's, TLS over one, a socket. */
  type Kind = 'handle' | 'TLS' | 'socket';

  async function webSocket(protocol = 'websocket', kind: Kind = 'handle') {
    const blue = await scripted(async (connection) => {
      await connection.head();
      await connection.write(switched(protocol));
    });
    const isTls = kind === 'TLS';
    const wish = {
      acceptProxy: kind === 'socket',
      tls: isTls ? { ...PLAIN_TLS, certificates: [PEM] } : null,
    };
    await start(blue, {}, 'http', wish);
    const client = isTls ? await RawClient.connectTls(port, 'a') : await RawClient.connect(port);
    if (kind === 'socket') void client.write('PROXY UNKNOWN\r\n');
    void client.write(HANDSHAKE);
    expect((await client.response()).status).toBe(101);
    const server: OriginConnection = await blue.connection();
    return { blue, client, server };
  }

  it.each(['handle', 'TLS', 'socket'] as const)(
    'of WebSockets get a Close frame 1001 and a FIN on both sides (%s)',
    async (kind) => {
      const { blue, client, server } = await webSocket('WebSocket', kind);
      await cutOver(blue, 200);
      expect(draining()).toMatchObject({ inFlight: 1, tunnels: 1, cut: 0 });
      expect(await client.ended()).toBe('end');
      expect(client.incoming.size).toBe(4);
      expect((await client.incoming.take(4)).toString('hex')).toBe(GOING_AWAY);
      expect(await server.ended()).toBe('end');
      expect(unmasked(await server.incoming.take(8))).toBe('03e9');
      // Both answer as RFC 6455 wants it, and nobody is reset.
      void client.write(Buffer.from('8882000000' + '0003e9', 'hex'));
      client.end();
      void server.write(Buffer.from(GOING_AWAY, 'hex'));
      server.end();
      await until('the end', () => draining()?.inFlight === 0);
      expect(draining()).toMatchObject({ tunnels: 0, cut: 1 });
      const { clientAborts, serverAborts, cuts } = bench.backend('/blue');
      expect([clientAborts, serverAborts, cuts]).toEqual([0, 0, 1]);
      expectNothingInFlight(bench);
    },
  );

  it('of WebSockets finish the frame that has begun first', async () => {
    const { blue, client, server } = await webSocket();
    void client.write(Buffer.from('8185000000004865', 'hex'));
    void server.write(Buffer.from('8105', 'hex'));
    await server.incoming.take(8);
    await client.incoming.take(2);
    await cutOver(blue, 200);
    await until('the deadline', () => draining()?.cut === 1);
    expect([client.incoming.size, server.incoming.size]).toEqual([0, 0]);
    void client.write(Buffer.from('6c6c6f' + '818100000000' + '21', 'hex'));
    void server.write(Buffer.from('48656c6c6f' + '810121', 'hex'));
    expect((await client.incoming.rest()).toString('hex')).toBe(`48656c6c6f${GOING_AWAY}`);
    const received = await server.incoming.rest();
    expect(received.toString('hex', 0, 3)).toBe('6c6c6f');
    expect(unmasked(received.subarray(3))).toBe('03e9');
  });

  it('of WebSockets that are closing already get no second Close frame', async () => {
    const { blue, client, server } = await webSocket();
    void server.write(Buffer.from('880203e8', 'hex'));
    await client.incoming.take(4);
    await cutOver(blue, 200);
    expect(await client.ended()).toBe('end');
    expect(client.incoming.size).toBe(0);
  });

  it('of another protocol get a FIN, and are cut when they do not close', async () => {
    const { blue, client, server } = await webSocket('echo');
    await cutOver(blue, 200);
    expect(await client.ended()).toBe('end');
    expect(await server.ended()).toBe('end');
    expect([client.incoming.size, server.incoming.size]).toEqual([0, 0]);
    await until('the cut', () => draining()?.inFlight === 0);
    expect(bench.backend('/blue').cuts).toBe(1);
  });

  it('of TCP live until the deadline, then get a FIN', async () => {
    const blue = await scripted(async () => {});
    await start(blue, {}, 'tcp');
    const client = await RawClient.connect(port);
    const server = await blue.connection();
    void client.write('hello');
    await server.incoming.take(5);
    await cutOver(blue, 60_000, 'tcp');
    void client.write('ping');
    expect((await server.incoming.take(4)).toString()).toBe('ping');
    await cutOver(blue, 1, 'tcp');
    expect(await client.ended()).toBe('end');
    expect(await server.ended()).toBe('end');
    client.end();
    server.end();
    await until('the end', () => draining()?.inFlight === 0);
    expect(draining()).toMatchObject({ cut: 1 });
  });

  it('are told to go too when the worker is to end', async () => {
    const { client, server } = await webSocket();
    const ending = bench.plane.drain(200);
    expect(await client.ended()).toBe('end');
    expect((await client.incoming.take(4)).toString('hex')).toBe(GOING_AWAY);
    expect(await server.ended()).toBe('end');
    client.end();
    server.end();
    expect(await ending).toBe(1);
  });
});
