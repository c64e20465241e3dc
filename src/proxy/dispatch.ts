// Finds an exchange its server and a connection to it: an unused one, else a new one, tried again as
// HAProxy does (`retries`, `option redispatch`) while nothing has been sent. Where all servers are
// full it waits its turn. It also holds the exchange's place in the counters of pool and server, so
// that each is counted in and out once.

import type { BalanceSpec } from '../plan/plan.ts';
import { countIn, countOut } from './accounting.ts';
import type { Timed } from './clock.ts';
import type { FailureCode } from './failure.ts';
import type { Pool } from './pool.ts';
import type { Introducible } from './proxy-protocol/introduce.ts';
import type { Waiter } from './queue.ts';
import { QueuePlace, whyNoServer } from './queue-place.ts';
import type { Runtime } from './runtime.ts';
import type { Server } from './server.ts';
import type { Colour, Service } from './table.ts';
import { Upstream, type UpstreamUser } from './upstream.ts';

/** HAProxy waits as long before it tries the same server again (haproxy.md §2.6). */
const TURN_AROUND_MS = 1_000;

export interface DispatchUser extends UpstreamUser {
  /** Value of its sticky cookie; empty = none. */
  readonly cookie: string;
  /** What a hash as `balance` wants it is made of; empty = there is no such thing. */
  keyFor(balance: BalanceSpec): string;
  /** A connection is there; its user is the caller now. */
  dispatched(upstream: Upstream): void;
  /** No server could be reached; nothing was sent. */
  undispatched(code: FailureCode): void;
}

export class Dispatch implements UpstreamUser, Waiter {
  pool: Pool | null = null;
  server: Server | null = null;
  /** True while it looks for a connection; `expired` is then to be called at the deadline. */
  busy = false;
  /** From the start until the connection was there, waits between attempts included, the queue not. */
  connectMs = 0;
  readonly #runtime: Runtime;
  readonly #http: boolean;
  readonly #user: DispatchUser;
  /** Whose deadline the connect and the waits between attempts use. */
  readonly #timer: Timed & Introducible;
  #service = '';
  #retriesLeft = 0;
  #startedMs = 0;
  #connecting: Upstream | null = null;
  /** Made for the first wait, most requests never wait. */
  #place: QueuePlace | null = null;
  /** It has been called from the queue: nobody is before it. */
  #isCalled = false;
  /** The server that its cookie leads to; null = any will do. */
  #wanted: Server | null = null;
  /** The server that its cookie leads to could not be reached. */
  #strays = false;

  /** `http`: what is dispatched are requests, and counted as such. */
  constructor(runtime: Runtime, user: DispatchUser, timer: Timed & Introducible, http: boolean) {
    this.#http = http;
    this.#runtime = runtime;
    this.#user = user;
    this.#timer = timer;
  }

  /** Looks for a connection to the live pool of `service`. The caller must `release()` once. */
  start(service: Service): void {
    this.#service = service.key;
    this.#strays = false;
    this.#begin();
    // Without a live colour the failure is still somebody's: the first one's row.
    const pool = service.live?.pool ?? service.colours[0]?.pool;
    if (pool !== undefined) this.#hold(pool);
    this.#attempt(service.live, null, false);
  }

  /**
   * Looks for a new connection once more: to the same server if it still gets requests and `same`,
   * else to another one of the pool that is live now.
   */
  again(same: boolean): void {
    const server = this.server;
    this.#begin();
    if (same && server?.inForce) {
      this.#count('retries', server);
      this.#use(server, true);
      return;
    }
    this.#count('redispatches', server);
    this.#attempt(this.#live(), server, true);
  }

  /** Its client will not wait in a queue beyond this moment of the clock. */
  hurry(patienceEndsMs: number): void {
    this.#place ??= new QueuePlace(this.#runtime, this.#timer, this);
    this.#place.hurry(patienceEndsMs);
  }

  /** It is its turn in the queue, or the table has changed. */
  called(): void {
    this.#startedMs = performance.now();
    this.#isCalled = true;
    this.#attempt(this.#live(), null, false);
  }

  /** The connect timed out, or a wait is over. */
  expired(): void {
    if (this.#place?.waits) {
      const code = this.#place.expired();
      if (code !== null) this.#giveUp(code);
      return;
    }
    if (this.#connecting === null) {
      this.#attempt(this.#live(), null, false);
      return;
    }
    this.#connecting.destroy();
    this.#connecting = null;
    this.#retry('CONNECT_TIMEOUT');
  }

  /** Gives up looking. */
  cancel(): void {
    this.busy = false;
    this.#place?.reset();
    this.#connecting?.destroy();
    this.#connecting = null;
  }

  /** Leaves pool and server. Calling it again does nothing. */
  release(): void {
    this.cancel();
    this.#leaveServer();
    this.#leavePool();
  }

  upstreamConnected(): void {
    const upstream = this.#connecting as Upstream;
    const live = this.#live();
    // Nothing was sent yet: after a cut-over the request goes to the new colour, not the old one.
    if (!upstream.server.inForce && live?.pool.serves) {
      upstream.destroy();
      this.#connecting = null;
      this.#count('redispatches', this.server);
      this.#attempt(live, null, false);
      return;
    }
    this.#connecting = null;
    this.#ready(upstream);
  }

  upstreamFailed(): void {
    this.#connecting = null;
    this.#retry('CONNECT_REFUSED');
  }

  /** A server that speaks first: the bytes wait in the kernel, this cannot be before the connect. */
  upstreamBytes(): void {}
  upstreamEnded(): void {}
  upstreamWritable(): void {}

  #begin(): void {
    this.busy = true;
    this.#retriesLeft = this.#runtime.settings.connectRetries;
    this.#startedMs = performance.now();
  }

  #live(): Colour | null {
    return this.#runtime.table.services.get(this.#service)?.live ?? null;
  }

  #attempt(live: Colour | null, except: Server | null, fresh: boolean): void {
    const isFirst = this.#isCalled;
    this.#isCalled = false;
    if (live !== null) this.#hold(live.pool);
    const server = live === null ? null : this.#choose(live.pool, except, isFirst);
    if (server === null) this.#wait();
    else this.#use(server, fresh);
  }

  /**
   * The server for it now, not `except` if there is another; null if it has to wait. `isFirst`: none
   * of those who wait is before it.
   */
  #choose(pool: Pool, except: Server | null, isFirst: boolean): Server | null {
    this.#wanted = pool.sticky ? this.#homeIn(pool, except) : null;
    if (pool.hasWaiting && !isFirst) return null;
    if (this.#wanted !== null) return this.#wanted.full ? null : this.#wanted;
    const key = pool.keyedBy === null ? '' : this.#user.keyFor(pool.keyedBy);
    return pool.pick(key, except, this.#runtime.clock.nowMs);
  }

  /** The server that its cookie leads to; null if there is none, or it has proved unreachable. */
  #homeIn(pool: Pool, except: Server | null): Server | null {
    const { cookie } = this.#user;
    if (cookie === '' || this.#strays) return null;
    const home = pool.serverOfCookie(cookie);
    this.#strays = home !== null && home === except;
    return this.#strays ? null : home;
  }

  #wait(): void {
    const { pool } = this;
    // It does not keep a place it has no use for.
    this.#leaveServer();
    if (pool === null) {
      this.#fail('NO_SERVER');
      return;
    }
    this.#place ??= new QueuePlace(this.#runtime, this.#timer, this);
    if (!this.#place.join(pool, this.#wanted)) this.#giveUp(whyNoServer(pool));
  }

  #giveUp(code: FailureCode): void {
    this.#place?.leave();
    if (this.pool !== null && code !== 'CLIENT_ABORTED') this.pool.backend.connectErrors += 1;
    this.#fail(code);
  }

  #use(server: Server, fresh: boolean): void {
    const { clock, settings } = this.#runtime;
    if (this.server !== server) {
      const before = this.server;
      this.server = server;
      server.acquire(clock.wallMs);
      before?.release();
      if (this.#http) server.counters.requests += 1;
      if (this.pool !== null) this.pool.backend.picks += 1;
    }
    const reuse = !fresh && this.#http && server.sendProxy === 0;
    const idle = reuse ? (server.takeIdle() as Upstream | null) : null;
    if (idle !== null) {
      this.#count('reuses', server);
      this.#ready(idle);
      return;
    }
    this.#count('connects', server);
    this.#timer.deadlineMs = clock.in(settings.connectTimeoutMs);
    this.#connecting = new Upstream(server, this, clock);
  }

  #ready(upstream: Upstream): void {
    this.busy = false;
    this.connectMs = upstream.reused ? 0 : performance.now() - this.#startedMs;
    upstream.unpark(this.#user);
    const { sendProxy } = upstream.server;
    if (sendProxy !== 0) upstream.wire.writeBytes(this.#timer.introduce(sendProxy));
    this.#user.dispatched(upstream);
  }

  #retry(code: FailureCode): void {
    const failed = this.server as Server;
    // After a cut-over the live pool is a first choice, not a further try.
    if (this.#retriesLeft === 0 && failed.inForce) {
      this.#count('connectErrors', failed);
      this.#fail(code);
      return;
    }
    if (failed.inForce) this.#retriesLeft -= 1;
    const live = this.#live();
    if (live?.pool.hasOther(failed)) {
      this.#count('redispatches', failed);
      this.#attempt(live, failed, false);
      return;
    }
    this.#count('retries', failed);
    const { clock, settings } = this.#runtime;
    this.#timer.deadlineMs = clock.in(Math.min(TURN_AROUND_MS, settings.connectTimeoutMs));
  }

  #fail(code: FailureCode): void {
    this.busy = false;
    this.#user.undispatched(code);
  }

  #count(
    field: 'retries' | 'redispatches' | 'reuses' | 'connects' | 'connectErrors',
    server: Server | null,
  ): void {
    if (server !== null) server.counters[field] += 1;
    if (this.pool !== null) this.pool.backend[field] += 1;
  }

  #hold(pool: Pool): void {
    if (this.pool === pool) return;
    this.#leaveServer();
    this.#leavePool();
    this.pool = pool;
    countIn(pool.backend);
    pool.backend.sessions += 1;
    if (this.#http) pool.backend.requests += 1;
    pool.backend.lastSessionMs = this.#runtime.clock.wallMs;
  }

  #leaveServer(): void {
    const server = this.server;
    this.server = null;
    server?.release();
  }

  #leavePool(): void {
    const pool = this.pool;
    if (pool === null) return;
    this.pool = null;
    countOut(pool.backend);
    pool.settle();
  }
}
