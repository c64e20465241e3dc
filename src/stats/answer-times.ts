// How long the servers of one colour took to answer, over all workers: all of it for the metrics, the
// last seconds for the figures of now, the last minutes for the charts. Costs nothing once all is quiet.

import type { AnswerReport } from './answer-counts.ts';
import { BUCKETS, middleOf } from './answer-scale.ts';

/** Upper edges of the metrics' buckets, in ms; one more is without an edge. */
export const EDGES_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
] as const;

/** Ticks, a second each, that the figures of now are of: fewer answers would make a P99 of single ones. */
const WINDOW_TICKS = 10;
/** As long as the other charts (trend.ts). */
const TREND_TICKS = 180;

export interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What they are of. */
  readonly answers: number;
}

/** The last minutes, oldest first, a value a second; 0 = there was no answer. */
export interface QuantileTrend {
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
}

export const NO_QUANTILES: QuantileTrend = Object.freeze({ p50Ms: [], p99Ms: [] });

/** All answers since the start. */
export interface Histogram {
  /** Below each of EDGES_MS, and one more for the rest; they do not contain each other. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** Where each bucket of the scale counts in the metrics. */
const PLACES = Uint8Array.from({ length: BUCKETS }, (_, bucket) => {
  const place = EDGES_MS.findIndex((edge) => middleOf(bucket) <= edge);
  return place < 0 ? EDGES_MS.length : place;
});

export class AnswerTimes {
  readonly #histogram: number[] = [...EDGES_MS, 0].map(() => 0);
  #sumMs = 0;
  /** What came since the last tick, and in each of the ticks of the window. */
  #fresh: number[] = [];
  readonly #window: (readonly number[])[] = [];
  /** The window's, by the scale; null while nothing is in it. */
  #counts: Uint32Array | null = null;
  #answers = 0;
  /** By turns, P50 and P99 of each tick; null while all are 0. */
  #trend: Float32Array | null = null;
  #ticks = 0;
  #quietTicks = 0;

  add({ sumMs, counts }: AnswerReport): void {
    if (counts.length === 0) return;
    this.#sumMs += sumMs;
    this.#fresh.push(...counts);
    for (let at = 0; at < counts.length; at += 2) {
      const place = PLACES[counts[at] as number] as number;
      this.#histogram[place] = (this.#histogram[place] as number) + (counts[at + 1] as number);
    }
  }

  /** True if ticks change nothing until something is added. */
  get isStill(): boolean {
    return this.#trend === null && this.#fresh.length === 0;
  }

  /** A second is over. */
  tick(): void {
    if (this.isStill) return;
    this.#slide();
    this.#trend ??= new Float32Array(2 * TREND_TICKS);
    const { p50Ms = 0, p99Ms = 0 } = this.now ?? {};
    const at = 2 * (this.#ticks % TREND_TICKS);
    this.#trend[at] = p50Ms;
    this.#trend[at + 1] = p99Ms;
    this.#ticks += 1;
    this.#quietTicks = this.#answers === 0 ? this.#quietTicks + 1 : 0;
    if (this.#quietTicks >= TREND_TICKS) this.#rest();
  }

  /** Of the last seconds; null = nothing was answered. */
  get now(): Quantiles | null {
    return quantilesOf(this.#counts, this.#answers);
  }

  get trend(): QuantileTrend {
    const values = this.#trend;
    if (values === null) return NO_QUANTILES;
    const length = Math.min(this.#ticks, TREND_TICKS);
    const of = (which: 0 | 1): number[] =>
      Array.from({ length }, (_, place) => {
        const tick = this.#ticks - length + place;
        return values[2 * (tick % TREND_TICKS) + which] as number;
      });
    return { p50Ms: of(0), p99Ms: of(1) };
  }

  get histogram(): Histogram {
    return { counts: [...this.#histogram], sumMs: this.#sumMs };
  }

  /** Of several colours together. */
  static together(all: readonly AnswerTimes[]): Quantiles | null {
    const sum = new Uint32Array(BUCKETS);
    let answers = 0;
    for (const one of all) {
      answers += one.#answers;
      one.#counts?.forEach((many, bucket) => {
        sum[bucket] = (sum[bucket] as number) + many;
      });
    }
    return quantilesOf(sum, answers);
  }

  #slide(): void {
    this.#counts ??= new Uint32Array(BUCKETS);
    this.#shift(this.#fresh, 1);
    this.#window.push(this.#fresh);
    this.#fresh = [];
    if (this.#window.length > WINDOW_TICKS) this.#shift(this.#window.shift() ?? [], -1);
  }

  #shift(pairs: readonly number[], sign: 1 | -1): void {
    const counts = this.#counts as Uint32Array;
    for (let at = 0; at < pairs.length; at += 2) {
      const bucket = pairs[at] as number;
      const many = sign * (pairs[at + 1] as number);
      counts[bucket] = (counts[bucket] as number) + many;
      this.#answers += many;
    }
  }

  #rest(): void {
    this.#counts = null;
    this.#trend = null;
    this.#window.length = 0;
    this.#ticks = 0;
    this.#quietTicks = 0;
  }
}

function quantilesOf(counts: Uint32Array | null, answers: number): Quantiles | null {
  if (counts === null || answers === 0) return null;
  // The least time that this part of the answers was not slower than.
  const half = Math.ceil(answers * 0.5);
  const most = Math.ceil(answers * 0.99);
  let seen = 0;
  let p50Ms = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const before = seen;
    seen += counts[bucket] as number;
    if (before < half && seen >= half) p50Ms = middleOf(bucket);
    if (seen >= most) return { p50Ms, p99Ms: middleOf(bucket), answers };
  }
  return null;
}
