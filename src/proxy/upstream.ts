// One connection to a server, used by one exchange or tunnel after the other. A write that fails does
// not end it: a server that refuses an upload may have answered before it closed, and that answer is
// still to be read (RFC 9112 §9.6).

import type { Clock, Timed } from './clock.ts';
import { NATIVE_TCP } from './native-tcp.ts';
import { NativeWire } from './native-wire.ts';
import type { Runtime } from './runtime.ts';
import type { IdleConnection, Server } from './server.ts';
import type { ProxySettings } from './settings.ts';
import { SocketWire } from './socket-wire.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Who uses an upstream connection now. */
export interface UpstreamUser {
  upstreamConnected(): void;
  /** `piece[0, length)` was received; it is overwritten after the return. */
  upstreamBytes(piece: Buffer, length: number): void;
  /** The server sends no more. */
  upstreamEnded(): void;
  /** The connection failed, before it was there (`connected` false) or later. */
  upstreamFailed(): void;
  /** What was written has gone out. */
  upstreamWritable(): void;
}

export class Upstream implements Timed, IdleConnection, WireEvents {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  readonly server: Server;
  readonly wire: Wire;
  connected = false;
  /** True once it has carried an exchange before. */
  reused = false;
  /** The server's FIN was read, or the connection is gone. */
  ended = false;
  /** It ended by an error, not by a FIN. */
  broken = false;
  user: UpstreamUser | null;
  readonly #clock: Clock;

  /** Starts to connect. `introduction` is sent before a TLS handshake; null = nothing is. */
  constructor(
    server: Server,
    user: UpstreamUser,
    { clock, credentials }: Runtime,
    introduction: Buffer | null,
  ) {
    this.server = server;
    this.user = user;
    this.#clock = clock;
    clock.add(this);
    const { address, port, tls } = server;
    if (tls !== null) this.wire = tls.dial(address, port, credentials, introduction, this);
    else if (NATIVE_TCP === null) this.wire = SocketWire.dial(address, port, this);
    else this.wire = NativeWire.dial(NATIVE_TCP, address, port, this);
  }

  /** Its exchange is over: it is kept for another one if it can serve it. Not to be used afterwards. */
  retire({ maxIdlePerServer, upstreamIdleTimeoutMs }: ProxySettings): void {
    const { server, wire } = this;
    const keeps =
      !this.ended &&
      server.inForce &&
      server.sendProxy === 0 &&
      !server.closes &&
      server.idleCount < maxIdlePerServer &&
      wire.queuedBytes === 0;
    if (!keeps) {
      this.destroy();
      return;
    }
    this.user = null;
    this.reused = true;
    this.deadlineMs = this.#clock.in(upstreamIdleTimeoutMs);
    server.keepIdle(this);
  }

  /** Takes it out of the unused ones. */
  unpark(user: UpstreamUser): void {
    this.user = user;
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  discard(): void {
    this.destroy();
  }

  /** Closes it at once; its user hears nothing more. */
  destroy(): void {
    this.user = null;
    this.ended = true;
    this.wire.destroy();
  }

  /** An unused connection has grown old. */
  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.user !== null) return;
    this.server.dropIdle(this);
    this.destroy();
  }

  wireConnected(): void {
    this.connected = true;
    this.user?.upstreamConnected();
  }

  wireBytes(piece: Buffer, length: number): void {
    if (this.user !== null) {
      this.user.upstreamBytes(piece, length);
    } else if (!this.ended) {
      // Bytes nobody asked for: whatever they are, no client must ever see them.
      this.server.dropIdle(this);
      this.destroy();
    }
  }

  wireEnded(): void {
    this.ended = true;
    if (this.user !== null) {
      this.user.upstreamEnded();
    } else {
      this.server.dropIdle(this);
      this.destroy();
    }
  }

  wireWritable(): void {
    this.user?.upstreamWritable();
  }

  wireClosed(broken: boolean): void {
    this.broken = broken;
    this.#clock.remove(this);
    this.ended = true;
    const { user } = this;
    this.user = null;
    if (user === null) this.server.dropIdle(this);
    else user.upstreamFailed();
  }
}
