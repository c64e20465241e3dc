// What a worker reports of its traffic, and what the primary makes of all workers' reports.

import type { AnswerReport } from './answer-counts.ts';
import type { CounterRow } from './counters.ts';

/** One server as a worker sees it: in the plan, or drained of its last exchanges. */
export interface ServerReport {
  /** Mesos task id. */
  readonly id: string;
  readonly name: string;
  /** `ip:port`. */
  readonly address: string;
  /** True once the server left the plan and only finishes what it has. */
  readonly draining: boolean;
  /** Per cent of its weight while it starts slowly; absent = all of it. */
  readonly throttle?: number;
  /** Value of the sticky cookie that leads to it; absent = none. */
  readonly cookie?: string;
  readonly row: CounterRow;
}

/** What goes on in a pool that gets no more requests. */
export interface DrainReport {
  /** When it stopped being live, ms since 1970. */
  readonly sinceMs: number;
  /** When what is still in flight is ended, ms since 1970. */
  readonly deadlineMs: number;
  /** Exchanges and tunnels; 0 = drained. */
  readonly inFlight: number;
  readonly tunnels: number;
  /** Exchanges and tunnels ended at the deadline. */
  readonly cut: number;
}

/** One colour's pool. */
export interface PoolReport {
  /** Service key (`*:10080`). */
  readonly service: string;
  readonly appId: string;
  /** pxname. */
  readonly name: string;
  readonly frontend: CounterRow;
  readonly backend: CounterRow;
  /** Null = it is live, or never was. */
  readonly draining: DrainReport | null;
  /** Since the report before; absent = none. */
  readonly answers?: AnswerReport;
  readonly servers: readonly ServerReport[];
}

/** A shared listener (vhosts, app ids). */
export interface FrontendReport {
  readonly key: string;
  readonly name: string;
  readonly row: CounterRow;
}

/** What a worker takes, and whether it keeps up. */
export interface WorkerLoad {
  /** CPU time since it started. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The event loop's longest delay in the last seconds. */
  readonly loopDelayMs: number;
  /** Connections of clients now. */
  readonly connections: number;
}

/** Everything one worker has counted since it started (answer times: since its last report). */
export interface WorkerReport {
  readonly pid: number;
  /** Epoch it serves by. */
  readonly epoch: number;
  /** Absent = not told. */
  readonly load?: WorkerLoad;
  /** Lines of the access log that were lost; absent = none. */
  readonly lostLogLines?: number;
  readonly frontends: readonly FrontendReport[];
  readonly pools: readonly PoolReport[];
}
