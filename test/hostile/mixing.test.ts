// Bytes of one client at another are the worst a relay can do. All connections of a worker are read into
// one buffer; here many carry random bodies at once, both ways, past peers that stop reading now and
// then, so that what waits has to have been kept.

import { describe, expect, it } from 'vitest';
import { asChunks, bulk, digest } from '../support/bulk.ts';
import type { Peer } from '../support/peer.ts';
import { stage } from '../support/stage.ts';

const on = stage();
const SIZES = [1, 200, 8_191, 16_385, 65_536, 300_000, 1_500_000];
const CLIENTS = 35;
/** To read what the kernel holds, and to come round to the next request, takes its time on a busy machine. */
const settings = { keepAliveTimeoutMs: 60_000 };

/** Stops reading now and then, a few ms each. */
function hesitate(peer: Peer, turn: number): void {
  let pieces = turn;
  peer.socket.on('data', () => {
    pieces += 1;
    if (pieces % 3 === 0) {
      peer.pause();
      setTimeout(() => peer.resume(), turn % 7);
    }
  });
}

describe.each([false, true])('many random bodies at once (by sockets: %s)', (acceptProxy) => {
  it('come back to whoever sent them, and to nobody else', async () => {
    let connections = 0;
    const origin = await on.scripted(async (connection) => {
      connections += 1;
      hesitate(connection, connections);
      for (;;) {
        const request = await connection.request();
        if (request === null) return connection.end();
        const chunked = request.target.endsWith('chunked');
        const framing = chunked
          ? 'Transfer-Encoding: chunked'
          : `Content-Length: ${request.body.length}`;
        void connection.write(`HTTP/1.1 200 OK\r\n${framing}\r\nX: ${request.target}\r\n\r\n`);
        await connection.write(chunked ? asChunks(request.body) : request.body);
      }
    });
    const plane = await on.plane([origin], { acceptProxy, settings });
    const visit = async (_: unknown, turn: number): Promise<void> => {
      const client = await on.client(plane);
      hesitate(client, turn);
      if (acceptProxy) void client.write('PROXY UNKNOWN\r\n');
      for (let round = 0; round < 4; round += 1) {
        const body = bulk(SIZES[(turn + round) % SIZES.length] as number);
        const target = `/${turn}-${round}-${turn % 2 === 0 ? 'chunked' : 'length'}`;
        const framing =
          (turn + round) % 3 === 0
            ? 'Transfer-Encoding: chunked'
            : `Content-Length: ${body.length}`;
        void client.write(`POST ${target} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`);
        void client.write((turn + round) % 3 === 0 ? asChunks(body) : body);
        const response = await client.response();
        expect(response.head).toContain(`\r\nX: ${target}\r\n`);
        expect(digest(response.body)).toBe(digest(body));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, visit));
    expect(connections).toBeGreaterThan(1);
  });

  it('do not mix in tunnels', async () => {
    const origin = await on.scripted(async (connection) => {
      hesitate(connection, 3);
      await connection.head();
      await connection.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
      );
      connection.socket.on('data', (piece) => void connection.write(piece));
    });
    const plane = await on.plane([origin], { acceptProxy, settings });
    const visit = async (_: unknown, turn: number): Promise<void> => {
      const client = await on.client(plane);
      hesitate(client, turn);
      if (acceptProxy) void client.write('PROXY UNKNOWN\r\n');
      void client.write(
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
      );
      expect((await client.response()).status).toBe(101);
      for (let round = 0; round < 3; round += 1) {
        const sent = bulk(SIZES[(turn + round) % SIZES.length] as number);
        void client.write(sent);
        expect(digest(await client.incoming.take(sent.length))).toBe(digest(sent));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, visit));
  });
});
