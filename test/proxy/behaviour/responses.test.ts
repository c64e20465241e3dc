// How responses go to the client: rows B040–B066 and B129 of the behaviour table.

import { describe, expect, it } from 'vitest';
import { oneValue, valuesOf } from '../../support/message.ts';
import { OK } from '../../support/origin.ts';
import { type RawClient, type RawResponse, requestOnce } from '../../support/raw-client.ts';
import { stage } from '../../support/stage.ts';

const on = stage();

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** What the client receives when the origin answers with these bytes and then keeps quiet. */
async function downstream(bytes: string, request = GET): Promise<RawResponse> {
  const origin = await on.answering(bytes);
  return requestOnce((await on.plane([origin])).port, request);
}

/** The same when the origin ends its connection after the bytes. */
async function beforeClose(bytes: string): Promise<RawClient> {
  const origin = await on.scripted(async (connection) => {
    await connection.request();
    await connection.write(bytes);
    connection.end();
  });
  const client = await on.client(await on.plane([origin]));
  void client.write(GET);
  return client;
}

describe('the status line', () => {
  it('B040: arrives with its reason', async () => {
    const response = await downstream('HTTP/1.1 299 Fine By Me\r\nContent-Length: 0\r\n\r\n');
    expect(response.startLine).toBe('HTTP/1.1 299 Fine By Me');
  });

  it('B052: of HTTP/1.0 arrives as one of 1.1', async () => {
    const client = await beforeClose('HTTP/1.0 200 Yes\r\nContent-Length: 2\r\n\r\nok');
    const response = await client.response();
    expect([response.startLine, response.body.toString()]).toEqual(['HTTP/1.1 200 Yes', 'ok']);
  });
});

describe('response fields', () => {
  it('B041 B042 B043 B044 B060 B062 B066: arrive in their bytes, order and case', async () => {
    const head = [
      'HTTP/1.1 206 Partial Content',
      'set-cookie: a=1; Path=/',
      'X-m: 1',
      'SET-COOKIE: b=2',
      'X-M: 2',
      'Set-Cookie: c=3',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Server: Apache',
      'Content-Encoding: gzip',
      'ETag: "a"',
      'Content-Range: bytes 0-1/10',
      'Location: http://10.0.0.1:31000/x',
      'Content-Length: 2',
      '',
      '',
    ].join('\r\n');
    const response = await downstream(`${head}\x1f\x8b`);
    expect(response.head).toBe(head);
    expect(response.body.toString('latin1')).toBe('\x1f\x8b');
  });

  it('B045: none is added where the origin sends none', async () => {
    const response = await downstream('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(response.head).toBe('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });

  it('B046: those of the upstream hop stop here', async () => {
    const response = await downstream(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-R\r\nKeep-Alive: timeout=5\r\nX-R: 1\r\nContent-Length: 0\r\nX: 1\r\n\r\n',
    );
    expect(response.head).toBe('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: 1\r\n\r\n');
  });

  it('B064: a head of 10 KiB arrives', async () => {
    const value = 'a'.repeat(10_240);
    const response = await downstream(
      `HTTP/1.1 200 OK\r\nX: ${value}\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(oneValue(response, 'x')).toBe(value);
  });

  it('B063: a head of 1 MB is a 502', async () => {
    const response = await downstream(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(1_048_576)}\r\n\r\n`);
    expect(response.status).toBe(502);
  });
});

describe('responses without a body', () => {
  it.each([
    ['B047', 'GET', '204 No Content', '', {}],
    ['B047', 'GET', '204 No Content', 'Content-Length: 0\r\n', {}],
    ['B048', 'GET', '304 Not Modified', 'ETag: "a"\r\nContent-Length: 5\r\n', { length: '5' }],
    ['B049', 'HEAD', '200 OK', 'Content-Length: 12345\r\n', { length: '12345' }],
    ['B049', 'HEAD', '200 OK', 'Transfer-Encoding: chunked\r\n', { encoding: 'chunked' }],
    ['B049', 'HEAD', '200 OK', '', {}],
  ] as const)(
    '%s: %s %s with %j leaves both connections usable',
    async (_id, method, status, fields, framing) => {
      const origin = await on.answering(({ target }) =>
        target === '/a' ? `HTTP/1.1 ${status}\r\n${fields}\r\n` : OK,
      );
      const client = await on.client(await on.plane([origin]));
      const response = await client.request(`${method} /a HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(response.startLine).toBe(`HTTP/1.1 ${status}`);
      expect(oneValue(response, 'content-length')).toBe(
        'length' in framing ? framing.length : undefined,
      );
      expect(oneValue(response, 'transfer-encoding')).toBe(
        'encoding' in framing ? framing.encoding : undefined,
      );
      expect((await client.request(GET)).body.toString()).toBe('ok');
      expect(origin.connections).toHaveLength(1);
    },
  );
});

describe('response bodies', () => {
  it('B050 B058: chunks and trailers arrive', async () => {
    const response = await downstream(
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n',
    );
    expect(response.chunks?.map(String).join('')).toBe('hello!');
    expect(response.trailers).toEqual([['X-Sum', '1']]);
    expect(oneValue(response, 'trailer')).toBe('X-Sum');
  });

  it('B051: a body that ends by close has an unambiguous end', async () => {
    const client = await beforeClose('HTTP/1.1 200 OK\r\n\r\nhello');
    const response = await client.response();
    expect([response.body.toString(), response.chunks === null]).toEqual(['hello', false]);
    // The client's connection outlives the server's.
    expect(client.incoming.ending).toBeNull();
  });

  it('B051: for an HTTP/1.0 client it ends by close', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write('HTTP/1.1 200 OK\r\n\r\nhello');
      connection.end();
    });
    const client = await on.client(await on.plane([origin]));
    void client.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    const response = await client.response();
    expect([response.body.toString(), response.chunks]).toEqual(['hello', null]);
    expect(await client.ended()).toBe('end');
  });

  it('B053 B054 B055: each piece is passed on when it comes, the head first', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
      await connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(GET);
    expect(await client.incoming.through('\r\n\r\n')).toContain('text/event-stream');
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      await (await origin.connection()).write(`9\r\n${event}\r\n`);
      expect(await client.incoming.through(`${event}\r\n`)).toBe(`9\r\n${event}\r\n`);
    }
  });

  it('B055: the first byte of a body with a length is not held back', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx');
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(GET);
    await client.incoming.through('\r\n\r\nx');
    await (await origin.connection()).write('y');
    expect((await client.incoming.take(1)).toString()).toBe('y');
  });

  it('B061: a length stays a length', async () => {
    const response = await downstream('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    expect(valuesOf(response, 'content-length')).toEqual(['5']);
    expect(response.chunks).toBeNull();
  });

  it('B129: bytes behind a response are not delivered, not even to the next client', async () => {
    const origin = await on.answering(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`);
    const plane = await on.plane([origin]);
    for (let i = 0; i < 3; i += 1) {
      const client = await on.client(plane);
      expect((await client.request(GET)).body.toString()).toBe('ok');
      expect((await client.request(GET)).body.toString()).toBe('ok');
    }
    expect(origin.connections).toHaveLength(6);
  });
});

describe('interim responses', () => {
  it('B056: a 103 arrives before the final one', async () => {
    const client = await beforeClose(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`);
    const early = await client.response();
    expect([early.status, oneValue(early, 'link')]).toEqual([103, '</a>']);
    expect((await client.response()).status).toBe(200);
  });

  it('B057: a 100 nobody asked for does not hide the final one', async () => {
    const client = await beforeClose(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    expect((await client.finalResponse()).status).toBe(200);
  });

  it('B056: an HTTP/1.0 client sees none', async () => {
    const response = await downstream(
      `HTTP/1.1 103 Early Hints\r\n\r\n${OK}`,
      'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    );
    expect(response.startLine).toBe('HTTP/1.1 200 OK');
  });
});
