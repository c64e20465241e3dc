// The TLS of one listener: connections whose handshake is under way, each with what is known of its
// client already. Certificates and the plan may change meanwhile, which nothing that is open notices.

import type { Socket } from 'node:net';
import type { ListenerSpec } from '../plan/plan.ts';
import { type BelowTls, NativeBelowTls, SocketBelowTls } from './below-tls.ts';
import { type CertificateFacts, certificatesOf, readFacts } from './certificates.ts';
import type { Clock } from './clock.ts';
import type { Credentials } from './credentials.ts';
import { Greeting } from './greeting.ts';
import { NamedGreetings } from './named-greetings.ts';
import { NamedHandshake } from './named-handshake.ts';
import { takeHandle } from './native-accept.ts';
import { NativeHandshake } from './native-handshake.ts';
import type { TcpHandle } from './native-tcp.ts';
import { NATIVE_TLS } from './native-tls.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { Enrolled } from './roster.ts';
import { SocketHandshake } from './socket-handshake.ts';
import { tlsTermsOf } from './tls.ts';
import type { Wire } from './wire.ts';

export interface HandshakeOwner {
  /** It is done; `wire` is the owner's, to be started at once. */
  secured(handshake: Handshake, wire: Wire): void;
  /** It failed, or the client went (`reason` is Node's code for it); the connection is closed. */
  failed(handshake: Handshake, reason: string): void;
}

/** One handshake under way. */
export interface Handshake extends Enrolled {
  /** From its PROXY protocol header; null without. */
  readonly addresses: ProxyAddresses | null;
  /** Never: a request is about to come. */
  closeIfIdle(): void;
  /** Ends it now; false: nothing is cut short. */
  cut(): boolean;
}

export class Handshakes {
  readonly #owner: HandshakeOwner;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #listener: ListenerSpec | null = null;
  #credentials: Credentials | null = null;
  /** Null = no handshake is possible. */
  #greeting: Greeting | null = null;
  /** Null = all clients are greeted alike. */
  #named: NamedGreetings | null = null;
  /** Of the certificates in use. */
  #facts: ReadonlyMap<string, CertificateFacts> = new Map();

  constructor(owner: HandshakeOwner, clock: Clock, timeoutMs: number) {
    this.#owner = owner;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Gets ready for handshakes by these. Throws, saying why, when they cannot be used; what was usable
   * before is kept if only the credentials have changed.
   */
  update(listener: ListenerSpec, credentials: Credentials): void {
    const before = this.#listener;
    const samePlan =
      before?.tls === listener.tls &&
      before?.mode === listener.mode &&
      before?.byName === listener.byName;
    if (samePlan && this.#credentials === credentials) return;
    this.#listener = listener;
    this.#credentials = credentials;
    if (!samePlan) this.#greeting = null;
    this.#name(listener, credentials);
    const pems = certificatesOf(listener, credentials);
    this.#facts = readFacts(pems, this.#facts);
    const facts = [...this.#facts.values()];
    this.#greeting = new Greeting(tlsTermsOf(listener, credentials, facts));
  }

  #name(listener: ListenerSpec, credentials: Credentials): void {
    if (listener.byName.length === 0) this.#named = null;
    else if (this.#named === null) this.#named = new NamedGreetings(listener, credentials);
    else this.#named.update(listener, credentials);
  }

  /**
   * Begins a handshake; the caller has called `update`. `received` came before what is in the socket.
   * Returns null if that is not possible.
   */
  begin(socket: Socket, addresses: ProxyAddresses | null, received: Buffer): Handshake | null {
    if (NATIVE_TLS !== null) {
      const pieces = received.length > 0 ? [received] : [];
      const tcp = takeHandle(socket, pieces);
      return tcp && this.beginOn(tcp, addresses, pieces);
    }
    const greeting = this.#greeting;
    if (greeting === null || socket.destroyed) {
      socket.destroy();
      return null;
    }
    if (this.#named !== null) {
      return this.#beginByName(this.#named, greeting, new SocketBelowTls(socket), addresses, [
        received,
      ]);
    }
    if (received.length > 0) socket.unshift(received);
    const deadlineMs = this.#deadlineMs;
    return new SocketHandshake(greeting, socket, addresses, this.#owner, this.#clock, deadlineMs);
  }

  /** The same on an accepted connection's handle, where Node's TLS handles can be used. */
  beginOn(
    tcp: TcpHandle,
    addresses: ProxyAddresses | null,
    received: readonly Buffer[],
  ): Handshake | null {
    const greeting = this.#greeting;
    if (NATIVE_TLS === null || greeting === null) {
      tcp.close(ignore);
      return null;
    }
    if (this.#named !== null) {
      const below = new NativeBelowTls(NATIVE_TLS, tcp);
      return this.#beginByName(this.#named, greeting, below, addresses, received);
    }
    const owner = this.#owner;
    const one = new NativeHandshake(NATIVE_TLS, greeting, tcp, addresses, owner, this.#clock);
    one.begin(this.#deadlineMs, received);
    return one;
  }

  #beginByName(
    named: NamedGreetings,
    outsiders: Greeting,
    below: BelowTls,
    addresses: ProxyAddresses | null,
    received: readonly Buffer[],
  ): Handshake {
    const one = new NamedHandshake(named, outsiders, below, addresses, this.#owner, this.#clock);
    one.begin(this.#deadlineMs, received);
    return one;
  }

  /** Of a handshake that begins now. */
  get #deadlineMs(): number {
    return this.#clock.in(this.#timeoutMs);
  }
}

function ignore(): void {}
