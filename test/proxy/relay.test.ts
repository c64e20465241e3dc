import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { oneValue, valuesOf } from '../support/message.ts';
import { OK, Origin } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient, requestOnce, send } from '../support/raw-client.ts';
import { until } from './plans.ts';

let plane: TestPlane | null = null;
let origin: Origin | null = null;

afterEach(async () => {
  await plane?.close();
  await origin?.close();
  plane = null;
  origin = null;
});

async function serve(served: Origin): Promise<TestPlane> {
  origin = served;
  plane = await startPlane([served]);
  return plane;
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function chunked(bytes: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)};n=1\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

describe('keep-alive', () => {
  it('serves many requests of one client over one upstream connection', async () => {
    const { port, backend } = await serve(await Origin.answering(OK));
    const client = await RawClient.connect(port);
    for (let i = 0; i < 20; i += 1) expect((await client.request(GET)).status).toBe(200);
    expect(origin?.connections).toHaveLength(1);
    expect(backend('connects')).toBe(1);
    expect(backend('reuses')).toBe(19);
    client.destroy();
  });

  it('shares unused upstream connections between clients', async () => {
    const { port } = await serve(await Origin.answering(OK));
    for (let i = 0; i < 5; i += 1) await requestOnce(port, GET);
    expect(origin?.connections).toHaveLength(1);
  });

  it.each([
    [
      'says Connection: close',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    ],
    ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['sends more than its response', `${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`],
  ])('does not reuse the connection of a server that %s', async (_name, answer) => {
    const { port } = await serve(await Origin.answering(answer));
    const client = await RawClient.connect(port);
    for (let i = 0; i < 3; i += 1) expect((await client.request(GET)).body.toString()).toBe('ok');
    expect(origin?.connections).toHaveLength(3);
    client.destroy();
  });

  it('drops an unused connection on which a server speaks unasked', async () => {
    const { port } = await serve(await Origin.answering(OK));
    const client = await RawClient.connect(port);
    await client.request(GET);
    const connection = await origin?.connection();
    void connection?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    await connection?.ended();
    expect((await client.request(GET)).body.toString()).toBe('ok');
    client.destroy();
  });

  it('answers pipelined requests in order, also after the client’s FIN', async () => {
    const { port } = await serve(
      await Origin.answering(({ target }) => {
        return `HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`;
      }),
    );
    const client = await RawClient.connect(port);
    const targets = Array.from({ length: 200 }, (_, i) => `/${i}`);
    void client.write(targets.map((one) => `GET ${one} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    client.end();
    for (const target of targets) {
      expect((await client.response()).body.toString()).toBe(target);
    }
    expect(await client.ended()).toBe('end');
  });

  it('tolerates an empty line after a body, and does not wait for a head because of it', async () => {
    origin = await Origin.answering(OK);
    plane = await startPlane([origin], { settings: { keepAliveTimeoutMs: 300 } });
    const client = await RawClient.connect(plane.port);
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n';
    for (let i = 0; i < 3; i += 1) await client.request(post);
    const before = client.received;
    await client.ended();
    expect(client.received).toBe(before);
  });

  it('honours Connection: close and HTTP/1.0, and keeps HTTP/1.0 when asked to', async () => {
    const { port } = await serve(await Origin.answering(OK));
    const closing = await send(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(closing.ending).toBe('end');
    expect(oneValue(closing.responses[0]!, 'connection')).toBe('close');
    const old = await send(port, 'GET / HTTP/1.0\r\n\r\n');
    expect([old.ending, oneValue(old.responses[0]!, 'connection')]).toEqual(['end', 'close']);
    const client = await RawClient.connect(port);
    for (let i = 0; i < 3; i += 1) {
      const kept = await client.request('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      expect(oneValue(kept, 'connection')).toBe('keep-alive');
    }
    client.destroy();
    expect(origin?.connections).toHaveLength(1);
  });
});

describe('forwarded fields', () => {
  it('tell the client’s address, the port and the protocol, as one list each', async () => {
    const { port } = await serve(await Origin.answering(OK));
    await requestOnce(port, GET);
    await requestOnce(
      port,
      'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n\r\n',
    );
    const [plain, listed] = origin?.requests ?? [];
    expect(valuesOf(plain!, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(listed!, 'x-forwarded-for')).toEqual(['1.1.1.1, 2.2.2.2, 127.0.0.1']);
    expect(valuesOf(listed!, 'x-forwarded-port')).toEqual(['10080']);
    expect(valuesOf(listed!, 'x-forwarded-proto')).toEqual(['http']);
  });
});

describe('request bodies', () => {
  it.each([
    ['with a length', false],
    ['in chunks with extensions', true],
  ])('of 8 MiB %s arrive whole, and the connection is reused', async (_name, inChunks) => {
    const { port } = await serve(
      await Origin.answering(({ body }) => {
        const digest = sha(body);
        return `HTTP/1.1 200 OK\r\nContent-Length: ${digest.length}\r\n\r\n${digest}`;
      }),
    );
    const body = randomBytes(8 * 1024 * 1024);
    const head = `POST / HTTP/1.1\r\nHost: a\r\n${inChunks ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`;
    const client = await RawClient.connect(port);
    void client.write(Buffer.concat([Buffer.from(head), inChunks ? chunked(body, 7_919) : body]));
    expect((await client.response()).body.toString()).toBe(sha(body));
    expect((await client.request(GET)).status).toBe(200);
    expect(origin?.connections).toHaveLength(1);
    client.destroy();
  });

  it('that are malformed are refused with 400, and the server never sees an end', async () => {
    const { port } = await serve(await Origin.answering(OK));
    const client = await RawClient.connect(port);
    void client.write(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    );
    await (await origin!.connection()).incoming.more();
    void client.write('5\r\nhelloX0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await client.response()).status).toBe(400);
    expect(await client.ended()).toBe('end');
    await (await origin!.connection()).ended();
    expect(origin?.received).not.toContain('\r\n0\r\n');
    expect(origin?.received).not.toContain('smuggled');
    client.destroy();
  });

  it('begin to arrive before they end', async () => {
    const { port } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        await connection.incoming.take(5);
        await connection.write('HTTP/1.1 100 Continue\r\n\r\n');
        await connection.incoming.take(5);
        await connection.write(OK);
      }),
    );
    const client = await RawClient.connect(port);
    void client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst');
    expect((await client.response()).status).toBe(100);
    void client.write('other');
    expect((await client.response()).status).toBe(200);
    client.destroy();
  });

  it('wait for the server’s 100 when the client expects it', async () => {
    const { port } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        await connection.write('HTTP/1.1 100 Continue\r\n\r\n');
        expect((await connection.incoming.take(3)).toString()).toBe('abc');
        await connection.write(OK);
      }),
    );
    const client = await RawClient.connect(port);
    void client.write(
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
    );
    expect((await client.response()).status).toBe(100);
    void client.write('abc');
    expect((await client.response()).status).toBe(200);
    client.destroy();
  });

  it('need not come when the server has answered already: its answer is relayed, then all is closed', async () => {
    const { port, backend } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        await connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
      }),
    );
    const client = await RawClient.connect(port);
    void client.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(10)}`,
    );
    const response = await client.response();
    expect([response.status, oneValue(response, 'connection')]).toEqual([413, 'close']);
    await (await origin!.connection()).ended();
    expect(await client.ended()).toBe('end');
    expect(backend('inFlight')).toBe(0);
    client.destroy();
  });

  it('that a server refuses and resets do not hide its answer', async () => {
    const { port } = await serve(
      await Origin.scripted(async (connection) => {
        await connection.head();
        await connection.write(
          'HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig',
        );
        connection.destroy();
      }),
    );
    for (let i = 0; i < 10; i += 1) {
      const client = await RawClient.connect(port);
      void client.write(
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(900_000)}`,
      );
      expect((await client.response()).body.toString()).toBe('big');
      client.destroy();
    }
  });
});

describe('response bodies', () => {
  it('of 8 MiB arrive whole in every framing', async () => {
    const body = randomBytes(8 * 1024 * 1024);
    const { port } = await serve(
      await Origin.scripted(async (connection) => {
        for (;;) {
          const request = await connection.request();
          if (request === null) return;
          if (request.target === '/length') {
            void connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
            await connection.write(body);
          } else if (request.target === '/chunked') {
            void connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
            await connection.write(chunked(body, 50_021));
          } else {
            void connection.write('HTTP/1.1 200 OK\r\n\r\n');
            await connection.write(body);
            connection.end();
          }
        }
      }),
    );
    for (const version of ['1.1', '1.0']) {
      for (const target of ['/length', '/chunked', '/close']) {
        const client = await RawClient.connect(port);
        void client.write(`GET ${target} HTTP/${version}\r\nHost: a\r\n\r\n`);
        const response = await client.response();
        expect(sha(response.body)).toBe(sha(body));
        const framed = target === '/length' ? 'length' : version === '1.1' ? 'chunked' : 'close';
        const seen =
          response.chunks !== null
            ? 'chunked'
            : oneValue(response, 'content-length')
              ? 'length'
              : 'close';
        expect([version, target, seen]).toEqual([version, target, framed]);
        client.destroy();
      }
    }
  });

  it('that must not be there are not: HEAD, 204, 304', async () => {
    const { port } = await serve(
      await Origin.answering(({ method, target }) => {
        if (target === '/204') return 'HTTP/1.1 204 No Content\r\n\r\n';
        if (target === '/304')
          return 'HTTP/1.1 304 Not Modified\r\nContent-Length: 55\r\nETag: "a"\r\n\r\n';
        return method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n' : OK;
      }),
    );
    const client = await RawClient.connect(port);
    expect(
      oneValue(await client.request('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'), 'content-length'),
    ).toBe('12345');
    expect((await client.request('GET /204 HTTP/1.1\r\nHost: a\r\n\r\n')).head).toBe(
      'HTTP/1.1 204 No Content\r\n\r\n',
    );
    expect(
      oneValue(await client.request('GET /304 HTTP/1.1\r\nHost: a\r\n\r\n'), 'content-length'),
    ).toBe('55');
    expect((await client.request(GET)).body.toString()).toBe('ok');
    expect(origin?.connections).toHaveLength(1);
    client.destroy();
  });

  it('keep their trailers, without those that decide something', async () => {
    const { port } = await serve(
      await Origin.answering(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\nContent-Length: 9\r\n\r\n',
      ),
    );
    const client = await RawClient.connect(port);
    for (let i = 0; i < 2; i += 1) {
      const response = await client.request(GET);
      expect(response.trailers).toEqual([['X-T', '1']]);
    }
    client.destroy();
  });

  it('are relayed as they come: each event before the next is sent', async () => {
    const { port } = await serve(
      await Origin.sending('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'),
    );
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.incoming.through('\r\n\r\n');
    const connection = await origin!.connection();
    for (let i = 0; i < 5; i += 1) {
      void connection.write(`data: ${i}\n\n`);
      expect(await client.incoming.through('\n\n\r\n')).toBe(`9\r\ndata: ${i}\n\n\r\n`);
    }
    client.destroy();
    // Its FIN alone could be a half-close; further events find out that nobody reads them.
    await until('the upstream connection to be closed', () => {
      if (!connection.closed) void connection.write('data: more\n\n');
      return connection.incoming.ending !== null;
    });
  });
});

describe('interim responses', () => {
  it('are relayed to HTTP/1.1 clients and kept from HTTP/1.0 clients', async () => {
    const { port } = await serve(
      await Origin.answering(
        `HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${OK}`,
      ),
    );
    const client = await RawClient.connect(port);
    void client.write(GET);
    expect((await client.response()).head).toBe('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n');
    expect((await client.response()).status).toBe(100);
    expect((await client.response()).status).toBe(200);
    client.destroy();
    expect((await requestOnce(port, 'GET / HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

describe('a response that breaks off', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['within a length', 'Content-Length: 100', 'partial'],
    ['within a chunk', 'Transfer-Encoding: chunked', '64\r\npartial'],
    ['between chunks', 'Transfer-Encoding: chunked', '7\r\npartial\r\n'],
    ['within its trailers', 'Transfer-Encoding: chunked', '7\r\npartial\r\n0\r\n'],
  ];
  const cases = rows.flatMap((row) => [[...row, 'FIN'] as const, [...row, 'RST'] as const]);

  it.each(cases)(
    '%s is cut off for the client, never completed (%4$s)',
    async (_name, framing, part, how) => {
      const answer = `HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${part}`;
      const { port, backend } = await serve(await Origin.sending(answer));
      const client = await RawClient.connect(port);
      void client.write(GET);
      await client.incoming.through(part);
      const connection = await origin!.connection();
      if (how === 'RST') connection.reset();
      else connection.end();
      await client.ended();
      expect(client.received.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(part);
      await until('the end of the exchange', () => backend('inFlight') === 0);
      expect(backend('serverAborts')).toBe(1);
      expect(backend('responseErrors')).toBe(1);
    },
  );

  it('by malformed chunks is cut off before them', async () => {
    const { port } = await serve(
      await Origin.sending('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'),
    );
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.incoming.through('ok\r\n');
    const connection = await origin!.connection();
    void connection.write('5\r\nhelloX0\r\n\r\n');
    await client.ended();
    await connection.ended();
    expect(client.received).not.toContain('0\r\n\r\n');
    expect(client.received).toMatch(/ok\r\n$/);
  });

  it('within a body that goes until the close ends with a reset, or in chunks without a last one', async () => {
    const { port } = await serve(await Origin.sending('HTTP/1.1 200 OK\r\n\r\npartial'));
    const old = await RawClient.connect(port);
    void old.write('GET / HTTP/1.0\r\n\r\n');
    await old.incoming.through('partial');
    (await origin!.connection()).reset();
    expect(await old.ended()).toBe('reset');
    const client = await RawClient.connect(port);
    void client.write(GET);
    await client.incoming.through('partial');
    (await origin!.connection(1)).reset();
    await client.ended();
    expect(client.received).toMatch(/7\r\npartial\r\n$/);
  });
});
