// Where a client connection came in, and which rows it is counted in by what is live there.

import type { AccessWish, ListenerKind } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { countIn, countOut } from './accounting.ts';
import type { Pool } from './pool.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { Runtime } from './runtime.ts';
import { poolOf, type Service, serviceOf, type Table } from './table.ts';
import type { Timeouts } from './timeouts.ts';

export interface Entrance {
  /** Listener key. */
  readonly key: string;
  readonly kind: ListenerKind;
  readonly port: number;
  /** Counters of a shared listener; null where the live pool's frontend row counts. */
  readonly shared: Counters | null;
  /** From the connection's PROXY protocol header; null where its own addresses count. */
  readonly addresses: ProxyAddresses | null;
}

/** pxname of the frontend row that what comes in here is counted in now. */
export function frontendNameOf(table: Table, entrance: Entrance): string {
  const { key, shared } = entrance;
  const owner = shared === null ? poolAt(table, entrance) : table.listeners.get(key);
  return owner?.name ?? key;
}

/** The pool that answers here by itself; null on a shared listener. */
export function poolAt(table: Table, { key, shared }: Entrance): Pool | null {
  return shared === null ? poolOf(serviceOf(table, key)) : null;
}

/** A connection as its frontend counts it: in exactly one row at a time, out of it once. */
export class Attendance {
  /** The row it is counted in now. */
  frontend: Counters;
  /** Until a request is there; those of the service on its own port. */
  timeouts: Timeouts;
  readonly #runtime: Runtime;
  readonly #entrance: Entrance;

  /** Counts a new connection in. */
  constructor(runtime: Runtime, entrance: Entrance) {
    this.#runtime = runtime;
    this.#entrance = entrance;
    const service = serviceOf(runtime.table, entrance.key);
    this.frontend = this.#rowOf(service);
    this.timeouts = poolOf(service)?.timeouts ?? runtime.settings;
    this.frontend.connections += 1;
    this.frontend.sessions += 1;
    this.frontend.lastSessionMs = runtime.clock.wallMs;
    countIn(this.frontend);
  }

  /** An open connection is a gauge of the colour it talks to: after a cut-over, of the new one. */
  moveTo(service: Service | null): void {
    const frontend = this.#rowOf(service);
    if (this.#entrance.shared === null) {
      this.timeouts = poolOf(service)?.timeouts ?? this.#runtime.settings;
    }
    if (frontend === this.frontend) return;
    countOut(this.frontend);
    countIn(frontend);
    this.frontend = frontend;
  }

  /** pxname of the row it is counted in. */
  get frontendName(): string {
    return frontendNameOf(this.#runtime.table, this.#entrance);
  }

  /** What is logged of what comes to no pool; null = as the settings say. */
  get accessWish(): AccessWish | null {
    return poolAt(this.#runtime.table, this.#entrance)?.accessLog ?? null;
  }

  /** The connection is gone. */
  leave(): void {
    countOut(this.frontend);
  }

  #rowOf(service: Service | null): Counters {
    return this.#entrance.shared ?? poolOf(service)?.frontend ?? this.#runtime.nowhere;
  }
}
