// The place of one exchange or tunnel in the counters of its pool and server: each is counted in and
// out exactly once, however often the exchange changes its mind.

import type { Counters } from '../stats/counters.ts';
import { countIn, countOut, countTimes } from './accounting.ts';
import type { Clock } from './clock.ts';
import type { Pool } from './pool.ts';
import type { Runtime } from './runtime.ts';
import type { Server } from './server.ts';
import type { Stopwatch } from './stopwatch.ts';

/** What is counted for the server and for its pool alike. */
type Event = 'retries' | 'redispatches' | 'reuses' | 'connects' | 'connectErrors';

export class Seat {
  pool: Pool | null = null;
  server: Server | null = null;
  /** When what sits here began, by the stopwatch. */
  beganMs = 0;
  /** From the start until the connection was there, waits between attempts included, the queue not. */
  connectMs = 0;
  /** In queues, for this request. */
  queueMs = 0;
  /** Attempts after the first. */
  retries = 0;
  /** One of them went elsewhere. */
  redispatched = false;
  /** How many waited, itself included, when it began to wait for its server, or for any. */
  serverQueue = 0;
  backendQueue = 0;
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  readonly #http: boolean;

  /** `http`: what sits here are requests, and counted as such. */
  constructor({ clock, stopwatch }: Runtime, http: boolean) {
    this.#clock = clock;
    this.#stopwatch = stopwatch;
    this.#http = http;
  }

  /** What sits here now is another request. */
  begin(): void {
    this.beganMs = this.#stopwatch.nowMs;
    this.connectMs = 0;
    this.queueMs = 0;
    this.retries = 0;
    this.redispatched = false;
    this.serverQueue = 0;
    this.backendQueue = 0;
  }

  /** Moves to `pool`, away from the server of another one. */
  hold(pool: Pool): void {
    if (this.pool === pool) return;
    this.leave();
    this.pool = pool;
    countIn(pool.backend);
    pool.backend.sessions += 1;
    if (this.#http) pool.backend.requests += 1;
    pool.backend.lastSessionMs = this.#clock.wallMs;
  }

  /** Moves to `server`. */
  take(server: Server): void {
    const before = this.server;
    if (before === server) return;
    this.server = server;
    server.acquire(this.#clock.wallMs);
    before?.release();
    if (this.#http) server.counters.requests += 1;
    if (this.pool !== null) this.pool.backend.picks += 1;
  }

  /** `server` is where it happened; null = nobody's. */
  count(event: Event, server: Server | null): void {
    if (event === 'retries' || event === 'redispatches') this.retries += 1;
    if (event === 'redispatches') this.redispatched = true;
    if (server !== null) countEvent(server.counters, event);
    if (this.pool !== null) countEvent(this.pool.backend, event);
  }

  /** It has joined the queue for `wanted`; null = for any server. */
  joined(wanted: Server | null): void {
    if (wanted !== null) this.serverQueue = wanted.counters.queued;
    else if (this.pool !== null) this.backendQueue = this.pool.backend.queued;
  }

  /** What sits here is over; a server has answered it, `responseMs` after it was sent (0 = no request). */
  countTimes(responseMs: number): void {
    const { queueMs, connectMs } = this;
    const times = { queueMs, connectMs, responseMs, totalMs: this.#stopwatch.nowMs - this.beganMs };
    if (this.pool !== null) countTimes(this.pool.backend, times);
    if (this.server !== null) countTimes(this.server.counters, times);
  }

  /** What sits here was ended because its time to drain was over. */
  countCut(): void {
    if (this.server !== null) this.server.counters.cuts += 1;
    if (this.pool === null) return;
    this.pool.backend.cuts += 1;
    this.pool.drain.countCut();
  }

  leaveServer(): void {
    const server = this.server;
    this.server = null;
    server?.release();
  }

  /** Leaves server and pool. Calling it again does nothing. */
  leave(): void {
    this.leaveServer();
    const pool = this.pool;
    if (pool === null) return;
    this.pool = null;
    countOut(pool.backend);
    pool.settle();
  }
}

/** A switch: `counters[event]` looks the name up each time, which is felt twice per request. */
function countEvent(counters: Counters, event: Event): void {
  switch (event) {
    case 'reuses':
      counters.reuses += 1;
      break;
    case 'connects':
      counters.connects += 1;
      break;
    case 'retries':
      counters.retries += 1;
      break;
    case 'redispatches':
      counters.redispatches += 1;
      break;
    default:
      counters.connectErrors += 1;
  }
}
