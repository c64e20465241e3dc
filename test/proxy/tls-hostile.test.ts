// Clients that break off, lie or babble in TLS. Node's handles end the whole process where a rule of
// theirs is not kept: that these tests end is what they promise, and that good clients are served after.

import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { OK, Origin } from '../support/origin.ts';
import { Bench, colour, listener, PLAIN_TLS, service, until } from './plans.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const pem = makeSelfSigned();
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

let bench = new Bench();
const origins: Origin[] = [];

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

async function open(origin: Origin, mode: 'http' | 'tcp' = 'http'): Promise<number> {
  origins.push(origin);
  bench = new Bench({ handshakeTimeoutMs: 60_000, requestHeadTimeoutMs: 60_000 });
  bench.plane.certify({
    shared: [],
    certificates: [{ path: '/cert.pem', pems: [pem] }],
    authorities: [],
    errorFiles: [],
    ticketKeys: '',
  });
  bench.publish({
    listeners: [
      listener('service', 10_080, { mode, tls: { ...PLAIN_TLS, certificates: ['/cert.pem'] } }),
    ],
    services: [service('/app', [colour('/app', [origin])], { mode })],
  });
  return bench.open('*:10080');
}

/** A good client is served, and nothing is left of the others. */
async function expectWell(port: number): Promise<void> {
  const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  client.write(REQUEST);
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString()).toContain('200 OK');
  client.destroy();
  await until('all are gone', () => bench.frontend('/app').inFlight === 0);
}

interface Cut {
  /** How many bytes of `side` get through. */
  readonly after: number;
  readonly side: 'client' | 'server';
  readonly how: 'end' | 'reset';
}

/**
 * A whole visit of a good client, by a way that breaks at one place. Resolves with the bytes that its
 * side would have sent.
 */
async function visit(port: number, maxVersion: (typeof VERSIONS)[number], cut: Cut) {
  let passed = 0;
  const way = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    const relay = (from: net.Socket, to: net.Socket, side: Cut['side']): void => {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.on('data', (bytes) => {
        if (side !== cut.side) {
          to.write(bytes);
          return;
        }
        const left = Math.max(0, cut.after - passed);
        passed += bytes.length;
        if (left > 0) to.write(bytes.subarray(0, left));
        if (passed <= cut.after) return;
        if (cut.how === 'end') far.end();
        else far.resetAndDestroy();
        near.destroy();
      });
    };
    relay(near, far, 'client');
    relay(far, near, 'server');
  });
  way.listen(0, '127.0.0.1');
  await once(way, 'listening');
  const client = tls.connect({
    port: (way.address() as net.AddressInfo).port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion,
  });
  client.on('error', () => {});
  client.on('secureConnect', () => client.write(REQUEST));
  client.on('data', () => client.end());
  await new Promise((resolve) => client.once('close', resolve));
  await new Promise((resolve) => way.close(resolve));
  return passed;
}

/** What a client says first. */
async function clientHello(): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'a.test' });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

/** Sends bytes and goes; resolves when both sides have closed. */
async function babble(port: number, bytes: Buffer, how: Cut['how']): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes, () => {
    if (how === 'end') socket.end();
    else socket.resetAndDestroy();
  });
  await closed;
}

/** The same numbers on every run. */
function* randomBytes(): Generator<number, never> {
  let state = 12_345;
  for (;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state >>> 24;
  }
}

async function inTurns(jobs: readonly (() => Promise<unknown>)[], atOnce = 16): Promise<void> {
  const left = jobs.values();
  const worker = async (): Promise<void> => {
    for (const job of left) await job();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

describe('a client of TLS', () => {
  it.each(VERSIONS)('may break off at any byte that it sends (%s)', async (version) => {
    const port = await open(await Origin.answering(OK));
    const whole = await visit(port, version, { after: 100_000, side: 'client', how: 'end' });
    expect(whole).toBeGreaterThan(300);
    const jobs = Array.from({ length: whole }, (_, after) => () => {
      const how = after % 2 === 0 ? 'end' : 'reset';
      return visit(port, version, { after, side: 'client', how });
    });
    await inTurns(jobs);
    await expectWell(port);
  });

  it.each(VERSIONS)('may break off at any byte that it receives (%s)', async (version) => {
    const port = await open(await Origin.answering(OK));
    const whole = await visit(port, version, { after: 100_000, side: 'server', how: 'end' });
    expect(whole).toBeGreaterThan(600);
    const jobs = Array.from({ length: Math.ceil(whole / 3) }, (_, place) => () => {
      const how = place % 2 === 0 ? 'end' : 'reset';
      return visit(port, version, { after: place * 3, side: 'server', how });
    });
    await inTurns(jobs);
    await expectWell(port);
  });

  it('may lie in any byte of what it says first', async () => {
    const port = await open(await Origin.answering(OK));
    const hello = await clientHello();
    const jobs = Array.from(hello, (byte, place) => () => {
      const lie = Buffer.from(hello);
      lie[place] = byte ^ (1 << (place % 8));
      return babble(port, lie, place % 2 === 0 ? 'end' : 'reset');
    });
    await inTurns(jobs);
    await expectWell(port);
  });

  it('may send anything at all', async () => {
    const port = await open(await Origin.answering(OK));
    const hello = await clientHello();
    const random = randomBytes();
    const some = (length: number) => Buffer.from(Array.from({ length }, () => random.next().value));
    const begins = [
      Buffer.alloc(0),
      Buffer.from([0x16, 3, 1, 1, 0]),
      Buffer.from([0x16, 3, 3, 0x40, 0, 1, 0, 0x3f, 0xf0]),
      Buffer.from([0x17, 3, 3, 0, 40]),
      Buffer.from([0x15, 3, 3, 0, 2]),
      Buffer.from([0x80, 0x2e, 1, 3, 1]),
      hello,
      Buffer.concat([hello, hello]),
    ];
    const jobs = Array.from({ length: 400 }, (_, place) => () => {
      const begin = begins[place % begins.length] as Buffer;
      const bytes = Buffer.concat([begin, some(1 + ((place * 37) % 900))]);
      return babble(port, bytes, place % 2 === 0 ? 'end' : 'reset');
    });
    await inTurns(jobs);
    await expectWell(port);
  });

  it('that reads nothing does not make its server send on', async () => {
    let sent = 0;
    const block = Buffer.alloc(65_536, 'x');
    const origin = await Origin.scripted(async (connection) => {
      await connection.head();
      await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${block.length * 4_000}\r\n\r\n`);
      while (!connection.closed) {
        await connection.write(block);
        sent += block.length;
        await new Promise(setImmediate);
      }
    });
    const port = await open(origin);
    const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    client.on('error', () => {});
    await once(client, 'secureConnect');
    client.write(REQUEST);
    let before = 0;
    let still = 0;
    await until('the server stands still', () => {
      still = sent === before ? still + 1 : 0;
      before = sent;
      return sent > 0 && still > 40;
    });
    // The kernel's buffers of two connections, and ours.
    expect(sent).toBeLessThan(64 * 1_048_576);
    client.destroy();
    await until('all are gone', () => bench.frontend('/app').inFlight === 0);
  });

  it.each(['http', 'tcp'] as const)('may be gone while it is written to (%s)', async (mode) => {
    const block = Buffer.alloc(300_000, 'x');
    const origin = await Origin.scripted(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n');
      for (let place = 0; place < 100 && !connection.closed; place += 1) {
        await connection.write(block);
        await new Promise(setImmediate);
      }
      connection.end();
    });
    const port = await open(origin, mode);
    const jobs = Array.from({ length: 60 }, (_, place) => async () => {
      const below = net.connect({ port, host: '127.0.0.1' });
      below.on('error', () => {});
      const client = tls.connect({ socket: below, rejectUnauthorized: false });
      client.on('error', () => {});
      client.write(REQUEST);
      let received = 0;
      const closed = new Promise((resolve) => client.once('close', resolve));
      client.on('data', (piece) => {
        received += piece.length;
        if (received < place * 20_000) return;
        client.pause();
        client.destroy();
      });
      await closed;
    });
    await inTurns(jobs, 8);
    await until('all are gone', () => bench.frontend('/app').inFlight === 0);
  });
});
