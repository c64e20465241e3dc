// The last minutes of each colour, second by second, for the small charts and for its share of traffic
// now. Bounded: so many seconds of each pool in which something happens, nothing of those that are gone;
// a second costs what happened in it, however many pools there are.

import { listChanges } from '../catalogue/list-changes.ts';
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

export class Trends {
  readonly #lines = new Map<string, PoolLines>();
  #pools: readonly MergedPool[] = [];
  #lastTick: number | null = null;
  /** Seconds taken altogether. */
  #taken = 0;

  /** Takes the second that ended; to be called after `Tally.tick()`. `nowTick` is monotonic, in ms. */
  take(merged: Merged, nowTick: number = performance.now()): void {
    const seconds = this.#lastTick === null ? 0 : (nowTick - this.#lastTick) / 1_000;
    this.#lastTick = nowTick;
    const before = this.#taken;
    if (seconds > 0) this.#taken += 1;
    // A pool that is the same object has counted nothing since.
    const { removed, added } = listChanges(this.#pools, merged.pools);
    this.#pools = merged.pools;
    const present = new Set<string>();
    for (const pool of added) {
      const key = keyOf(pool.service, pool.appId);
      present.add(key);
      const lines = this.#lines.get(key);
      if (lines === undefined) this.#lines.set(key, new PoolLines(before, totalsOf(pool)));
      else lines.append(totalsOf(pool), seconds, this.#taken);
    }
    for (const pool of removed) {
      const key = keyOf(pool.service, pool.appId);
      if (!present.has(key)) this.#lines.delete(key);
    }
  }

  of(service: string, appId: string): Trend {
    return this.#lines.get(keyOf(service, appId))?.until(this.#taken) ?? NO_TREND;
  }
}

/** The lines of one pool. Seconds are counted by whoever has them all. */
class PoolLines {
  /** Seconds before its first. */
  readonly #since: number;
  #totals: Totals;
  /** Null as long as nothing happened in it. */
  #perSecond: Line | null = null;
  #errorsPerSecond: Line | null = null;
  #responseMs: Line | null = null;

  constructor(since: number, totals: Totals) {
    this.#since = since;
    this.#totals = totals;
  }

  /** Its totals at the end of second `taken`, which lasted so long. */
  append(now: Totals, seconds: number, taken: number): void {
    if (seconds <= 0) return;
    const before = this.#totals;
    this.#totals = now;
    const requests = grown(before.requests, now.requests);
    const rounds = grown(before.rounds, now.rounds);
    const errors = grown(before.errors, now.errors);
    const responseMs = requests > 0 ? grown(before.responseMs, now.responseMs) / requests : 0;
    this.#perSecond = noted(this.#perSecond, rounds / seconds, taken);
    this.#errorsPerSecond = noted(this.#errorsPerSecond, errors / seconds, taken);
    this.#responseMs = noted(this.#responseMs, responseMs, taken);
  }

  until(taken: number): Trend {
    const length = Math.min(taken - this.#since, TREND_SECONDS);
    return {
      perSecond: unrolled(this.#perSecond, taken, length),
      errorsPerSecond: unrolled(this.#errorsPerSecond, taken, length),
      responseMs: unrolled(this.#responseMs, taken, length),
    };
  }
}

/** A ring of seconds; those after `taken` are 0. */
interface Line {
  readonly ring: Float64Array;
  taken: number;
}

function noted(line: Line | null, value: number, taken: number): Line | null {
  if (line === null && value === 0) return null;
  const { ring, taken: before } = line ?? { ring: new Float64Array(TREND_SECONDS), taken: 0 };
  for (let past = Math.max(before, taken - TREND_SECONDS); past < taken - 1; past += 1) {
    ring[past % TREND_SECONDS] = 0;
  }
  ring[(taken - 1) % TREND_SECONDS] = value;
  return { ring, taken };
}

/** The last so many seconds. */
function unrolled(line: Line | null, taken: number, length: number): number[] {
  return Array.from({ length }, (_, place) => {
    const second = taken - length + place;
    return line === null || second >= line.taken
      ? 0
      : (line.ring[second % TREND_SECONDS] as number);
  });
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

function keyOf(service: string, appId: string): string {
  return `${service}\n${appId}`;
}
