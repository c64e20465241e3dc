// Whether this balancer should get traffic, for load balancers before it and for whoever rolls it out.
// Pure: from what is known of the sources at one moment.

import type { SourceStatus } from '../marathon/source-status.ts';

export interface Knowledge {
  readonly source: SourceStatus;
  /** A list of apps, or services of a file, has been put in force on the workers. */
  readonly hasServed: boolean;
  /** It has been told to end. */
  readonly stopping: boolean;
  /** Last answer of Marathon may be this old; 0 = as old as it likes. */
  readonly maxAgeMs: number;
  /** Began to wait for Marathon's first answer, ms since 1970. */
  readonly startedAtMs: number;
}

/** Why it should get none: one clause; empty = it should. */
export function notReadyReason(knowledge: Knowledge, nowMs: number): string {
  const { source, hasServed, stopping, maxAgeMs, startedAtMs } = knowledge;
  if (stopping) return 'draining, it is about to end';
  if (!hasServed) {
    const fault = source.error === '' ? '' : `; ${source.error}`;
    return `no app list is in force yet${fault}`;
  }
  const ageMs = nowMs - (source.lastAnswerAtMs || startedAtMs);
  if (maxAgeMs === 0 || ageMs <= maxAgeMs) return '';
  const last = source.lastAnswerAtMs === 0 ? 'has not answered since the start' : 'answered last';
  return `Marathon ${last} ${seconds(ageMs)} s ago, ${seconds(maxAgeMs)} s are allowed`;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
