// Clients that take places and keep them: past the limit they are told so, and a body that trickles
// does not hold its place.

import { describe, expect, it } from 'vitest';
import { OK } from '../support/origin.ts';
import { requestOnce } from '../support/raw-client.ts';
import { until } from '../support/settle.ts';
import { stage } from '../support/stage.ts';

const on = stage();
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a listener with as many connections as it may have', () => {
  it('answers the next one with 503 and closes it, and lets one in when one has gone', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { listenerMaxConnections: 3 } });
    const inside = [await on.client(plane), await on.client(plane), await on.client(plane)];
    for (const client of inside) expect((await client.request(REQUEST)).status).toBe(200);
    const outside = await on.client(plane);
    const refused = await outside.request(REQUEST);
    expect(refused.head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(refused.head).toContain('\r\nconnection: close\r\n');
    expect(await outside.ended()).toBe('end');
    expect(origin.requests).toHaveLength(3);
    // Those inside are served on.
    for (const client of inside) expect((await client.request(REQUEST)).status).toBe(200);
    inside[0]?.destroy();
    await until(() => plane.frontend('inFlight') === 2, 'a place to be free');
    expect((await requestOnce(plane.port, REQUEST)).status).toBe(200);
  });

  it('counts those it turned away, and drains without them', async () => {
    const origin = await on.answering(OK);
    const plane = await on.plane([origin], { settings: { listenerMaxConnections: 1 } });
    const inside = await on.client(plane);
    expect((await inside.request(REQUEST)).status).toBe(200);
    const crowd = await Promise.all(Array.from({ length: 50 }, () => on.client(plane)));
    for (const client of crowd) expect((await client.response()).status).toBe(503);
    expect(plane.frontend('deniedRequests')).toBe(50);
    expect(plane.frontend('responses5xx')).toBe(50);
    expect(plane.frontend('connections')).toBe(51);
    // Half-closed by us and open on their side: not waited for for long.
    const [one] = crowd;
    await until(() => {
      void one?.write('x');
      return one?.closed === true;
    }, 'one to be closed');
  });

  it('has its places back from connections that never became a client’s', async () => {
    const origin = await on.answering(OK);
    const settings = { listenerMaxConnections: 2 };
    const plane = await on.plane([origin], { acceptProxy: true, settings });
    for (let i = 0; i < 10; i += 1) {
      const bad = await on.client(plane);
      await bad.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await bad.ended();
      const good = await on.client(plane);
      expect((await good.request(`PROXY UNKNOWN\r\n${REQUEST}`, 'GET')).status).toBe(200);
      good.destroy();
      await until(() => plane.frontend('inFlight') === 0, 'it to be gone');
    }
    expect(plane.frontend('deniedRequests')).toBe(0);
  });

  it('closes a TCP client without a word', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.write('hello');
    });
    const settings = { listenerMaxConnections: 1 };
    const plane = await on.plane([origin], { mode: 'tcp', settings });
    const inside = await on.client(plane);
    await inside.incoming.take(5);
    const outside = await on.client(plane);
    await outside.ended();
    expect(outside.received).toBe('');
  });
});

describe('a request body that trickles', () => {
  it('is ended by a 408 although its bytes keep coming', async () => {
    const origin = await on.answering(OK);
    const settings = { minBodyBytesPerSecond: 1_000, bodyGraceMs: 300 };
    const plane = await on.plane([origin], { settings });
    const client = await on.client(plane);
    await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    const trickle = setInterval(() => void client.write('x'), 20);
    try {
      expect((await client.response()).status).toBe(408);
      await client.ended();
    } finally {
      clearInterval(trickle);
    }
    await (await origin.connection()).ended();
    expect(origin.requests).toHaveLength(0);
    await until(() => plane.backend('inFlight') === 0, 'nothing in flight');
  });

  it('in chunks of one byte is ended as well', async () => {
    const origin = await on.answering(OK);
    const settings = { minBodyBytesPerSecond: 1_000, bodyGraceMs: 300 };
    const plane = await on.plane([origin], { settings });
    const client = await on.client(plane);
    await client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const trickle = setInterval(() => void client.write('1\r\nx\r\n'), 50);
    try {
      expect((await client.response()).status).toBe(408);
    } finally {
      clearInterval(trickle);
    }
    expect(origin.requests).toHaveLength(0);
  });

  it('because the server does not read is the server’s matter', async () => {
    const origin = await on.scripted(async (connection) => {
      await connection.head();
      connection.pause();
      await connection.ended(60_000);
    });
    const settings = { minBodyBytesPerSecond: 1_000, bodyGraceMs: 200, serverTimeoutMs: 1_000 };
    const plane = await on.plane([origin], { settings });
    const client = await on.client(plane);
    void client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
    void client.write(Buffer.alloc(30_000_000));
    expect((await client.response()).status).toBe(504);
  });
});
