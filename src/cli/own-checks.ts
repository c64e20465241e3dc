// Teal's own health checks in the control plane: they watch the servers of every look at Marathon, judge
// them, and probe at once whom the workers have trouble to reach.

import { hostname } from 'node:os';
import { checkKeyAt } from '../catalogue/checks.ts';
import type { Claim } from '../catalogue/claim.ts';
import { listChanges } from '../catalogue/list-changes.ts';
import { applyVerdicts, type Judged, PoolIndex } from '../catalogue/own-checks.ts';
import { HealthChecker } from '../health/checker.ts';
import type { CheckState } from '../health/rise-fall.ts';
import { type Reached, suspects } from '../health/suspicion.ts';
import { Targets } from '../health/targets.ts';
import type { Logger } from '../log/logger.ts';
import type { Merged, MergedPool } from '../stats/tally.ts';

const NO_CHECKS: ReadonlyMap<string, CheckState> = new Map();
const NO_FAILURES: ReadonlySet<string> = new Set();

export class OwnChecks {
  /** Null when Teal is not to probe by itself. */
  readonly #checker: HealthChecker | null;
  readonly #targets = new Targets();
  readonly #index = new PoolIndex();
  #pools: readonly MergedPool[] = [];

  /** `onChange` is called whenever a server went up or down. */
  constructor(enabled: boolean, log: Logger, onChange: () => void) {
    this.#checker = enabled ? new HealthChecker({ seed: hostname() }, log, onChange) : null;
  }

  /** By `checkKey`; empty when there are none. */
  get states(): ReadonlyMap<string, CheckState> {
    return this.#checker?.states ?? NO_CHECKS;
  }

  /**
   * Watches the servers of these claims from now on, and takes those that fail out of service; claims
   * without such a server stay the same objects.
   */
  judge(claims: readonly Claim[]): Judged {
    this.#checker?.change(this.#targets.look(claims));
    return applyVerdicts(claims, this.#checker?.failing ?? NO_FAILURES, this.#index);
  }

  /** To be told the workers' numbers once a second. */
  watchTraffic({ pools }: Merged): void {
    const checker = this.#checker;
    if (checker === null) return;
    // A pool that is the same object has counted nothing since: most of a large cluster.
    const { removed, added } = listChanges(this.#pools, pools);
    this.#pools = pools;
    for (const key of suspects(reachedOf(removed), reachedOf(added))) checker.suspect(key);
  }

  async stop(): Promise<void> {
    await this.#checker?.stop();
  }
}

function reachedOf(pools: readonly MergedPool[]): readonly Reached[] {
  return pools.flatMap((pool) =>
    pool.servers.map(({ id, address, row: { counters } }) => ({
      // A worker writes IPv6 addresses in brackets.
      key: checkKeyAt(pool.name, id, address.replaceAll(/[[\]]/g, '')),
      failures: counters.retries + counters.redispatches + counters.connectErrors,
    })),
  );
}
