import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { heldBetween, pour } from '../support/held.ts';
import { oneValue } from '../support/message.ts';
import { OK, Origin, type OriginConnection, refusedPort } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient } from '../support/raw-client.ts';
import { settled } from '../support/settle.ts';
import { until } from './plans.ts';

let plane: TestPlane | null = null;
let origin: Origin | null = null;

afterEach(async () => {
  await plane?.close();
  await origin?.close();
  plane = null;
  origin = null;
});

const MIB = 1024 * 1024;
const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pP\r\n\r\n';

type Mode = 'tcp' | 'upgraded';

/** A tunnel with both its ends. */
async function tunnel(mode: Mode, settings = {}) {
  origin = await Origin.scripted(async (connection) => {
    if (mode === 'tcp') return;
    await connection.head();
    await connection.write(SWITCHED);
  });
  plane = await startPlane([origin], { settings, mode: mode === 'tcp' ? 'tcp' : 'http' });
  const client = await RawClient.connect(plane.port);
  if (mode === 'upgraded') {
    void client.write(HANDSHAKE);
    expect((await client.response()).status).toBe(101);
  }
  const server: OriginConnection = await origin.connection();
  return { client, server, backend: plane.backend };
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.each(['tcp', 'upgraded'] as const)('a tunnel (%s)', (mode) => {
  it('carries bytes both ways at once, unchanged', async () => {
    const { client, server, backend } = await tunnel(mode);
    const up = randomBytes(8 * MIB);
    const down = randomBytes(8 * MIB);
    void client.write(up);
    void server.write(down);
    const [received, sent] = await Promise.all([
      client.incoming.take(down.length),
      server.incoming.take(up.length),
    ]);
    expect([sha(received), sha(sent)]).toEqual([sha(down), sha(up)]);
    expect(backend('bytesIn')).toBeGreaterThanOrEqual(up.length);
    expect(backend('bytesOut')).toBeGreaterThanOrEqual(down.length);
    expect(backend('inFlight')).toBe(1);
    client.end();
    server.end();
    await until('the end', () => backend('inFlight') === 0);
    expect(backend('clientAborts') + backend('serverAborts')).toBe(0);
  });

  it('passes on the client’s FIN after all its bytes, and what the server says then', async () => {
    const { client, server, backend } = await tunnel(mode);
    void client.write(Buffer.alloc(MIB, 1));
    client.end();
    expect(await server.ended()).toBe('end');
    expect(server.incoming.size).toBe(MIB);
    void server.write(Buffer.alloc(MIB, 2));
    server.end();
    expect(await client.ended()).toBe('end');
    expect(client.incoming.size).toBe(MIB);
    await until('the end', () => backend('inFlight') === 0);
  });

  it('passes on the server’s FIN after all its bytes, and what the client says then', async () => {
    const { client, server, backend } = await tunnel(mode);
    void server.write(Buffer.alloc(MIB, 1));
    server.end();
    expect(await client.ended()).toBe('end');
    expect(client.incoming.size).toBe(MIB);
    void client.write(Buffer.alloc(MIB, 2));
    client.end();
    expect(await server.ended()).toBe('end');
    expect(server.incoming.size).toBe(MIB);
    await until('the end', () => backend('inFlight') === 0);
  });

  it('passes on a reset promptly, either way', async () => {
    for (const dying of ['client', 'server'] as const) {
      const { client, server, backend } = await tunnel(mode);
      void client.write('hello');
      void server.write('hello');
      await Promise.all([client.incoming.take(5), server.incoming.take(5)]);
      const [one, other] = dying === 'client' ? [client, server] : [server, client];
      one.reset();
      expect(await other.ended()).toBe('reset');
      await until('the end', () => backend('inFlight') === 0);
      expect(backend(dying === 'client' ? 'clientAborts' : 'serverAborts')).toBe(1);
      await plane?.close();
      await origin?.close();
    }
  });

  it('takes little from a server while the client does not read', async () => {
    const { client, server } = await tunnel(mode);
    client.pause();
    const before = client.incoming.total;
    void pour(server, Buffer.alloc(32 * MIB));
    await settled(() => server.socket.bytesWritten);
    expect(heldBetween(server, client)).toBeLessThan(MIB);
    client.resume();
    await client.incoming.take(32 * MIB);
    expect(client.incoming.total - before).toBe(32 * MIB);
    client.destroy();
  });

  it('outlives the other timeouts, and is closed when nothing passes for its own', async () => {
    const { client, server, backend } = await tunnel(mode, {
      clientTimeoutMs: 200,
      serverTimeoutMs: 200,
      keepAliveTimeoutMs: 100,
      requestHeadTimeoutMs: 100,
      tunnelTimeoutMs: 1_500,
    });
    void client.write('hello');
    void server.write('hello');
    await Promise.all([client.incoming.take(5), server.incoming.take(5)]);
    const quietMs = performance.now();
    await Promise.all([client.ended(), server.ended()]);
    expect(performance.now() - quietMs).toBeGreaterThan(1_000);
    await until('the end', () => backend('inFlight') === 0);
  });
});

describe('an upgrade', () => {
  it('keeps what both sides sent right behind the handshake', async () => {
    origin = await Origin.scripted(async (connection) => {
      await connection.head();
      await connection.write(`${SWITCHED}greeting`);
      expect((await connection.incoming.take(5)).toString()).toBe('early');
    });
    plane = await startPlane([origin]);
    const client = await RawClient.connect(plane.port);
    void client.write(`${HANDSHAKE}early`);
    const response = await client.response();
    expect(oneValue(response, 'sec-websocket-accept')).toBe('s3pP');
    expect((await client.incoming.take(8)).toString()).toBe('greeting');
    await until('the early bytes', () => origin?.received.endsWith('early') === true);
    client.destroy();
  });

  it('that is refused is relayed, and what came behind it is never read as a request', async () => {
    origin = await Origin.answering('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    plane = await startPlane([origin]);
    const client = await RawClient.connect(plane.port);
    void client.write(`${HANDSHAKE}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    const response = await client.response();
    expect([response.status, response.body.toString()]).toEqual([403, 'no']);
    expect(await client.ended()).toBe('end');
    expect(origin.received).not.toContain('smuggled');
    client.destroy();
  });
});

describe('a TCP service', () => {
  it('lets the server speak first', async () => {
    origin = await Origin.scripted(async (connection) => {
      await connection.write('220 ready\r\n');
    });
    plane = await startPlane([origin], { mode: 'tcp' });
    const client = await RawClient.connect(plane.port);
    expect(await client.incoming.through('\r\n')).toBe('220 ready\r\n');
    client.destroy();
  });

  it('tries another server before anything is lost', async () => {
    origin = await Origin.scripted(async (connection) => {
      await connection.write(`got ${(await connection.incoming.take(5)).toString()}`);
    });
    plane = await startPlane([{ port: refusedPort() }, origin], { mode: 'tcp' });
    for (let i = 0; i < 3; i += 1) {
      const client = await RawClient.connect(plane.port);
      void client.write('hello');
      expect((await client.incoming.take(9)).toString()).toBe('got hello');
      client.destroy();
    }
    expect(plane.backend('redispatches')).toBeGreaterThan(0);
    expect(plane.backend('requests')).toBe(0);
  });

  it('without a server closes the connection', async () => {
    plane = await startPlane([], { mode: 'tcp' });
    const client = await RawClient.connect(plane.port);
    await client.ended();
    expect(client.received).toBe('');
    expect(plane.backend('connectErrors')).toBe(1);
    await until('the end', () => plane?.backend('inFlight') === 0);
  });

  it('leaves nothing behind after many short connections', async () => {
    origin = await Origin.scripted(async (connection) => {
      await connection.incoming.take(1);
      await connection.write('x');
      connection.end();
    });
    plane = await startPlane([origin], { mode: 'tcp' });
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const client = await RawClient.connect((plane as TestPlane).port);
          void client.write('x');
          await client.ended();
          client.end();
        }),
      );
    }
    expect(plane.backend('sessions')).toBe(400);
    await until('the end', () => plane?.backend('inFlight') === 0);
  });
});

describe('a worker that is to end', () => {
  const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

  it('closes idle connections at once and answers what is in flight with Connection: close', async () => {
    origin = await Origin.scripted(async (connection) => {
      for (;;) {
        const request = await connection.request();
        if (request === null) return;
        if (request.target === '/') await connection.write(OK);
      }
    });
    plane = await startPlane([origin]);
    const idle = await RawClient.connect(plane.port);
    await idle.request(GET);
    const silent = await RawClient.connect(plane.port);
    const busy = await RawClient.connect(plane.port);
    void busy.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the slow request', () => origin?.received.includes('/slow') === true);
    const drained = plane.plane.drain(8_000);
    expect(await idle.ended()).toBe('end');
    expect(await silent.ended()).toBe('end');
    await expect(RawClient.connect(plane.port)).rejects.toThrow('ECONNREFUSED');
    void (await origin.connection(origin.connections.length - 1)).write(OK);
    const response = await busy.response();
    expect([response.status, oneValue(response, 'connection')]).toEqual([200, 'close']);
    for (const client of [idle, silent, busy]) client.end();
    expect(await drained).toBe(0);
  });

  it('cuts what is left at the deadline, and says how many', async () => {
    const { client, server } = await tunnel('upgraded');
    const drained = await plane?.plane.drain(200);
    expect(drained).toBe(1);
    await Promise.all([client.ended(), server.ended()]);
    expect(plane?.backend('inFlight')).toBe(0);
  });
});
