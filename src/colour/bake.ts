// Whether a colour that has just become live does worse than the one before it did. Pure: counts of both
// in, a verdict with its reason out. With too few requests there is none: chance is not held against
// anybody.

/** What a colour did in some time. */
export interface BakeSample {
  /** Requests; connections of a tcp service. */
  readonly requests: number;
  /** Those that failed: 5xx, resets and connections that could not be made. */
  readonly failures: number;
  /** Sum over all requests of the time until the answer began; 0 where none is measured. */
  readonly responseMs: number;
}

export interface BakeRules {
  /** Percent of requests that may fail beyond those that failed before. */
  readonly maxErrorPercent: number;
  /** Percent that answers may take longer in the mean; 0 = as long as they like. */
  readonly maxSlowdownPercent: number;
  /** Fewer of the new colour say nothing; fewer of the old one say nothing of what was usual. */
  readonly minRequests: number;
}

export interface Verdict {
  readonly is: 'worse' | 'fine' | 'unknown';
  /** One clause. */
  readonly why: string;
  /** Null = too few requests to say. */
  readonly errorPercentBefore: number | null;
  readonly errorPercent: number | null;
}

/** A rate from one or two failures is none. */
const MIN_FAILURES = 3;
/** Slower by so little is not felt, whatever the percentage. */
const MIN_SLOWDOWN_MS = 20;

/** Judges what the new colour did `since` it is live by what the old one did `before`. */
export function judgeBake(before: BakeSample, since: BakeSample, rules: BakeRules): Verdict {
  const { minRequests, maxErrorPercent, maxSlowdownPercent } = rules;
  const knowsBefore = before.requests >= minRequests;
  const errorPercentBefore = knowsBefore ? percentOf(before) : null;
  if (since.requests < minRequests) {
    const why = `only ${since.requests} requests, fewer than ${minRequests}`;
    return { is: 'unknown', why, errorPercentBefore, errorPercent: null };
  }
  const errorPercent = percentOf(since);
  const told = { errorPercentBefore, errorPercent };
  const allowed = (errorPercentBefore ?? 0) + maxErrorPercent;
  if (since.failures >= MIN_FAILURES && errorPercent > allowed) {
    const usual = errorPercentBefore === null ? '' : `, before ${shown(errorPercentBefore)} %`;
    return { ...told, is: 'worse', why: `${shown(errorPercent)} % of its requests fail${usual}` };
  }
  const wasMs = before.responseMs / Math.max(1, before.requests);
  const isMs = since.responseMs / since.requests;
  const mostMs = Math.max(wasMs * (1 + maxSlowdownPercent / 100), wasMs + MIN_SLOWDOWN_MS);
  if (maxSlowdownPercent > 0 && knowsBefore && isMs > mostMs) {
    const why = `its answers take ${shown(isMs)} ms, before ${shown(wasMs)} ms`;
    return { ...told, is: 'worse', why };
  }
  return { ...told, is: 'fine', why: `${shown(errorPercent)} % of its requests fail` };
}

/** What was done between two readings of counters that only grow. */
export function between(from: BakeSample, to: BakeSample): BakeSample {
  return {
    requests: Math.max(0, to.requests - from.requests),
    failures: Math.max(0, to.failures - from.failures),
    responseMs: Math.max(0, to.responseMs - from.responseMs),
  };
}

/** Percent of requests that failed; 0 where there were none. */
export function percentOf({ requests, failures }: BakeSample): number {
  return requests === 0 ? 0 : (100 * Math.min(failures, requests)) / requests;
}

function shown(value: number): string {
  return String(Math.round(value * 10) / 10);
}
