// The two wires that carry TLS, over real connections to Node's own client.

import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { readFacts } from '../../src/proxy/certificates.ts';
import { Clock } from '../../src/proxy/clock.ts';
import { NO_CREDENTIALS } from '../../src/proxy/credentials.ts';
import { Greeting } from '../../src/proxy/greeting.ts';
import type { HandshakeOwner } from '../../src/proxy/handshakes.ts';
import { acceptNatively } from '../../src/proxy/native-accept.ts';
import { NativeHandshake } from '../../src/proxy/native-handshake.ts';
import type { NativeTcp, TcpHandle } from '../../src/proxy/native-tcp.ts';
import { NATIVE_TLS, type NativeTls } from '../../src/proxy/native-tls.ts';
import { SocketHandshake } from '../../src/proxy/socket-handshake.ts';
import { tlsTermsOf } from '../../src/proxy/tls.ts';
import type { Wire } from '../../src/proxy/wire.ts';
import { listener, PLAIN_TLS, until } from './plans.ts';
import { Notes } from './wire-notes.ts';

const native = NATIVE_TLS as NativeTls;
const clock = new Clock();
const spec = listener('service', 10_080, { tls: PLAIN_TLS });
const facts = readFacts([makeSelfSigned()], new Map());
const greeting = new Greeting(tlsTermsOf(spec, NO_CREDENTIALS, [...facts.values()]));

const ALERT = 21;
const APPLICATION_DATA = 23;

/** Of each TLS record. */
function typesOf(pieces: readonly Buffer[]): number[] {
  const bytes = Buffer.concat(pieces);
  const types: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    types.push(bytes[at] as number);
  }
  return types;
}

interface Pair {
  readonly wire: Wire;
  readonly notes: Notes;
  readonly peer: tls.TLSSocket;
  /** The connection below the peer's TLS, which is its to write to but not its own. */
  readonly below: net.Socket;
  /** All that came by it. */
  readonly records: readonly Buffer[];
}

const servers: net.Server[] = [];
const sockets: net.Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

function keep<S extends net.Socket>(socket: S): S {
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

async function secured(byHandle: boolean, options: tls.ConnectionOptions = {}): Promise<Pair> {
  const server = net.createServer({ allowHalfOpen: true });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const notes = new Notes();
  const wired = new Promise<Wire>((resolve, reject) => {
    const owner: HandshakeOwner = {
      secured(_, wire) {
        wire.start(notes);
        resolve(wire);
      },
      failed: (_, reason) => reject(new Error(reason)),
    };
    if (byHandle) acceptNatively(server, native, handleIntake(owner));
    server.on('connection', (socket) => {
      new SocketHandshake(greeting, socket, null, owner, clock, clock.in(60_000));
    });
  });
  const { port } = server.address() as net.AddressInfo;
  const below = keep(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  const records: Buffer[] = [];
  below.on('data', (bytes) => records.push(bytes));
  const socket = duplexOver(below);
  const all = { socket, rejectUnauthorized: false, allowHalfOpen: true, ...options };
  const peer = keep(tls.connect(all));
  await once(peer, 'secureConnect');
  return { wire: await wired, notes, peer, below, records };
}

function handleIntake(owner: HandshakeOwner) {
  return {
    takesHandles: true,
    admitHandle(_: NativeTcp, handle: TcpHandle): void {
      const handshake = new NativeHandshake(native, greeting, handle, null, owner, clock);
      handshake.begin(clock.in(60_000), []);
    },
  };
}

/** Bytes of a socket and nothing else of it: a TLS client that was given the socket would take it over. */
function duplexOver(below: net.Socket): Duplex {
  const duplex = new Duplex({
    read: () => below.resume(),
    write: (bytes, _, done) => below.write(bytes, () => done()),
    final: (done) => below.end(() => done()),
  });
  below.on('data', (bytes) => duplex.push(bytes) || below.pause());
  below.on('end', () => duplex.push(null));
  return duplex;
}

/** All that a peer receives until it ends. */
async function untilEnd(peer: tls.TLSSocket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  peer.on('data', (piece) => pieces.push(piece));
  await once(peer, 'end');
  return Buffer.concat(pieces);
}

test('this Node offers the TLS handles that the fast path uses', () => {
  expect(NATIVE_TLS).not.toBeNull();
});

describe.each([
  ['a TLS handle', true],
  ['a TLS socket', false],
] as const)('%s', (_kind, byHandle) => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'passes bytes both ways, and each end by itself (%s)',
    async (maxVersion) => {
      const { wire, notes, peer } = await secured(byHandle, { maxVersion });
      wire.writeText('h\xe9llo ');
      wire.writeBytes(Buffer.from('bytes '));
      const lent = wire.lend(4);
      lent.write('lent');
      wire.writeLent(lent, 4);
      wire.end();
      expect((await untilEnd(peer)).toString('latin1')).toBe('h\xe9llo bytes lent');
      peer.end('late');
      await notes.until('closed');
      expect(notes.received).toBe('late');
      expect(notes.lines.slice(-2)).toEqual(['ended', 'closed']);
      expect(wire.destroyed).toBe(true);
    },
  );

  test('may answer after the end of its peer', async () => {
    const { wire, notes, peer } = await secured(byHandle);
    peer.end('question');
    await notes.until('ended');
    wire.writeText('answer');
    wire.end();
    expect((await untilEnd(peer)).toString()).toBe('answer');
    await notes.until('closed');
  });

  test('writes nothing for nothing', async () => {
    const { wire, peer } = await secured(byHandle);
    for (let place = 0; place < 3; place += 1) {
      wire.writeText('');
      wire.writeBytes(Buffer.alloc(0));
      wire.writeLent(wire.lend(10), 0);
    }
    wire.writeText('all');
    wire.writeBytes(Buffer.alloc(0));
    wire.endAndClose();
    expect((await untilEnd(peer)).toString()).toBe('all');
  });

  test('keeps the order of what is written, however many pieces of whatever size', async () => {
    const { wire, peer } = await secured(byHandle);
    let expected = '';
    for (let place = 0; place < 300; place += 1) {
      const text = `${place},`.repeat((place * 7) % 90);
      expected += text;
      if (place % 3 === 0) wire.writeText(text);
      else if (place % 3 === 1) wire.writeBytes(Buffer.from(text));
      else {
        const lent = wire.lend(text.length);
        lent.write(text);
        wire.writeLent(lent, text.length);
      }
      // Some of them while an earlier one is under way, some not.
      if (place % 40 === 0) await new Promise(setImmediate);
    }
    wire.endAndClose();
    expect((await untilEnd(peer)).toString()).toBe(expected);
  });

  test('an abort leaves no end that its peer could take for a clean one', async () => {
    const { wire, notes, peer, below } = await secured(byHandle, { maxVersion: 'TLSv1.2' });
    peer.resume();
    const records: Buffer[] = [];
    below.on('data', (bytes) => records.push(bytes));
    const closed = new Promise((resolve) => below.once('close', resolve));
    wire.writeText('half');
    await once(below, 'data');
    wire.abort();
    below.end();
    await closed;
    await notes.until('closed');
    expect(typesOf(records)).toEqual([APPLICATION_DATA]);
  });

  test('a clean end is an alert, after all that was written', async () => {
    const { wire, notes, peer, below } = await secured(byHandle, { maxVersion: 'TLSv1.2' });
    peer.resume();
    const records: Buffer[] = [];
    below.on('data', (bytes) => records.push(bytes));
    wire.writeText('one');
    wire.writeText('two');
    wire.end();
    await once(below, 'end');
    expect(typesOf(records).at(-1)).toBe(ALERT);
    expect(typesOf(records).slice(0, -1)).not.toContain(ALERT);
    peer.end();
    await notes.until('closed');
  });

  test('ends cleanly right after its handshake', async () => {
    const { wire, peer, records } = await secured(byHandle);
    wire.endAndClose();
    await once(peer.resume(), 'end');
    // An alert as RFC 8446 §5.2 hides it: it is not lost beside the session tickets.
    const last = Buffer.concat(records).subarray(-24);
    expect([...last.subarray(0, 5)]).toEqual([APPLICATION_DATA, 3, 3, 0, 19]);
  });

  test('tells of a reset by its peer', async () => {
    const { wire, notes, peer, below } = await secured(byHandle);
    // A write that meets the reset first, of session tickets perhaps, makes a FIN of it.
    wire.writeText('settled');
    await once(peer, 'data');
    below.resetAndDestroy();
    await notes.until('broken');
  });

  test('takes a FIN without a word for the end', async () => {
    const { notes, below } = await secured(byHandle);
    below.end();
    await notes.until('ended');
  });

  test('is broken by bytes that are no TLS', async () => {
    const { wire, notes, peer, below } = await secured(byHandle);
    wire.writeText('settled');
    await once(peer, 'data');
    below.write('\x17\x03\x03\x00\x20'.padEnd(37, 'x'), 'latin1');
    await notes.until('broken');
    expect(notes.received).toBe('');
  });

  test('counts what waits, sees a slow reader move, and says when all has gone', async () => {
    const { wire, notes, peer } = await secured(byHandle);
    peer.pause();
    const block = Buffer.alloc(1_048_576, 'x');
    let written = 0;
    while (wire.queuedBytes < 4 * block.length && written < 64) {
      wire.writeBytes(block);
      written += 1;
      await new Promise(setImmediate);
    }
    wire.writeText('last');
    expect(wire.queuedBytes).toBeGreaterThan(block.length);
    wire.watch();
    expect(wire.shrank()).toBe(false);
    let bytes = 0;
    peer.on('data', (piece) => {
      bytes += piece.length;
    });
    peer.resume();
    await until('all has gone', () => wire.queuedBytes === 0);
    await notes.until('writable');
    wire.endAndClose();
    await once(peer, 'end');
    expect(bytes).toBe(written * block.length + 4);
  });

  test('closes after what waits when it is told to end and close', async () => {
    const { wire, notes, peer } = await secured(byHandle);
    const block = Buffer.alloc(16_777_216, 'y');
    wire.writeBytes(block);
    wire.endAndClose();
    expect((await untilEnd(peer)).length).toBe(block.length);
    await notes.until('closed');
  });

  test('gives nothing while it is paused, and all of it in order afterwards', async () => {
    const { wire, notes, peer } = await secured(byHandle);
    wire.pause();
    const text = Array.from({ length: 50_000 }, (_, place) => `${place} `).join('');
    peer.end(text);
    // What the wire writes now, it writes before it reads: the answer proves that time has passed.
    wire.writeText('ping');
    await once(peer, 'data');
    expect(notes.received).toBe('');
    // Stops and goes on in the middle of what was received.
    const bytes = notes.wireBytes.bind(notes);
    let pauses = 0;
    notes.wireBytes = (piece, length) => {
      bytes(piece, length);
      pauses += 1;
      wire.pause();
      setImmediate(() => wire.resume());
    };
    wire.resume();
    expect(notes.received).toBe('');
    await notes.until('ended');
    expect(notes.received).toBe(text);
    expect(pauses).toBeGreaterThan(2);
  });

  test('says nothing and takes nothing after it is destroyed', async () => {
    const { wire, notes, peer } = await secured(byHandle);
    wire.writeText('kept');
    wire.destroy();
    wire.writeText('x');
    wire.writeBytes(Buffer.from('x'));
    wire.writeLent(wire.lend(1), 1);
    wire.end();
    wire.endAndClose();
    wire.abort();
    wire.pause();
    wire.resume();
    wire.watch();
    expect(wire.shrank()).toBe(false);
    await notes.until('closed');
    expect(notes.lines).toEqual(['closed']);
    await once(peer.resume(), 'end');
  });

  test('survives writes to a peer that is gone', async () => {
    const { wire, notes, below } = await secured(byHandle);
    below.resetAndDestroy();
    while (!wire.destroyed) {
      wire.writeText('more');
      wire.writeBytes(Buffer.alloc(100_000));
      await new Promise(setImmediate);
    }
    await notes.until('broken');
  });

  test('knows both ends, and the name that was asked for', async () => {
    const { wire, below } = await secured(byHandle, { servername: 'www.shop.example' });
    expect(wire.peerAddress).toBe('127.0.0.1');
    expect(wire.addresses()).toEqual({
      source: below.localAddress,
      sourcePort: below.localPort,
      destination: below.remoteAddress,
      destinationPort: below.remotePort,
    });
    expect(wire.serverName).toBe('www.shop.example');
    const nameless = await secured(byHandle, { servername: '' });
    expect(nameless.wire.serverName).toBe('');
  });
});

describe('a TLS handle', () => {
  test('is reset by an abort', async () => {
    const { wire, notes, below } = await secured(true);
    const failed = new Promise((resolve) => below.once('error', resolve));
    wire.abort();
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    await notes.until('closed');
  });
});
