// Everything the stats page, the CSV and (later) the API show, gathered at one moment.

import type { Problem } from '../catalogue/problem.ts';
import type { CheckState } from '../health/rise-fall.ts';
import type { SourceStatus } from '../marathon/source-status.ts';
import type { Plan } from '../plan/plan.ts';
import type { Merged } from './tally.ts';
import type { Trends } from './trend.ts';

/** A cut-over that happened: one service went from one colour to another. */
export interface CutOver {
  /** When the last worker acknowledged, ms since 1970. */
  readonly atMs: number;
  /** Service key, `*:10080`. */
  readonly service: string;
  /** App id; null = nothing was live before. */
  readonly from: string | null;
  /** App id; null = nothing is live any more. */
  readonly to: string | null;
  readonly why: string;
  readonly epoch: number;
  /** Workers that acknowledged. */
  readonly workers: number;
  /** From the decision to the last worker's acknowledgement. */
  readonly tookMs: number;
}

/** One worker process as the primary sees it. */
export interface WorkerView {
  /** 1 … N, stable over replacements. */
  readonly slot: number;
  readonly pid: number;
  /** Epoch it acknowledged last. */
  readonly epoch: number;
  readonly startedAtMs: number;
  /** How often this slot was replaced after a crash. */
  readonly restarts: number;
}

export interface View {
  readonly version: string;
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly pid: number;
  /** Host name this instance runs on. */
  readonly node: string;
  readonly epoch: number;
  /** The plan in force. */
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  readonly source: SourceStatus;
  readonly workers: readonly WorkerView[];
  /** Newest first. */
  readonly history: readonly CutOver[];
  readonly traffic: Merged;
  /** The last minutes of each colour. */
  readonly trends: Trends;
  /** What Teal's own checks found, by `checkKey`; empty when it makes none. */
  readonly checks: ReadonlyMap<string, CheckState>;
}
