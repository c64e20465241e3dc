// Servers that answer wrongly: the client gets a 502 or a visibly cut body, never a wrong message as
// a right one, and the plane serves the next client.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OK, Origin, type OriginConnection } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';
import { REFUSED_RESPONSES } from '../support/refused-responses.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

let good: Origin;
let plane: TestPlane;

beforeAll(async () => {
  good = await Origin.answering(OK);
  plane = await startPlane([good]);
});

afterAll(async () => {
  await plane.close();
  await good.close();
});

/** Runs `act` with an origin of this behaviour as the only server, then shows that all is well. */
async function behind(
  script: (connection: OriginConnection) => Promise<void>,
  act: (origin: Origin) => Promise<void>,
): Promise<void> {
  const origin = await Origin.scripted(script);
  plane.publish([origin]);
  try {
    await act(origin);
  } finally {
    plane.publish([good]);
    await origin.close();
  }
  const next = await requestOnce(plane.port, REQUEST);
  expect([next.status, next.body.toString()]).toEqual([200, 'ok']);
}

/** Reads one request and writes `bytes`; the connection stays open. */
function writing(bytes: string): (connection: OriginConnection) => Promise<void> {
  return async (connection) => {
    if ((await connection.request()) !== null) await connection.write(bytes);
  };
}

/** The same, then FIN. */
function endingWith(bytes: string): (connection: OriginConnection) => Promise<void> {
  return async (connection) => {
    if ((await connection.request()) === null) return;
    await connection.write(bytes);
    connection.end();
  };
}

async function expect502(origin: Origin): Promise<void> {
  const client = await RawClient.connect(plane.port);
  const response = await client.request(REQUEST);
  expect(response.status).toBe(502);
  expect(response.body.toString()).toBe(
    '<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n',
  );
  // The connection that lied is not used again.
  await (await origin.connection()).ended();
  expect(origin.connections).toHaveLength(1);
  client.destroy();
}

describe('a response head is answered for with 502', () => {
  it.each(REFUSED_RESPONSES.filter(([what]) => what !== 'nothing'))('%s', async (_what, lines) => {
    await behind(writing(`${lines.join('\r\n')}\r\n\r\nhello`), expect502);
  });

  it.each([
    ['of LF lines', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'],
    ['of 1 MB', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(1_048_576)}\r\n\r\n`],
    ['without an end, of 1 MB', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(1_048_576)}`],
    ['of 101 fields', `HTTP/1.1 200 OK\r\n${'X: a\r\n'.repeat(101)}\r\n`],
    ['that is no text', '\0\x01\x02\r\n\r\n'],
    ['of TLS', '\x15\x03\x01\x00\x02\x02\x46\r\n\r\n'],
    ['that is a page', '<html>hello</html>\r\n\r\n'],
    ['behind an empty line', '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['after eleven interim ones', 'HTTP/1.1 103 E\r\n\r\n'.repeat(11) + OK],
    ['after a bad interim one', `HTTP/1.1 103 E\r\nX : a\r\n\r\n${OK}`],
  ])('one %s', async (_what, bytes) => {
    await behind(writing(bytes), async (origin) => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      expect((await client.finalResponse()).status).toBe(502);
      await (await origin.connection()).ended();
      client.destroy();
    });
  });

  it.each([
    ['nothing at all', ''],
    ['half a status line', 'HTTP/1.1 2'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'],
    ['an interim response alone', 'HTTP/1.1 103 E\r\n\r\n'],
  ])('a server that ends after %s', async (_what, bytes) => {
    await behind(endingWith(bytes), async () => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      expect((await client.finalResponse()).status).toBe(502);
      client.destroy();
    });
  });

  it('a server that resets', async () => {
    const resetting = async (connection: OriginConnection): Promise<void> => {
      await connection.request();
      connection.reset();
    };
    await behind(resetting, async () => {
      expect((await requestOnce(plane.port, REQUEST)).status).toBe(502);
    });
  });
});

describe('a body that is not whole never looks whole', () => {
  const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

  it.each([
    ['a length, ended early', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello'],
    ['chunks, ended in data', `${CHUNKED}a\r\nhello`],
    ['chunks, ended between two', `${CHUNKED}5\r\nhello\r\n`],
    ['chunks, ended in a size', `${CHUNKED}5\r\nhello\r\n1`],
    ['chunks, ended before the last line', `${CHUNKED}5\r\nhello\r\n0\r\n`],
    ['chunks, ended in trailers', `${CHUNKED}5\r\nhello\r\n0\r\nX: a\r\n`],
  ])('%s', async (_what, bytes) => {
    await behind(endingWith(bytes), async () => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      await client.ended();
      await expect(client.response()).rejects.toThrow('the stream ended');
      expect(client.received).not.toContain('\r\n0\r\n\r\n');
    });
  });

  it.each([
    ['a bad chunk size', 'xyz\r\nhello\r\n0\r\n\r\n'],
    ['a chunk longer than said', '3\r\nhello\r\n0\r\n\r\n'],
    ['LF after a chunk size', '5\nhello\r\n0\r\n\r\n'],
    ['another byte for the CR after data', '5\r\nhelloX\n0\r\n\r\n'],
    ['another byte for the LF after data', '5\r\nhello\rX0\r\n\r\n'],
    ['a chunk size that overflows', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
    ['a bad trailer', '5\r\nhello\r\n0\r\nX\r\n\r\n'],
    ['9 KiB of trailers', `5\r\nhello\r\n0\r\nX: ${'a'.repeat(9_000)}\r\n\r\n`],
  ])('%s', async (_what, body) => {
    // The head goes out first: whether a 502 is still possible must not matter.
    const split = async (connection: OriginConnection): Promise<void> => {
      await connection.request();
      await connection.write(`${CHUNKED}1\r\na\r\n`);
      await connection.head().catch(() => '');
    };
    await behind(split, async (origin) => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      await client.incoming.through('1\r\na\r\n');
      void (await origin.connection()).write(body);
      await client.ended();
      expect(client.received).not.toContain('0\r\n\r\n');
      await (await origin.connection()).ended();
    });
  });

  it('a reset in a body cuts the client’s connection', async () => {
    const script = async (connection: OriginConnection): Promise<void> => {
      await connection.request();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello');
      await connection.incoming.through('\n').catch(() => '');
    };
    await behind(script, async (origin) => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      await client.incoming.through('hello');
      (await origin.connection()).reset();
      await client.ended();
      expect(client.incoming.size).toBe(0);
    });
  });
});

describe('bytes nobody asked for reach nobody', () => {
  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a length of 0', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['a 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n'],
  ])('after a response with %s', async (_what, bytes) => {
    const extra = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
    await behind(writing(bytes + extra), async (origin) => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      const first = await client.response();
      expect(first.body.toString()).not.toContain('poison');
      await (await origin.connection()).ended();
      expect(client.incoming.size).toBe(0);
      client.destroy();
    });
  });

  it('on an upstream connection that waits unused', async () => {
    await behind(writing(OK), async (origin) => {
      await requestOnce(plane.port, REQUEST);
      const connection = await origin.connection();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
      await connection.ended();
      // The next request finds a new connection.
      expect((await requestOnce(plane.port, REQUEST)).body.toString()).toBe('ok');
      expect(origin.connections).toHaveLength(2);
    });
  });

  it('after a HEAD that was answered with a body', async () => {
    await behind(writing('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), async (origin) => {
      const response = await requestOnce(plane.port, 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(response.status).toBe(200);
      await (await origin.connection()).ended();
    });
  });
});

describe('odd answers that are sound', () => {
  it.each([
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 200],
    ['a long reason', `HTTP/1.1 200 ${'x'.repeat(5_000)}\r\nContent-Length: 2\r\n\r\nok`, 200],
    ['status 599', 'HTTP/1.1 599 X\r\nContent-Length: 2\r\n\r\nok', 599],
    ['Trailer with a length', 'HTTP/1.1 200 OK\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nok', 200],
    [
      'chunk extensions',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0;c\r\n\r\n',
      200,
    ],
    ['ten interim ones first', 'HTTP/1.1 103 E\r\n\r\n'.repeat(10) + OK, 200],
  ])('pass: %s', async (_what, bytes, status) => {
    await behind(writing(bytes), async () => {
      const client = await RawClient.connect(plane.port);
      void client.write(REQUEST);
      const response = await client.finalResponse();
      expect([response.status, response.body.toString()]).toEqual([status, 'ok']);
      expect(client.received).not.toMatch(/Trailer|a=b/);
      client.destroy();
    });
  });
});
