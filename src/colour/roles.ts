// Which side of a zdd deployment is the new one: it is what both sides together are to become. Pure.
//
// Marathon-LB takes the app that was scaled last, by a typo, and so turns the roles round when zdd
// kills the last old tasks with scale=true: the rule here says the same in all other cases.

import type { Claim } from '../catalogue/claim.ts';

/** What of an app decides on its role. */
export type Side = Pick<
  Claim,
  'appId' | 'deployment' | 'instances' | 'lastConfigChangeAtMs' | 'lastScalingAtMs'
>;

export interface Roles<S extends Side> {
  readonly old: S;
  readonly new: S;
  /** Servers that both sides together must not fall below. */
  readonly target: number;
}

/** Oldest first, by STARTED_AT; without it, or at the same time, by Marathon's times. */
export function byAge(a: Side, b: Side): number {
  return (
    order(startOf(a), startOf(b)) ||
    order(a.lastConfigChangeAtMs, b.lastConfigChangeAtMs) ||
    (a.appId < b.appId ? -1 : 1)
  );
}

/**
 * The roles of two apps of a group, in the order of `byAge`; null when the younger one is not being
 * deployed by instances: then nothing says that one side is to be drained.
 */
export function rolesOf<S extends Side>(older: S, younger: S): Roles<S> | null {
  if (younger.deployment === null || younger.deployment.newInstances === null) return null;
  const target = (side: S): number =>
    side.deployment?.targetInstances ?? younger.deployment?.targetInstances ?? 0;
  const isComplete = (side: S): boolean => side.instances >= target(side);
  // Somebody has scaled the older side up again since the younger one was made: the way back.
  const isRollback = isComplete(older) && older.lastScalingAtMs > younger.lastConfigChangeAtMs;
  const youngerIsNew =
    !isRollback && (isComplete(younger) || older.lastScalingAtMs <= younger.lastScalingAtMs);
  return youngerIsNew
    ? { old: older, new: younger, target: target(younger) }
    : { old: younger, new: older, target: target(older) };
}

function startOf({ deployment }: Side): number {
  return deployment?.startedAtMs ?? Number.NEGATIVE_INFINITY;
}

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
