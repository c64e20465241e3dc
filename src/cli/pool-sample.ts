// What a pool has counted so far, as far as its colour is judged by it.

import type { BakeSample } from '../colour/bake.ts';
import type { MergedPool } from '../stats/tally.ts';

export const NOTHING: BakeSample = Object.freeze({ requests: 0, failures: 0, responseMs: 0 });

/** A connection that failed may be told as a 503, too: it counts once. */
export function sampleOf({ backend: { counters } }: MergedPool, isHttp: boolean): BakeSample {
  const { requests, sessions, responses5xx, serverAborts, connectErrors, responseMs } = counters;
  return {
    requests: isHttp ? requests : sessions,
    failures: Math.max(responses5xx + serverAborts, connectErrors),
    responseMs: isHttp ? responseMs : 0,
  };
}
