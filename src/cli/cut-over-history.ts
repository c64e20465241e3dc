// What was decided and ordered, newest first, with what came of it: bounded, and taken over from the
// process before this one.

import type { Acknowledgement } from '../fleet/fleet.ts';
import type { Plan } from '../plan/plan.ts';
import type { Merged } from '../stats/tally.ts';
import type { BakeRecord, CutOver, DrainRecord } from '../stats/view.ts';
import type { Author } from './order-desk.ts';

const KEPT = 200;

export class CutOverHistory {
  #entries: readonly CutOver[];

  constructor(saved: readonly CutOver[] = []) {
    this.#entries = saved.slice(0, KEPT);
  }

  /** Newest first, at most 200. */
  get entries(): readonly CutOver[] {
    return this.#entries;
  }

  /** App id that was live in a service before the present one; null = none is known. */
  livedBefore(service: string): string | null {
    return this.#latestOf(service)?.from ?? null;
  }

  /**
   * Keeps and returns the cut-overs between two plans; a service that comes or goes with its app is one
   * too, and so is an order that left what is live as it is.
   */
  record(
    before: Plan,
    after: Plan,
    { epoch, workers, tookMs }: Acknowledgement,
    author: Author,
    nowMs: number,
  ): readonly CutOver[] {
    const old = new Map(before.services.map((service) => [service.key, service.live]));
    const found: CutOver[] = [];
    const add = (service: string, to: string | null, why: string, from = old.get(service)): void => {
      const isOrdered = author.order !== '' && author.service === service;
      const { order, by } = isOrdered ? author : NOBODY;
      const entry = { atMs: nowMs, service, from: from ?? null, to, order, by, epoch, workers, tookMs };
      found.push({ ...entry, why: isOrdered ? author.why : why, drain: null, bake: null });
    };
    for (const { key, live, why } of after.services) {
      const isOrdered = author.order !== '' && author.service === key;
      if (isOrdered || (old.get(key) ?? null) !== live) add(key, live, why);
      old.delete(key);
    }
    for (const [key, live] of old) {
      if (live !== null) add(key, null, 'no app asks for this service any more', live);
    }
    if (author.order !== '' && author.service === '') add('', null, author.why);
    this.#entries = [...found, ...this.#entries].slice(0, KEPT);
    return found;
  }

  /** The workers' numbers of this second: how far the colours are that were left last. */
  watchDrains({ pools }: Merged, nowMs: number): void {
    const seen = new Set<string>();
    const watched = this.#entries.map((entry) => {
      const { service, from, to, drain } = entry;
      if (from === to || seen.has(service)) return entry;
      seen.add(service);
      if (from === null || (drain?.endedAtMs ?? 0) > 0) return entry;
      const pool = pools.find((one) => one.service === service && one.appId === from);
      const next = drainOf(drain, pool?.backend.counters, nowMs);
      return next === drain ? entry : { ...entry, drain: next };
    });
    if (watched.some((entry, place) => entry !== this.#entries[place])) this.#entries = watched;
  }

  /** Notes how the colour does that became live last in `service`. */
  noteBake(service: string, bake: BakeRecord): void {
    const latest = this.#latestOf(service);
    this.#entries = this.#entries.map((entry) => (entry === latest ? { ...entry, bake } : entry));
  }

  #latestOf(service: string): CutOver | undefined {
    return this.#entries.find((one) => one.service === service && one.from !== one.to);
  }
}

const NOBODY = { order: '', by: '' } as const;

/** `counters` of a pool that is gone are none: nothing is in flight on it. */
function drainOf(
  before: DrainRecord | null,
  counters: { readonly inFlight: number; readonly cuts: number } | undefined,
  nowMs: number,
): DrainRecord | null {
  const inFlight = counters?.inFlight ?? 0;
  if (before === null) {
    return inFlight === 0 ? { inFlight: 0, cut: 0, endedAtMs: nowMs } : { inFlight, cut: 0, endedAtMs: 0 };
  }
  return before;
}
