// Where the network cuts a message must not matter: any message of a table cut at every byte, and
// random ones cut anywhere, read as if they had come at once; random pipelines come back in order and
// whole; random bytes on either side break nothing and leave nothing behind. TEAL_SEED tries others,
// TEAL_RUNS more of them.

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Origin, type OriginConnection } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/settle.ts';
import { budget } from './budget.ts';
import { openSockets } from './open-sockets.ts';
import { cuts, piecesOf, streams } from './stream-arbitraries.ts';

const { seed, runs } = budget();

let origin: Origin;
let plane: TestPlane;
/** What the origin answers a request for /scripted with, piece by piece. */
let script: readonly string[] = [];

/** Every byte of a request that a server can see, and its answer to it. */
function echo(target: string, body: string): string {
  const text = `${target} ${body}`;
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

/** Writes pieces as segments of their own: the next one only when the kernel has the one before. */
async function writePieces(peer: RawClient | OriginConnection, pieces: readonly string[]) {
  for (const piece of pieces) {
    await peer.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeAll(async () => {
  origin = await Origin.scripted(async (connection) => {
    for (;;) {
      const request = await connection.request();
      if (request === null) return connection.end();
      origin.requests.push(request);
      if (request.target === '/scripted') await writePieces(connection, script);
      else await connection.write(echo(request.target, request.body.toString('latin1')));
    }
  });
  plane = await startPlane([origin]);
});

beforeEach(() => {
  origin.requests.length = 0;
});

afterAll(async () => {
  await plane.close();
  await origin.close();
});

const REQUESTS = [
  'GET /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n',
  'GET http://a/b HTTP/1.1\r\nHost: a\r\nConnection: X, TE\r\nX: 1\r\nTE: trailers\r\n\r\n',
  'POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nabc',
  'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0\r\n\r\nGET /\r\n0\r\nT: 1\r\n\r\n',
];

const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX: y\r\n\r\nhello\r\n\r\nabc',
  'HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0\r\n\r\nHTTP/\r\n0\r\nT: 1\r\n\r\n',
  'HTTP/1.1 103 E\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 204 N\r\nX: y\r\n\r\n',
];

/** What arrives for `pieces`, as [head, body, trailers], and the answer. */
async function sent(pieces: readonly string[]): Promise<unknown> {
  origin.requests.length = 0;
  const client = await RawClient.connect(plane.port);
  try {
    void writePieces(client, pieces);
    const response = await client.response();
    return [
      origin.requests.map(({ head, body, trailers }) => [head, body.toString('latin1'), trailers]),
      response.head,
      response.body.toString('latin1'),
    ];
  } finally {
    client.destroy();
  }
}

/** All that a client sees of an answer that comes in `pieces`, chunk framing aside. */
async function answered(pieces: readonly string[]): Promise<unknown> {
  script = pieces;
  const client = await RawClient.connect(plane.port);
  const seen: unknown[] = [];
  try {
    void client.write('GET /scripted HTTP/1.1\r\nHost: a\r\n\r\n');
    for (;;) {
      const { status, head, body, trailers } = await client.response();
      seen.push([head, body.toString('latin1'), trailers]);
      if (status >= 200) return seen;
    }
  } finally {
    client.destroy();
  }
}

describe('a message cut in two', () => {
  it.each(REQUESTS)('at any byte is the same request: %j', async (text) => {
    const whole = await sent([text]);
    for (let at = 1; at < text.length; at += 1) {
      expect(await sent([text.slice(0, at), text.slice(at)])).toEqual(whole);
    }
  });

  it.each(RESPONSES)('at any byte is the same response: %j', async (text) => {
    const whole = await answered([text]);
    for (let at = 1; at < text.length; at += 1) {
      expect(await answered([text.slice(0, at), text.slice(at)])).toEqual(whole);
    }
  });

  it.each([...REQUESTS])('at every byte is the same request: %j', async (text) => {
    expect(await sent([...text])).toEqual(await sent([text]));
  });

  it.each([...RESPONSES])('at every byte is the same response: %j', async (text) => {
    expect(await answered([...text])).toEqual(await answered([text]));
  });
});

const body = fc.oneof(
  fc.constantFrom('', 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', '0\r\n\r\n', '\0\r\n\xff'),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

/** [bytes, what is echoed] of one request. */
const request = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'XFOO'),
    fc.nat(999),
    body,
    fc.nat(3),
    fc.nat(40),
  )
  .map(([method, number, data, form, size]) => {
    const target = `/${number}`;
    const head = `${method} ${target} HTTP/1.1\r\nHost: a\r\n`;
    if (form === 0) return [`${head}\r\n`, `${target} `] as const;
    if (form < 3) {
      return [`${head}Content-Length: ${data.length}\r\n\r\n${data}`, `${target} ${data}`] as const;
    }
    let text = `${head}Transfer-Encoding: chunked\r\n\r\n`;
    for (let at = 0; at < data.length; at += size + 1) {
      const piece = data.slice(at, at + size + 1);
      text += `${piece.length.toString(16)}\r\n${piece}\r\n`;
    }
    return [`${text}0\r\n\r\n`, `${target} ${data}`] as const;
  });

const pipelines = fc.array(request, { minLength: 1, maxLength: 12 });

describe('a pipeline of sound requests', () => {
  it('comes back in order and whole, wherever it is cut', async () => {
    let requests = 0;
    await fc.assert(
      fc.asyncProperty(pipelines, fc.array(fc.nat(4_000), { maxLength: 8 }), async (list, at) => {
        const client = await RawClient.connect(plane.port);
        try {
          void writePieces(client, piecesOf(list.map(([bytes]) => bytes).join(''), at));
          for (const [, echoed] of list) {
            const response = await client.response();
            expect([response.status, response.body.toString('latin1')]).toEqual([200, echoed]);
            requests += 1;
          }
        } finally {
          client.destroy();
        }
      }),
      { seed, numRuns: runs(200) },
    );
    expect(requests).toBeGreaterThan(400);
  });
});

const noise = fc.oneof(
  fc
    .uint8Array({ minLength: 1, maxLength: 400 })
    .map((bytes) => Buffer.from(bytes).toString('latin1')),
  streams,
);

describe('bytes without sense', () => {
  it.each(['client', 'server'] as const)(
    'of a %s crash nothing, hang nothing and leave no connection behind',
    async (from) => {
      const settings = {
        clientTimeoutMs: 300,
        serverTimeoutMs: 300,
        requestHeadTimeoutMs: 300,
        keepAliveTimeoutMs: 300,
        tunnelTimeoutMs: 300,
        upstreamIdleTimeoutMs: 300,
      };
      let answer = '';
      const server = await Origin.scripted(async (connection) => {
        while (await connection.incoming.more()) {
          await connection.incoming.take(connection.incoming.size);
          await connection.write(answer === '' ? echo('/', '') : answer);
        }
        connection.end();
      });
      const small = await startPlane([server], { settings });
      const visit = async (bytes: string, at: readonly number[], ends: boolean): Promise<void> => {
        answer = from === 'server' ? bytes : '';
        const client = await RawClient.connect(small.port);
        const pieces =
          from === 'client' ? piecesOf(bytes, at) : ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'];
        await writePieces(client, pieces);
        if (ends) client.end();
        await client.incoming.more(5_000).catch(() => {
          throw new Error('neither an answer nor an end');
        });
        client.destroy();
      };
      await visit('x', [], true);
      await until(() => server.connections.every(({ closed }) => closed), 'a first look');
      const before = openSockets();
      await fc.assert(fc.asyncProperty(noise, cuts, fc.boolean(), visit), {
        seed,
        numRuns: runs(150),
      });
      await until(() => small.backend('inFlight') === 0, 'nothing in flight');
      await until(() => small.frontend('inFlight') === 0, 'no client left');
      await until(() => openSockets() <= before, 'no descriptor left');
      answer = '';
      const last = await RawClient.connect(small.port);
      expect((await last.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(200);
      last.destroy();
      await small.close();
      await server.close();
    },
  );
});
