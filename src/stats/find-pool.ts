// One pool among those of a whole cluster.

import { compare } from './pool-tally.ts';
import type { Merged, MergedPool } from './tally.ts';

/** `pools` are sorted by service and app id. */
export function findPool(
  { pools }: Pick<Merged, 'pools'>,
  service: string,
  appId: string,
): MergedPool | undefined {
  let low = 0;
  let high = pools.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const pool = pools[middle] as MergedPool;
    const order = compare(pool.service, service) || compare(pool.appId, appId);
    if (order === 0) return pool;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
