// Reports on their way home: only pools in which something happened travel, so that what a second costs
// grows with the traffic, not with the cluster. The channel loses nothing and keeps order, so both ends
// agree on what was told.

import { listChanges } from '../catalogue/list-changes.ts';
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

/** The primary's end: the whole report again, in which a pool that was not told is the same object. */
export class ReportKeeper {
  readonly #pools = new Map<string, PoolReport>();

  take({ gone, pools, ...rest }: ReportChanges): WorkerReport {
    for (const pool of gone) this.#pools.delete(keyOf(pool));
    for (const pool of pools) this.#pools.set(keyOf(pool), pool);
    return { ...rest, pools: [...this.#pools.values()] };
  }
}

function keyOf({ service, appId }: PoolName): string {
  return `${service}\n${appId}`;
}
