// What a TLS handle has to write: one write is under way at a time, as a second would end the process;
// what comes meanwhile waits here, and goes out in its order.

import { giveBack } from './lent-buffers.ts';
import { type TcpHandle, WIRE, type WriteRequest } from './native-tcp.ts';
import type { NativeTls, TlsHandle } from './native-tls.ts';

export interface OutboxOwner {
  /** All of it is written; `waited` if some of it had to wait. */
  outboxEmpty(waited: boolean): void;
  /** A write failed: none can succeed any more. */
  outboxFailed(): void;
}

/** Waiting pieces go out together up to this size. */
const MAX_JOINED_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

export class TlsOutbox {
  /** Bytes written that wait in this process. */
  queuedBytes = 0;
  /** A write is under way. */
  busy = false;
  readonly #native: NativeTls;
  readonly #tls: TlsHandle;
  readonly #tcp: TcpHandle;
  readonly #owner: OutboxOwner;
  /** Of the write under way: bytes that the kernel did not take at once. */
  #lateBytes = 0;
  #waited = false;
  #closed = false;
  readonly #queue: Buffer[] = [];
  /** Buffers lent, to be given back when the queue that they are in has been written. */
  readonly #lent: Buffer[] = [];

  constructor(native: NativeTls, tls: TlsHandle, tcp: TcpHandle, owner: OutboxOwner) {
    this.#native = native;
    this.#tls = tls;
    this.#tcp = tcp;
    this.#owner = owner;
  }

  /** The same as `queuedBytes`, with what the kernel has taken of the write under way left out. */
  get leftBytes(): number {
    return this.#closed ? 0 : this.#tcp.writeQueueSize + this.queuedBytes - this.#lateBytes;
  }

  writeText(text: string): void {
    if (this.busy) this.#wait(Buffer.from(text, 'latin1'));
    else if (text !== '') this.#write(text, text.length);
  }

  writeBytes(bytes: Buffer): void {
    if (this.busy) this.#wait(bytes);
    else if (bytes.length > 0) this.#write(bytes, bytes.length);
  }

  writeLent(buffer: Buffer, bytes: number): void {
    const wasBusy = this.busy;
    this.writeBytes(buffer.subarray(0, bytes));
    // Otherwise it has been encrypted into memory of the handle's.
    if (wasBusy) this.#lent.push(buffer);
    else giveBack(buffer);
  }

  /** Tells the owner when all that the handle itself has to send has gone out. Nothing may be under way. */
  flush(): void {
    this.#write(NOTHING, 0);
  }

  /** Forgets what waits; nobody is told of anything any more. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#giveAllBack();
  }

  /** For the handle's callbacks only. */
  written(status: number): void {
    this.busy = false;
    this.queuedBytes -= this.#lateBytes;
    this.#lateBytes = 0;
    if (this.#closed) return;
    if (status !== 0) {
      this.#owner.outboxFailed();
    } else if (this.#queue.length > 0) {
      this.#writeWaiting();
    } else {
      const waited = this.#waited;
      this.#waited = false;
      this.#owner.outboxEmpty(waited);
    }
  }

  #wait(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#queue.push(bytes);
    this.queuedBytes += bytes.length;
    this.#waited = true;
  }

  #writeWaiting(): void {
    const queue = this.#queue;
    let count = 0;
    let bytes = 0;
    for (const piece of queue) {
      if (count > 0 && bytes + piece.length > MAX_JOINED_BYTES) break;
      bytes += piece.length;
      count += 1;
    }
    const [first = NOTHING, ...others] = queue.splice(0, count);
    this.queuedBytes -= bytes;
    this.#write(others.length === 0 ? first : [first, ...others], bytes);
    if (queue.length === 0) this.#giveAllBack();
  }

  #write(what: string | Buffer | readonly Buffer[], bytes: number): void {
    const request = new this.#native.stream.WriteWrap();
    request[WIRE] = this;
    request.oncomplete = onWritten;
    this.busy = true;
    const error = this.#hand(request, what);
    if (this.#closed) return;
    if (error !== 0) {
      this.busy = false;
      this.#owner.outboxFailed();
    } else if (this.busy && this.#tcp.writeQueueSize > 0) {
      this.#lateBytes = bytes;
      this.queuedBytes += bytes;
      this.#waited = true;
    }
  }

  #hand(request: WriteRequest, what: string | Buffer | readonly Buffer[]): number {
    const tls = this.#tls;
    if (typeof what === 'string') return tls.writeLatin1String(request, what);
    if (Buffer.isBuffer(what)) return tls.writeBuffer(request, what);
    return tls.writev(request, what, true);
  }

  #giveAllBack(): void {
    for (const buffer of this.#lent.splice(0)) giveBack(buffer);
  }
}

function onWritten(this: WriteRequest, status: number): void {
  (this[WIRE] as TlsOutbox).written(status);
}
