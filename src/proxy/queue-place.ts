// One request's wait for a server: which queue it stands in, and until when. The time before a change
// of pools counts, so that nobody waits longer for being sent on.

import type { Timed } from './clock.ts';
import type { FailureCode } from './failure.ts';
import type { Pool } from './pool.ts';
import type { Waiter } from './queue.ts';
import type { Runtime } from './runtime.ts';
import type { Server } from './server.ts';

/** How often it is seen whether servers that start slowly have room by now. */
const LOOK_MS = 200;

export class QueuePlace implements Waiter {
  readonly #runtime: Runtime;
  /** Whose deadline it uses while it waits. */
  readonly #timer: Timed;
  readonly #user: Waiter;
  #pool: Pool | null = null;
  #wanted: Server | null = null;
  /** It waits for this very pool, live or not. */
  #previews = false;
  /** When it began, on the clock; Infinity = it has not. */
  #sinceMs = Number.POSITIVE_INFINITY;
  /** Until when its client waits; Infinity = as long as we do. */
  #patienceEndsMs = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime, timer: Timed, user: Waiter) {
    this.#runtime = runtime;
    this.#timer = timer;
    this.#user = user;
  }

  get waits(): boolean {
    return this.#pool !== null;
  }

  /**
   * Joins the queue of `pool`; false if it may not wait, or has done so long enough. `previews`: it is
   * for this very pool, live or not.
   */
  join(pool: Pool, wanted: Server | null, previews: boolean): boolean {
    const { nowMs } = this.#runtime.clock;
    this.#sinceMs = Math.min(this.#sinceMs, nowMs);
    this.#previews = previews;
    if (this.#endMs(pool) <= nowMs) return false;
    this.#pool = pool;
    this.#wanted = wanted;
    pool.join(this, wanted);
    this.#arm(pool);
    return true;
  }

  /** Leaves the queue; it may join another and its time goes on. */
  leave(): void {
    const pool = this.#pool;
    if (pool === null) return;
    pool.leave(this, this.#wanted);
    this.#pool = null;
    this.#wanted = null;
  }

  /** Its next wait is another one. */
  reset(): void {
    this.leave();
    this.#sinceMs = Number.POSITIVE_INFINITY;
    this.#patienceEndsMs = Number.POSITIVE_INFINITY;
  }

  /** Nothing happens if it has left meanwhile. */
  called(): void {
    if (this.#pool === null) return;
    this.leave();
    this.#user.called();
  }

  /** Its client will not wait beyond this moment of the clock. */
  hurry(patienceEndsMs: number): void {
    this.#patienceEndsMs = patienceEndsMs;
    if (this.#pool !== null) this.#arm(this.#pool);
  }

  /** The deadline has passed: says why the wait is over, null if it goes on. */
  expired(): FailureCode | null {
    const pool = this.#pool as Pool;
    const { nowMs } = this.#runtime.clock;
    if (this.#patienceEndsMs <= nowMs) return 'CLIENT_ABORTED';
    if (this.#endMs(pool) <= nowMs) return whyNoServer(pool, this.#previews);
    pool.look(nowMs);
    this.#arm(pool);
    return null;
  }

  #endMs(pool: Pool): number {
    const { settings } = this.#runtime;
    const { emptyPoolWaitMs } = settings;
    const endMs = this.#sinceMs + (pool.timeouts ?? settings).queueTimeoutMs;
    if (mayServe(pool, this.#previews)) return endMs;
    // Nobody has promised that there is anything to see.
    if (this.#previews) return this.#sinceMs;
    return Math.min(endMs, pool.vacancy.sinceMs + emptyPoolWaitMs);
  }

  #arm(pool: Pool): void {
    const { clock } = this.#runtime;
    const endMs = Math.min(this.#endMs(pool), this.#patienceEndsMs);
    const untilMs = pool.isWarming ? Math.min(endMs, clock.nowMs + LOOK_MS) : endMs;
    this.#timer.deadlineMs = clock.in(untilMs - clock.nowMs);
  }
}

/** Why a request got no server of `pool`. */
export function whyNoServer(pool: Pool, previews: boolean): FailureCode {
  return mayServe(pool, previews) ? 'QUEUE_TIMEOUT' : 'NO_SERVER';
}

function mayServe({ inForce, serves }: Pool, previews: boolean): boolean {
  return serves && (inForce || previews);
}
