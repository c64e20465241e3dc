// What changed between two plans: the only thing workers are sent.

import { isDeepStrictEqual } from 'node:util';
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

function changed<T extends { readonly key: string }>(before: readonly T[], after: readonly T[]) {
  const old = new Map(before.map((one) => [one.key, one]));
  const present: T[] = [];
  for (const one of after) {
    const was = old.get(one.key);
    old.delete(one.key);
    if (was !== one && !isDeepStrictEqual(was, one)) present.push(one);
  }
  return { present, gone: [...old.keys()] };
}
