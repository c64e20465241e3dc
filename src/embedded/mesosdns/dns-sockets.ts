// The DNS port, UDP and TCP with one number, on loopback. Octets in, octets out: what they mean is
// decided elsewhere. No client can hold memory or a connection for longer than the limits here.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../../log/logger.ts';
import { ListenError } from './listen-error.ts';

/** The reply to a packet within `maxBytes`; null = none. Must not throw. */
export type Respond = (packet: Buffer, maxBytes: number) => Buffer | null;

export interface DnsLimits {
  /** For a whole message over TCP, from the last one or the connect; trickling does not extend it. */
  readonly tcpMessageTimeoutMs: number;
  readonly maxTcpConnections: number;
}

export interface DnsSockets {
  readonly port: number;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const WHAT = 'embedded Mesos-DNS';
/** Mesos-DNS ignores what a client offers by EDNS. */
const MAX_UDP_BYTES = 512;
const MAX_TCP_BYTES = 65_535;
/** Replies a client asked for but does not read. */
const MAX_UNREAD_BYTES = 262_144;
/** With port 0: how often TCP's port may turn out to be taken for UDP. */
const ATTEMPTS = 20;

/** Port 0 = any that is free for both. Rejects with a ListenError. */
export async function openDnsSockets(
  port: number,
  limits: DnsLimits,
  respond: Respond,
  log: Logger,
): Promise<DnsSockets> {
  for (let attempt = 1; ; attempt += 1) {
    const tcp = await listenTcp(port, limits, respond, log);
    const chosen = (tcp.server.address() as AddressInfo).port;
    try {
      const udp = await bindUdp(chosen, respond, log);
      const close = async (): Promise<void> => {
        await Promise.all([closeTcp(tcp), closeUdp(udp)]);
      };
      return { port: chosen, close };
    } catch (error) {
      await closeTcp(tcp);
      const retry = port === 0 && attempt < ATTEMPTS;
      if (!(retry && error instanceof ListenError && error.code === 'EADDRINUSE')) throw error;
    }
  }
}

async function bindUdp(port: number, respond: Respond, log: Logger): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.on('message', (packet: Buffer, from: RemoteInfo) => {
    const reply = respond(packet, MAX_UDP_BYTES);
    // A client that is gone by now is no error of ours; the callback keeps it from being one.
    if (reply !== null && from.port !== 0) socket.send(reply, from.port, from.address, () => {});
  });
  try {
    socket.bind(port, ADDRESS);
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw new ListenError(WHAT, 'udp', port, error);
  }
  socket.on('error', (error) => log.warn({ error: error.message }, `${WHAT}: UDP error`));
  return socket;
}

interface TcpSide {
  readonly server: Server;
  readonly connections: Set<Socket>;
}

async function listenTcp(
  port: number,
  limits: DnsLimits,
  respond: Respond,
  log: Logger,
): Promise<TcpSide> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveTcp(socket, limits.tcpMessageTimeoutMs, respond);
  });
  server.maxConnections = limits.maxTcpConnections;
  try {
    server.listen(port, ADDRESS);
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(WHAT, 'tcp', port, error);
  }
  server.on('error', (error) => log.warn({ error: error.message }, `${WHAT}: TCP error`));
  return { server, connections };
}

/** Messages with a length before each (RFC 1035 §4.2.2), any number of them, one after the other. */
function serveTcp(socket: Socket, messageTimeoutMs: number, respond: Respond): void {
  let pending: Buffer = Buffer.alloc(0);
  const cut = (): void => void socket.destroy();
  let deadline = setTimeout(cut, messageTimeoutMs);
  socket.on('error', cut);
  socket.once('close', () => clearTimeout(deadline));
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let rest = pending;
    while (!socket.destroyed && rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      answer(socket, respond(rest.subarray(2, end), MAX_TCP_BYTES));
      rest = rest.subarray(end);
      clearTimeout(deadline);
      deadline = setTimeout(cut, messageTimeoutMs);
    }
    pending = rest;
  });
}

function answer(socket: Socket, reply: Buffer | null): void {
  if (reply === null || socket.destroyed) return;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(reply.length);
  socket.write(Buffer.concat([length, reply]));
  if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
}

async function closeTcp({ server, connections }: TcpSide): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of connections) socket.destroy();
  await closed;
}

async function closeUdp(socket: UdpSocket): Promise<void> {
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}
