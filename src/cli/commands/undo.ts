// What puts a balancer back to what was in force before an order, where the order did not get through on
// all of them. Pure.

import type { Freeze, Orders, ServerOrder, ServiceOrders } from '../../colour/orders.ts';
import type { Order } from './admin-client.ts';

/** One balancer before the order. */
export interface Before {
  /** Service key; empty for an order about all services. */
  readonly service: string;
  /** App id; null = nothing was live. */
  readonly live: string | null;
  /** Null = it did not say. */
  readonly orders: Orders | null;
}

/** Orders that cannot be undone by what was live alone. */
const BY_ORDERS: readonly Order['order'][] = ['release', 'server', 'freeze', 'unfreeze'];

export function needsOrders({ order }: Order): boolean {
  return BY_ORDERS.includes(order);
}

/** Null = there is nothing that undoes it. */
export function undoOf(order: Order, before: Before, nowMs: number): Order | null {
  const { service, by = '' } = order;
  const why = `${order.order} put back: another balancer did not commit`;
  const signed = { ...(service === undefined ? {} : { service }), by, why };
  switch (order.order) {
    case 'freeze':
    case 'unfreeze':
      return before.orders && thaw(before.orders.freeze, signed, nowMs);
    case 'server': {
      const servers = before.orders && serversBefore(order, ownOrders(before));
      return servers && { ...signed, order: 'server', servers };
    }
    case 'drain':
      return null;
    default: {
      const split = order.order === 'release' ? ownOrders(before)?.split : undefined;
      if (split) {
        const shares = split.shares.map(({ appId, percent }) => [appId, percent]);
        return { ...signed, order: 'split', shares: Object.fromEntries(shares) };
      }
      return before.live === null
        ? { ...signed, order: 'release' }
        : { ...signed, order: 'cutover', colour: before.live, force: true };
    }
  }
}

function ownOrders({ orders, service }: Before): ServiceOrders | undefined {
  return orders === null ? undefined : orders.services[service];
}

function thaw(freeze: Freeze | null, signed: Omit<Order, 'order'>, nowMs: number): Order {
  const left = freeze === null ? 0 : freeze.untilMs - nowMs;
  return left > 0
    ? { ...signed, order: 'freeze', seconds: left / 1_000 }
    : { ...signed, order: 'unfreeze' };
}

/** Orders are kept by `pxname/svname`. */
function serversBefore(
  { servers = {} }: Order,
  own: ServiceOrders | undefined,
): Readonly<Record<string, ServerOrder | 'ready'>> {
  const held = Object.entries(own?.servers ?? {});
  const stateOf = (name: string): ServerOrder | 'ready' =>
    held.find(([full]) => full.endsWith(`/${name}`))?.[1] ?? 'ready';
  return Object.fromEntries(Object.keys(servers).map((name) => [name, stateOf(name)]));
}
