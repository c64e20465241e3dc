// Reports on their way home: only pools in which something happened travel, so that what a second costs
// grows with the traffic, not with the cluster. The channel loses nothing and keeps order, so both ends
// agree on what was told.

import { listChanges } from '../catalogue/list-changes.ts';
import { addedAnswers } from '../stats/answer-counts.ts';
import type { PoolReport, WorkerReport } from '../stats/report.ts';

/** A worker's report, in terms of the one before. */
export interface ReportChanges extends WorkerReport {
  /** Pools of the last report that are not in this one. */
  readonly gone: readonly PoolName[];
}

export interface PoolName {
  readonly service: string;
  readonly appId: string;
}

/** The worker's end. A pool that is the same object as in the last report is not told again. */
export class ReportSender {
  #told: readonly PoolReport[] = [];

  changes(report: WorkerReport): ReportChanges {
    const { removed, added } = listChanges(this.#told, report.pools);
    this.#told = report.pools;
    const again = new Set(added.map(keyOf));
    const gone = removed.filter((pool) => !again.has(keyOf(pool)));
    return {
      ...report,
      pools: added,
      gone: gone.map(({ service, appId }) => ({ service, appId })),
    };
  }
}

/**
 * The primary's end: the whole report again, in which a pool that was not told is the same object. What
 * adds up is kept until it was collected: a report that came too late is not lost.
 */
export class ReportKeeper {
  readonly #pools = new Map<string, PoolReport>();
  /** Told and not collected yet. */
  readonly #fresh = new Set<PoolReport>();
  #list: readonly PoolReport[] = [];

  take({ gone, pools, ...rest }: ReportChanges): WorkerReport {
    for (const pool of gone) this.#pools.delete(keyOf(pool));
    for (const pool of pools) this.#put(pool);
    // The same list, where nothing happened at all.
    if (gone.length + pools.length > 0) this.#list = [...this.#pools.values()];
    return { ...rest, pools: this.#list };
  }

  /** What `take` returned last has been used. */
  collected(): void {
    this.#fresh.clear();
  }

  #put(pool: PoolReport): void {
    const key = keyOf(pool);
    const before = this.#pools.get(key);
    const missed = before !== undefined && this.#fresh.has(before) ? before.answers : undefined;
    const kept =
      missed === undefined ? pool : { ...pool, answers: addedAnswers(missed, pool.answers) };
    this.#pools.set(key, kept);
    this.#fresh.add(kept);
  }
}

function keyOf({ service, appId }: PoolName): string {
  return `${service}\n${appId}`;
}
