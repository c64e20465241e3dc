// A wire over TLS right on Node's handles: the server's side, from the first byte of the handshake. A FIN
// goes out after the last write and its close_notify. What has been decrypted while the wire is paused
// waits here: at most what one read had brought.

import type { SecureContext } from 'node:tls';
import { nameIn, type TlsFault } from './greeting.ts';
import { giveBack, lendBuffer } from './lent-buffers.ts';
import { EOF, endsOf, peerOf, READ_BUFFER, type TcpHandle } from './native-tcp.ts';
import { type NativeTls, type TlsHandle, wrapTls } from './native-tls.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { adopt, askForFin, type HandleOwner, listenTo, onClosed } from './tls-callbacks.ts';
import { type OutboxOwner, TlsOutbox } from './tls-outbox.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Who waits for a handshake. Of the events of a wire only its end comes before `wireSecured`. */
export interface TlsEvents extends WireEvents {
  /** The handshake is done; the client has not been judged by its certificate. Give it to its owner now. */
  wireSecured(): void;
  /** The handshake failed, for a reason with this code of Node's; the wire is still open. */
  wireUnsecured(code: string): void;
}

export class NativeTlsWire implements Wire, HandleOwner, OutboxOwner {
  finished = false;
  destroyed = false;
  readonly #native: NativeTls;
  readonly #tcp: TcpHandle;
  readonly #tls: TlsHandle;
  readonly #outbox: TlsOutbox;
  readonly #greeter: TlsEvents;
  #events: WireEvents;
  #secured = false;
  /** Nothing has happened since the end of the handshake, which OpenSSL may still be about. */
  #isFresh = false;
  #reading = false;
  #ended = false;
  #ending = false;
  /** A FIN was asked for. */
  #shutting = false;
  #closesWhenFinished = false;
  #broken = false;
  #watchedBytes = 0;
  /** Received while paused. */
  readonly #held: Buffer[] = [];
  #endHeld = false;
  #delivering = false;

  /** Takes over the handle of an accepted connection; `shake` is the caller's to call at once. */
  constructor(native: NativeTls, tcp: TcpHandle, context: SecureContext, greeter: TlsEvents) {
    this.#native = native;
    this.#tcp = tcp;
    this.#tls = wrapTls(native, tcp, context);
    this.#outbox = new TlsOutbox(native, this.#tls, tcp, this);
    this.#greeter = greeter;
    this.#events = greeter;
    adopt(this, tcp, this.#tls);
  }

  /** To be set up before `shake`, and asked about the client when it is secured. */
  get handle(): TlsHandle {
    return this.#tls;
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  get serverName(): string {
    return nameIn(this.#tls);
  }

  get peerAddress(): string {
    return peerOf(this.#tcp);
  }

  addresses(): ProxyAddresses | null {
    return endsOf(this.#tcp);
  }

  /** Starts to listen to the client. */
  shake(): void {
    this.#reading = true;
    if (listenTo(this.#tls) !== 0) this.#fail();
  }

  /** Answers a client that does not speak TLS, below it. */
  writeBelow(text: string): void {
    const request = new this.#native.stream.WriteWrap();
    request.oncomplete = ignore;
    this.#tcp.writeLatin1String(request, text);
  }

  /** Call it when told that the wire is secured: it has been read since. */
  start(events: WireEvents): void {
    this.#events = events;
  }

  writeText(text: string): void {
    if (!this.destroyed && !this.#ending) this.#outbox.writeText(text);
  }

  writeBytes(bytes: Buffer): void {
    if (!this.destroyed && !this.#ending) this.#outbox.writeBytes(bytes);
  }

  lend(bytes: number): Buffer {
    return lendBuffer(bytes);
  }

  writeLent(buffer: Buffer, bytes: number): void {
    if (this.destroyed || this.#ending) giveBack(buffer);
    else this.#outbox.writeLent(buffer, bytes);
  }

  end(): void {
    if (this.destroyed || this.#ending) return;
    this.#ending = true;
    if (!this.#outbox.busy) this.#shutDown();
  }

  endAndClose(): void {
    this.#closesWhenFinished = true;
    if (this.finished) this.destroy();
    else this.end();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.#release();
    this.#tcp.close(onClosed);
  }

  abort(): void {
    // libuv refuses to reset once a FIN is under way, and would keep the descriptor.
    if (this.#shutting) this.destroy();
    if (this.destroyed) return;
    this.#release();
    this.#tcp.reset(onClosed);
  }

  pause(): void {
    if (!this.#reading || this.destroyed) return;
    this.#reading = false;
    this.#tls.readStop();
  }

  resume(): void {
    if (this.#reading || this.#ended || this.destroyed) return;
    this.#reading = true;
    if (this.#held.length > 0 || this.#endHeld) this.#deliverSoon();
    if (!this.#endHeld) this.#tls.readStart();
  }

  watch(): void {
    this.#watchedBytes = this.#outbox.leftBytes;
  }

  shrank(): boolean {
    const before = this.#watchedBytes;
    this.watch();
    return this.#watchedBytes < before;
  }

  /** For the handle's callbacks only. */
  read(length: number): void {
    if (this.destroyed) return;
    this.#isFresh = false;
    const passes = this.#reading && this.#held.length === 0;
    if (length > 0) {
      if (passes) this.#events.wireBytes(READ_BUFFER, length);
      else this.#held.push(Buffer.from(READ_BUFFER.subarray(0, length)));
    } else if (length === EOF) {
      if (passes) this.#end();
      else this.#endHeld = true;
    } else if (length < 0) {
      this.#fail();
    }
  }

  /** For the handle's callbacks only. */
  shaken(): void {
    if (this.destroyed || this.#secured) return;
    this.#secured = true;
    this.#isFresh = true;
    this.#greeter.wireSecured();
  }

  /** For the handle's callbacks only. */
  failed(fault: TlsFault): void {
    if (this.destroyed) return;
    if (!this.#secured) this.#greeter.wireUnsecured(fault.code ?? fault.message);
    if (!this.destroyed) this.#fail();
  }

  /** For the outbox only. */
  outboxEmpty(waited: boolean): void {
    this.#isFresh = false;
    if (this.#ending) this.#shutDown();
    else if (waited) this.#events.wireWritable();
  }

  /** For the outbox only. */
  outboxFailed(): void {
    this.#fail();
  }

  /** For the handle's callbacks only. */
  shutDown(): void {
    if (!this.destroyed) this.#finish();
  }

  /** For the handle's callbacks only. */
  closed(): void {
    this.#tls.destroySSL();
    this.#events.wireClosed(this.#broken);
  }

  /** For the end only. */
  flush(): void {
    if (this.destroyed) return;
    if (this.#tls.writeQueueSize > 0) this.#outbox.flush();
    else this.#sendFin();
  }

  /** For the delivery only. */
  deliver(): void {
    this.#delivering = false;
    while (this.#reading && !this.destroyed) {
      const piece = this.#held[0];
      if (piece === undefined) break;
      // What is received meanwhile must come after it.
      this.#events.wireBytes(piece, piece.length);
      this.#held.shift();
    }
    if (this.#endHeld && this.#reading && !this.destroyed) this.#end();
  }

  #shutDown(): void {
    // Session tickets, perhaps, or they are about to be made: the close_notify must come after them.
    if (this.#isFresh || this.#tls.writeQueueSize > 0) setImmediate(flush, this);
    else this.#sendFin();
  }

  #sendFin(): void {
    this.#shutting = true;
    // The peer is gone: there is nobody to tell.
    if (askForFin(this, this.#native, this.#tls) !== 0) this.#finish();
    // The close_notify is with the kernel, and to close sends the FIN as well.
    else if (this.#closesSoon && this.#tcp.writeQueueSize === 0) this.destroy();
  }

  get #closesSoon(): boolean {
    return this.#closesWhenFinished || this.#ended;
  }

  #end(): void {
    this.#endHeld = false;
    this.#ended = true;
    this.pause();
    this.#events.wireEnded();
    if (this.finished) this.destroy();
  }

  #finish(): void {
    this.finished = true;
    if (this.#closesSoon) this.destroy();
  }

  #deliverSoon(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    setImmediate(deliver, this);
  }

  #fail(): void {
    if (this.destroyed) return;
    this.#broken = true;
    this.destroy();
  }

  #release(): void {
    this.destroyed = true;
    this.#held.length = 0;
    this.#outbox.close();
  }
}

function ignore(): void {}

function flush(wire: NativeTlsWire): void {
  wire.flush();
}

function deliver(wire: NativeTlsWire): void {
  wire.deliver();
}
