import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slidden } from '../../src/stats/sliding-average.ts';

/** HAProxy's own arithmetic, value by value: `swrate_add_dynamic` without its rounding. */
function oneByOne(groups: readonly { readonly added: number; readonly mean: number }[]): number {
  let average = 0;
  let samples = 0;
  for (const { added, mean } of groups) {
    for (let i = 0; i < added; i += 1) {
      samples += 1;
      average += (mean - average) / Math.min(samples, 1_024);
    }
  }
  return average;
}

describe('the average over the last 1,024', () => {
  it('is what HAProxy would have made of the values one by one, however they come together', () => {
    const group = fc.record({
      added: fc.integer({ min: 1, max: 3_000 }),
      mean: fc.integer({ min: 0, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 6 }), (groups) => {
        let average = 0;
        let samples = 0;
        for (const { added, mean } of groups) {
          average = slidden(average, samples, added, mean);
          samples += added;
        }
        const expected = oneByOne(groups);
        expect(Math.abs(average - expected)).toBeLessThan(1 + expected * 0.001);
      }),
    );
  });

  it('follows the last thousand, not the long past', () => {
    expect(slidden(10, 1_000_000, 10_240, 500)).toBeGreaterThan(499);
  });
});
