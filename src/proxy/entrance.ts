// Where a client connection came in, and which rows it is counted in by what is live there.

import type { ListenerKind } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { countIn, countOut } from './accounting.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { Runtime } from './runtime.ts';
import { poolOf, type Service, serviceOf } from './table.ts';
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
    const { table } = this.#runtime;
    const { key, shared } = this.#entrance;
    const name =
      shared === null ? poolOf(serviceOf(table, key))?.name : table.listeners.get(key)?.name;
    return name ?? key;
  }

  /** The connection is gone. */
  leave(): void {
    countOut(this.frontend);
  }

  #rowOf(service: Service | null): Counters {
    return this.#entrance.shared ?? poolOf(service)?.frontend ?? this.#runtime.nowhere;
  }
}
