import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerCounts, NO_ANSWERS } from '../../src/stats/answer-counts.ts';
import { BUCKETS, bucketOf, middleOf } from '../../src/stats/answer-scale.ts';
import { AnswerTimes, EDGES_MS } from '../../src/stats/answer-times.ts';

const ticked = (times: AnswerTimes, ticks: number): AnswerTimes => {
  for (let tick = 0; tick < ticks; tick += 1) times.tick();
  return times;
};

function reportOf(...timesMs: readonly number[]) {
  const counts = new AnswerCounts();
  for (const ms of timesMs) counts.count(ms);
  return counts.take();
}

describe('the scale of answer times', () => {
  it('knows any time from a microsecond to two minutes to 3 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120_000_000 }), (us) => {
        const bucket = bucketOf(us / 1_000);
        expect(Math.abs(middleOf(bucket) * 1_000 - us)).toBeLessThanOrEqual(0.5 + us * 0.016);
      }),
    );
  });

  it('has a bucket for every number, in order', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(bucketOf(low)).toBeGreaterThanOrEqual(0);
        expect(bucketOf(low)).toBeLessThanOrEqual(bucketOf(high));
        expect(bucketOf(high)).toBeLessThan(BUCKETS);
      }),
    );
  });
});

describe('what a worker reports of answer times', () => {
  it('is what happened since the report before, bucket by bucket', () => {
    const counts = new AnswerCounts();
    expect(counts.take()).toBe(NO_ANSWERS);
    for (const ms of [1, 1, 20]) counts.count(ms);
    expect(counts.take()).toEqual({ sumMs: 22, counts: [bucketOf(1), 2, bucketOf(20), 1] });
    expect(counts.take()).toBe(NO_ANSWERS);
    counts.count(20);
    expect(counts.take()).toEqual({ sumMs: 20, counts: [bucketOf(20), 1] });
  });
});

describe('answer times over all workers', () => {
  it('have the P50 and P99 of the last ten seconds, whatever the distribution', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 50_000, noNaN: true }), { minLength: 1 }),
        (timesMs) => {
          const times = new AnswerTimes();
          const half = Math.floor(timesMs.length / 2);
          times.add(reportOf(...timesMs.slice(0, half)));
          times.tick();
          times.add(reportOf(...timesMs.slice(half)));
          times.tick();
          const sorted = [...timesMs].sort((a, b) => a - b);
          const at = (part: number) => sorted[Math.ceil(sorted.length * part) - 1] as number;
          const now = times.now;
          expect(now?.answers).toBe(timesMs.length);
          expect(Math.abs((now?.p50Ms ?? 0) / at(0.5) - 1)).toBeLessThan(0.02);
          expect(Math.abs((now?.p99Ms ?? 0) / at(0.99) - 1)).toBeLessThan(0.02);
        },
      ),
    );
  });

  it('forget what is older than the window, and rest once the charts are empty', () => {
    const times = new AnswerTimes();
    expect(times.isStill).toBe(true);
    times.add(reportOf(5));
    expect(times.isStill).toBe(false);
    expect(ticked(times, 10).now?.answers).toBe(1);
    expect(ticked(times, 1).now).toBeNull();
    expect(times.isStill).toBe(false);
    expect(times.trend.p50Ms.map((ms) => ms > 0)).toEqual([...Array(10).fill(true), false]);
    ticked(times, 180);
    expect(times.isStill).toBe(true);
    expect(times.trend).toEqual({ p50Ms: [], p99Ms: [] });
    times.add(reportOf(7));
    expect(ticked(times, 1).now?.answers).toBe(1);
  });

  it('keep three minutes for the charts, the newest last', () => {
    const times = new AnswerTimes();
    for (let second = 1; second <= 200; second += 1) {
      times.add(reportOf(...Array(20).fill(second)));
      times.tick();
    }
    const { p50Ms, p99Ms } = times.trend;
    expect(p50Ms).toHaveLength(180);
    expect(Math.abs((p99Ms.at(-1) ?? 0) / 200 - 1)).toBeLessThan(0.02);
    expect(Math.abs((p50Ms.at(-1) ?? 0) / 195 - 1)).toBeLessThan(0.03);
    expect(p99Ms[0]).toBeLessThan(22);
  });

  it('add up over colours', () => {
    const [blue, green] = [new AnswerTimes(), new AnswerTimes()];
    blue.add(reportOf(...Array(98).fill(10)));
    green.add(reportOf(500, 500));
    const now = AnswerTimes.together([blue, green, new AnswerTimes()].map((one) => ticked(one, 1)));
    expect(now?.answers).toBe(100);
    expect(now?.p50Ms).toBeCloseTo(10, 0);
    expect(Math.abs((now?.p99Ms ?? 0) / 500 - 1)).toBeLessThan(0.02);
    expect(AnswerTimes.together([])).toBeNull();
  });

  it('count all there ever was by the edges of the metrics', () => {
    const times = new AnswerTimes();
    times.add(reportOf(0.5, 4, 4, 100_000));
    times.add(reportOf(4));
    const { counts, sumMs } = times.histogram;
    expect(counts).toHaveLength(EDGES_MS.length + 1);
    expect(counts[0]).toBe(1);
    expect(counts[EDGES_MS.indexOf(5)]).toBe(3);
    expect(counts.at(-1)).toBe(1);
    expect(sumMs).toBeCloseTo(100_012.5);
  });
});
