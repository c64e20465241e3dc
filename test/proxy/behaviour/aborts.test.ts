// Connections that end at the wrong moment: rows B070–B092 of the behaviour table.

import { describe, expect, it } from 'vitest';
import { oneValue } from '../../support/message.ts';
import { OK, type OriginConnection, refusedPort } from '../../support/origin.ts';
import { requestOnce } from '../../support/raw-client.ts';
import { until } from '../../support/settle.ts';
import { stage } from '../../support/stage.ts';

const on = stage();

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi';
const ENDLESS = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n';

/** An origin that only accepts; the test speaks for it. */
function silent() {
  return on.scripted(async () => {});
}

describe('a client that leaves', () => {
  it.each(['reset', 'destroy'] as const)(
    'B070: by %s while it waits takes the upstream request with it',
    async (how) => {
      const origin = await silent();
      const plane = await on.plane([origin]);
      const client = await on.client(plane);
      void client.write(GET);
      const connection = await origin.connection();
      await connection.head();
      client[how]();
      await connection.ended();
      await until(() => plane.backend('inFlight') === 0, 'nothing in flight');
    },
  );

  it.each([
    ['a length', 'reset', 'Content-Length: 10\r\n\r\n', 'hello'],
    ['a length', 'end', 'Content-Length: 10\r\n\r\n', 'hello'],
    ['chunks', 'reset', 'Transfer-Encoding: chunked\r\n\r\n', '5\r\nhello\r\n'],
    ['chunks', 'end', 'Transfer-Encoding: chunked\r\n\r\n', '5\r\nhello\r\n'],
  ] as const)(
    'B071: in an upload with %s by %s never makes it look whole',
    async (_what, how, fields, start) => {
      const origin = await silent();
      const client = await on.client(await on.plane([origin]));
      void client.write(`POST / HTTP/1.1\r\nHost: a\r\n${fields}${start}`);
      const connection = await origin.connection();
      await connection.incoming.through('hello');
      client[how]();
      await connection.ended();
      expect(['', '\r\n']).toContain(connection.incoming.text);
    },
  );

  it.each(['reset', 'destroy'] as const)(
    'B072: in a download by %s stops the upstream transfer',
    async (how) => {
      const origin = await on.scripted(async (connection) => {
        await connection.head();
        await connection.write(`${ENDLESS}hello`);
      });
      const client = await on.client(await on.plane([origin]));
      void client.write(GET);
      await client.incoming.through('hello');
      client[how]();
      const connection = await origin.connection();
      // Whoever is gone is found out by writing.
      const more = Buffer.alloc(65_536);
      const writing = setInterval(() => connection.socket.write(more), 20);
      await connection.ended().finally(() => clearInterval(writing));
    },
  );

  it('B089: leaves no rest of its answer to the next one', async () => {
    const origin = await on.scripted(async (connection) => {
      const head = await connection.head();
      await connection.write(head.startsWith('GET /long') ? `${ENDLESS}hello` : OK);
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    void client.write('GET /long HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.incoming.through('hello');
    client.reset();
    expect((await requestOnce(plane.port, GET)).body.toString()).toBe('ok');
    expect(origin.connections).toHaveLength(2);
  });

  it('B083: only half still gets its response', async () => {
    const origin = await silent();
    const client = await on.client(await on.plane([origin]));
    void client.write(GET);
    client.end();
    const connection = await origin.connection();
    await connection.head();
    void connection.write(OK);
    expect((await client.response()).body.toString()).toBe('ok');
    expect(await client.ended()).toBe('end');
  });
});

describe('a server that leaves', () => {
  it.each([
    ['B073', 'end', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['B074', 'end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['B075', 'reset', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['B075', 'reset', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ] as const)('%s: by %s in a body leaves it visibly cut: %j', async (_id, how, bytes) => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write(bytes);
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(GET);
    await client.incoming.through('hello');
    (await origin.connection())[how]();
    await client.ended();
    expect(['', '\r\n']).toContain(client.incoming.text);
  });

  it.each(['end', 'reset'] as const)('B076: by %s without an answer is a 502', async (how) => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      connection[how]();
    });
    const plane = await on.plane([origin]);
    expect((await requestOnce(plane.port, GET)).status).toBe(502);
    expect((await requestOnce(plane.port, POST)).status).toBe(502);
    // In force and fresh: it is not asked twice.
    expect(origin.connections).toHaveLength(2);
  });

  it('B077: by refusing connections is a 503, at once when there are no retries', async () => {
    const port = refusedPort();
    const plane = await on.plane([{ port }], { settings: { connectRetries: 0 } });
    expect((await requestOnce(plane.port, GET)).status).toBe(503);
  });

  it('B077: by refusing connections is not noticed while another accepts them', async () => {
    const port = refusedPort();
    const origin = await on.answering(OK);
    const plane = await on.plane([{ port }, origin]);
    for (let i = 0; i < 4; i += 1) expect((await requestOnce(plane.port, GET)).status).toBe(200);
    expect((await requestOnce(plane.port, POST)).status).toBe(200);
  });

  it('B079: for garbage is a 502', async () => {
    const origin = await on.answering('no HTTP at all\r\n\r\n');
    expect((await requestOnce((await on.plane([origin])).port, GET)).status).toBe(502);
  });
});

describe('an upstream connection that is kept', () => {
  /** Answers the first request of a connection and breaks at the second, unless it is a later one. */
  function stale(how: 'end' | 'reset') {
    return on.scripted(async (connection: OriginConnection) => {
      await connection.request();
      await connection.write(OK);
      if (origins.push(connection) > 1) return;
      await connection.head();
      connection[how]();
    });
  }
  const origins: OriginConnection[] = [];

  it.each(['end', 'reset'] as const)(
    'B080: and found dead by %s costs a GET nothing',
    async (how) => {
      origins.length = 0;
      const origin = await stale(how);
      const plane = await on.plane([origin]);
      expect((await requestOnce(plane.port, GET)).status).toBe(200);
      expect((await requestOnce(plane.port, GET)).status).toBe(200);
      expect(origin.connections).toHaveLength(2);
    },
  );

  it.each(['end', 'reset'] as const)(
    'B081: and found dead by %s never gets a POST delivered twice',
    async (how) => {
      origins.length = 0;
      const origin = await stale(how);
      const plane = await on.plane([origin]);
      expect((await requestOnce(plane.port, GET)).status).toBe(200);
      expect((await requestOnce(plane.port, POST)).status).toBe(502);
      expect(origin.received.match(/POST \//g)).toHaveLength(1);
    },
  );

  it('B082: and closed while unused is not used', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write(OK);
      connection.end();
    });
    const plane = await on.plane([origin]);
    for (let i = 0; i < 3; i += 1) {
      expect((await requestOnce(plane.port, POST)).status).toBe(200);
      // Teal has seen the end when it has ended its own side.
      await (await origin.connection(i)).ended();
    }
    expect(origin.connections).toHaveLength(3);
  });

  it('B087: is shared by clients', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin]);
    for (let i = 0; i < 5; i += 1) expect((await requestOnce(plane.port, GET)).status).toBe(200);
    expect(origin.connections).toHaveLength(1);
  });

  it.each([
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ])('B088: is not, after an answer with %s', async (_what, bytes) => {
    const origin = await on.answering(bytes);
    const client = await on.client(await on.plane([origin]));
    for (let i = 0; i < 2; i += 1) {
      const response = await client.request(GET);
      expect([response.status, oneValue(response, 'connection')]).toEqual([200, undefined]);
    }
    expect(origin.connections).toHaveLength(2);
  });
});

describe('many at once', () => {
  it('B086: a hundred requests that wait together are all answered', async () => {
    const origin = await silent();
    const plane = await on.plane([origin]);
    const answers = Array.from({ length: 100 }, () => requestOnce(plane.port, GET));
    await origin.connection(99);
    await Promise.all(origin.connections.map((connection) => connection.head()));
    for (const connection of origin.connections) void connection.write(OK);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
  });

  it('B092: two hundred silent connections keep nobody from being served', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin]);
    for (let i = 0; i < 200; i += 1) await on.client(plane);
    expect((await requestOnce(plane.port, GET)).status).toBe(200);
  });
});
