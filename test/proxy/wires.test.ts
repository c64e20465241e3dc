import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { acceptNatively } from '../../src/proxy/native-accept.ts';
import { NATIVE_TCP, type NativeTcp, type TcpHandle } from '../../src/proxy/native-tcp.ts';
import { NativeWire } from '../../src/proxy/native-wire.ts';
import { SocketWire } from '../../src/proxy/socket-wire.ts';
import type { Wire } from '../../src/proxy/wire.ts';
import { Notes } from './wire-notes.ts';

const native = NATIVE_TCP as NativeTcp;

interface Pair {
  readonly wire: Wire;
  readonly notes: Notes;
  readonly peer: net.Socket;
}

const servers: net.Server[] = [];
const peers: net.Socket[] = [];

afterEach(() => {
  for (const peer of peers.splice(0)) peer.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listen(host = '127.0.0.1', server = net.createServer({ allowHalfOpen: true })) {
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return { server, port: (server.address() as net.AddressInfo).port };
}

function keep(peer: net.Socket): net.Socket {
  peer.on('error', () => {});
  peers.push(peer);
  return peer;
}

async function accepted(asWire: boolean): Promise<Pair> {
  const { server, port } = await listen();
  const notes = new Notes();
  const wired = new Promise<Wire>((resolve) => {
    const take = (wire: Wire): void => {
      wire.start(notes);
      resolve(wire);
    };
    server.on('connection', (socket) => take(new SocketWire(socket)));
    if (asWire) {
      acceptNatively(server, native, {
        takesHandles: true,
        admitHandle: (_, handle) => take(NativeWire.accepted(native, handle)),
      });
    }
  });
  const peer = keep(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  await once(peer, 'connect');
  return { wire: await wired, notes, peer };
}

async function dialled(asWire: boolean, host = '127.0.0.1'): Promise<Pair> {
  const { server, port } = await listen(host);
  const notes = new Notes();
  const connection = once(server, 'connection');
  const wire = asWire
    ? NativeWire.dial(native, host, port, notes)
    : SocketWire.dial(host, port, notes);
  const [peer] = (await connection) as [net.Socket];
  await notes.until('connected');
  return { wire, notes, peer: keep(peer) };
}

test('this Node offers the TCP handles that the fast path uses', () => {
  expect(NATIVE_TCP).not.toBeNull();
});

const KINDS: readonly (readonly [string, () => Promise<Pair>])[] = [
  ['an accepted handle', () => accepted(true)],
  ['an accepted socket', () => accepted(false)],
  ['a dialled handle', () => dialled(true)],
  ['a dialled socket', () => dialled(false)],
];

describe.each(KINDS)('%s', (_kind, make) => {
  test('passes bytes both ways, and each FIN by itself', async () => {
    const { wire, notes, peer } = await make();
    wire.writeText('h\xe9llo ');
    wire.writeBytes(Buffer.from('bytes'));
    wire.end();
    const pieces: Buffer[] = [];
    peer.on('data', (piece) => pieces.push(piece));
    await once(peer, 'end');
    expect(Buffer.concat(pieces).toString('latin1')).toBe('h\xe9llo bytes');
    peer.end('late');
    await notes.until('closed');
    expect(notes.received).toBe('late');
    expect(notes.lines.slice(-2)).toEqual(['ended', 'closed']);
    expect(wire.destroyed).toBe(true);
  });

  test('may answer after the FIN of its peer', async () => {
    const { wire, notes, peer } = await make();
    peer.end('question');
    await notes.until('ended');
    wire.writeText('answer');
    wire.end();
    const [piece] = (await once(peer, 'data')) as [Buffer];
    expect(piece.toString()).toBe('answer');
    await notes.until('closed');
  });

  test('is reset by an abort', async () => {
    const { wire, notes, peer } = await make();
    const failed = new Promise((resolve) => peer.once('close', resolve));
    peer.resume();
    wire.abort();
    expect(await failed).toBe(true);
    await notes.until('closed');
  });

  test('tells of a reset by its peer', async () => {
    const { notes, peer } = await make();
    peer.resetAndDestroy();
    await notes.until('broken');
  });

  test('counts what waits, sees a slow reader move, and says when all has gone', async () => {
    const { wire, notes, peer } = await make();
    peer.pause();
    const block = Buffer.alloc(1_048_576, 'x');
    let written = 0;
    while (wire.queuedBytes === 0 && written < 64) {
      wire.writeBytes(block);
      written += 1;
    }
    wire.writeText('last');
    expect(wire.queuedBytes).toBeGreaterThan(0);
    wire.watch();
    expect(wire.shrank()).toBe(false);
    let bytes = 0;
    peer.on('data', (piece) => {
      bytes += piece.length;
    });
    peer.resume();
    await notes.until('writable');
    expect(wire.queuedBytes).toBe(0);
    wire.endAndClose();
    await once(peer, 'end');
    expect(bytes).toBe(written * block.length + 4);
  });

  test('closes after what waits when it is told to end and close', async () => {
    const { wire, notes, peer } = await make();
    const block = Buffer.alloc(16_777_216, 'y');
    wire.writeBytes(block);
    wire.endAndClose();
    let bytes = 0;
    peer.on('data', (piece) => {
      bytes += piece.length;
    });
    await once(peer, 'end');
    expect(bytes).toBe(block.length);
    await notes.until('closed');
  });

  test('is not read while it is paused', async () => {
    const { wire, notes, peer } = await make();
    wire.pause();
    peer.write('later');
    // What the wire writes now, it writes before it reads: the answer proves that time has passed.
    wire.writeText('ping');
    await once(peer, 'data');
    expect(notes.received).toBe('');
    wire.resume();
    await notes.until('bytes');
    expect(notes.received).toBe('later');
  });

  test('says nothing and takes nothing after it is destroyed', async () => {
    const { wire, notes, peer } = await make();
    wire.destroy();
    wire.writeText('x');
    wire.end();
    wire.abort();
    wire.pause();
    wire.resume();
    await notes.until('closed');
    expect(notes.lines.filter((line) => line !== 'connected')).toEqual(['closed']);
    await once(peer.resume(), 'end');
  });

  test('knows both ends', async () => {
    const { wire, peer } = await make();
    expect(wire.peerAddress).toBe('127.0.0.1');
    expect(wire.addresses()).toEqual({
      source: peer.localAddress,
      sourcePort: peer.localPort,
      destination: peer.remoteAddress,
      destinationPort: peer.remotePort,
    });
    expect(wire.serverName).toBeNull();
  });
});

describe.each([
  ['handle', true],
  ['socket', false],
] as const)('a dialled %s', (_kind, asWire) => {
  test('is broken when nobody listens', async () => {
    const { server, port } = await listen();
    await new Promise((resolve) => server.close(resolve));
    const notes = new Notes();
    if (asWire) NativeWire.dial(native, '127.0.0.1', port, notes);
    else SocketWire.dial('127.0.0.1', port, notes);
    await notes.until('broken');
    expect(notes.lines).toEqual(['broken']);
  });

  test('is broken, not thrown, when the address cannot be used at all', async () => {
    const notes = new Notes();
    if (asWire) NativeWire.dial(native, 'no address', 80, notes);
    else SocketWire.dial('255.255.255.255', 80, notes);
    await notes.until('broken');
    expect(notes.lines).toEqual(['broken']);
  });

  test('still reads the answer of a peer that takes no more', async () => {
    const { wire, notes, peer } = await dialled(asWire);
    peer.write('refused');
    await notes.until('bytes');
    peer.destroy();
    // Writes until the peer's reset has been seen, one way or the other.
    while (!notes.lines.some((line) => line === 'ended' || line === 'broken')) {
      wire.writeText('more');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(notes.received).toBe('refused');
    wire.destroy();
    await notes.until('closed', 'broken');
  });
});

test('a listener that stops taking handles hands sockets to its server again', async () => {
  const { server, port } = await listen();
  const intake = {
    takesHandles: true,
    handles: 0,
    admitHandle(_: NativeTcp, handle: TcpHandle): void {
      intake.handles += 1;
      const wire = NativeWire.accepted(native, handle);
      wire.start(new Notes());
      wire.destroy();
    },
  };
  acceptNatively(server, native, intake);
  const first = keep(net.connect(port, '127.0.0.1'));
  await once(first.resume(), 'end');
  intake.takesHandles = false;
  const connection = once(server, 'connection');
  keep(net.connect(port, '127.0.0.1'));
  const [socket] = (await connection) as [net.Socket];
  keep(socket);
  expect(intake.handles).toBe(1);
});
