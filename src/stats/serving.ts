// Which servers of a plan get requests of their own accord.

import type { ServerSpec } from '../plan/plan.ts';

/** False: only a sticky cookie leads to it, or nothing at all. */
export function isServing({ admin, weight }: ServerSpec): boolean {
  return admin === 'ready' && weight > 0;
}
