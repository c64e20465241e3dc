// One connection to a server. It is read into one buffer that all upstream connections of a worker
// share: who is handed bytes must use or copy them before returning. A write that fails does not end
// the connection: a server that refuses an upload may have answered before it closed, and that answer
// is still to be read (RFC 9112 §9.6).

import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Clock, Timed } from './clock.ts';
import type { IdleConnection, Server } from './server.ts';

/** One read: as much as libuv takes at once. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

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

type Written = (error?: Error | null) => void;

class UpstreamSocket extends Socket {
  #written: Written | null = null;
  readonly #swallow = (): void => {
    const written = this.#written;
    this.#written = null;
    written?.();
  };

  override _write(data: unknown, encoding: BufferEncoding, written: Written): void {
    this.#written = written;
    super._write(data, encoding, this.#swallow);
  }

  override _writev(data: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    this.#written = written;
    super._writev?.(data, this.#swallow);
  }
}

export class Upstream implements Timed, IdleConnection {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  readonly server: Server;
  readonly socket: Socket;
  connected = false;
  /** True once it has carried an exchange before. */
  reused = false;
  /** The server's FIN was read, or the connection is gone. */
  ended = false;
  /** It ended by an error, not by a FIN. */
  broken = false;
  user: UpstreamUser | null;
  readonly #clock: Clock;

  /** Starts to connect. */
  constructor(server: Server, user: UpstreamUser, clock: Clock) {
    this.server = server;
    this.user = user;
    this.#clock = clock;
    const onread = {
      buffer: READ_BUFFER,
      callback: (length: number, piece: Uint8Array): boolean => {
        this.#read(piece as Buffer, length);
        return true;
      },
    };
    const options: SocketConstructorOpts & { onread: object } = { allowHalfOpen: true, onread };
    const socket = new UpstreamSocket(options);
    this.socket = socket;
    // 'close' follows, and is what is acted on.
    socket.on('error', () => {
      this.broken = true;
    });
    socket.on('connect', () => this.#connect());
    socket.on('end', () => this.#end());
    socket.on('drain', () => this.user?.upstreamWritable());
    socket.on('close', () => this.#close());
    clock.add(this);
    socket.connect({ host: server.address, port: server.port, noDelay: true });
  }

  /** Keeps it for the next request, for `idleMs` at most. It must not be used afterwards. */
  park(idleMs: number): void {
    this.user = null;
    this.reused = true;
    this.deadlineMs = this.#clock.in(idleMs);
    this.server.keepIdle(this);
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
    this.socket.destroy();
  }

  /** An unused connection has grown old. */
  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.user !== null) return;
    this.server.dropIdle(this);
    this.destroy();
  }

  #connect(): void {
    this.connected = true;
    this.user?.upstreamConnected();
  }

  #read(piece: Buffer, length: number): void {
    if (this.user !== null) {
      this.user.upstreamBytes(piece, length);
    } else if (!this.ended) {
      // Bytes nobody asked for: whatever they are, no client must ever see them.
      this.server.dropIdle(this);
      this.destroy();
    }
  }

  #end(): void {
    this.ended = true;
    if (this.user !== null) {
      this.user.upstreamEnded();
    } else {
      this.server.dropIdle(this);
      this.destroy();
    }
  }

  #close(): void {
    this.#clock.remove(this);
    this.ended = true;
    const { user } = this;
    this.user = null;
    if (user === null) this.server.dropIdle(this);
    else user.upstreamFailed();
  }
}
