// One client connection of a TCP service: a server is found for it before anything it sends is
// passed on, then both are joined.

import type { Socket } from 'node:net';
import type { BalanceSpec } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { countIn, countOut } from './accounting.ts';
import { addressKey } from './balance/request-key.ts';
import type { Entrance } from './client.ts';
import { attach, type ClientEvents } from './client-events.ts';
import type { Timed } from './clock.ts';
import { Dispatch, type DispatchUser } from './dispatch.ts';
import type { FailureCode } from './failure.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { type Introducible, introduction } from './proxy-protocol/introduce.ts';
import type { Runtime } from './runtime.ts';
import { route } from './table.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

export class TcpClient implements ClientEvents, DispatchUser, Introducible, Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  readonly cookie = '';
  readonly socket: Socket;
  readonly #runtime: Runtime;
  readonly #frontend: Counters;
  readonly #dispatch: Dispatch;
  readonly #addresses: ProxyAddresses | null;
  readonly #whenGone: (client: TcpClient) => void;
  #tunnel: Tunnel | null = null;

  constructor(
    runtime: Runtime,
    socket: Socket,
    entrance: Entrance,
    whenGone: (client: TcpClient) => void,
  ) {
    this.#runtime = runtime;
    this.socket = socket;
    this.#whenGone = whenGone;
    this.#addresses = entrance.addresses;
    this.#dispatch = new Dispatch(runtime, this, this, false);
    const service = route(runtime.table, entrance.key, '', '');
    const pool = service?.live?.pool ?? service?.colours[0]?.pool;
    this.#frontend = pool?.frontend ?? runtime.nowhere;
    this.#frontend.connections += 1;
    this.#frontend.sessions += 1;
    this.#frontend.lastSessionMs = runtime.clock.wallMs;
    countIn(this.#frontend);
    runtime.clock.add(this);
    attach(socket, this);
    // What the client sends meanwhile stays in its socket; a reset is still seen.
    socket.pause();
    if (service === null) socket.destroy();
    else this.#dispatch.start(service);
  }

  /** Never: nobody can tell whether a TCP conversation is over. */
  closeIfIdle(): void {}

  /** Ends it now: always something is cut short. */
  cut(): boolean {
    this.#tunnel?.cut();
    this.#dispatch.cancel();
    this.socket.destroy();
    return true;
  }

  expired(): void {
    if (this.#dispatch.busy) this.#dispatch.expired();
    else this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  keyFor({ algorithm }: BalanceSpec): string {
    if (algorithm !== 'source') return '';
    return addressKey(this.#addresses?.source ?? this.socket.remoteAddress ?? '');
  }

  introduce(version: 1 | 2): Buffer {
    return introduction(version, this.socket, this.#addresses);
  }

  dispatched(upstream: Upstream): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const { pool, server, connectMs } = this.#dispatch;
    if (pool !== null) pool.backend.connectMs += connectMs;
    if (server !== null) server.counters.connectMs += connectMs;
    this.#tunnel = new Tunnel(
      this.#runtime,
      this.socket,
      upstream,
      this.#dispatch,
      this.#frontend,
      false,
    );
    this.socket.resume();
  }

  undispatched(_code: FailureCode): void {
    this.#dispatch.release();
    this.socket.destroy();
  }

  clientBytes(piece: Buffer): void {
    this.#tunnel?.clientBytes(piece);
  }

  clientEnded(): void {
    this.#tunnel?.clientEnded();
  }

  clientWritable(): void {
    this.#tunnel?.clientWritable();
  }

  clientClosed(broken: boolean): void {
    this.#runtime.clock.remove(this);
    countOut(this.#frontend);
    if (this.#tunnel === null) this.#dispatch.release();
    else this.#tunnel.clientClosed(broken);
    this.#whenGone(this);
  }

  // The tunnel takes over as the user of the upstream connection before any of these can happen.
  upstreamConnected(): void {}
  upstreamBytes(): void {}
  upstreamEnded(): void {}
  upstreamFailed(): void {}
  upstreamWritable(): void {}
}
