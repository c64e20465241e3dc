// One handshake that begins when it is known which name the client asks for. Until then nothing is
// said, and no more is kept than a ClientHello may be long.

import type { BelowEvents, BelowTls } from './below-tls.ts';
import { readClientHello } from './client-hello.ts';
import type { Clock, Timed } from './clock.ts';
import type { Greeting, Greets } from './greeting.ts';
import type { Handshake, HandshakeOwner } from './handshakes.ts';
import { GreetingOfNobody, type NamedGreetings } from './named-greetings.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { Wire } from './wire.ts';

export class NamedHandshake implements Handshake, HandshakeOwner, BelowEvents, Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  rosterPlace = -1;
  readonly addresses: ProxyAddresses | null;
  readonly #greetings: NamedGreetings;
  readonly #outsiders: Greeting;
  readonly #below: BelowTls;
  readonly #owner: HandshakeOwner;
  readonly #clock: Clock;
  #heard: Buffer = Buffer.alloc(0);
  #shaking: Handshake | null = null;
  #isClosing = false;
  #fault = 'ECONNRESET';

  /** By `outsiders` those who do not speak TLS are told so; it lets nobody in. */
  constructor(
    greetings: NamedGreetings,
    outsiders: Greeting,
    below: BelowTls,
    addresses: ProxyAddresses | null,
    owner: HandshakeOwner,
    clock: Clock,
  ) {
    this.#greetings = greetings;
    this.#outsiders = outsiders;
    this.#below = below;
    this.addresses = addresses;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** It is over by `deadlineMs` of the clock. `received` came before what is to be read. */
  begin(deadlineMs: number, received: readonly Buffer[]): void {
    this.deadlineMs = deadlineMs;
    this.#clock.add(this);
    this.#below.listen(this);
    if (received.length > 0) this.belowBytes(Buffer.concat(received));
  }

  /** Never: a request is about to come. */
  closeIfIdle(): void {}

  cut(): boolean {
    if (this.#shaking !== null) return this.#shaking.cut();
    this.#close();
    return false;
  }

  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#end('ERR_TLS_HANDSHAKE_TIMEOUT');
  }

  belowBytes(bytes: Buffer): void {
    if (this.#isClosing) return;
    this.#heard = Buffer.concat([this.#heard, bytes]);
    const hello = readClientHello(this.#heard);
    if (hello.kind === 'fault') this.#end(hello.fault);
    else if (hello.kind === 'plain') this.#shake(new GreetingOfNobody(this.#outsiders));
    else if (hello.kind === 'hello') this.#shake(this.#greetings.greetingFor(hello.name));
  }

  belowEnded(): void {
    this.#close();
  }

  belowClosed(): void {
    this.failed(this, this.#fault);
  }

  secured(_shaking: Handshake, wire: Wire): void {
    this.#owner.secured(this, wire);
  }

  failed(_shaking: Handshake, reason: string): void {
    this.#clock.remove(this);
    this.#owner.failed(this, reason);
  }

  #shake(greeting: Greets | string): void {
    if (typeof greeting === 'string') {
      this.#end(greeting);
      return;
    }
    this.#clock.remove(this);
    this.#shaking = this.#below.shake(
      greeting,
      {
        addresses: this.addresses,
        owner: this,
        clock: this.#clock,
        deadlineMs: this.deadlineMs,
      },
      this.#heard,
    );
  }

  #end(fault: string): void {
    this.#fault = fault;
    this.#close();
  }

  #close(): void {
    this.#isClosing = true;
    this.#below.destroy();
  }
}
