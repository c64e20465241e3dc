// Clients that take places and keep them: past the limit they are told so, and a body that trickles
// does not hold its place.

import { describe, expect, it } from 'vitest';
import { SILENT } from '../../src/log/logger.ts';
import { Bench, colour, listener, service } from '../proxy/plans.ts';
import { OK } from '../support/origin.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';
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
    expect(plane.frontend('deniedConnections')).toBe(50);
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
    expect(plane.frontend('deniedConnections')).toBe(0);
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

describe('a worker with as many connections as it may have', () => {
  it('turns away the next one of any listener, and lets one in when one has gone', async () => {
    const origin = await on.answering(OK);
    // Half of five is two.
    const bench = new Bench({ maxConnections: 5, workers: 2 });
    const keys = ['*:10080', '*:10081'] as const;
    bench.publish({
      listeners: [listener('service', 10_080), listener('service', 10_081)],
      services: [10_080, 10_081].map((servicePort) =>
        service('/a', [colour('/a', [origin], servicePort)], { servicePort }),
      ),
    });
    try {
      const [here, there] = [await bench.open(keys[0]), await bench.open(keys[1])];
      const inside = [await RawClient.connect(here), await RawClient.connect(there)] as const;
      for (const client of inside) expect((await client.request(REQUEST)).status).toBe(200);
      for (const port of [here, there]) {
        const outside = await RawClient.connect(port);
        expect((await outside.request(REQUEST)).status).toBe(503);
        expect(await outside.ended()).toBe('end');
        outside.destroy();
      }
      inside[0].destroy();
      await until(() => bench.frontend('/a').inFlight === 0, 'a place to be free');
      expect((await requestOnce(there, REQUEST)).status).toBe(200);
      inside[1].destroy();
    } finally {
      await bench.close();
    }
  });

  it('says so in one line a second, with the limit that was met', async () => {
    const lines: string[] = [];
    const warn = (fields: object, message: string): void => {
      lines.push(`${message}: ${JSON.stringify(fields)}`);
    };
    const bench = new Bench({ maxConnections: 1 }, { ...SILENT, warn });
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [colour('/a', [])])],
    });
    try {
      const port = await bench.open('*:10080');
      const inside = await RawClient.connect(port);
      await until(() => bench.frontend('/a').inFlight === 1, 'it to be in');
      for (let i = 0; i < 20; i += 1) expect((await requestOnce(port, REQUEST)).status).toBe(503);
      expect(lines.length).toBeLessThan(20);
      expect(lines[0]).toContain('1 connections are open, the most of all listeners in a worker');
      expect(lines[0]).toContain('*:10080');
      inside.destroy();
    } finally {
      await bench.close();
    }
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
    // A client of this process may itself stand still for a moment: its grace is longer than that.
    const settings = { minBodyBytesPerSecond: 1_000, bodyGraceMs: 5_000, serverTimeoutMs: 1_000 };
    const plane = await on.plane([origin], { settings });
    const client = await on.client(plane);
    void client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
    void client.write(Buffer.alloc(30_000_000));
    expect((await client.response()).status).toBe(504);
  });
});
