// How long servers took to answer, as one worker counts it for one pool between two reports. Counting
// is one increment; what is reported has only the buckets in which something happened.

import { BUCKETS, bucketOf } from './answer-scale.ts';

/** What happened since the report before: it adds up. */
export interface AnswerReport {
  /** Sum of the times, in ms. */
  readonly sumMs: number;
  /** Bucket and count by turns (answer-scale.ts). */
  readonly counts: readonly number[];
}

export const NO_ANSWERS: AnswerReport = Object.freeze({ sumMs: 0, counts: Object.freeze([]) });

export class AnswerCounts {
  /** Null until something is counted: many pools never serve anything. */
  #counts: Uint32Array | null = null;
  /** Buckets that are not 0. */
  #used: number[] = [];
  #sumMs = 0;

  count(ms: number): void {
    this.#counts ??= new Uint32Array(BUCKETS);
    const bucket = bucketOf(ms);
    const before = this.#counts[bucket] as number;
    if (before === 0) this.#used.push(bucket);
    this.#counts[bucket] = before + 1;
    this.#sumMs += ms;
  }

  /** What was counted since the last call. */
  take(): AnswerReport {
    const counts = this.#counts;
    if (counts === null || this.#used.length === 0) return NO_ANSWERS;
    const report: number[] = [];
    for (const bucket of this.#used) {
      report.push(bucket, counts[bucket] as number);
      counts[bucket] = 0;
    }
    const sumMs = this.#sumMs;
    this.#used = [];
    this.#sumMs = 0;
    return { sumMs, counts: report };
  }
}

/** Two reports in a row as one. */
export function addedAnswers(
  earlier: AnswerReport,
  { sumMs, counts }: AnswerReport = NO_ANSWERS,
): AnswerReport {
  return { sumMs: earlier.sumMs + sumMs, counts: [...earlier.counts, ...counts] };
}
