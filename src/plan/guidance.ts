// What holds beside the claims when a plan is made: orders, and what was live before this process or
// before a service was gone for a while. Pure data.

import { NO_RULING, type Ruling } from '../colour/decide.ts';
import { NO_ORDERS, type Orders, ordersOf } from '../colour/orders.ts';
import type { ServiceSpec } from './plan.ts';

/** What was last decided for a service. */
export type Remembered = Pick<ServiceSpec, 'live' | 'liveSinceMs' | 'why' | 'rule'>;

export interface Guidance {
  readonly orders: Orders;
  /** No service changes hands without need. */
  readonly frozen: boolean;
  /** Services that somebody has a lease on: neither do these. */
  readonly leased: ReadonlySet<string>;
  /** By service key; heeded only where no plan says what is live. */
  readonly remembered: ReadonlyMap<string, Remembered>;
}

export const NO_GUIDANCE: Guidance = Object.freeze({
  orders: NO_ORDERS,
  frozen: false,
  leased: new Set<string>(),
  remembered: new Map<string, Remembered>(),
});

/** What of it is about one service. */
export interface ServiceGuidance {
  readonly ruling: Ruling;
  readonly remembered: Remembered | undefined;
}

export function guidanceFor(
  { orders, frozen, leased, remembered }: Guidance,
  key: string,
): ServiceGuidance {
  const own = ordersOf(orders, key);
  const held = frozen || leased.has(key);
  const ruling = !held && own === NO_RULING.orders ? NO_RULING : { orders: own, held };
  return { ruling, remembered: remembered.get(key) };
}

/** The services for which they say something else. */
export function changedGuidance(before: Guidance, after: Guidance): ReadonlySet<string> | 'all' {
  if (before === after) return new Set();
  if (before.frozen !== after.frozen) return 'all';
  const keys = new Set([
    ...Object.keys(before.orders.services),
    ...Object.keys(after.orders.services),
    ...before.leased,
    ...after.leased,
  ]);
  return new Set(
    [...keys].filter(
      (key) =>
        ordersOf(before.orders, key) !== ordersOf(after.orders, key) ||
        before.leased.has(key) !== after.leased.has(key),
    ),
  );
}
