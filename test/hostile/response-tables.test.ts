// Raw responses of servers that lie: a client gets a 502, a visibly cut body, or what is sound of it;
// and the next answer it reads is the answer to its next request.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Origin } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/settle.ts';
import { BAD_CHUNKS } from './tables/chunks.ts';
import {
  BAD_AFTER_INTERIM,
  BAD_FIELDS,
  BAD_FRAMING,
  BAD_INTERIM,
  BAD_STATUS_LINES,
  ENDED_RESPONSES,
  GOOD_RESPONSES,
  NOT_HTTP,
} from './tables/responses.ts';

const BAD_GATEWAY =
  '<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n';
const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

type End = 'stays' | 'ends' | 'resets';
type Way = 'wires' | 'sockets';

let origin: Origin;
let planes: Record<Way, TestPlane>;
/** How clients come in; the plane has other code for each. */
let way: Way = 'wires';
/** What the origin does with a request for /attack; every other one is answered with its target. */
let attack = '';
/** It does the rest once the client has what came before it. */
let heard: { readonly rest: string; readonly by: Promise<void> } | null = null;
let end: End = 'stays';

function echo(target: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`;
}

beforeAll(async () => {
  origin = await Origin.scripted(async (connection) => {
    for (;;) {
      const request = await connection.request();
      if (request === null) return connection.end();
      if (request.target === '/attack') {
        await connection.write(attack);
        await heard?.by;
        if (heard !== null) await connection.write(heard.rest);
        if (end === 'ends') connection.end();
        if (end === 'resets') connection.reset();
      } else {
        await connection.write(echo(request.target));
      }
    }
  });
  planes = {
    wires: await startPlane([origin]),
    sockets: await startPlane([origin], { acceptProxy: true }),
  };
});

afterAll(async () => {
  await planes.wires.close();
  await planes.sockets.close();
  await origin.close();
});

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(planes[way].port);
  if (way === 'sockets') void client.write('PROXY UNKNOWN\r\n');
  return client;
}

/** Asks for /attack, and runs `act` on what comes; the next client is served, on a fresh connection. */
async function attacked(
  bytes: string,
  how: End,
  act: (client: RawClient) => Promise<void>,
  method = 'GET',
): Promise<void> {
  attack = bytes;
  end = how;
  const client = await connect();
  try {
    void client.write(`${method} /attack HTTP/1.1\r\nHost: a\r\n\r\n`);
    await act(client);
    expect(client.received).not.toContain('poison');
  } finally {
    client.destroy();
  }
  await expectAnswer(await connect(), '/next');
}

/** The same of a response whose `head` is at the client before the server says `rest`. */
async function attackedLate(
  head: string,
  rest: string,
  act: (client: RawClient) => Promise<void>,
): Promise<void> {
  let tell = (): void => {};
  heard = {
    rest,
    by: new Promise((resolve) => {
      tell = resolve;
    }),
  };
  try {
    await attacked(head, 'stays', async (client) => {
      await until(() => client.received.endsWith('\r\n\r\n'), 'the head of the response');
      tell();
      await act(client);
    });
  } finally {
    tell();
    heard = null;
  }
}

async function expectAnswer(client: RawClient, target: string): Promise<void> {
  const response = await client.request(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect([response.status, response.body.toString()]).toEqual([200, target]);
  client.destroy();
}

/** The 502 is whole, and the connection goes on with the answer to the next request. */
async function expect502(client: RawClient): Promise<void> {
  const response = await client.finalResponse();
  expect([response.status, response.body.toString()]).toEqual([502, BAD_GATEWAY]);
  await expectAnswer(client, '/after');
}

/** Head and body came to the byte, and the connection goes on. */
async function expectPassed(client: RawClient, head: string, body: string): Promise<void> {
  const response = await client.response();
  expect(response.head).toBe(head);
  expect(response.body.toString('latin1')).toBe(body);
  await expectAnswer(client, '/after');
}

/** Whatever came, no whole response did. */
async function expectCut(client: RawClient): Promise<void> {
  await client.ended();
  await expect(client.response()).rejects.toThrow('the stream ended');
}

describe.each(['wires', 'sockets'] as const)('by %s:', (by) => {
  beforeAll(() => {
    way = by;
  });

  describe('answered for with 502: a status line with', () => {
    it.each(BAD_STATUS_LINES)('%s', (_what, bytes) => attacked(bytes + POISON, 'stays', expect502));
  });

  describe('answered for with 502: a server that speaks', () => {
    it.each(NOT_HTTP)('%s', (_what, bytes) => attacked(bytes, 'stays', expect502));
  });

  describe('answered for with 502: fields with', () => {
    it.each(BAD_FIELDS)('%s', (_what, bytes) => attacked(bytes + POISON, 'stays', expect502));
  });

  describe('answered for with 502: framing by', () => {
    it.each(BAD_FRAMING)('%s', (_what, bytes) => attacked(bytes + POISON, 'stays', expect502));
  });

  describe('answered for with 502: instead of an answer', () => {
    it.each(BAD_INTERIM)('%s', (_what, bytes) => attacked(bytes + POISON, 'stays', expect502));
  });

  describe('answered for with 502: after interim responses', () => {
    it.each(BAD_AFTER_INTERIM)('%s', (_what, bytes) =>
      attacked(bytes + POISON, 'stays', expect502),
    );
  });

  describe('answered for with 502: a server that ends or resets', () => {
    const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n';
    const cuts = [0, 1, 4, 8, 9, 12, 15, 16, 17, 30, HEAD.length, HEAD.length + 1];
    it.each(cuts.flatMap((at) => [[at, 'ends'] as const, [at, 'resets'] as const]))(
      'after %i bytes of its head (%s)',
      (at, how) => attacked(`${HEAD}\r\n`.slice(0, at), how, expect502),
    );
  });

  describe('answered for with 502: right after its head, a chunked body with', () => {
    it.each(BAD_CHUNKS)('%s', (_what, body) =>
      attacked(CHUNKED + body + POISON, 'stays', expect502),
    );
  });

  describe('never whole at the client: after a head that is there, a chunked body with', () => {
    it.each(BAD_CHUNKS)('%s', (_what, body) => attackedLate(CHUNKED, body + POISON, expectCut));
  });

  describe('never whole at the client: a body that the server leaves after', () => {
    const WHOLE = '5\r\nhello\r\n6;x\r\n world\r\n0\r\nX: 1\r\n\r\n';
    const cuts = Array.from({ length: WHOLE.length }, (_, at) => at);
    it.each(cuts)('%i bytes of chunks', async (at) => {
      await attacked(CHUNKED + WHOLE.slice(0, at), 'ends', expectCut);
    });
    it.each([0, 1, 5, 9])('%i bytes of ten', async (at) => {
      const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
      await attacked(head + 'x'.repeat(at), 'ends', expectCut);
    });
  });

  describe('passed on to the byte:', () => {
    it.each(GOOD_RESPONSES)('%s', async (_what, bytes, head, body) => {
      await attacked(bytes, 'stays', (client) => expectPassed(client, head, body));
    });
    it.each(ENDED_RESPONSES)('%s', async (_what, bytes, head, body) => {
      await attacked(bytes, 'ends', (client) => expectPassed(client, head, body));
    });
  });

  describe('bytes behind a whole response belong to nobody:', () => {
    it.each(GOOD_RESPONSES)('%s', async (_what, bytes, head, body) => {
      await attacked(bytes + POISON, 'stays', (client) => expectPassed(client, head, body));
    });

    it.each([['hello'], [POISON]])('the body of an answer to HEAD: %j', async (body) => {
      const bytes = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const act = async (client: RawClient): Promise<void> => {
        const response = await client.response('HEAD');
        expect(response.head).toBe(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
        await expectAnswer(client, '/after');
      };
      await attacked(bytes, 'stays', act, 'HEAD');
    });
  });

  describe('interim responses', () => {
    it.each([
      ['one', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 1],
      ['ten', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10), 10],
      ['a 100 nobody waits for', 'HTTP/1.1 100 Continue\r\n\r\n', 1],
      ['a 102', 'HTTP/1.1 102 Processing\r\n\r\n', 1],
      ['a 199', 'HTTP/1.1 199 Miscellaneous\r\n\r\n', 1],
      ['one with a length', 'HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n', 1],
      ['one with an encoding', 'HTTP/1.1 103 E\r\nTransfer-Encoding: chunked\r\n\r\n', 1],
    ])('pass without a body, the answer behind them: %s', async (_what, bytes, count) => {
      await attacked(bytes + echo('hello'), 'stays', async (client) => {
        for (let i = 0; i < count; i += 1) {
          const interim = await client.response();
          expect(interim.status).toBeLessThan(200);
          expect(interim.head).not.toMatch(/content-length|transfer-encoding/i);
        }
        expect((await client.response()).body.toString()).toBe('hello');
        await expectAnswer(client, '/after');
      });
    });
  });
});
