// Everything the stats page, the CSV and (later) the API show, gathered at one moment.

import type { Problem } from '../catalogue/problem.ts';
import type { Orders } from '../colour/orders.ts';
import type { CheckState } from '../health/rise-fall.ts';
import type { SourceStatus } from '../marathon/source-status.ts';
import type { Plan } from '../plan/plan.ts';
import type { FleetView } from './peers.ts';
import type { WorkerLoad } from './report.ts';
import type { Merged } from './tally.ts';
import type { Trends } from './trend.ts';
import type { Uptimes } from './uptimes.ts';

/** What became of the requests that were in flight on a colour when it stopped being live. */
export interface DrainRecord {
  readonly inFlight: number;
  /** Ended at the deadline. */
  readonly cut: number;
  /** When the last was gone, ms since 1970; 0 = some are left. */
  readonly endedAtMs: number;
}

/** How a colour did in its bake time, compared with the one before it. */
export interface BakeRecord {
  /** `unknown`: too few requests to say. */
  readonly state: 'baking' | 'fine' | 'worse' | 'unknown';
  readonly untilMs: number;
  readonly why: string;
  /** Null = too few requests to say. */
  readonly errorPercentBefore: number | null;
  readonly errorPercent: number | null;
}

/** What share of requests failed before and after a change of hands. */
export interface RatesRecord {
  /** Of the colour that was left, all the time that it was live in this process. */
  readonly requestsBefore: number;
  /** Null = there were no requests. */
  readonly errorPercentBefore: number | null;
  /** Of the colour that came, in the first `watchedMs`, a minute at most. */
  readonly requests: number;
  readonly errorPercent: number | null;
  readonly watchedMs: number;
}

/** How long one worker took to acknowledge an epoch, from the decision. */
export interface WorkerTime {
  readonly pid: number;
  readonly tookMs: number;
}

/**
 * A decision that was put in force: a service went from one colour to another, or an order was carried
 * out, which may leave what is live as it is.
 */
export interface CutOver {
  /** When the last worker acknowledged, ms since 1970. */
  readonly atMs: number;
  /** Service key, `*:10080`; empty for an order on all of them. */
  readonly service: string;
  /** Kind of the order; `bake` = Teal went back by itself; empty = Teal's own rules. */
  readonly order: string;
  /** Who ordered it; empty = Teal. */
  readonly by: string;
  /** App id; null = nothing was live before. The same as `to` when that did not change. */
  readonly from: string | null;
  /** App id; null = nothing is live any more. */
  readonly to: string | null;
  readonly why: string;
  readonly epoch: number;
  /** Workers that acknowledged. */
  readonly workers: number;
  /** From the decision to the last worker's acknowledgement. */
  readonly tookMs: number;
  /** Each of these workers; absent in what was saved by a Teal that did not tell. */
  readonly byWorker?: readonly WorkerTime[];
  /** Null = `from` had nothing in flight, or went on. */
  readonly drain: DrainRecord | null;
  /** Absent where nothing changed hands. */
  readonly rates?: RatesRecord;
  /** Null = `to` is not watched. */
  readonly bake: BakeRecord | null;
}

/** A service that somebody has to themselves for a while. */
export interface LeaseView {
  readonly service: string;
  readonly by: string;
  readonly why: string;
  readonly untilMs: number;
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
  /** Absent = it has not told yet. */
  readonly load?: WorkerLoad;
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
  /** What operators have ordered and holds now. */
  readonly orders: Orders;
  readonly leases: readonly LeaseView[];
  /** Newest first. */
  readonly history: readonly CutOver[];
  readonly traffic: Merged;
  /** Since the start: by Teal's own rules, and by orders or a bake time that went badly. */
  readonly cutOvers: { readonly rules: number; readonly orders: number };
  /** Since when each colour has servers. */
  readonly uptimes: Uptimes;
  /** 0 = any number. */
  readonly limits: {
    /** In flight on a server, over all workers. */
    readonly serverConnections: number;
    /** Open at a listener, in each worker. */
    readonly listenerConnections: number;
  };
  /** Lines of the access log that could not be written since the start. */
  readonly lostLogLines: number;
  /** The last minutes of each colour. */
  readonly trends: Trends;
  /** What Teal's own checks found, by `checkKey`; empty when it makes none. */
  readonly checks: ReadonlyMap<string, CheckState>;
  /** This instance beside its peers; absent = none are configured. */
  readonly fleet?: FleetView;
}
