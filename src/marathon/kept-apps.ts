// Apps that did not change keep their objects from one list to the next: everything made of them is
// kept by that. Pure.

import type { MarathonApp } from './app.ts';

/** `after`, with the objects of `before` wherever an app is the same in every field. */
export function keepEqualApps(
  before: readonly MarathonApp[],
  after: readonly MarathonApp[],
): readonly MarathonApp[] {
  const known = new Map(before.map((app) => [app.id, app]));
  return after.map((app) => {
    const was = known.get(app.id);
    return was !== undefined && isEqual(was, app) ? was : app;
  });
}

/** Of plain data as apps are made of: an order of magnitude faster than node:util's. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let place = 0; place < a.length; place += 1) {
      if (!isEqual(a[place], b[place])) return false;
    }
    return true;
  }
  const one = a as Readonly<Record<string, unknown>>;
  const other = b as Readonly<Record<string, unknown>>;
  let fields = 0;
  for (const name in one) {
    if (!Object.hasOwn(other, name) || !isEqual(one[name], other[name])) return false;
    fields += 1;
  }
  for (const _ in other) fields -= 1;
  return fields === 0 && !Array.isArray(b);
}
