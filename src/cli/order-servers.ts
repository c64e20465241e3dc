// Orders about colours that are not live, and about single servers. Pure.

import type { OrderRefused, OrderRequest } from '../admin/order-request.ts';
import { amend, orderServers, ordersOf } from '../colour/orders.ts';
import type { ServiceSpec } from '../plan/plan.ts';
import { named, type Ruled, refusal, type Situation } from './order-terms.ts';

/** From now on, whenever the colour stopped being live. */
export function drain(
  request: OrderRequest,
  service: ServiceSpec,
  { orders, nowMs }: Situation,
): Ruled | OrderRefused {
  const { key, live, shares, liveSinceMs } = service;
  const isServing = (appId: string) =>
    appId === live || shares.some((share) => share.appId === appId);
  let colours = service.colours.filter(({ appId }) => !isServing(appId));
  if (request.colour !== '') {
    const colour = named(service, request.colour);
    if ('code' in colour) return colour;
    if (isServing(colour.appId)) {
      return refusal(
        'live',
        `cannot drain ${colour.appId}: it is live on ${key}; cut over to another colour first`,
      );
    }
    colours = [colour];
  }
  const sinceMs = Math.max(0, nowMs - liveSinceMs);
  const ms = Math.max(1, sinceMs + (request.seconds ?? 0) * 1_000);
  const drains = Object.fromEntries(colours.map(({ appId }) => [appId, ms]));
  const drainMs = { ...ordersOf(orders, key).drainMs, ...drains };
  return { orders: amend(orders, key, { drainMs }), service, target: null };
}

export function orderedServers(
  request: OrderRequest,
  service: ServiceSpec,
  { orders }: Situation,
): Ruled | OrderRefused {
  let { colours } = service;
  if (request.colour !== '') {
    const colour = named(service, request.colour);
    if ('code' in colour) return colour;
    colours = [colour];
  }
  const changes = new Map<string, 'ready' | 'drain' | 'maint'>();
  for (const [name, state] of Object.entries(request.servers)) {
    const having = colours.filter(({ servers, others }) =>
      [...servers, ...others].some((server) => server.name === name),
    );
    if (having.length === 0) {
      return refusal('no_such_server', `no server '${name}' in ${service.key}; nothing is changed`);
    }
    for (const colour of having) changes.set(`${colour.name}/${name}`, state);
  }
  return { orders: orderServers(orders, service.key, changes), service, target: null };
}
