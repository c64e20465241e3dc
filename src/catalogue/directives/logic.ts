// Conditions as alternatives of tests that all have to hold, and how they are combined. No tests at all
// always hold; no alternatives never do.

import type { Condition, Test } from '../policy.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

/** A comparison with a rate that HAProxy counts in a stick table: more than `most` in its period. */
export interface RateTest {
  readonly rate: 'requests' | 'connections' | 'open-connections' | 'errors';
  /** Number of the tracked counter (`sc0`); −1 = by the client's address (`src_…`). */
  readonly counter: number;
  readonly most: number;
}

export type Term = Test | RateTest;
export type Logic = readonly (readonly Term[])[];

export const ALWAYS: Logic = [[]];
export const NEVER: Logic = [];
/** Lists of values without placeholders; rules share them. */
const checked = new WeakSet<readonly string[]>();
const MOST_ALTERNATIVES = 64;
const MOST_TESTS = 32;

export function isRate(term: Term): term is RateTest {
  return 'rate' in term;
}

export function either(a: Logic, b: Logic): Logic {
  if (isAlways(a) || isAlways(b)) return ALWAYS;
  return bounded([...a, ...b]);
}

export function both(a: Logic, b: Logic): Logic {
  if (isAlways(a)) return b;
  if (isAlways(b)) return a;
  if (a.length * b.length > MOST_ALTERNATIVES) refuseSize();
  return bounded(a.flatMap((one) => b.map((other) => [...one, ...other])));
}

export function not(logic: Logic): Logic {
  let negated: Logic = ALWAYS;
  for (const tests of logic) {
    negated = both(
      negated,
      tests.map((test) => [negate(test)]),
    );
  }
  return negated;
}

export function isAlways(logic: Logic): boolean {
  return logic.some((tests) => tests.length === 0);
}

/** Null = always. Call it for what is not `NEVER`. */
export function conditionOf(logic: Logic): Condition | null {
  if (isAlways(logic)) return null;
  const anyOf = logic.map((tests) =>
    tests.map((test) => {
      if (isRate(test)) {
        refuse('expected a rate only as what denies: deny if { sc_…_rate(0) gt N }');
      }
      if (!checked.has(test.values)) test.values.forEach(literal);
      checked.add(test.values);
      return test;
    }),
  );
  return { negated: false, anyOf };
}

/** How much there is in a condition: its tests and all they compare with. */
export function sizeOf(condition: Condition | null): number {
  const tests = condition?.anyOf.flat() ?? [];
  return tests.reduce((sum, { values }) => sum + 1 + values.length, 1);
}

function negate(term: Term): Term {
  if (isRate(term)) refuse('expected a rate that is not negated');
  return { ...term, negated: !term.negated };
}

function bounded(logic: Logic): Logic {
  const tooMany = logic.length > MOST_ALTERNATIVES || logic.some((one) => one.length > MOST_TESTS);
  return tooMany ? refuseSize() : logic;
}

function refuseSize(): never {
  refuse(`expected a condition of at most ${MOST_ALTERNATIVES} alternatives`);
}
