// What share of requests failed before and after each change of hands, whether anybody bakes or not: of the
// colour that was left, all the time that it was live; of the one that came, its first minute.

import { type BakeSample, between, percentOf } from '../colour/bake.ts';
import { findSorted } from '../plan/listeners.ts';
import type { Plan } from '../plan/plan.ts';
import { findPool } from '../stats/find-pool.ts';
import type { Merged } from '../stats/tally.ts';
import type { CutOver, RatesRecord } from '../stats/view.ts';
import { NOTHING, sampleOf } from './pool-sample.ts';

/** How long the colour that came is looked at. */
const WATCHED_MS = 60_000;
/** Each look is a change of the history, which is to be written then. */
const LOOK_EVERY_MS = 5_000;

interface Start {
  /** Of the entry it belongs to: one of the process before this one is not told on by this one's counters. */
  readonly atMs: number;
  readonly appId: string;
  readonly isHttp: boolean;
  /** Counters when it became live; what came in that second is told as the next one's. */
  readonly sample: BakeSample;
}

export class CutOverRates {
  /** By service key, of services with something live. */
  readonly #starts = new Map<string, Start>();
  #latest: Pick<Merged, 'pools'> = { pools: [] };

  /** The workers' numbers of this second. */
  take(traffic: Pick<Merged, 'pools'>): void {
    this.#latest = traffic;
  }

  /** `to` is live in place of `from`, by the plan `after`; null = there is nothing to compare. */
  began({ service, from, to, atMs }: CutOver, after: Plan) {
    const before = this.#starts.get(service);
    if (from === to) return null;
    const did = before?.appId === from ? this.#since(service, before) : NOTHING;
    const isHttp = findSorted(after.services, service)?.mode === 'http';
    if (to === null) this.#starts.delete(service);
    else {
      const sample = this.#sampleOf(service, to, isHttp);
      this.#starts.set(service, { atMs, appId: to, isHttp, sample });
    }
    return from === null || to === null ? null : recordOf(did, NOTHING);
  }

  /** The record of the last change of hands of a service, as it is now; the same object while it stays. */
  look({ service, to, atMs, rates }: CutOver, nowMs: number): RatesRecord | null {
    const start = this.#starts.get(service);
    if (!rates || start === undefined || start.atMs !== atMs || start.appId !== to)
      return rates ?? null;
    const sinceMs = nowMs - atMs;
    const isDue = sinceMs - rates.watchedMs >= LOOK_EVERY_MS && rates.watchedMs < WATCHED_MS;
    if (!isDue) return rates;
    const { requestsBefore, errorPercentBefore } = rates;
    const { requests, errorPercent } = recordOf(NOTHING, this.#since(service, start));
    return { requestsBefore, errorPercentBefore, requests, errorPercent, watchedMs: sinceMs };
  }

  #since(service: string, { appId, isHttp, sample }: Start): BakeSample {
    return between(sample, this.#sampleOf(service, appId, isHttp));
  }

  #sampleOf(service: string, appId: string, isHttp: boolean): BakeSample {
    const pool = findPool(this.#latest, service, appId);
    return pool === undefined ? NOTHING : sampleOf(pool, isHttp);
  }
}

function recordOf(before: BakeSample, after: BakeSample): RatesRecord {
  return {
    requestsBefore: before.requests,
    errorPercentBefore: before.requests === 0 ? null : percentOf(before),
    requests: after.requests,
    errorPercent: after.requests === 0 ? null : percentOf(after),
    watchedMs: 0,
  };
}
