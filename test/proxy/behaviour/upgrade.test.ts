// Upgrades and the tunnels behind them: rows B100–B114 of the behaviour table.

import { describe, expect, it } from 'vitest';
import { bulk, digest, MIB } from '../../support/bulk.ts';
import { heldBetween, pour } from '../../support/held.ts';
import { type Message, oneValue, valuesOf } from '../../support/message.ts';
import { OK, type Origin, type OriginConnection } from '../../support/origin.ts';
import type { PlaneOptions } from '../../support/plane.ts';
import type { RawClient } from '../../support/raw-client.ts';
import { settled, until } from '../../support/settle.ts';
import { stage } from '../../support/stage.ts';

const on = stage();

const ASK = [
  'GET /ws HTTP/1.1',
  'Host: a',
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: a, b',
  'Sec-WebSocket-Extensions: permessage-deflate',
  '',
  '',
].join('\r\n');

const GRANT = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Protocol: a',
  '',
  '',
].join('\r\n');

interface Opened {
  readonly origin: Origin;
  readonly client: RawClient;
  readonly server: OriginConnection;
  readonly inFlight: () => number;
}

/** A tunnel through a fresh plane; `first` follows the 101 in the same segment. */
async function open(first = '', options: PlaneOptions = {}): Promise<Opened> {
  const origin = await on.scripted(async (connection) => {
    await connection.head();
    await connection.write(GRANT + first);
  });
  const plane = await on.plane([origin], options);
  const client = await on.client(plane);
  void client.write(ASK);
  expect((await client.response()).status).toBe(101);
  const server = await origin.connection();
  return { origin, client, server, inFlight: () => plane.backend('inFlight') };
}

describe('the handshake', () => {
  it('B100: arrives with all its fields, both ways', async () => {
    const origin = await on.scripted(async (connection) => {
      const request = await connection.request();
      expect(request?.fields.filter(([name]) => !name.startsWith('X-Forwarded-'))).toEqual([
        ['Host', 'a'],
        ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ['Sec-WebSocket-Version', '13'],
        ['Sec-WebSocket-Protocol', 'a, b'],
        ['Sec-WebSocket-Extensions', 'permessage-deflate'],
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
      ]);
      await connection.write(GRANT);
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(ASK);
    const response = await client.response();
    expect(response.startLine).toBe('HTTP/1.1 101 Switching Protocols');
    expect(oneValue(response, 'upgrade')).toBe('websocket');
    expect(oneValue(response, 'connection')).toBe('Upgrade');
    expect(oneValue(response, 'sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(oneValue(response, 'sec-websocket-protocol')).toBe('a');
  });

  it('B103: refused, is an ordinary answer, and the connection closes', async () => {
    const origin = await on.answering('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno');
    const client = await on.client(await on.plane([origin]));
    void client.write(ASK);
    const response = await client.response();
    expect([response.status, response.body.toString()]).toEqual([403, 'no']);
    await client.ended();
  });

  it('B111: to h2c is asked of no server, so that no tunnel comes of it', async () => {
    const origin = await on.answering(OK);
    const client = await on.client(await on.plane([origin]));
    const ask = ASK.replace(
      'Connection: keep-alive, Upgrade',
      'Connection: Upgrade, HTTP2-Settings',
    )
      .replace('websocket', 'h2c')
      .replace('\r\n\r\n', '\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n');
    expect((await client.request(ask)).status).toBe(200);
    const [request] = origin.requests;
    for (const name of ['connection', 'upgrade', 'http2-settings']) {
      expect(valuesOf(request as Message, name)).toEqual([]);
    }
    // What follows is HTTP still.
    await client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    expect((await client.response()).status).toBe(505);
    await client.ended();
    expect(origin.received).not.toContain('SM');
  });

  it('B113: that nobody asked for is no tunnel but a 502', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write(`${GRANT}hello`);
    });
    const client = await on.client(await on.plane([origin]));
    const response = await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(response.status).toBe(502);
    await (await origin.connection()).ended();
    expect(client.received).not.toContain('hello');
  });

  it('B110: may be to any protocol', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: foo/1\r\n\r\n');
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(ASK.replace('websocket', 'foo/1'));
    expect(oneValue(await client.response(), 'upgrade')).toBe('foo/1');
    void client.write('ping\n');
    expect(await (await origin.connection()).incoming.through('\n')).toBe('ping\n');
  });
});

describe('a tunnel', () => {
  it('B101: brings what the server sent in one piece with the 101', async () => {
    const { client } = await open('hello from the server');
    expect((await client.incoming.take(21)).toString()).toBe('hello from the server');
  });

  it('B102: brings what the client sent in one piece with the handshake', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write(GRANT);
    });
    const client = await on.client(await on.plane([origin]));
    void client.write(`${ASK}early\n`);
    expect((await client.response()).status).toBe(101);
    expect(await (await origin.connection()).incoming.through('\n')).toBe('early\n');
  });

  it('B104: ended by the client brings its data, then the end, and still answers', async () => {
    const { client, server, inFlight } = await open();
    void client.write('last words');
    client.end();
    expect((await server.incoming.rest()).toString()).toBe('last words');
    expect(server.incoming.ending).toBe('end');
    void server.write('answer');
    server.end();
    expect((await client.incoming.rest()).toString()).toBe('answer');
    expect(client.incoming.ending).toBe('end');
    await until(() => inFlight() === 0, 'the tunnel is over');
  });

  it('B105: ended by the server brings its data, then the end', async () => {
    const { client, server } = await open();
    void server.write('last words');
    server.end();
    expect((await client.incoming.rest()).toString()).toBe('last words');
    expect(client.incoming.ending).toBe('end');
    void client.write('answer');
    client.end();
    expect((await server.incoming.rest()).toString()).toBe('answer');
  });

  it('B106: reset by the server is over for the client', async () => {
    const { client, server, inFlight } = await open();
    server.reset();
    await client.ended();
    await until(() => inFlight() === 0, 'the tunnel is over');
  });

  it('B107: reset by the client is over for the server', async () => {
    const { client, server, inFlight } = await open();
    client.reset();
    await server.ended();
    await until(() => inFlight() === 0, 'the tunnel is over');
  });

  it('B108: brings 8 MiB each way at the same time', async () => {
    const { client, server } = await open();
    const up = bulk(8 * MIB);
    const down = bulk(8 * MIB);
    void client.write(up).then(() => client.end());
    void server.write(down).then(() => server.end());
    const [atServer, atClient] = await Promise.all([
      server.incoming.rest(),
      client.incoming.rest(),
    ]);
    expect([digest(atServer), digest(atClient)]).toEqual([digest(up), digest(down)]);
  });

  it.each(['down', 'up'] as const)(
    'B109: holds the sender back when the receiver does not read: %s',
    async (way) => {
      const { client, server } = await open();
      const [sender, receiver] = way === 'down' ? [server, client] : [client, server];
      const body = bulk(32 * MIB);
      receiver.pause();
      void pour(sender, body).then(() => sender.end());
      await settled(() => sender.socket.bytesWritten);
      expect(heldBetween(sender, receiver)).toBeLessThan(MIB);
      receiver.resume();
      expect(digest(await receiver.incoming.rest())).toBe(digest(body));
    },
  );

  it('B112: outlives all timeouts of requests', async () => {
    const settings = {
      clientTimeoutMs: 200,
      serverTimeoutMs: 200,
      keepAliveTimeoutMs: 200,
      requestHeadTimeoutMs: 200,
    };
    const { client, server, origin } = await open('', { settings });
    // A second plane's silent client shows when such a time has passed, twice over.
    const other = await on.plane([origin], { settings });
    for (let i = 0; i < 2; i += 1) await (await on.client(other)).ended();
    void client.write('ping\n');
    expect(await server.incoming.through('\n')).toBe('ping\n');
    void server.write('pong\n');
    expect(await client.incoming.through('\n')).toBe('pong\n');
  });

  it('B112: ends by its own timeout', async () => {
    const { client, server, inFlight } = await open('', { settings: { tunnelTimeoutMs: 200 } });
    await Promise.all([client.ended(), server.ended()]);
    await until(() => inFlight() === 0, 'the tunnel is over');
  });

  it('B114: is one of fifty that all echo', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write(GRANT);
      for (;;) await connection.write(await connection.incoming.through('\n'));
    });
    const plane = await on.plane([origin]);
    const clients = await Promise.all(Array.from({ length: 50 }, () => on.client(plane)));
    for (const client of clients) void client.write(ASK);
    for (const client of clients) expect((await client.response()).status).toBe(101);
    expect(plane.backend('inFlight')).toBe(50);
    for (const [i, client] of clients.entries()) void client.write(`echo ${i}\n`);
    for (const [i, client] of clients.entries()) {
      expect(await client.incoming.through('\n')).toBe(`echo ${i}\n`);
      client.destroy();
    }
    await until(() => plane.backend('inFlight') === 0, 'all tunnels are over');
  });
});
