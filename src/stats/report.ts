// What a worker reports of its traffic, and what the primary makes of all workers' reports.

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
  readonly row: CounterRow;
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
  readonly servers: readonly ServerReport[];
}

/** A shared listener (vhosts, app ids). */
export interface FrontendReport {
  readonly key: string;
  readonly name: string;
  readonly row: CounterRow;
}

/** Everything one worker has counted since it started. */
export interface WorkerReport {
  readonly pid: number;
  /** Epoch it serves by. */
  readonly epoch: number;
  readonly frontends: readonly FrontendReport[];
  readonly pools: readonly PoolReport[];
}
