// What was decided and ordered, newest first, with what came of it: bounded, and taken over from the
// process before this one.

import { isDeepStrictEqual } from 'node:util';
import { listChanges } from '../catalogue/list-changes.ts';
import { isSameList } from '../catalogue/memo.ts';
import type { Acknowledgement } from '../fleet/fleet.ts';
import type { Plan } from '../plan/plan.ts';
import { findPool } from '../stats/find-pool.ts';
import type { DrainReport } from '../stats/report.ts';
import type { Merged } from '../stats/tally.ts';
import type { BakeRecord, CutOver, DrainRecord } from '../stats/view.ts';
import { CutOverRates } from './cut-over-rates.ts';
import type { Author } from './order-desk.ts';

const KEPT = 200;

export class CutOverHistory {
  #entries: readonly CutOver[];
  readonly #rates = new CutOverRates();

  /** What the process before this one left live, until this one has seen it, too. */
  readonly #left: Map<string, string | null>;

  constructor(
    saved: readonly CutOver[] = [],
    live: ReadonlyMap<string, { readonly live: string | null }> = new Map(),
  ) {
    this.#entries = saved.slice(0, KEPT);
    const gone = this.#entries.filter(({ service, to }, place) => {
      return to === null && this.#entries.findIndex((one) => one.service === service) === place;
    });
    const left = new Map([...live].map(([key, one]) => [key, one.live]));
    for (const { service } of gone) left.delete(service);
    this.#left = left;
  }

  /** Newest first, at most 200. */
  get entries(): readonly CutOver[] {
    return this.#entries;
  }

  /**
   * Returns the cut-overs between two plans; a service that comes or goes with its app is one too, and
   * so is an order that left what is live as it is. Keeps them, but for what this process found live as
   * the one before had left it: a restart is no decision.
   */
  record(
    before: Plan,
    after: Plan,
    { epoch, workers, tookMs, byWorker }: Acknowledgement,
    author: Author,
    nowMs: number,
  ): readonly CutOver[] {
    const { removed, added } = listChanges(before.services, after.services);
    const old = new Map(removed.map((service) => [service.key, service.live]));
    const { order, by, service: ordered } = author;
    const measured = { atMs: nowMs, epoch, workers, tookMs, byWorker, drain: null, bake: null };
    const found: CutOver[] = [];
    for (const { key, live, why } of added) {
      const from = old.get(key) ?? null;
      old.delete(key);
      if (from === live || (order !== '' && key === ordered)) continue;
      found.push({ ...measured, service: key, from, to: live, order: '', by: '', why });
    }
    for (const [key, from] of old) {
      if (from === null) continue;
      const why = 'no app asks for this service any more';
      found.push({ ...measured, service: key, from, to: null, order: '', by: '', why });
    }
    if (order !== '') {
      const to = liveOf(after, ordered);
      const from = liveOf(before, ordered);
      found.push({ ...measured, service: ordered, from, to, order, by, why: author.why });
    }
    const told = found.map((entry) => {
      const rates = this.#rates.began(entry, after);
      return rates === null ? entry : { ...entry, rates };
    });
    const decided = told.filter((entry) => !this.#isLeft(entry));
    for (const { service } of told) this.#left.delete(service);
    if (decided.length > 0) this.#entries = [...decided, ...this.#entries].slice(0, KEPT);
    return told;
  }

  /** The workers' numbers of this second: what became of the colours that were left last, and that came. */
  watchDrains(traffic: Merged, nowMs: number): void {
    this.#rates.take(traffic);
    const seen = new Set<string>();
    const watched = this.#entries.map((entry) => {
      const { service, from, to } = entry;
      if (from === to || seen.has(service)) return entry;
      seen.add(service);
      if (from === null) return entry;
      return this.#withRates(withDrain(entry, from, traffic, nowMs), nowMs);
    });
    if (!isSameList(watched, this.#entries)) this.#entries = watched;
  }

  /** Notes how the colour does that became live last in `service`. */
  noteBake(service: string, bake: BakeRecord): void {
    const latest = this.#latestOf(service);
    if (latest === undefined || isDeepStrictEqual(latest.bake, bake)) return;
    this.#entries = this.#entries.map((entry) => (entry === latest ? { ...entry, bake } : entry));
  }

  #withRates(entry: CutOver, nowMs: number): CutOver {
    const rates = this.#rates.look(entry, nowMs);
    return rates === null || rates === entry.rates ? entry : { ...entry, rates };
  }

  #isLeft({ service, from, to, order }: CutOver): boolean {
    return order === '' && from === null && to !== null && this.#left.get(service) === to;
  }

  #latestOf(service: string): CutOver | undefined {
    return this.#entries.find((one) => one.service === service && one.from !== one.to);
  }
}

function liveOf({ services }: Plan, key: string): string | null {
  return services.find((service) => service.key === key)?.live ?? null;
}

function withDrain(entry: CutOver, from: string, traffic: Merged, nowMs: number): CutOver {
  const { service, drain } = entry;
  if (drain !== null && drain.endedAtMs > 0) return entry;
  const next = drainOf(drain, findPool(traffic, service, from)?.draining, nowMs);
  return isDeepStrictEqual(next, drain) ? entry : { ...entry, drain: next };
}

/** `report` of a pool that is gone is undefined: nothing is in flight on it. Null while it is live. */
function drainOf(
  before: DrainRecord | null,
  report: DrainReport | null | undefined,
  nowMs: number,
): DrainRecord | null {
  if (report === null) return before;
  const { inFlight = 0, cut = 0 } = report ?? {};
  return {
    inFlight: Math.max(inFlight, before?.inFlight ?? 0),
    cut: Math.max(cut, before?.cut ?? 0),
    endedAtMs: inFlight === 0 ? nowMs : 0,
  };
}
