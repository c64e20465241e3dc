// One backend instance as a worker knows it. It outlives tables, so that its counters, its unused
// connections and what is in flight survive every change that leaves its address alone.

import type { ServerSpec } from '../plan/plan.ts';
import { Counters } from '../stats/counters.ts';
import { countIn, countOut } from './accounting.ts';

/** An unused upstream connection, kept for the next request. */
export interface IdleConnection {
  /** Closes it; it must not be given to a request any more. */
  discard(): void;
}

/** What a server tells of the end of its last exchange. */
export interface ServerOwner {
  /** Nothing is in flight on `server` any more, and it is not in the plan. */
  drained(server: Server): void;
}

export class Server {
  /** Mesos task id. */
  readonly id: string;
  name: string;
  readonly address: string;
  readonly port: number;
  readonly counters = new Counters();
  /** In the plan in force, live or not. */
  inPlan = false;
  /** In the live pool of its service: the only servers that are given requests. */
  inForce = false;
  /** Version of the PROXY protocol header that each connection to it begins with; 0 = none. */
  sendProxy: 0 | 1 | 2 = 0;
  readonly #owner: ServerOwner;
  /** The one used last is used first: the others grow old and go. */
  readonly #idle: IdleConnection[] = [];

  constructor(spec: ServerSpec, owner: ServerOwner) {
    this.id = spec.id;
    this.name = spec.name;
    this.address = spec.address;
    this.port = spec.port;
    this.#owner = owner;
  }

  /** `ip:port`. */
  get label(): string {
    return this.address.includes(':')
      ? `[${this.address}]:${this.port}`
      : `${this.address}:${this.port}`;
  }

  /** Counts one exchange or tunnel in. The caller must `release()` exactly once. */
  acquire(wallMs: number): void {
    countIn(this.counters);
    this.counters.sessions += 1;
    this.counters.picks += 1;
    this.counters.lastSessionMs = wallMs;
  }

  release(): void {
    countOut(this.counters);
    this.settle();
  }

  /** Tells its owner when it is out of the plan and out of work. */
  settle(): void {
    if (!this.inPlan && this.counters.inFlight === 0) this.#owner.drained(this);
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  takeIdle(): IdleConnection | null {
    return this.#idle.pop() ?? null;
  }

  keepIdle(connection: IdleConnection): void {
    this.#idle.push(connection);
  }

  /** An unused connection has ended. Unknown ones are ignored. */
  dropIdle(connection: IdleConnection): void {
    const place = this.#idle.lastIndexOf(connection);
    if (place !== -1) this.#idle.splice(place, 1);
  }

  /** Closes what is unused: it gets no more requests. */
  discardIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.discard();
  }
}
