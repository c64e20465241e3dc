import { describe, expect, it } from 'vitest';
import { type Reached, suspects } from '../../src/health/suspicion.ts';

const reached = (failures: Readonly<Record<string, number>>): readonly Reached[] =>
  Object.entries(failures).map(([key, count]) => ({ key, failures: count }));

describe('whom traffic makes suspect', () => {
  it.each([
    ['who failed in the first look', {}, { a: 0, b: 2 }, ['b']],
    ['who failed since the last', { a: 0, b: 2 }, { a: 1, b: 2 }, ['a']],
    ['nobody twice for the same failure', { a: 1, b: 2 }, { a: 1 }, []],
    ['who came back and failed anew', { a: 1 }, { a: 1, b: 1 }, ['b']],
    ['nobody who counts anew from less', { a: 5 }, { a: 1 }, []],
  ])('is %s', (_what, before, now, expected) => {
    expect(suspects(reached(before), reached(now))).toEqual(expected);
  });
});
