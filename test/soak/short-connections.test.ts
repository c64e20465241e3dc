// Ten thousand short connections of a TCP service: each brings its own bytes back, each is counted once,
// and afterwards the worker holds what it held before.

import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fromRow } from '../../src/stats/counters.ts';
import { PlaneProcess } from './plane-process.ts';

const BATCHES = 50;
const BATCH = 200;
const CONNECTIONS = BATCHES * BATCH;
/** Who ends a connection that has brought its bytes, and how; taken in turn. */
const ENDINGS = ['client', 'server', 'reset', 'both'] as const;
type Ending = (typeof ENDINGS)[number];

/** Six bytes: the connection's number, and how it is to end. */
function wordOf(place: number): string {
  return `${String(place).padStart(5, '0')}${place % ENDINGS.length}`;
}

function endingIn(word: string): Ending {
  return ENDINGS[Number(word[5])] as Ending;
}

/** Brings every word back, and ends the connection where it is the server's turn. */
async function echo(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      text += piece;
      if (text.length < 6) return;
      socket.write(text);
      const ending = endingIn(text);
      if (ending === 'server' || ending === 'both') socket.end();
    });
    socket.on('end', () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Resolves with what came back once the connection is over. */
function visit(port: number, place: number): Promise<string> {
  const word = wordOf(place);
  const ending = endingIn(word);
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    let text = '';
    socket.on('connect', () => socket.write(word));
    socket.on('data', (piece) => {
      text += piece;
      if (text.length < 6) return;
      if (ending === 'client' || ending === 'both') socket.end();
      if (ending === 'reset') socket.resetAndDestroy();
    });
    socket.on('end', () => socket.end());
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

describe('10,000 short connections of a TCP service', () => {
  it('bring their own bytes back, are counted once each, and leave nothing behind', async () => {
    const server = await echo();
    const plane = await PlaneProcess.start(server.address() as AddressInfo, { mode: 'tcp' });
    const emptied = async (): Promise<void> => {
      while ((await plane.frontend()).inFlight > 0) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    try {
      const words = Array.from({ length: CONNECTIONS }, (_, place) => wordOf(place));
      const back: string[] = [];
      const batch = async (from: number): Promise<void> => {
        const places = Array.from({ length: BATCH }, (_, turn) => from + turn);
        back.push(...(await Promise.all(places.map((place) => visit(plane.port, place)))));
        await emptied();
      };
      await batch(0);
      const held = plane.descriptors;
      for (let from = BATCH; from < CONNECTIONS; from += BATCH) await batch(from);
      expect(back).toEqual(words);
      expect(plane.descriptors).toBe(held);
      const pool = await plane.pool();
      const bytes = CONNECTIONS * 6;
      const resets = CONNECTIONS / ENDINGS.length;
      const served = { sessions: CONNECTIONS, inFlight: 0, bytesIn: bytes, bytesOut: bytes };
      const clean = { retries: 0, redispatches: 0, connectErrors: 0, serverAborts: 0 };
      expect(fromRow(pool?.frontend ?? [])).toMatchObject({
        ...served,
        connections: CONNECTIONS,
        deniedConnections: 0,
        requestErrors: 0,
      });
      const expected = { ...served, ...clean, connects: CONNECTIONS, clientAborts: resets };
      expect(fromRow(pool?.backend ?? [])).toMatchObject(expected);
      expect(pool?.servers.map(({ row }) => fromRow(row))).toEqual([
        expect.objectContaining(expected),
      ]);
    } finally {
      await plane.stop();
      server.close();
    }
  });
});
