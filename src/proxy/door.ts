// The way of a new connection into a listener: PROXY protocol header, TLS handshake, then a client.
// Each as the plan in force asks when the connection comes to it.

import type { Socket } from 'node:net';
import type { ListenerSpec } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { countStatus } from './accounting.ts';
import { ClientConnection } from './client.ts';
import type { Entrance } from './entrance.ts';
import { type Handshake, type HandshakeOwner, Handshakes } from './handshakes.ts';
import type { Intake } from './native-accept.ts';
import { endsOf, type NativeTcp, type TcpHandle } from './native-tcp.ts';
import { NATIVE_TLS } from './native-tls.ts';
import { NativeWire } from './native-wire.ts';
import { type GateOwner, ProxyGate } from './proxy-protocol/gate.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { RefusalLog } from './refusal-log.ts';
import type { Runtime } from './runtime.ts';
import { SocketWire } from './socket-wire.ts';
import { serviceOf } from './table.ts';
import { TcpClient } from './tcp-client.ts';
import { type Hall, type TurnedAway, Turnstile } from './turnstile.ts';
import type { Wire } from './wire.ts';

const NOTHING = Buffer.alloc(0);

/** A connection in one of its stages. */
export type Client = ClientConnection | TcpClient | ProxyGate | Handshake | TurnedAway;

/** Who keeps the connections. */
export interface DoorOwner {
  entered(client: Client): void;
  left(client: Client): void;
  /** What a listener that is open already could not be made to do. */
  troubled(listener: string, error: string): void;
  /** Places of the worker. */
  readonly hall: Hall;
  /** A connection was turned away. */
  crowded(listener: string, why: string): void;
}

export class Door implements GateOwner, HandshakeOwner, Intake {
  readonly #runtime: Runtime;
  readonly #first: ListenerSpec;
  readonly #entrance: Entrance;
  readonly #owner: DoorOwner;
  readonly #handshakes: Handshakes;
  readonly #turnstile: Turnstile;
  readonly #refusals: RefusalLog;
  readonly #whenGone: (client: Client) => void;

  /** Throws when the listener is to speak TLS and cannot. `shared` are the counters of its own. */
  constructor(runtime: Runtime, spec: ListenerSpec, shared: Counters | null, owner: DoorOwner) {
    this.#runtime = runtime;
    this.#first = spec;
    this.#entrance = {
      key: spec.key,
      kind: spec.kind,
      port: spec.port,
      shared,
      addresses: null,
    };
    this.#owner = owner;
    this.#refusals = new RefusalLog(runtime, this.#entrance);
    this.#handshakes = new Handshakes(this, runtime.clock, runtime.settings.handshakeTimeoutMs);
    this.#turnstile = new Turnstile(runtime.settings.listenerMaxConnections, owner.hall);
    this.#whenGone = (client) => this.#leave(client);
    if (spec.tls !== null) this.#handshakes.update(spec, runtime.credentials);
  }

  /** Takes a connection that was just accepted. */
  admit(socket: Socket): void {
    const { clock, settings } = this.#runtime;
    const spec = this.#spec;
    if (this.#turnstile.full) {
      this.#turnAway(spec, new SocketWire(socket));
    } else if (spec.acceptProxy) {
      const gate = new ProxyGate(socket, clock, settings.requestHeadTimeoutMs, this);
      this.#refusals.began(gate, this.#endsOf(socket));
      this.#enter(gate);
    } else if (spec.tls !== null) {
      this.#secure(spec, socket, null, NOTHING);
    } else {
      this.#serve(spec, new SocketWire(socket), null);
    }
  }

  /** True if a connection needs no socket of Node's. */
  get takesHandles(): boolean {
    const { acceptProxy, tls } = this.#spec;
    return !acceptProxy && (tls === null || NATIVE_TLS !== null);
  }

  /** Takes a connection that was just accepted. */
  admitHandle(native: NativeTcp, handle: TcpHandle): void {
    const spec = this.#spec;
    if (this.#turnstile.full) {
      this.#turnAway(spec, NativeWire.accepted(native, handle));
    } else if (spec.tls !== null) {
      this.#prepare(spec);
      const ends = this.#refusals.isInUse ? endsOf(handle) : null;
      this.#shaking(this.#handshakes.beginOn(handle, null, []), ends);
    } else {
      this.#serve(spec, NativeWire.accepted(native, handle), null);
    }
  }

  passed(gate: ProxyGate, addresses: ProxyAddresses | null, rest: Buffer): void {
    const spec = this.#spec;
    const { socket } = gate;
    if (spec.tls !== null) {
      this.#secure(spec, socket, addresses, rest);
      return;
    }
    const client = this.#serve(spec, new SocketWire(socket), addresses);
    client.deadlineMs = Math.min(client.deadlineMs, gate.deadlineMs);
    socket.resume();
    if (rest.length > 0) client.wireBytes(rest, rest.length);
  }

  left(gate: ProxyGate): void {
    this.#leave(gate);
  }

  refused(gate: ProxyGate, fault: string): void {
    this.#refusals.failed(gate, fault, 'PROXY');
    this.#countBad(fault);
  }

  secured(handshake: Handshake, wire: Wire): void {
    this.#serve(this.#spec, wire, handshake.addresses);
    this.#leave(handshake);
  }

  failed(handshake: Handshake, reason: string): void {
    this.#refusals.failed(handshake, reason, 'TLS');
    this.#leave(handshake);
    this.#countBad(reason);
  }

  /** As the plan in force has it: it may have changed since the socket was opened. */
  get #spec(): ListenerSpec {
    return this.#runtime.table.listeners.get(this.#entrance.key) ?? this.#first;
  }

  #secure(
    spec: ListenerSpec,
    socket: Socket,
    addresses: ProxyAddresses | null,
    received: Buffer,
  ): void {
    this.#prepare(spec);
    const ends = addresses ?? this.#endsOf(socket);
    this.#shaking(this.#handshakes.begin(socket, addresses, received), ends);
  }

  #prepare(spec: ListenerSpec): void {
    try {
      this.#handshakes.update(spec, this.#runtime.credentials);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#owner.troubled(this.#entrance.key, why);
    }
  }

  #shaking(handshake: Handshake | null, ends: ProxyAddresses | null): void {
    if (handshake === null) {
      this.#countBad('no handshake was possible');
      return;
    }
    this.#refusals.began(handshake, ends);
    this.#enter(handshake);
  }

  #serve(spec: ListenerSpec, wire: Wire, addresses: ProxyAddresses | null) {
    const entrance = addresses === null ? this.#entrance : { ...this.#entrance, addresses };
    const client =
      spec.mode === 'tcp'
        ? new TcpClient(this.#runtime, wire, entrance, this.#whenGone)
        : new ClientConnection(this.#runtime, wire, entrance, this.#whenGone);
    this.#enter(client);
    return client;
  }

  /** Null while nobody wants to know. */
  #endsOf(socket: Socket): ProxyAddresses | null {
    return this.#refusals.isInUse ? new SocketWire(socket).addresses() : null;
  }

  #enter(client: Client): void {
    this.#turnstile.enter();
    this.#owner.entered(client);
  }

  #leave(client: Client): void {
    this.#turnstile.leave();
    this.#owner.left(client);
  }

  #turnAway(spec: ListenerSpec, wire: Wire): void {
    const frontend = this.#frontend;
    frontend.connections += 1;
    frontend.deniedConnections += 1;
    const tells = spec.mode === 'http' && spec.tls === null && !spec.acceptProxy;
    const ends = this.#refusals.isInUse ? wire.addresses() : null;
    const isTold = this.#turnstile.turnAway(wire, tells, this.#runtime.clock, this.#owner);
    if (isTold) countStatus(frontend, 503);
    this.#refusals.crowdedOut(ends, frontend, isTold);
    this.#owner.crowded(spec.key, this.#turnstile.why);
  }

  /** A connection that never became a client's. */
  #countBad(fault: string): void {
    this.#runtime.log.debug({ listener: this.#entrance.key, fault }, 'a connection was refused');
    const frontend = this.#frontend;
    frontend.connections += 1;
    frontend.requestErrors += 1;
  }

  /** Where a connection is counted before it asks for anything. */
  get #frontend(): Counters {
    const { table, nowhere } = this.#runtime;
    const service = serviceOf(table, this.#entrance.key);
    const pool = service?.live?.pool ?? service?.colours[0]?.pool;
    return this.#entrance.shared ?? pool?.frontend ?? nowhere;
  }
}
