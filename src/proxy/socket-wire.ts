// A wire over a socket of Node's: for TLS, and where Node's TCP handles cannot be used directly. The
// handlers are shared functions, so that a new connection costs no closures.

import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { abort } from './sockets.ts';
import type { Wire, WireEvents } from './wire.ts';

const EVENTS = Symbol('events');

interface WiredSocket extends Socket {
  [EVENTS]: WireEvents;
}

interface WithHandle {
  readonly _handle: { readonly writeQueueSize?: number } | null;
}

export class SocketWire implements Wire {
  readonly #socket: Socket;
  #watchedBytes = 0;

  /** The socket must not be read by anybody else. */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Starts to connect. An error is reported as a broken wire. */
  static dial(address: string, port: number, events: WireEvents): SocketWire {
    const socket = new ServerSocket({ allowHalfOpen: true });
    const wire = new SocketWire(socket);
    wire.start(events);
    socket.connect({ host: address, port, noDelay: true });
    return wire;
  }

  start(events: WireEvents): void {
    const wired = this.#socket as WiredSocket;
    wired[EVENTS] = events;
    wired.on('error', onError);
    wired.on(wired instanceof TLSSocket ? 'secureConnect' : 'connect', onConnect);
    wired.on('data', onData);
    wired.on('end', onEnd);
    wired.on('drain', onDrain);
    wired.on('close', onClose);
  }

  get peerAddress(): string {
    return this.#socket.remoteAddress ?? '0.0.0.0';
  }

  get serverName(): string | null {
    if (!(this.#socket instanceof TLSSocket)) return null;
    const { servername } = this.#socket as TLSSocket & { readonly servername?: unknown };
    return typeof servername === 'string' ? servername : '';
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get finished(): boolean {
    return this.#socket.writableFinished;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  addresses(): ProxyAddresses | null {
    const { remoteAddress, remotePort, localAddress, localPort } = this.#socket;
    if (remoteAddress === undefined || localAddress === undefined) return null;
    return {
      source: remoteAddress,
      sourcePort: remotePort ?? 0,
      destination: localAddress,
      destinationPort: localPort ?? 0,
    };
  }

  writeText(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  writeBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  lend(bytes: number): Buffer {
    return Buffer.allocUnsafe(bytes);
  }

  writeLent(buffer: Buffer, bytes: number): void {
    this.#socket.write(bytes === buffer.length ? buffer : buffer.subarray(0, bytes));
  }

  end(): void {
    this.#socket.end();
  }

  endAndClose(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  abort(): void {
    abort(this.#socket);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  watch(): void {
    const { _handle: handle } = this.#socket as unknown as WithHandle;
    this.#watchedBytes = handle?.writeQueueSize ?? 0;
  }

  shrank(): boolean {
    const before = this.#watchedBytes;
    this.watch();
    return this.#watchedBytes < before;
  }
}

type Written = (error?: Error | null) => void;

/**
 * A write that fails does not end the connection: a server that refuses an upload may have answered
 * before it closed.
 */
class ServerSocket extends Socket {
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

/** 'close' is what is acted on. It follows every error but those of TLS itself, after the handshake. */
function onError(this: WiredSocket, error: Error): void {
  this.destroy(error);
}

function onConnect(this: WiredSocket): void {
  this[EVENTS].wireConnected();
}

function onData(this: WiredSocket, piece: Buffer): void {
  this[EVENTS].wireBytes(piece, piece.length);
}

function onEnd(this: WiredSocket): void {
  this[EVENTS].wireEnded();
}

function onDrain(this: WiredSocket): void {
  this[EVENTS].wireWritable();
}

function onClose(this: WiredSocket, broken: boolean): void {
  this[EVENTS].wireClosed(broken);
}
