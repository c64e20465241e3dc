// Adds up what the workers report. Counters never go backwards: what a worker had counted when it
// ended stays in the sum. Gauges of an ended worker are dropped.

import type { Counters } from './counters.ts';
import type { WorkerReport } from './report.ts';

/** A row over all workers. Rates are per second. */
export interface MergedRow {
  readonly counters: Counters;
  /** Sessions in the last whole second. */
  readonly sessionRate: number;
  readonly sessionRateMax: number;
  /** HTTP requests in the last whole second. */
  readonly requestRate: number;
  readonly requestRateMax: number;
}

export interface MergedServer {
  readonly id: string;
  readonly name: string;
  /** `ip:port`. */
  readonly address: string;
  readonly draining: boolean;
  readonly row: MergedRow;
}

export interface MergedPool {
  readonly service: string;
  readonly appId: string;
  readonly name: string;
  readonly frontend: MergedRow;
  readonly backend: MergedRow;
  readonly servers: readonly MergedServer[];
}

export interface MergedFrontend {
  readonly key: string;
  readonly name: string;
  readonly row: MergedRow;
}

export interface Merged {
  readonly frontends: readonly MergedFrontend[];
  readonly pools: readonly MergedPool[];
}

export class Tally {
  /** Takes a worker's latest report in place of its earlier one. `worker` is its pid. */
  update(_worker: number, _report: WorkerReport): void {}

  /** A worker ended: its counters stay in the sums, its gauges go. */
  retire(_worker: number): void {}

  /** Takes the rates of the last second; to be called once a second. */
  tick(): void {}

  /** The sums as of the last reports. */
  merged(): Merged {
    return { frontends: [], pools: [] };
  }
}
