// One backend instance as a worker knows it. It outlives tables, so that its counters, its unused
// connections and what is in flight survive every change that leaves its address alone.

import type { ServerSpec } from '../plan/plan.ts';
import { Counters } from '../stats/counters.ts';
import { countIn, countOut } from './accounting.ts';
import type { Member } from './balance/balancer.ts';
import type { ServerTls } from './server-tls.ts';

/** Below this part of its weight a server that starts slowly would hardly ever be chosen. */
const LEAST_RATIO = 1 / 16;

/** An unused upstream connection, kept for the next request. */
export interface IdleConnection {
  /** Closes it; it must not be given to a request any more. */
  discard(): void;
}

/** What a server tells of its exchanges. */
export interface ServerOwner {
  /** One more is in flight on `server`, or one less. */
  loadChanged(server: Server): void;
  /** Nothing is in flight on `server` any more, and it is not in the plan. */
  drained(server: Server): void;
}

export class Server implements Member {
  /** Mesos task id. */
  readonly id: string;
  name: string;
  readonly address: string;
  readonly port: number;
  readonly counters = new Counters();
  /** In the plan in force, live or not. */
  inPlan = false;
  /** In the live pool of its service and not in maintenance: only these are given requests. */
  inForce = false;
  /** Version of the PROXY protocol header that each connection to it begins with; 0 = none. */
  sendProxy: 0 | 1 | 2 = 0;
  /** TLS on the connections to it; null = in plain. */
  tls: ServerTls | null = null;
  /** What is in flight on it has had its time to drain. */
  overdue = false;
  /** Each connection to it carries one request. */
  closes = false;
  /** Value of the sticky cookie that leads here; empty where its pool has none. */
  cookie = '';
  rank = 0;
  weight = 1;
  share = 1;
  /** In flight at most, in this worker and now; 0 = any number. */
  limit = 0;
  #fullLimit = 0;
  /** What of weight and limit counts: less than 1 while it starts slowly. */
  #ratio = 1;
  #startedMs = 0;
  #admin: ServerSpec['admin'] = 'ready';
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

  /** Takes over what the plan says of it now; `limit` is this worker's part. */
  apply(spec: ServerSpec, limit: number): void {
    this.name = spec.name;
    this.rank = spec.numericId;
    this.weight = spec.weight;
    this.#admin = spec.admin;
    this.#fullLimit = limit;
    this.#scale();
  }

  /** True if it is balanced to; otherwise only a sticky cookie leads to it, if anything. */
  get balanced(): boolean {
    return this.#admin === 'ready' && this.weight > 0;
  }

  /** True if nothing at all is to go to it. */
  get inMaintenance(): boolean {
    return this.#admin === 'maint';
  }

  /** New connections to it speak this; what is unused and speaks something else is closed. */
  speak(tls: ServerTls | null): void {
    if (tls === this.tls) return;
    this.tls = tls;
    this.discardIdle();
  }

  /** Per cent of its weight and limit that counts now. */
  get throttle(): number {
    return Math.ceil(100 * this.#ratio);
  }

  get inFlight(): number {
    return this.counters.inFlight;
  }

  get full(): boolean {
    return this.limit !== 0 && this.counters.inFlight >= this.limit;
  }

  /** Begins with little and grows with `warm`. */
  startSlowly(nowMs: number): void {
    this.#startedMs = nowMs;
    this.#ratio = LEAST_RATIO;
    this.#scale();
  }

  /** Lets it grow; true if it is at its full size, `slowStartMs` after it started. */
  warm(nowMs: number, slowStartMs: number): boolean {
    const ratio = (nowMs - this.#startedMs) / slowStartMs;
    this.#ratio = ratio < 1 ? Math.max(LEAST_RATIO, ratio) : 1;
    this.#scale();
    return this.#ratio === 1;
  }

  #scale(): void {
    this.share = this.weight * this.#ratio;
    this.limit = Math.ceil(this.#fullLimit * this.#ratio);
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
    this.#owner.loadChanged(this);
  }

  release(): void {
    countOut(this.counters);
    this.#owner.loadChanged(this);
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
