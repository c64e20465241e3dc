import { describe, expect, it } from 'vitest';
import { Rates } from '../../../src/proxy/policy/rate.ts';

describe('rates', () => {
  it('count what happened in the last period, the one before by what is left of it', () => {
    const rates = new Rates(1_000);
    for (let i = 0; i < 10; i += 1) rates.add('a', 0);
    expect(rates.of('a', 0)).toBe(10);
    expect(rates.of('a', 999)).toBe(10);
    expect(rates.of('a', 1_000)).toBe(10);
    expect(rates.of('a', 1_500)).toBe(5);
    rates.add('a', 1_500);
    expect(rates.of('a', 1_500)).toBe(6);
    expect(rates.of('a', 2_000)).toBe(1);
    expect(rates.of('a', 3_000)).toBe(0);
    expect(rates.of('b', 0)).toBe(0);
  });

  it('are kept for a bounded number of keys, the newest', () => {
    const rates = new Rates(1_000);
    for (let i = 0; i < 100_000; i += 1) rates.add(`key${i}`, 0);
    expect(rates.size).toBe(20_000);
    expect(rates.of('key99999', 0)).toBe(1);
    expect(rates.of('key0', 0)).toBe(0);
  });

  it('are forgotten when their time is over', () => {
    const rates = new Rates(1_000);
    for (let i = 0; i < 1_000; i += 1) rates.add(`key${i}`, i);
    rates.add('late', 2_500);
    expect(rates.size).toBe(500);
  });
});
