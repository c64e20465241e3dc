// How requests go upstream: rows B001–B039 of the behaviour table.

import { describe, expect, it } from 'vitest';
import { oneValue, valuesOf } from '../../support/message.ts';
import { OK, type Origin, type OriginRequest } from '../../support/origin.ts';
import type { TestPlane } from '../../support/plane.ts';
import { requestOnce } from '../../support/raw-client.ts';
import { stage } from '../../support/stage.ts';

const on = stage();

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';

async function start(): Promise<{ origin: Origin; plane: TestPlane }> {
  const origin = await on.answering(OK);
  return { origin, plane: await on.plane([origin]) };
}

/** What the origin receives of a request with these lines. */
async function upstream(...lines: string[]): Promise<OriginRequest> {
  const { origin, plane } = await start();
  const response = await requestOnce(plane.port, `${lines.join('\r\n')}\r\n\r\n`);
  expect(response.status).toBe(200);
  return origin.requests[0] as OriginRequest;
}

/** Lines the origin received, without those Teal writes of its own. */
function linesOf(request: OriginRequest): string[] {
  return request.head.split('\r\n').filter((line) => line !== '' && !/^X-Forwarded-/.test(line));
}

describe('the request line', () => {
  it.each([
    '/',
    '/a/../b/./c//d/',
    '/%2e%2e/%2F?x=%20&y=a+b',
    '/?',
    '//host/path',
    '/a;b=c,d?e[]=f|g',
  ])('B001: the target %s arrives as it was sent', async (target) => {
    expect((await upstream(`GET ${target} HTTP/1.1`, 'Host: a')).target).toBe(target);
  });

  it.each(['PROPFIND', 'PURGE', 'XFOO', 'get', 'M-SEARCH'])(
    'B002: the method %s arrives as it was sent',
    async (method) => {
      expect((await upstream(`${method} / HTTP/1.1`, 'Host: a')).method).toBe(method);
    },
  );

  it('B025: OPTIONS * arrives as OPTIONS *', async () => {
    expect((await upstream('OPTIONS * HTTP/1.1', 'Host: a')).startLine).toBe('OPTIONS * HTTP/1.1');
  });

  it('B026: an absolute target loses its authority, which becomes the Host', async () => {
    const request = await upstream('GET http://Web.Test:80/a?b HTTP/1.1', 'Host: web.test');
    expect([request.target, valuesOf(request, 'host')]).toEqual(['/a?b', ['Web.Test:80']]);
  });

  it('B026: an absolute target against the Host is refused', async () => {
    const { origin, plane } = await start();
    const bytes = 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n';
    expect((await requestOnce(plane.port, bytes)).status).toBe(400);
    expect(origin.connections).toEqual([]);
  });

  it('B034: a target of 4 KiB arrives, one of 70 KiB is refused with 414', async () => {
    const { origin, plane } = await start();
    const get = (size: number): string => `GET /${'a'.repeat(size)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    expect((await requestOnce(plane.port, get(4_096))).status).toBe(200);
    expect(origin.requests[0]?.target).toHaveLength(4_097);
    expect((await requestOnce(plane.port, get(70_000))).status).toBe(414);
    expect(origin.requests).toHaveLength(1);
  });
});

describe('request fields', () => {
  it('B003 B004 B005 B006 B007 B024: arrive in their bytes, order and case, none added', async () => {
    const lines = [
      'GET / HTTP/1.1',
      'x-First: a\tb  "c" \x80\xff',
      'HOST: Web.test:10080',
      'Cookie: a=1; b=2',
      'Accept: text/a',
      'COOKIE: c=3',
      'accept: text/b',
      'X-Empty:',
    ];
    expect(linesOf(await upstream(...lines))).toEqual(lines);
  });

  it('B008: X-Forwarded-For keeps what came and appends the client', async () => {
    const request = await upstream(
      'GET / HTTP/1.1',
      'Host: a',
      'X-Forwarded-For: 1.1.1.1',
      'x-forwarded-for: 2.2.2.2, 3.3.3.3',
    );
    expect(valuesOf(request, 'x-forwarded-for')).toEqual(['1.1.1.1, 2.2.2.2, 3.3.3.3, 127.0.0.1']);
  });

  it('B009 B039: the forwarded fields are set once, Via is not', async () => {
    const request = await upstream('GET / HTTP/1.1', 'Host: a', 'X-Forwarded-Proto: https');
    expect(valuesOf(request, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(request, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(request, 'x-forwarded-port')).toEqual(['10080']);
    expect(valuesOf(request, 'via')).toEqual([]);
  });

  it('B010 B011: fields of the client’s hop stop here', async () => {
    const request = await upstream(
      'GET / HTTP/1.1',
      'Host: a',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'TE: gzip',
      'Upgrade: websocket',
      'X-Hop: 1',
      'Connection: keep-alive, X-Hop',
      'X-Stay: 1',
    );
    expect(linesOf(request)).toEqual(['GET / HTTP/1.1', 'Host: a', 'X-Stay: 1']);
  });

  it('B012: Connection takes away neither host, length nor the forwarded fields', async () => {
    const { origin, plane } = await start();
    const named = 'Connection: Host, Content-Length, X-Forwarded-For';
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n${named}\r\n`;
    await requestOnce(plane.port, `${head}X-Forwarded-For: 1.1.1.1\r\n\r\nhi`);
    const request = origin.requests[0] as OriginRequest;
    expect(oneValue(request, 'host')).toBe('a');
    expect(oneValue(request, 'content-length')).toBe('2');
    expect(oneValue(request, 'x-forwarded-for')).toBe('1.1.1.1, 127.0.0.1');
    expect(request.body.toString()).toBe('hi');
  });

  it('B013: of TE trailers alone arrives', async () => {
    const request = await upstream('GET / HTTP/1.1', 'Host: a', 'TE: gzip, trailers');
    expect(valuesOf(request, 'te')).toEqual(['trailers']);
    expect(valuesOf(request, 'connection')).toEqual(['TE']);
  });

  it('B023: a GET without a body gets no framing', async () => {
    const request = await upstream('GET / HTTP/1.1', 'Host: a');
    expect(request.head).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('B035: 6 KiB of fields arrive, 128 KiB are refused with 431', async () => {
    const { plane } = await start();
    const get = (size: number): string =>
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(size)}\r\n\r\n`;
    expect((await requestOnce(plane.port, get(6_144))).status).toBe(200);
    expect((await requestOnce(plane.port, get(131_072))).status).toBe(431);
  });

  it('B036: 80 fields arrive, 5,000 are refused with 431', async () => {
    const { origin, plane } = await start();
    const get = (count: number): string =>
      `GET / HTTP/1.1\r\nHost: a\r\n${'X: a\r\n'.repeat(count)}\r\n`;
    expect((await requestOnce(plane.port, get(80))).status).toBe(200);
    expect(origin.requests[0]?.fields.filter(([name]) => name === 'X')).toHaveLength(80);
    expect((await requestOnce(plane.port, get(5_000))).status).toBe(431);
  });

  it('B127: Max-Forwards and Via of others arrive', async () => {
    const lines = ['GET / HTTP/1.1', 'Host: a', 'Max-Forwards: 3', 'Via: 1.1 x'];
    expect(linesOf(await upstream(...lines))).toEqual(lines);
  });
});

describe('the client connection', () => {
  it('B027: an HTTP/1.0 client gets no chunks, and a close', async () => {
    const origin = await on.answering(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\n\r\n',
    );
    const client = await on.client(await on.plane([origin]));
    void client.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    const response = await client.response();
    expect(response.body.toString()).toBe('ok!');
    expect(valuesOf(response, 'transfer-encoding')).toEqual([]);
    expect(await client.ended()).toBe('end');
    expect(origin.requests[0]?.startLine).toBe('GET / HTTP/1.1');
  });

  it('B027: nor does it see an encoding in the answer to HEAD', async () => {
    const origin = await on.answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const client = await on.client(await on.plane([origin]));
    void client.write('HEAD / HTTP/1.0\r\nHost: a\r\n\r\n');
    expect(valuesOf(await client.response('HEAD'), 'transfer-encoding')).toEqual([]);
  });

  it('B028: an HTTP/1.0 client that asks for it is kept', async () => {
    const { plane } = await start();
    const client = await on.client(plane);
    for (let i = 0; i < 2; i += 1) {
      const response = await client.request(
        'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
      );
      expect(oneValue(response, 'connection')?.toLowerCase()).toBe('keep-alive');
    }
  });

  it('B029: ten requests in one piece are answered in order', async () => {
    const origin = await on.answering(
      ({ target }) => `HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`,
    );
    const client = await on.client(await on.plane([origin]));
    const targets = Array.from({ length: 10 }, (_, i) => `/${'x'.repeat(i)}`);
    void client.write(targets.map((t) => `GET ${t} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    for (const target of targets) expect((await client.response()).body.toString()).toBe(target);
  });

  it('B030: a request waits for the answer to the one before it', async () => {
    const origin = await on.scripted(async () => {});
    const client = await on.client(await on.plane([origin]));
    const answer = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${body}`;
    void client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /fast HTTP/1.1\r\nHost: a\r\n\r\n');
    const connection = await origin.connection();
    expect(await connection.head()).toContain('GET /slow');
    expect([connection.incoming.size, origin.connections.length]).toEqual([0, 1]);
    void connection.write(answer('slow'));
    expect((await client.response()).body.toString()).toBe('slow');
    expect(await connection.head()).toContain('GET /fast');
    void connection.write(answer('fast'));
    expect((await client.response()).body.toString()).toBe('fast');
  });

  it('B031: 20 requests one after the other are served on one connection', async () => {
    const { origin, plane } = await start();
    const client = await on.client(plane);
    for (let i = 0; i < 20; i += 1) expect((await client.request(GET)).status).toBe(200);
    expect(origin.requests).toHaveLength(20);
    expect(origin.connections).toHaveLength(1);
  });

  it('B032 B033: a client’s close is honoured, and costs no upstream connection', async () => {
    const { origin, plane } = await start();
    for (let i = 0; i < 3; i += 1) {
      const client = await on.client(plane);
      const bytes = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
      expect(oneValue(await client.request(bytes), 'connection')).toBe('close');
      expect(await client.ended()).toBe('end');
      client.end();
    }
    expect(origin.connections).toHaveLength(1);
  });

  it('B037: a head that comes byte by byte is served', async () => {
    const { origin, plane } = await start();
    const client = await on.client(plane);
    for (const byte of GET) await client.write(byte);
    expect((await client.response()).status).toBe(200);
    expect(origin.requests[0]?.target).toBe('/a');
  });

  it('B038: an empty line behind a body is not taken for a request', async () => {
    const { plane } = await start();
    const client = await on.client(plane);
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\n';
    expect((await client.request(post)).status).toBe(200);
    expect((await client.request(GET)).status).toBe(200);
  });
});

describe('refused requests', () => {
  it.each([
    ['B124', 'CONNECT a:443 HTTP/1.1', 405],
    ['B125', 'TRACE / HTTP/1.1', 405],
    ['B126', 'GET / HTTP/1.1\r\nExpect: 200-ok', 417],
  ])('%s: %s', async (_id, lines, status) => {
    const { origin, plane } = await start();
    const response = await requestOnce(plane.port, `${lines}\r\nHost: a\r\n\r\n`);
    expect(response.status).toBe(status);
    expect(origin.connections).toEqual([]);
  });

  it('B090: are followed by a close, and what comes behind them is not executed', async () => {
    const { origin, plane } = await start();
    const client = await on.client(plane);
    void client.write(`GET /bad HTTP/1.1\r\n\r\n${GET}${GET}`);
    expect((await client.response()).status).toBe(400);
    expect(await client.ended()).toBe('end');
    expect(origin.connections).toEqual([]);
  });

  it('B091: are answered with a framed page that names nothing of ours', async () => {
    const { plane } = await start();
    const bad = await requestOnce(plane.port, 'GET / HTTP/1.1\r\n\r\n');
    expect(oneValue(bad, 'content-length')).toBe(String(bad.body.length));
    expect(oneValue(bad, 'connection')).toBe('close');
    expect(bad.head + bad.body.toString()).not.toMatch(/teal|node|\/src|127\.0\.0\.1/i);
  });
});
