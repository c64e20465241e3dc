// Upgrades used as a way past the proxy, and upgrades that break: no tunnel but the one that was asked
// for and granted, no byte of it read as HTTP.

import { describe, expect, it } from 'vitest';
import { oneValue, valuesOf } from '../support/message.ts';
import { OK, type OriginConnection } from '../support/origin.ts';
import { requestOnce } from '../support/raw-client.ts';
import { stage } from '../support/stage.ts';

const on = stage();

const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

function upgrade(...fields: string[]): string {
  const lines = ['GET /ws HTTP/1.1', 'Host: a', 'Connection: Upgrade', ...fields];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const WEBSOCKET = upgrade(
  'Upgrade: websocket',
  'Sec-WebSocket-Key: x',
  'Sec-WebSocket-Version: 13',
);

describe('a tunnel past the proxy', () => {
  it.each([
    ['h2c', 'Upgrade: h2c'],
    ['h2c with its settings', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'],
    ['h2c beside another', 'Upgrade: h2c, H2C'],
    ['a draft of HTTP/2', 'Upgrade: HTTP/2.0'],
    ['a malformed protocol', 'Upgrade: "h2c"'],
  ])('is not to be had by %s: the request is served plainly', async (_what, field) => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin]);
    const response = await requestOnce(plane.port, upgrade(field));
    expect([response.status, response.body.toString()]).toEqual([200, 'ok']);
    expect(origin.received).not.toMatch(/upgrade|h2c|http2-settings/i);
  });

  it.each([
    ['a plain request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['Upgrade without Connection', 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n'],
    ['h2c', upgrade('Upgrade: h2c')],
    [
      'an upgrade with a body',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nhi',
    ],
    [
      'an upgrade in HTTP/1.0',
      'GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
  ])('is not made of a 101 to %s', async (_what, request) => {
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write(SWITCHED);
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    void client.write(request);
    expect((await client.finalResponse()).status).toBe(502);
    await (await origin.connection()).ended();
  });

  it.each([
    ['h2c', 'HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['nothing', 'HTTP/1.1 101 S\r\nConnection: Upgrade\r\n\r\n'],
  ])('is not made of a 101 that names %s', async (_what, bytes) => {
    const origin = await on.scripted(async (connection) => {
      await connection.request();
      await connection.write(bytes);
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    void client.write(WEBSOCKET);
    expect((await client.finalResponse()).status).toBe(502);
    await (await origin.connection()).ended();
  });

  it('is not there after a refused upgrade: what follows never reaches the origin raw', async () => {
    const origin = await on.answering('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno');
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    void client.write(WEBSOCKET + SMUGGLED);
    const refused = await client.response();
    expect([refused.status, refused.body.toString()]).toEqual([403, 'no']);
    await client.ended();
    expect(origin.requests.map(({ target }) => target)).toEqual(['/ws']);
    expect(origin.received).not.toContain('/smuggled');
  });
});

describe('bytes sent before the 101', () => {
  it('are not read as requests, and wait for the answer', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write(SWITCHED);
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    void client.write(WEBSOCKET + SMUGGLED);
    expect((await client.response()).status).toBe(101);
    const connection = await origin.connection();
    expect(await connection.incoming.through('\r\n\r\n')).toBe(SMUGGLED);
    expect(origin.connections).toHaveLength(1);
  });
});

describe('an upgrade that breaks', () => {
  it('because the client resets before the answer takes the upstream connection with it', async () => {
    const origin = await on.scripted(async () => {});
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    await client.write(WEBSOCKET);
    const connection = await origin.connection();
    await connection.head();
    client.reset();
    await connection.ended();
  });

  it.each(['end', 'reset'] as const)(
    'because the server sends %s instead of an answer is a 502',
    async (how) => {
      const origin = await on.scripted(async (connection: OriginConnection) => {
        await connection.head();
        connection[how]();
      });
      const plane = await on.plane([origin]);
      expect((await requestOnce(plane.port, WEBSOCKET)).status).toBe(502);
    },
  );

  it('because the server answers garbage is a 502', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      await connection.write('SSH-2.0-OpenSSH\r\n\r\n');
    });
    const plane = await on.plane([origin]);
    expect((await requestOnce(plane.port, WEBSOCKET)).status).toBe(502);
  });
});

describe('fields of an upgrade', () => {
  it('name one protocol and one option, however often the client named them', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.request().then((request) => {
        expect(request && valuesOf(request, 'connection')).toEqual(['Upgrade']);
        expect(request && oneValue(request, 'upgrade')).toBe('websocket');
        expect(request && valuesOf(request, 'trailer')).toEqual([]);
      });
      await connection.write(SWITCHED);
    });
    const plane = await on.plane([origin]);
    const client = await on.client(plane);
    const fields = [
      'Connection: keep-alive, X-Hop',
      'X-Hop: 1',
      'Trailer: X',
      'Upgrade: websocket',
    ];
    void client.write(upgrade(...fields, 'Upgrade: h2c', 'Keep-Alive: timeout=5'));
    expect((await client.response()).status).toBe(101);
  });
});
