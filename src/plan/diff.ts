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

/** Both are sorted by key: one walk, and what is the same object is not looked into. */
function changed<T extends { readonly key: string }>(before: readonly T[], after: readonly T[]) {
  const present: T[] = [];
  const gone: string[] = [];
  let place = 0;
  for (const one of after) {
    let was = before[place];
    while (was !== undefined && was !== one && was.key < one.key) {
      gone.push(was.key);
      place += 1;
      was = before[place];
    }
    if (was === one) {
      place += 1;
      continue;
    }
    const known = was?.key === one.key ? was : undefined;
    if (known !== undefined) place += 1;
    if (!isDeepStrictEqual(known, one)) present.push(one);
  }
  for (const was of before.slice(place)) gone.push(was.key);
  return { present, gone };
}
