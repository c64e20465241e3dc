// How a colour comes and goes: Teal's own DRAIN_SECONDS, BAKE_… and SHARE_PERCENT. Pure.

import type { BakeLimits } from './claim.ts';
import type { PortLabels } from './port-labels.ts';

export interface CutOverWish {
  /** How long what is in flight may go on once it is not live any more; 0 = the balancer's setting. */
  readonly drainMs: number;
  /** How long it is compared with its predecessor once it is live; 0 = not; null = the balancer's setting. */
  readonly bakeMs: number | null;
  /** What it may do worse then; absent = the balancer's settings. */
  readonly bakeLimits?: BakeLimits;
  /** Its share of the requests beside the live colour; null = it is live or it is not. */
  readonly sharePercent: number | null;
}

const MAX_DRAIN_SECONDS = 86_400;
const MAX_BAKE_SECONDS = 86_400;

/** Label, field, least and most. */
const LIMITS: readonly (readonly [string, keyof BakeLimits, number, number])[] = [
  ['BAKE_MAX_ERROR_PERCENT', 'maxErrorPercent', 0, 100],
  ['BAKE_MAX_SLOWDOWN_PERCENT', 'maxSlowdownPercent', 0, 100_000],
  ['BAKE_MIN_REQUESTS', 'minRequests', 1, 1_000_000],
];

export function readCutOver(labels: PortLabels): CutOverWish {
  const drain = labels.teal('DRAIN_SECONDS');
  const bake = labels.teal('BAKE_SECONDS');
  const share = labels.teal('SHARE_PERCENT');
  const drainSeconds = labels.integer(drain, 1, MAX_DRAIN_SECONDS, 0, 'it drains as without it');
  const bakeSeconds = labels.integer(bake, 0, MAX_BAKE_SECONDS, -1, 'it is watched as without it');
  const percent = labels.integer(share, 1, 100, 0, 'it is live or not as without it');
  return {
    drainMs: drainSeconds * 1_000,
    bakeMs: bakeSeconds < 0 ? null : bakeSeconds * 1_000,
    sharePercent: percent === 0 ? null : percent,
    ...limitsOf(labels),
  };
}

function limitsOf(labels: PortLabels): Pick<CutOverWish, 'bakeLimits'> {
  const given = LIMITS.flatMap(([name, field, least, most]): [keyof BakeLimits, number][] => {
    const label = labels.teal(name);
    const value = labels.integer(label, least, most, -1, 'it is compared as without it');
    return value < 0 ? [] : [[field, value]];
  });
  return given.length === 0 ? {} : { bakeLimits: Object.fromEntries(given) };
}
