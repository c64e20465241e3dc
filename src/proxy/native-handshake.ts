// One handshake on a TLS handle of Node's.

import { refusalOf } from './answers.ts';
import type { Clock, Timed } from './clock.ts';
import type { Greets } from './greeting.ts';
import type { Handshake, HandshakeOwner } from './handshakes.ts';
import type { TcpHandle } from './native-tcp.ts';
import type { NativeTls } from './native-tls.ts';
import { NativeTlsWire, type TlsEvents } from './native-tls-wire.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';

export class NativeHandshake implements Handshake, TlsEvents, Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  rosterPlace = -1;
  readonly addresses: ProxyAddresses | null;
  readonly #greeting: Greets;
  readonly #wire: NativeTlsWire;
  readonly #clock: Clock;
  readonly #owner: HandshakeOwner;
  #fault = 'ECONNRESET';

  constructor(
    native: NativeTls,
    greeting: Greets,
    tcp: TcpHandle,
    addresses: ProxyAddresses | null,
    owner: HandshakeOwner,
    clock: Clock,
  ) {
    this.addresses = addresses;
    this.#greeting = greeting;
    this.#owner = owner;
    this.#clock = clock;
    this.#wire = new NativeTlsWire(native, tcp, greeting.context, this);
    const { handle } = this.#wire;
    greeting.prepare(handle, handle, (error) => this.#end(error.message));
  }

  /** It is over by `deadlineMs` of the clock. `received` came before what is to be read. */
  begin(deadlineMs: number, received: readonly Buffer[]): void {
    this.deadlineMs = deadlineMs;
    this.#clock.add(this);
    this.#wire.shake();
    for (const piece of received) this.#wire.handle.receive(piece);
  }

  /** Never: a request is about to come. */
  closeIfIdle(): void {}

  cut(): boolean {
    this.#wire.destroy();
    return false;
  }

  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#end('ERR_TLS_HANDSHAKE_TIMEOUT');
  }

  wireSecured(): void {
    const { handle } = this.#wire;
    const fault = this.#greeting.faultOf(handle, handle);
    if (fault !== null) {
      this.#end(fault);
      return;
    }
    this.#clock.remove(this);
    this.#owner.secured(this, this.#wire);
  }

  wireUnsecured(code: string): void {
    this.#fault = code;
    if (code === 'ERR_SSL_HTTP_REQUEST') this.#wire.writeBelow(refusalOf(400));
  }

  wireConnected(): void {}
  wireBytes(): void {}
  wireWritable(): void {}

  wireEnded(): void {
    this.#wire.destroy();
  }

  wireClosed(): void {
    this.#clock.remove(this);
    this.#owner.failed(this, this.#fault);
  }

  #end(fault: string): void {
    this.#fault = fault;
    this.#wire.destroy();
  }
}
