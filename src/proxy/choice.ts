// Which server of a pool a request goes to: the one its sticky cookie leads to while that one can be
// reached, else whichever the pool's algorithm has next. Nobody passes those who wait already.

import type { BalanceSpec } from '../plan/plan.ts';
import type { Pool } from './pool.ts';
import type { Server } from './server.ts';

/** What is chosen by. */
export interface Chooser {
  /** Value of its sticky cookie; empty = none. */
  readonly cookie: string;
  /** What a hash as `balance` wants it is made of; empty = there is no such thing. */
  keyFor(balance: BalanceSpec): string;
}

export class Choice {
  /** The server its cookie leads to, as of the last choice; null = any will do. */
  wanted: Server | null = null;
  readonly #chooser: Chooser;
  /** The server its cookie leads to could not be reached. */
  #strays = false;

  constructor(chooser: Chooser) {
    this.#chooser = chooser;
  }

  /** The next choices are for another request. */
  begin(): void {
    this.wanted = null;
    this.#strays = false;
  }

  /**
   * The server for it now, not `except` if there is another; null if it has to wait. `isFirst`: none
   * of those who wait is before it.
   */
  of(pool: Pool, except: Server | null, isFirst: boolean, nowMs: number): Server | null {
    this.wanted = pool.sticky ? this.#homeIn(pool, except) : null;
    if (pool.hasWaiting && !isFirst) return null;
    if (this.wanted !== null) return this.wanted.full ? null : this.wanted;
    const key = pool.keyedBy === null ? '' : this.#chooser.keyFor(pool.keyedBy);
    return pool.pick(key, except, nowMs);
  }

  /** The server its cookie leads to; null if there is none, or it has proved unreachable. */
  #homeIn(pool: Pool, except: Server | null): Server | null {
    const { cookie } = this.#chooser;
    if (cookie === '' || this.#strays) return null;
    const home = pool.serverOfCookie(cookie);
    this.#strays = home !== null && home === except;
    return this.#strays ? null : home;
  }
}
