// HAProxy's times: a number and a unit.

import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
/** The longest that Node's timers, and HAProxy's, can wait. */
const MOST_MS = 2_147_483_647;

/** Milliseconds, at least 1 unless it is 0; without a unit it is `unit`. */
export function readDuration(word: string | undefined, unit: 'ms' | 's' = 'ms'): number {
  const [, digits, named] = /^(\d{1,12})(us|ms|s|m|h|d)?$/.exec(literal(word ?? '')) ?? [];
  if (digits === undefined) refuse('expected a time such as 30s or 500ms');
  const ms = Math.ceil(Number(digits) * (UNITS[named ?? unit] as number));
  return ms <= MOST_MS ? ms : refuse('expected a time of less than 25 days');
}

/** A whole number from `least` to `most`. */
export function readCount(word: string | undefined, least: number, most: number): number {
  const text = literal(word ?? '');
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  refuse(`expected a number from ${least} to ${most}`);
}
