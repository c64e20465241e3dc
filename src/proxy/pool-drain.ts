// How long what a pool has in flight may go on once its servers get no more requests: each server is
// given the same time from the moment it left, the whole pool from the moment it stopped being live. A
// later change of that time counts from the same moment. One entry on the worker's clock per pool, and
// only while something is in flight on a server that has left.

import type { DrainReport } from '../stats/report.ts';
import type { Clock, Timed } from './clock.ts';
import type { Server } from './server.ts';

export interface DrainOwner {
  readonly clock: Clock;
  /** Servers are `overdue`: what is in flight on them is to be ended now. */
  overdue(): void;
}

export class PoolDrain implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  /** Open now, in the whole pool. */
  tunnels = 0;
  readonly #owner: DrainOwner;
  /** Servers that have left, and when on the clock. */
  readonly #left = new Map<Server, number>();
  #lastsMs = 0;
  /** When the pool stopped being live, ms since 1970; null = it is live, or never was. */
  #sinceMs: number | null = null;
  #cut = 0;

  constructor(owner: DrainOwner) {
    this.#owner = owner;
  }

  /** The pool stops being live, as far as is known. */
  begin(): void {
    this.#sinceMs = this.#owner.clock.wallMs;
    this.#cut = 0;
  }

  /** The pool is live after all, or again. */
  recall(): void {
    this.#sinceMs = null;
  }

  /** `server` gets no more requests, as far as is known. */
  left(server: Server): void {
    if (server.inFlight === 0 || this.#left.has(server)) return;
    this.#left.set(server, this.#owner.clock.in(0));
  }

  /** It gets requests after all, or has nothing in flight any more. */
  release(server: Server): void {
    this.#left.delete(server);
  }

  /** To be called once all who left have been named; what is in flight may go on for `lastsMs`. */
  start(lastsMs: number): void {
    this.#lastsMs = lastsMs;
    this.#arm();
  }

  stop(): void {
    this.#left.clear();
    this.#arm();
  }

  /** Something in flight was ended before it was over. */
  countCut(): void {
    this.#cut += 1;
  }

  expired(): void {
    const { clock } = this.#owner;
    const overdue = [...this.#left]
      .filter(([, sinceMs]) => sinceMs + this.#lastsMs <= clock.nowMs)
      .map(([server]) => server);
    for (const server of overdue) {
      this.#left.delete(server);
      server.overdue = true;
    }
    if (overdue.some((server) => server.inFlight > 0)) this.#owner.overdue();
    for (const server of overdue) server.overdue = false;
    this.#arm();
  }

  report(inFlight: number): DrainReport | null {
    const sinceMs = this.#sinceMs;
    if (sinceMs === null) return null;
    const { tunnels } = this;
    return { sinceMs, deadlineMs: sinceMs + this.#lastsMs, inFlight, tunnels, cut: this.#cut };
  }

  #arm(): void {
    const { clock } = this.#owner;
    const isCounting = this.clockIndex !== -1;
    if (this.#left.size === 0) {
      this.deadlineMs = Number.POSITIVE_INFINITY;
      if (isCounting) clock.remove(this);
      return;
    }
    // Maps keep their order: the first has left first.
    const [firstMs = 0] = this.#left.values();
    this.deadlineMs = firstMs + this.#lastsMs;
    if (!isCounting) clock.add(this);
  }
}
