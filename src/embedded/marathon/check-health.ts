// What results of one health check mean for one instance: alive, failing, to be killed. Pure.

import type { HealthCheck } from './app-definition.ts';

export interface CheckHealth {
  readonly consecutiveFailures: number;
  /** 0 = never, for all three. */
  readonly firstSuccessMs: number;
  readonly lastSuccessMs: number;
  readonly lastFailureMs: number;
  readonly lastFailureCause: string;
}

/** `ignored` = an answer that counts as neither (1xx with `ignoreHttp1xx`). */
export type ProbeResult =
  | { readonly outcome: 'alive' }
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'failed'; readonly cause: string };

export interface Verdict {
  readonly health: CheckHealth;
  /** The instance has used up `maxConsecutiveFailures`. */
  readonly kill: boolean;
  /** A failure that counted. */
  readonly failed: boolean;
}

const UNKNOWN: CheckHealth = {
  consecutiveFailures: 0,
  firstSuccessMs: 0,
  lastSuccessMs: 0,
  lastFailureMs: 0,
  lastFailureCause: '',
};

/** A single failure after a success already says no; the limit of failures governs killing only. */
export function isAlive(health: CheckHealth): boolean {
  if (health.lastSuccessMs === 0) return false;
  return health.lastFailureMs === 0 || health.lastSuccessMs > health.lastFailureMs;
}

export function isHealthy(
  results: readonly (CheckHealth | null)[],
  checks: number,
): boolean | null {
  const known = results.filter((health) => health !== null);
  if (checks === 0 || known.length < checks) return null;
  return known.every(isAlive);
}

/**
 * Counts one result. Before the first success failures are forgiven until `gracePeriodSeconds` after `runningSinceMs`.
 * Marathon kills on the failure after `maxConsecutiveFailures`, Mesos (COMMAND and MESOS_*) on that very one.
 */
export function record(
  before: CheckHealth | null,
  result: ProbeResult,
  check: HealthCheck,
  runningSinceMs: number,
  nowMs: number,
): Verdict {
  const health = before ?? UNKNOWN;
  if (result.outcome === 'ignored') return { health, kill: false, failed: false };
  if (result.outcome === 'alive') {
    return {
      health: {
        ...health,
        consecutiveFailures: 0,
        firstSuccessMs: health.firstSuccessMs || nowMs,
        // A success in the same millisecond as the failure before it still comes after it.
        lastSuccessMs: Math.max(nowMs, health.lastFailureMs + 1),
      },
      kill: false,
      failed: false,
    };
  }
  const inGrace =
    health.firstSuccessMs === 0 && nowMs < runningSinceMs + check.gracePeriodSeconds * 1000;
  if (inGrace) return { health, kill: false, failed: false };
  const failures = health.consecutiveFailures + 1;
  const limit = check.maxConsecutiveFailures;
  const byMesos = check.protocol === 'COMMAND' || check.protocol.startsWith('MESOS_');
  return {
    health: {
      ...health,
      consecutiveFailures: failures,
      lastFailureMs: Math.max(nowMs, health.lastSuccessMs),
      lastFailureCause: result.cause,
    },
    kill: byMesos ? failures >= Math.max(1, limit) : limit > 0 && failures > limit,
    failed: true,
  };
}
