// A connection that TLS is about to be spoken over: what its client says first, and the handshake that
// begins with it. On a handle of Node's, or on a socket where TLS handles cannot be used.

import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import type { Greets } from './greeting.ts';
import type { Handshake, HandshakeOwner } from './handshakes.ts';
import { NativeHandshake } from './native-handshake.ts';
import { lastRead, READ_BUFFER, type TcpHandle } from './native-tcp.ts';
import type { NativeTls } from './native-tls.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { SocketHandshake } from './socket-handshake.ts';

export interface BelowEvents {
  /** `bytes` are good for the call only. */
  belowBytes(bytes: Buffer): void;
  /** The client has ended it, or it broke. */
  belowEnded(): void;
  belowClosed(): void;
}

/** What a handshake over it has to know besides. */
export interface ShakeSetting {
  readonly addresses: ProxyAddresses | null;
  readonly owner: HandshakeOwner;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

export interface BelowTls {
  /** Reads from now on. */
  listen(events: BelowEvents): void;
  /** Hands it over to a handshake; `heard` is all it has brought. No event comes after it. */
  shake(greeting: Greets, setting: ShakeSetting, heard: Buffer): Handshake;
  /** Closes it; `belowClosed` follows. */
  destroy(): void;
}

export class NativeBelowTls implements BelowTls {
  readonly #native: NativeTls;
  readonly #tcp: TcpHandle;
  #events: BelowEvents | null = null;

  constructor(native: NativeTls, tcp: TcpHandle) {
    this.#native = native;
    this.#tcp = tcp;
  }

  listen(events: BelowEvents): void {
    const tcp = this.#tcp;
    this.#events = events;
    tcp.useUserBuffer(READ_BUFFER);
    tcp.onread = () => this.#read(lastRead());
    if (tcp.readStart() !== 0) events.belowEnded();
  }

  shake(greeting: Greets, setting: ShakeSetting, heard: Buffer): Handshake {
    const { addresses, owner, clock, deadlineMs } = setting;
    this.#events = null;
    this.#tcp.readStop();
    const native = this.#native;
    const one = new NativeHandshake(native, greeting, this.#tcp, addresses, owner, clock);
    one.begin(deadlineMs, [heard]);
    return one;
  }

  destroy(): void {
    const events = this.#events;
    this.#events = null;
    if (events !== null) this.#tcp.close(() => events.belowClosed());
  }

  #read(length: number): void {
    if (length > 0) this.#events?.belowBytes(READ_BUFFER.subarray(0, length));
    else if (length < 0) this.#events?.belowEnded();
  }
}

export class SocketBelowTls implements BelowTls {
  readonly #socket: Socket;
  #events: BelowEvents | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  listen(events: BelowEvents): void {
    const socket = this.#socket;
    this.#events = events;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    // 'close' follows.
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
    socket.resume();
  }

  shake(greeting: Greets, setting: ShakeSetting, heard: Buffer): Handshake {
    const socket = this.#socket;
    const { addresses, owner, clock, deadlineMs } = setting;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', ignore);
    socket.off('close', this.#onClose);
    socket.unshift(heard);
    return new SocketHandshake(greeting, socket, addresses, owner, clock, deadlineMs);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => this.#events?.belowBytes(bytes);
  readonly #onEnd = (): void => this.#events?.belowEnded();
  readonly #onClose = (): void => this.#events?.belowClosed();
}

function ignore(): void {}
