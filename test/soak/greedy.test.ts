// Thousands of slow and greedy clients, and servers that flood: what a worker holds for each stays
// bounded, each is ended, and a client that means well is answered all the while. The bounds are
// generous: they tell a watermark from none.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HasPort } from '../proxy/plans.ts';
import { MIB } from '../support/bulk.ts';
import { PlaneProcess } from './plane-process.ts';
import { WellMeaning } from './well-meaning.ts';

const KIB = 1_024;
let server: ChildProcess;
let plane: PlaneProcess;
let client: WellMeaning;

beforeAll(async () => {
  server = fork(fileURLToPath(new URL('./greedy-server.mjs', import.meta.url)));
  const [{ port }] = (await once(server, 'message', { signal: AbortSignal.timeout(10_000) })) as [
    HasPort,
  ];
  plane = await PlaneProcess.start(
    { port },
    {
      settings: {
        requestHeadTimeoutMs: 2_000,
        clientTimeoutMs: 2_000,
        serverTimeoutMs: 2_000,
        keepAliveTimeoutMs: 2_000,
        bodyGraceMs: 2_000,
      },
    },
  );
  client = new WellMeaning(plane.port);
  // What is made once is there before anything is measured.
  for (let answered = 0; answered < 100; ) answered += (await client.seen()).answered;
});

afterAll(async () => {
  await client.stop();
  await plane.stop();
  server.disconnect();
});

interface Crowd {
  readonly count: number;
  /** Called once per connection; may go on writing as it likes. */
  readonly act: (socket: net.Socket) => void;
  /** Of one more connection in the worker, in bytes. */
  readonly most: number;
}

/** Writes the bytes again and again, as fast as they are taken, reading nothing. */
function pour(bytes: string): (socket: net.Socket) => void {
  const piece = Buffer.from(bytes, 'latin1');
  return (socket) => {
    socket.pause();
    let left = Math.ceil((2 * MIB) / piece.length);
    const more = (): void => {
      while (left > 0 && socket.write(piece)) left -= 1;
    };
    socket.on('drain', more);
    more();
  };
}

/** Writes an opening and then a byte now and then. */
function trickle(opening: string, byte: string): (socket: net.Socket) => void {
  return (socket) => {
    socket.resume();
    socket.write(opening, 'latin1');
    const timer = setInterval(() => socket.write(byte), 200);
    socket.on('close', () => clearInterval(timer));
  };
}

const CHUNKED = 'POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n';

const CROWDS: readonly (readonly [string, Crowd])[] = [
  ['2,000 that say nothing', { count: 2_000, act: () => {}, most: 24 * KIB }],
  ['1,000 heads that trickle', { count: 1_000, act: trickle(`${HEAD}X: `, 'a'), most: 32 * KIB }],
  [
    '1,000 heads of 15 KB without an end',
    { count: 1_000, act: trickle(`${HEAD}X: ${'a'.repeat(15_000)}`, 'a'), most: 96 * KIB },
  ],
  [
    '500 bodies that trickle',
    {
      count: 500,
      act: trickle('POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n', 'x'),
      most: 96 * KIB,
    },
  ],
  [
    '500 bodies of chunks that trickle',
    { count: 500, act: trickle(CHUNKED, '1\r\nx\r\n'), most: 96 * KIB },
  ],
  [
    '100 pipelines of 2 MiB that read nothing',
    { count: 100, act: pour(`${HEAD.replace('/', '/page')}\r\n`), most: 768 * KIB },
  ],
  [
    '100 downloads of 8 MiB that read nothing',
    {
      count: 100,
      act: (socket) => {
        socket.pause();
        socket.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
      },
      most: 1_024 * KIB,
    },
  ],
  [
    '100 uploads of 2 MiB that no server reads',
    {
      count: 100,
      act: (socket) => {
        socket.write('POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 2097152\r\n\r\n');
        pour('x'.repeat(65_536))(socket);
      },
      most: 768 * KIB,
    },
  ],
  [
    '200 floods of chunk extensions',
    { count: 200, act: pour(`${CHUNKED}1;${'a'.repeat(60_000)}`), most: 256 * KIB },
  ],
  [
    '200 floods of trailers',
    { count: 200, act: pour(`${CHUNKED}0\r\n${'X: a\r\n'.repeat(10_000)}`), most: 256 * KIB },
  ],
  ['200 floods of empty lines', { count: 200, act: pour('\r\n'.repeat(30_000)), most: 256 * KIB }],
  [
    '100 interim responses without an end',
    {
      count: 100,
      act: (socket) => {
        socket.resume();
        socket.write('GET /early HTTP/1.1\r\nHost: a\r\n\r\n');
      },
      most: 256 * KIB,
    },
  ],
];

describe('a worker bounds what it holds, ends it, and answers others meanwhile:', () => {
  it.each(CROWDS)(
    '%s',
    async (_what, { count, act, most }) => {
      await client.seen();
      const before = await plane.resident();
      const sockets: net.Socket[] = [];
      for (let i = 0; i < count; i += 1) {
        const socket = net.connect(plane.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.on('connect', () => act(socket));
        sockets.push(socket);
      }
      try {
        let peak = 0;
        // The client that means well may be there.
        const gone = async (): Promise<boolean> => (await plane.frontend()).inFlight <= 1;
        for (let looks = 0; looks < 100; looks += 1) {
          peak = Math.max(peak, await plane.resident());
          if (looks > 10 && (await gone())) break;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const grown = Math.round((peak - before) / count / KIB);
        expect(grown, 'KiB for each of them').toBeLessThan(most / KIB);
        expect(await gone(), 'all of them were ended').toBe(true);
        const { answered, failures } = await client.seen();
        expect(failures).toEqual([]);
        expect(answered).toBeGreaterThan(10);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    },
    30_000,
  );
});
