import { afterEach, describe, expect, it } from 'vitest';
import { OK, Origin } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from './plans.ts';

let plane: TestPlane | null = null;
let origin: Origin | null = null;

afterEach(async () => {
  await plane?.close();
  await origin?.close();
  plane = null;
  origin = null;
});

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const MIB = 1024 * 1024;

async function serve(served: Origin, settings = {}): Promise<TestPlane> {
  origin = served;
  plane = await startPlane([served], { settings });
  return plane;
}

/** Reads the request's head and then nothing more, says nothing. */
const silent = () =>
  Origin.scripted(async (connection) => {
    await connection.head();
  });

describe('a client that goes away', () => {
  it('while the server thinks, by a reset: the upstream connection is closed at once', async () => {
    const { port, backend } = await serve(await silent());
    const client = await RawClient.connect(port);
    void client.write(GET);
    const connection = await origin!.connection();
    await connection.incoming.more().catch(() => false);
    await until('the request in flight', () => backend('inFlight') === 1);
    client.reset();
    await connection.ended();
    await until('the end of the exchange', () => backend('inFlight') === 0);
    expect(backend('clientAborts')).toBe(1);
  });

  it('while the server thinks, by a FIN: it is given a second, then counts as gone', async () => {
    const { port, backend } = await serve(await silent());
    const client = await RawClient.connect(port);
    void client.write(GET);
    const connection = await origin!.connection();
    client.destroy();
    await connection.ended();
    await until('the end of the exchange', () => backend('inFlight') === 0);
    expect(backend('clientAborts')).toBe(1);
  });

  it.each([
    ['Connection: close', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 1_600],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 1_600],
    ['a quick server', GET, 0],
  ])('only one way is answered (%s)', async (_name, text, delayMs) => {
    const { port } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        setTimeout(() => void connection.write(OK), delayMs);
      }),
    );
    const client = await RawClient.connect(port);
    void client.write(text);
    client.end();
    expect((await client.response()).body.toString()).toBe('ok');
    expect(await client.ended()).toBe('end');
  });

  it('within its request body: the server never sees the body end', async () => {
    for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      for (const how of ['end', 'reset'] as const) {
        const { port, backend } = await serve(await silent());
        const client = await RawClient.connect(port);
        void client.write(`POST / HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n5\r\nhello\r\n`);
        const connection = await origin!.connection();
        await until('the body’s begin', () => connection.received.includes('hello'));
        client[how]();
        await connection.ended();
        expect(connection.received).not.toContain('0\r\n\r\n');
        await until('the end of the exchange', () => backend('inFlight') === 0);
        expect(backend('clientAborts')).toBe(1);
        await plane?.close();
        await origin?.close();
      }
    }
  });

  it('within the response: the transfer stops, and no half-used connection is used again', async () => {
    const { port, backend } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        if (origin?.connections.length === 1) {
          await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * MIB}\r\n\r\n`);
          for (let i = 0; i < 64 && !connection.closed; i += 1) {
            await connection.write(Buffer.alloc(MIB));
          }
        } else {
          await connection.write(OK);
        }
      }),
    );
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.incoming.through('\r\n\r\n');
    client.reset();
    await (await origin!.connection()).ended();
    await until('the end of the exchange', () => backend('inFlight') === 0);
    const next = await RawClient.connect(port);
    expect((await next.request(GET)).body.toString()).toBe('ok');
    next.destroy();
  });
});

describe('timeouts', () => {
  it('close an idle kept-alive connection without a word', async () => {
    const { port } = await serve(await Origin.answering(OK), { keepAliveTimeoutMs: 200 });
    const client = await RawClient.connect(port);
    await client.request(GET);
    const before = client.received;
    expect(['end', 'reset']).toContain(await client.ended());
    expect(client.received).toBe(before);
  });

  it('answer 408 when a body stalls, and end the upstream request', async () => {
    const { port, backend } = await serve(await silent(), { clientTimeoutMs: 300 });
    const client = await RawClient.connect(port);
    void client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello');
    expect((await client.response()).status).toBe(408);
    expect(await client.ended()).toBe('end');
    await (await origin!.connection()).ended();
    expect(backend('clientAborts')).toBe(1);
    expect(backend('inFlight')).toBe(0);
    client.destroy();
  });

  it('cut a response that stalls', async () => {
    const { port, backend } = await serve(
      await Origin.sending('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx'),
      { serverTimeoutMs: 300 },
    );
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.ended();
    expect(client.received).toMatch(/\r\n\r\nx$/);
    expect(backend('serverAborts')).toBe(1);
  });

  it('cut a client that does not read', async () => {
    const body = Buffer.alloc(16 * MIB);
    const { port, backend } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
        await connection.write(body);
      }),
      { clientTimeoutMs: 400 },
    );
    const stalled = await RawClient.connect(port);
    void stalled.write(GET);
    await stalled.incoming.through('\r\n\r\n');
    stalled.pause();
    await until('the cut', () => backend('clientAborts') === 1);
    expect(backend('inFlight')).toBe(0);
    stalled.destroy();
  });

  it('close an unused upstream connection after a while', async () => {
    const { port } = await serve(await Origin.answering(OK), { upstreamIdleTimeoutMs: 200 });
    const client = await RawClient.connect(port);
    await client.request(GET);
    await (await origin!.connection()).ended();
    expect((await client.request(GET).catch(() => null))?.status ?? 200).toBe(200);
    client.destroy();
  });
});
