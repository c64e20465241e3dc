// The last minutes of each colour, second by second, for the small charts and for its share of traffic
// now. Bounded: so many seconds of each pool that is known, nothing of those that are gone.

import type { Merged, MergedPool } from './tally.ts';

/** One colour's last seconds, oldest first; as long as it is known, at most TREND_SECONDS. */
export interface Trend {
  /** Requests (http) or sessions (tcp). */
  readonly perSecond: readonly number[];
  /** 5xx answers (http), failed connections and resets (tcp). */
  readonly errorsPerSecond: readonly number[];
  /** Mean time until the server's answer began; 0 in a second without requests. */
  readonly responseMs: readonly number[];
}

/** Three minutes: a deployment's cut-over and what came of it. */
export const TREND_SECONDS = 180;

const NO_TREND: Trend = { perSecond: [], errorsPerSecond: [], responseMs: [] };

interface Totals {
  readonly rounds: number;
  readonly errors: number;
  readonly requests: number;
  readonly responseMs: number;
}

interface Ring {
  readonly perSecond: Float64Array;
  readonly errorsPerSecond: Float64Array;
  readonly responseMs: Float64Array;
  /** Seconds taken altogether. */
  taken: number;
  totals: Totals;
}

export class Trends {
  #rings = new Map<string, Ring>();
  #lastTick: number | null = null;

  /** Takes the second that ended; to be called after `Tally.tick()`. `nowTick` is monotonic, in ms. */
  take(merged: Merged, nowTick: number = performance.now()): void {
    const seconds = this.#lastTick === null ? 0 : (nowTick - this.#lastTick) / 1_000;
    this.#lastTick = nowTick;
    const rings = new Map<string, Ring>();
    for (const pool of merged.pools) {
      const key = keyOf(pool.service, pool.appId);
      const totals = totalsOf(pool);
      const ring = this.#rings.get(key) ?? newRing(totals);
      if (seconds > 0) append(ring, totals, seconds);
      rings.set(key, ring);
    }
    this.#rings = rings;
  }

  of(service: string, appId: string): Trend {
    const ring = this.#rings.get(keyOf(service, appId));
    if (ring === undefined) return NO_TREND;
    return {
      perSecond: unroll(ring.perSecond, ring.taken),
      errorsPerSecond: unroll(ring.errorsPerSecond, ring.taken),
      responseMs: unroll(ring.responseMs, ring.taken),
    };
  }
}

function newRing(totals: Totals): Ring {
  return {
    perSecond: new Float64Array(TREND_SECONDS),
    errorsPerSecond: new Float64Array(TREND_SECONDS),
    responseMs: new Float64Array(TREND_SECONDS),
    taken: 0,
    totals,
  };
}

function append(ring: Ring, now: Totals, seconds: number): void {
  const { totals } = ring;
  const place = ring.taken % TREND_SECONDS;
  const requests = grown(totals.requests, now.requests);
  ring.perSecond[place] = grown(totals.rounds, now.rounds) / seconds;
  ring.errorsPerSecond[place] = grown(totals.errors, now.errors) / seconds;
  ring.responseMs[place] = requests > 0 ? grown(totals.responseMs, now.responseMs) / requests : 0;
  ring.taken += 1;
  ring.totals = now;
}

function totalsOf({ backend: { counters } }: MergedPool): Totals {
  const { requests, sessions, responseMs } = counters;
  const http = requests > 0;
  return {
    rounds: http ? requests : sessions,
    errors: http ? counters.responses5xx : counters.connectErrors + counters.responseErrors,
    requests,
    responseMs,
  };
}

/** A pool that was forgotten and came back counts from 0. */
function grown(before: number, now: number): number {
  return Math.max(0, now - before);
}

function unroll(ring: Float64Array, taken: number): number[] {
  if (taken <= TREND_SECONDS) return [...ring.subarray(0, taken)];
  const start = taken % TREND_SECONDS;
  return [...ring.subarray(start), ...ring.subarray(0, start)];
}

function keyOf(service: string, appId: string): string {
  return `${service}\n${appId}`;
}
