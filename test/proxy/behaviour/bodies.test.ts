// Bodies: rows B014–B022, B059, B065, B084, B085, B093 and B128 of the behaviour table.

import { describe, expect, it } from 'vitest';
import { asChunks, bulk, digest, MIB } from '../../support/bulk.ts';
import { heldBetween, pour } from '../../support/held.ts';
import { oneValue, valuesOf } from '../../support/message.ts';
import { OK, type OriginRequest } from '../../support/origin.ts';
import { requestOnce } from '../../support/raw-client.ts';
import { settled } from '../../support/settle.ts';
import { stage } from '../../support/stage.ts';

const on = stage();

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';

/** More than is held on the way when that is bounded as it must be. */
const UNBOUNDED = MIB;

function post(fields: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\n${fields}`;
}

async function upstream(bytes: string | Buffer): Promise<OriginRequest> {
  const origin = await on.answering(OK);
  const response = await requestOnce((await on.plane([origin])).port, bytes);
  expect(response.status).toBe(200);
  return origin.requests[0] as OriginRequest;
}

describe('Expect: 100-continue', () => {
  const head = post('Content-Length: 5\r\nExpect: 100-continue\r\n\r\n');

  it('B014: the origin’s 100 reaches the client, then the body the origin', async () => {
    const origin = await on.scripted(async () => {});
    const client = await on.client(await on.plane([origin]));
    void client.write(head);
    const connection = await origin.connection();
    expect(await connection.head()).toContain('\r\nExpect: 100-continue\r\n');
    void connection.write('HTTP/1.1 100 Continue\r\n\r\n');
    expect((await client.response()).status).toBe(100);
    void client.write('hello');
    expect((await connection.incoming.take(5)).toString()).toBe('hello');
    void connection.write(OK);
    expect((await client.response()).status).toBe(200);
  });

  it('B015: a final answer instead reaches the client, and nothing waits for the body', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno');
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(head);
    const response = await client.response();
    expect([response.status, oneValue(response, 'connection')]).toEqual([417, 'close']);
    await client.ended();
  });
});

describe('request bodies', () => {
  it('B016: 8 MiB with a length arrive whole', async () => {
    const body = bulk(8 * MIB);
    const head = post(`Content-Length: ${body.length}\r\n\r\n`);
    const request = await upstream(Buffer.concat([Buffer.from(head), body]));
    expect(oneValue(request, 'content-length')).toBe(String(body.length));
    expect(digest(request.body)).toBe(digest(body));
  });

  it('B017: 8 MiB in chunks of odd sizes arrive whole', async () => {
    const body = bulk(8 * MIB);
    const request = await upstream(Buffer.concat([Buffer.from(post(CHUNKED)), asChunks(body)]));
    expect(valuesOf(request, 'transfer-encoding')).toEqual(['chunked']);
    expect(valuesOf(request, 'content-length')).toEqual([]);
    expect(digest(request.body)).toBe(digest(body));
  });

  it.each([
    ['a length', 'Content-Length: 10\r\n\r\n', 'hello', 'world'],
    ['chunks', CHUNKED, '5\r\nhello\r\n', '5\r\nworld\r\n0\r\n\r\n'],
  ])('B018: with %s their start arrives before their end is sent', async (_what, fields, a, b) => {
    const origin = await on.scripted(async () => {});
    const client = await on.client(await on.plane([origin]));
    void client.write(post(fields) + a);
    const connection = await origin.connection();
    expect(await connection.incoming.through('hello')).toContain('POST / HTTP/1.1');
    void client.write(b);
    await connection.incoming.through('world');
    void connection.write(OK);
    expect((await client.response()).status).toBe(200);
  });

  it('B019: trailers stay trailers', async () => {
    const request = await upstream(`${post(CHUNKED)}2\r\nhi\r\n0\r\nX-T: 1\r\nHost: b\r\n\r\n`);
    expect(request.trailers).toEqual([['X-T', '1']]);
    expect(valuesOf(request, 'x-t')).toEqual([]);
    expect(valuesOf(request, 'host')).toEqual(['a']);
  });

  it.each([
    ['B020', 'GET', 'Content-Length: 5\r\n\r\nhello'],
    ['B021', 'DELETE', `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`],
    ['B021', 'OPTIONS', `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`],
    ['B021', 'DELETE', 'Content-Length: 5\r\n\r\nhello'],
  ])('%s: a %s keeps its body, and the next request is whole', async (_id, method, rest) => {
    const origin = await on.answering(OK);
    const client = await on.client(await on.plane([origin]));
    void client.write(`${method} /a HTTP/1.1\r\nHost: a\r\n${rest}${GET}`);
    expect([(await client.response()).status, (await client.response()).status]).toEqual([
      200, 200,
    ]);
    expect(origin.requests.map(({ method: m, body }) => [m, body.toString()])).toEqual([
      [method, 'hello'],
      ['GET', ''],
    ]);
    expect(origin.connections).toHaveLength(1);
  });

  it('B022: a length of 0 is told', async () => {
    const request = await upstream(post('Content-Length: 0\r\n\r\n'));
    expect(valuesOf(request, 'content-length')).toEqual(['0']);
    expect(valuesOf(request, 'transfer-encoding')).toEqual([]);
  });

  it('B128: a thousand small chunks arrive whole', async () => {
    const chunks = Array.from(
      { length: 1_000 },
      (_, i) => `2\r\n${String(i % 90).padStart(2)}\r\n`,
    );
    const request = await upstream(`${post(CHUNKED)}${chunks.join('')}0\r\n\r\n`);
    expect(request.body).toHaveLength(2_000);
    expect(request.body.toString().slice(-2)).toBe(' 9');
  });

  it('B037: chunks that come byte by byte arrive whole', async () => {
    const origin = await on.answering(OK);
    const client = await on.client(await on.plane([origin]));
    const bytes = `${post(CHUNKED)}5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n`;
    for (const byte of bytes) await client.write(byte);
    expect((await client.response()).status).toBe(200);
    const [request] = origin.requests;
    expect([request?.body.toString(), request?.trailers]).toEqual(['hello', [['X-T', '1']]]);
  });
});

describe('an answer before the body is whole', () => {
  it('B065: reaches the client, with a close', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    void client.write(post(`Content-Length: ${MIB}\r\n\r\n${'a'.repeat(1_000)}`));
    const response = await client.response();
    expect([response.status, response.body.toString()]).toEqual([413, 'big']);
    expect(oneValue(response, 'connection')).toBe('close');
    // Its connection is not used for another request.
    await (await origin.connection()).ended();
  });

  it('B093: leaves nothing behind for the next request', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write(OK);
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    const half = `${post('Content-Length: 60\r\n\r\n')}GET /smuggled HTTP/1.1\r\n`;
    expect((await client.request(half)).status).toBe(200);
    expect((await requestOnce(plane.port, GET)).status).toBe(200);
    expect(origin.connections).toHaveLength(2);
    expect(origin.connections[1]?.received.startsWith('GET / HTTP/1.1')).toBe(true);
  });
});

describe('big transfers', () => {
  it.each([
    ['a length', false],
    ['chunks', true],
  ])('B059: 8 MiB with %s arrive whole at the client', async (_what, chunked) => {
    const body = bulk(8 * MIB);
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
      await connection.write(chunked ? asChunks(body) : body);
    });
    const response = await requestOnce((await on.plane([origin])).port, GET);
    expect(digest(response.body)).toBe(digest(body));
  });

  it('B084: a client that does not read holds the origin back, then gets all', async () => {
    const body = bulk(32 * MIB);
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      await pour(connection, body);
    });
    const client = await on.client(await on.plane([origin]));
    client.pause();
    void client.write(GET);
    const connection = await origin.connection();
    await connection.incoming.more();
    await settled(() => connection.socket.bytesWritten);
    expect(heldBetween(connection, client)).toBeLessThan(UNBOUNDED);
    client.resume();
    expect(digest((await client.response()).body)).toBe(digest(body));
  });

  it.each([
    ['a length', false],
    ['chunks', true],
  ])('B085: an origin that does not read holds the client back: %s', async (_what, chunked) => {
    const body = bulk(32 * MIB);
    const origin = await on.scripted(async (connection) => connection.pause());
    const client = await on.client(await on.plane([origin]));
    await client.write(post(chunked ? CHUNKED : `Content-Length: ${body.length}\r\n\r\n`));
    void pour(client, chunked ? asChunks(body) : body);
    const connection = await origin.connection();
    await settled(() => client.socket.bytesWritten);
    expect(heldBetween(client, connection)).toBeLessThan(UNBOUNDED);
    connection.resume();
    const request = await connection.request();
    expect(digest(request?.body ?? Buffer.alloc(0))).toBe(digest(body));
    void connection.write(OK);
    expect((await client.response()).status).toBe(200);
  });
});
