// A wire right on a TCP handle of Node's, without net.Socket's stream machinery: no closure, timer or
// queue of its own; libuv keeps what the kernel does not take at once. All wires of a worker are read
// into one buffer.

import { giveBack, lendBuffer } from './lent-buffers.ts';
import {
  EOF,
  endsOf,
  lastRead,
  type NativeTcp,
  peerOf,
  READ_BUFFER,
  type TcpHandle,
  WIRE,
  type WriteRequest,
} from './native-tcp.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { Wire, WireEvents } from './wire.ts';

export class NativeWire implements Wire {
  readonly serverName = null;
  queuedBytes = 0;
  finished = false;
  destroyed = false;
  readonly #native: NativeTcp;
  readonly #handle: TcpHandle;
  #events: WireEvents | null;
  /** A write that fails ends nothing: the peer may have answered before it closed. */
  readonly #toServer: boolean;
  #reading = false;
  #ended = false;
  #ending = false;
  #closesWhenFinished = false;
  #broken = false;
  #watchedBytes = 0;

  private constructor(
    native: NativeTcp,
    handle: TcpHandle,
    events: WireEvents | null,
    toServer: boolean,
  ) {
    this.#native = native;
    this.#handle = handle;
    this.#events = events;
    this.#toServer = toServer;
    handle[WIRE] = this;
  }

  /** Takes over the handle of an accepted connection; `start` is the caller's to call at once. */
  static accepted(native: NativeTcp, handle: TcpHandle): NativeWire {
    return new NativeWire(native, handle, null, false);
  }

  /** Starts to connect. An error is reported as a broken wire. */
  static dial(native: NativeTcp, address: string, port: number, events: WireEvents): NativeWire {
    const { TCP, TCPConnectWrap, constants } = native.tcp;
    const handle = new TCP(constants.SOCKET);
    const wire = new NativeWire(native, handle, events, true);
    handle.setNoDelay(true);
    const request = new TCPConnectWrap();
    request[WIRE] = wire;
    request.oncomplete = onConnected;
    const error = address.includes(':')
      ? handle.connect6(request, address, port)
      : handle.connect(request, address, port);
    if (error !== 0) wire.#fail();
    return wire;
  }

  get peerAddress(): string {
    return peerOf(this.#handle);
  }

  addresses(): ProxyAddresses | null {
    return endsOf(this.#handle);
  }

  start(events: WireEvents): void {
    this.#events = events;
    this.#start();
  }

  writeText(text: string): void {
    if (this.destroyed || this.#ending) return;
    const request = takeRequest(this.#native);
    const error = this.#handle.writeLatin1String(request, text);
    this.#written(request, error, text.length);
  }

  writeBytes(bytes: Buffer): void {
    if (this.destroyed || this.#ending) return;
    const request = takeRequest(this.#native);
    const error = this.#handle.writeBuffer(request, bytes);
    if (this.#written(request, error, bytes.length)) request.kept = bytes;
  }

  lend(bytes: number): Buffer {
    return lendBuffer(bytes);
  }

  writeLent(buffer: Buffer, bytes: number): void {
    if (this.destroyed || this.#ending) {
      giveBack(buffer);
      return;
    }
    const request = takeRequest(this.#native);
    const part = bytes === buffer.length ? buffer : buffer.subarray(0, bytes);
    const error = this.#handle.writeBuffer(request, part);
    if (this.#written(request, error, bytes)) request.lent = buffer;
    else giveBack(buffer);
  }

  end(): void {
    if (this.destroyed || this.#ending) return;
    this.#ending = true;
    if (this.#ended && this.queuedBytes === 0) {
      // To close sends the FIN as well.
      this.destroy();
      return;
    }
    const request = new this.#native.stream.ShutdownWrap();
    request[WIRE] = this;
    request.oncomplete = onShutdown;
    // The peer is gone: there is nobody to tell.
    if (this.#handle.shutdown(request) !== 0) this.#finish();
  }

  endAndClose(): void {
    this.#closesWhenFinished = true;
    if (this.queuedBytes === 0 || this.finished) this.destroy();
    else this.end();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#handle.close(onClosed);
  }

  abort(): void {
    if (this.destroyed) return;
    // libuv refuses to reset once a FIN is under way, and would keep the descriptor.
    if (this.#ending) {
      this.destroy();
      return;
    }
    this.destroyed = true;
    this.#handle.reset(onClosed);
  }

  pause(): void {
    if (!this.#reading || this.destroyed) return;
    this.#reading = false;
    this.#handle.readStop();
  }

  resume(): void {
    if (this.#reading || this.#ended || this.destroyed) return;
    this.#reading = true;
    this.#handle.readStart();
  }

  watch(): void {
    this.#watchedBytes = this.destroyed ? 0 : this.#handle.writeQueueSize;
  }

  shrank(): boolean {
    const before = this.#watchedBytes;
    this.watch();
    return this.#watchedBytes < before;
  }

  /** For the handle's callbacks only. */
  connected(status: number): void {
    if (this.destroyed) return;
    if (status !== 0) {
      this.#fail();
      return;
    }
    this.#start();
    this.#events?.wireConnected();
  }

  /** For the handle's callbacks only: bytes received, or an error. */
  read(length: number): void {
    if (this.destroyed) return;
    if (length > 0) {
      this.#events?.wireBytes(READ_BUFFER, length);
    } else if (length === EOF) {
      this.#ended = true;
      this.pause();
      this.#events?.wireEnded();
      if (this.finished) this.destroy();
    } else if (length < 0) {
      this.#fail();
    }
  }

  /** For the handle's callbacks only: a write that had to wait. */
  writtenLate(bytes: number, status: number): void {
    this.queuedBytes -= bytes;
    if (this.destroyed) return;
    if (status !== 0 && !this.#toServer) this.#fail();
    else if (this.queuedBytes === 0 && !this.#ending) this.#events?.wireWritable();
  }

  /** For the handle's callbacks only. */
  shutDown(): void {
    if (!this.destroyed) this.#finish();
  }

  /** For the handle's callbacks only. */
  closed(): void {
    this.#events?.wireClosed(this.#broken);
  }

  #start(): void {
    const handle = this.#handle;
    handle.useUserBuffer(READ_BUFFER);
    handle.onread = onRead;
    this.#reading = true;
    if (handle.readStart() !== 0) this.#fail();
  }

  /** True if the request is in use until its completion. */
  #written(request: WriteRequest, error: number, bytes: number): boolean {
    if (error !== 0) {
      if (!this.#toServer) this.#fail();
      return false;
    }
    const { stream } = this.#native;
    if (stream.streamBaseState[stream.kLastWriteWasAsync] === 0) return false;
    spareRequest = null;
    request[WIRE] = this;
    request.lateBytes = bytes;
    this.queuedBytes += bytes;
    return true;
  }

  #finish(): void {
    this.finished = true;
    if (this.#ended || this.#closesWhenFinished) this.destroy();
  }

  #fail(): void {
    this.#broken = true;
    this.destroy();
  }
}

/** Most writes are done when the call returns: their request is used again. */
let spareRequest: WriteRequest | null = null;

function takeRequest(native: NativeTcp): WriteRequest {
  if (spareRequest === null) {
    spareRequest = new native.stream.WriteWrap();
    spareRequest.oncomplete = onWritten;
  }
  return spareRequest;
}

function onRead(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as NativeWire).read(lastRead());
}

function onConnected(this: { [WIRE]?: unknown }, status: number): void {
  (this[WIRE] as NativeWire).connected(status);
}

function onWritten(this: WriteRequest, status: number): void {
  if (this.lent !== undefined) giveBack(this.lent);
  (this[WIRE] as NativeWire).writtenLate(this.lateBytes ?? 0, status);
}

function onShutdown(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as NativeWire).shutDown();
}

function onClosed(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as NativeWire).closed();
}
