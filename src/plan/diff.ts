// What changed between two plans: the only thing workers are sent.

import { isDeepStrictEqual } from 'node:util';
import { listChanges } from '../catalogue/list-changes.ts';
import type { Plan, PlanDelta } from './plan.ts';

/** The difference from `before` to `after`; a service or listener that changed is there whole. */
export function diffPlans(before: Plan, after: Plan): PlanDelta {
  const listeners = changed(before.listeners, after.listeners);
  const services = changed(before.services, after.services);
  return {
    listeners: listeners.present,
    removedListeners: listeners.gone,
    services: services.present,
    removedServices: services.gone,
  };
}

export function isEmptyDelta(delta: PlanDelta): boolean {
  return (
    delta.listeners.length === 0 &&
    delta.removedListeners.length === 0 &&
    delta.services.length === 0 &&
    delta.removedServices.length === 0
  );
}

/** What is the same object is not looked into. Both in the order of their lists. */
function changed<T extends { readonly key: string }>(before: readonly T[], after: readonly T[]) {
  const { removed, added } = listChanges(before, after);
  const known = new Map(removed.map((one) => [one.key, one]));
  const present: T[] = [];
  for (const one of added) {
    if (!isDeepStrictEqual(known.get(one.key), one)) present.push(one);
    known.delete(one.key);
  }
  return { present, gone: [...known.keys()] };
}
