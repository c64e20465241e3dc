// The data plane of one worker, seen from outside: a table of routes that is swapped whole, and
// listeners that are opened on sockets the primary bound.

import type { Logger } from '../log/logger.ts';
import type { PlanDelta } from '../plan/plan.ts';
import type { WorkerReport } from '../stats/report.ts';
import type { ProxySettings } from './settings.ts';

/** A table built beside the one in force; nothing serves by it until it is committed. */
export interface Prepared {
  readonly epoch: number;
}

/** One worker's data plane. All methods are synchronous but `drain`. */
export class DataPlane {
  constructor(_settings: ProxySettings, _log: Logger) {}

  /** Builds the next table from the present one and a delta. Throws when it cannot; nothing changes. */
  prepare(epoch: number, _delta: PlanDelta): Prepared {
    return { epoch };
  }

  /** Puts a prepared table in force, in one step. Requests routed before keep what they have. */
  commit(_prepared: Prepared): void {}

  /**
   * Starts accepting on a listening socket of the primary's (a native TCP handle received with a
   * message). Call it after the commit of the table that knows `key`. Calls `onError` if the socket
   * cannot be listened on.
   */
  accept(_key: string, _handle: object, _onError: (message: string) => void): void {}

  /** Stops accepting on a listener; its connections live on. Unknown keys are ignored. */
  release(_key: string): void {}

  /** Everything counted since the start. */
  report(): WorkerReport {
    return { pid: process.pid, epoch: 0, frontends: [], pools: [] };
  }

  /**
   * Stops accepting, closes idle connections, lets exchanges end; whatever is left after
   * `deadlineMs` is cut. Resolves with the number of connections cut.
   */
  async drain(_deadlineMs: number): Promise<number> {
    return 0;
  }
}
