// One colour of a service: its servers, the ones that still finish what they have included, the
// requests that wait for one, and the counters of its rows. It outlives tables, and its totals never
// go backwards.

import { isDeepStrictEqual } from 'node:util';
import type {
  AccessWish,
  BalanceSpec,
  BalancingSpec,
  PolicySpec,
  ServerSpec,
} from '../plan/plan.ts';
import { AnswerCounts } from '../stats/answer-counts.ts';
import { Counters, toRow } from '../stats/counters.ts';
import type { PoolReport } from '../stats/report.ts';
import { countJoined, countLeft } from './accounting.ts';
import type { Balancer } from './balance/balancer.ts';
import { isKeyed, makeBalancer } from './balance/make-balancer.ts';
import { type DrainOwner, PoolDrain } from './pool-drain.ts';
import type { Waiter } from './queue.ts';
import { Server, type ServerOwner } from './server.ts';
import { cookieOf } from './sticky.ts';
import type { Timeouts } from './timeouts.ts';
import { Vacancy } from './vacancy.ts';
import { WaitingRoom } from './waiting-room.ts';

/** What a pool tells of its end. */
export interface PoolOwner extends DrainOwner {
  /** `pool` is out of the plan and its last server has drained. */
  emptied(pool: Pool): void;
}

/** What a table says of a pool. */
export interface Arrangement {
  readonly servers: readonly Server[];
  /** Of each server, in the same order. */
  readonly specs: readonly ServerSpec[];
  readonly balancing: BalancingSpec;
}

export class Pool implements ServerOwner {
  /** Service key. */
  readonly service: string;
  readonly appId: string;
  /** Value of the cookie that leads here where requests are split. */
  readonly cookie: string;
  /** pxname. */
  name: string;
  readonly frontend = new Counters();
  readonly backend = new Counters();
  readonly answers = new AnswerCounts();
  readonly drain: PoolDrain;
  /** Which of its requests are logged; null = as the settings say. */
  accessLog: AccessWish | null = null;
  inPlan = false;
  /** It is the live pool of its service, or has a share of its requests. */
  inForce = false;
  sticky = false;
  /** How long what is in flight may go on once it gets no more requests. */
  drainMs = 0;
  /** Null before it is in a plan: those of the settings. */
  timeouts: Timeouts | null = null;
  /** Answers of its own, by their status. */
  errorFiles: PolicySpec['errorFiles'] = [];
  /** Of its service. */
  vacancy = new Vacancy();
  /** How a request's key is made; null if none is wanted. */
  keyedBy: BalanceSpec | null = null;
  readonly #owner: PoolOwner;
  /** By identity: task id and address. In the plan, or draining. */
  readonly #servers = new Map<string, Server>();
  #balance: BalanceSpec = { algorithm: 'roundrobin' };
  #balancer: Balancer<Server> = makeBalancer(this.#balance);
  #balanced: readonly Server[] = [];
  #byCookie: ReadonlyMap<string, Server> = new Map();
  /** Those of #balanced that start slowly. */
  #warming: readonly Server[] = [];
  #slowStartMs = 0;
  #warmedMs = -1;
  readonly #waiting = new WaitingRoom(this);
  /** Null when the servers or what they are called may be others than in the last one. */
  #report: PoolReport | null = null;
  /** Of the time of #report; -1 = something was going on. */
  #reportedActivity = -1;

  constructor(service: string, appId: string, name: string, owner: PoolOwner) {
    this.service = service;
    this.appId = appId;
    this.cookie = cookieOf(appId);
    this.name = name;
    this.#owner = owner;
    this.drain = new PoolDrain(owner);
  }

  /** The server a spec means: the one known already, or a new one, not yet in the plan. */
  serverOf(spec: ServerSpec): Server {
    return this.#servers.get(identityOf(spec)) ?? new Server(spec, this);
  }

  /** Puts a committed table's arrangement in force. `limit` is each server's in this worker. */
  install({ servers, specs, balancing }: Arrangement, limit: number, nowMs: number): void {
    this.#report = null;
    servers.forEach((server, place) => {
      server.apply(specs[place] as ServerSpec, limit);
      this.#servers.set(identityOf(server), server);
    });
    if (!isDeepStrictEqual(balancing.balance, this.#balance)) {
      this.#balance = balancing.balance;
      this.#balancer = makeBalancer(balancing.balance);
    }
    this.keyedBy = isKeyed(balancing.balance) ? balancing.balance : null;
    this.#balanceTo(
      servers.filter((server) => server.balanced),
      balancing.slowStartMs,
      nowMs,
    );
    this.sticky = balancing.sticky;
    this.#byCookie = balancing.sticky ? bake(servers) : new Map();
  }

  /** It left the plan: nobody is balanced to. */
  withdraw(): void {
    this.#report = null;
    this.#balanceTo([], 0, 0);
    this.sticky = false;
    this.#byCookie = new Map();
  }

  drained(server: Server): void {
    this.#report = null;
    this.#servers.delete(identityOf(server));
    this.drain.release(server);
    this.settle();
  }

  settle(): void {
    if (!this.inPlan && this.#servers.size === 0 && this.backend.inFlight === 0) {
      this.drain.stop();
      this.#owner.emptied(this);
    }
  }

  /** True if some server is balanced to, full or not. */
  get serves(): boolean {
    return this.#balanced.length > 0;
  }

  /** True if there is a server to balance to besides `server`. */
  hasOther(server: Server): boolean {
    return this.#balanced.length > 1 || (this.serves && this.#balanced[0] !== server);
  }

  /** The server a cookie's value leads to; null if it leads nowhere. */
  serverOfCookie(value: string): Server | null {
    return this.#byCookie.get(value) ?? null;
  }

  /**
   * The next server for a request with `key`, not `except` if there is another; null if all are full
   * or there is none.
   */
  pick(key: string, except: Server | null, nowMs: number): Server | null {
    if (this.#warming.length > 0) this.#warm(nowMs);
    return this.#balancer.pick(key, this.#balanced.length > 1 ? except : null);
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Places come free with time alone. */
  get isWarming(): boolean {
    return this.#warming.length > 0;
  }

  /** Waits until it is called. The caller must `leave` with the same `wanted`; null = any server. */
  join(waiter: Waiter, wanted: Server | null): void {
    this.#waiting.join(waiter, wanted);
    countJoined(wanted?.counters ?? this.backend);
  }

  leave(waiter: Waiter, wanted: Server | null): void {
    this.#waiting.leave(waiter, wanted);
    countLeft(wanted?.counters ?? this.backend);
  }

  /** Everybody who waits is to look again: the table has changed. */
  recall(): void {
    this.#waiting.recall();
  }

  /** Sees whether servers that start slowly have more room by now. */
  look(nowMs: number): void {
    if (this.#warming.length > 0) this.#warm(nowMs);
  }

  loadChanged(server: Server): void {
    if (server.limit !== 0 || this.#balancer.countsLoad) this.#balancer.changed(server);
    this.#waiting.hasRoom(server);
  }

  /** Closes the unused connections of all its servers. */
  discardIdle(): void {
    for (const server of this.#servers.values()) server.discardIdle();
  }

  /** A server that joins others starts slowly; where all are new, somebody has to do the work. */
  #balanceTo(servers: readonly Server[], slowStartMs: number, nowMs: number): void {
    const before = new Set(this.#balanced);
    const joined = servers.filter((server) => !before.has(server));
    const starting = slowStartMs > 0 && joined.length < servers.length ? joined : [];
    for (const server of joined) {
      if (starting.length > 0) server.startSlowly(nowMs);
      else server.warm(nowMs, 0);
    }
    const present = new Set(servers);
    this.#warming = [...this.#warming.filter((one) => present.has(one)), ...starting];
    this.#slowStartMs = slowStartMs;
    this.#balanced = servers;
    this.#balancer.update(servers);
    if (this.#warming.length > 0) this.#warm(nowMs);
  }

  /** The clock is coarse, so this is done a few times a second at most. */
  #warm(nowMs: number): void {
    if (nowMs === this.#warmedMs) return;
    this.#warmedMs = nowMs;
    this.#warming = this.#warming.filter((server) => {
      const isWarm = server.warm(nowMs, this.#slowStartMs);
      this.#balancer.changed(server);
      this.#waiting.hasRoom(server);
      return !isWarm;
    });
  }

  /** The same object as the last time while nothing happens in this pool: most of them are still. */
  report(): PoolReport {
    const activity = this.#activity();
    if (this.#report === null || activity < 0 || activity !== this.#reportedActivity) {
      this.#report = this.#reportAnew();
      this.#reportedActivity = activity;
    }
    return this.#report;
  }

  /**
   * Has grown whenever something was going on and is over; -1 while it is. Servers count only for those
   * who are in flight in the pool.
   */
  #activity(): number {
    const { frontend, backend } = this;
    const goesOn = frontend.inFlight + backend.inFlight + backend.queued > 0;
    if (goesOn || this.isWarming || this.drain.report(0) !== null) return -1;
    const { connections, requests, requestErrors, deniedConnections, deniedRequests } = frontend;
    const refused = requestErrors + deniedConnections + deniedRequests;
    return connections + requests + refused + backend.sessions;
  }

  #reportAnew(): PoolReport {
    this.look(this.#owner.clock.nowMs);
    return {
      service: this.service,
      appId: this.appId,
      name: this.name,
      frontend: toRow(this.frontend),
      backend: toRow(this.backend),
      draining: this.drain.report(this.backend.inFlight),
      answers: this.answers.take(),
      servers: [...this.#servers.values()].map((server) => ({
        id: server.id,
        name: server.name,
        address: server.label,
        draining: !server.inPlan,
        ...(server.throttle < 100 ? { throttle: server.throttle } : {}),
        ...(server.cookie === '' ? {} : { cookie: server.cookie }),
        row: toRow(server.counters),
      })),
    };
  }
}

/** Gives each server its cookie. Two may have one name for a moment: the first in the plan has it. */
function bake(servers: readonly Server[]): ReadonlyMap<string, Server> {
  const cookies = new Map<string, Server>();
  for (const server of servers) {
    server.cookie = cookieOf(server.name);
    if (!server.inMaintenance && !cookies.has(server.cookie)) cookies.set(server.cookie, server);
  }
  return cookies;
}

function identityOf(server: {
  readonly id: string;
  readonly address: string;
  readonly port: number;
}): string {
  return `${server.id} ${server.address} ${server.port}`;
}
