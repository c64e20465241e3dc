// What ends when nothing moves, and what does not: rows B078 and B120–B123 of the behaviour table.
// Times are tiny here; that things end is the promise, not when to the millisecond.

import { describe, expect, it } from 'vitest';
import { OK } from '../../support/origin.ts';
import { stage } from '../../support/stage.ts';

const on = stage();

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const REQUEST_TIMEOUT =
  "<html><body><h1>408 Request Time-out</h1>\nYour browser didn't send a complete request in time.\n</body></html>\n";

describe('a client that is slow', () => {
  it('B120: with a head is cut off although bytes keep coming', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { requestHeadTimeoutMs: 300 } });
    const client = await on.client(plane);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\nX: ');
    const trickle = setInterval(() => client.socket.write('a'), 30);
    try {
      const response = await client.response();
      expect([response.status, response.body.toString()]).toEqual([408, REQUEST_TIMEOUT]);
      await client.ended();
    } finally {
      clearInterval(trickle);
    }
    expect(origin.connections).toEqual([]);
  });

  it('B120: with its second head too', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { requestHeadTimeoutMs: 300 } });
    const client = await on.client(plane);
    expect((await client.request(GET)).status).toBe(200);
    void client.write('GET / HT');
    expect((await client.response()).status).toBe(408);
    await client.ended();
  });

  it.each([
    ['a length', 'Content-Length: 10\r\n\r\nhello'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('B121: with a body is cut off, and the origin with it: %s', async (_what, rest) => {
    const origin = await on.scripted(async () => {});
    const plane = await on.plane([origin], { settings: { clientTimeoutMs: 300 } });
    const client = await on.client(plane);
    void client.write(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`);
    const connection = await origin.connection();
    await connection.ended();
    expect((await client.response()).status).toBe(408);
    await client.ended();
  });

  it('B122: to ask again is closed silently', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { keepAliveTimeoutMs: 200 } });
    const client = await on.client(plane);
    expect((await client.request(GET)).status).toBe(200);
    await client.ended();
    expect(client.incoming.size).toBe(0);
  });

  it('B123: to say anything is closed', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { requestHeadTimeoutMs: 200 } });
    const client = await on.client(plane);
    await client.ended();
    expect(['', '408']).toContain(client.received.slice(9, 12));
  });

  it('to read is cut off', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
      await connection.write(Buffer.alloc(32_000_000));
    });
    const plane = await on.plane([origin], { settings: { clientTimeoutMs: 300 } });
    const client = await on.client(plane);
    client.pause();
    void client.write(GET);
    await (await origin.connection()).ended();
    client.resume();
    await client.ended();
    expect(client.incoming.total).toBeLessThan(32_000_000);
  });
});

describe('a client that waits rightly', () => {
  const settings = { clientTimeoutMs: 200, keepAliveTimeoutMs: 200, requestHeadTimeoutMs: 200 };

  it('for a slow answer is not taken for a slow one', async () => {
    const origin = await on.scripted(async () => {});
    const plane = await on.plane([origin], { settings });
    const client = await on.client(plane);
    void client.write(GET);
    const connection = await origin.connection();
    await connection.head();
    // Two silent clients, one after the other, come to their end meanwhile.
    for (let i = 0; i < 2; i += 1) await (await on.client(plane)).ended();
    void connection.write(OK);
    expect((await client.response()).status).toBe(200);
  });
});

describe('a server that is slow', () => {
  it.each([
    ['a GET', GET],
    ['a POST', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi'],
  ])('B078: to answer %s is a 504, and its connection goes', async (_what, request) => {
    const origin = await on.scripted(async () => {});
    const plane = await on.plane([origin], { settings: { serverTimeoutMs: 300 } });
    const client = await on.client(plane);
    const response = await client.request(request);
    expect([response.status, response.body.toString()]).toEqual([
      504,
      "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n",
    ]);
    await (await origin.connection()).ended();
    expect(origin.connections).toHaveLength(1);
  });

  it('B078: with its head is a 504 although bytes keep coming', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nX: ');
    });
    const plane = await on.plane([origin], { settings: { serverTimeoutMs: 300 } });
    const client = await on.client(plane);
    void client.write(GET);
    const connection = await origin.connection();
    const trickle = setInterval(() => connection.socket.write('a'), 30);
    try {
      expect((await client.response()).status).toBe(504);
    } finally {
      clearInterval(trickle);
    }
  });

  it('within its body leaves it visibly cut', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    });
    const plane = await on.plane([origin], { settings: { serverTimeoutMs: 300 } });
    const client = await on.client(plane);
    void client.write(GET);
    await client.incoming.through('hello');
    await client.ended();
    expect(client.incoming.size).toBe(0);
    await (await origin.connection()).ended();
  });

  it('but moves its body along is let finish', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n');
    });
    const plane = await on.plane([origin], { settings: { serverTimeoutMs: 400 } });
    const client = await on.client(plane);
    void client.write(GET);
    const connection = await origin.connection();
    let sent = 0;
    const trickle = setInterval(() => {
      if (sent < 20) connection.socket.write('a');
      sent += 1;
    }, 50);
    try {
      expect((await client.response()).body.toString()).toBe('a'.repeat(20));
    } finally {
      clearInterval(trickle);
    }
  });
});

describe('an unused upstream connection', () => {
  it('is closed after its time', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { upstreamIdleTimeoutMs: 200 } });
    const client = await on.client(plane);
    expect((await client.request(GET)).status).toBe(200);
    await (await origin.connection()).ended();
  });
});
