// Orders that move requests from colour to colour. Pure.

import type { OrderRefused, OrderRequest } from '../admin/order-request.ts';
import {
  amend,
  direct,
  forgive,
  type Orders,
  ordersOf,
  refuse,
  type Share,
} from '../colour/orders.ts';
import { findColour } from '../plan/find-service.ts';
import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import {
  colourNames,
  named,
  type Ruled,
  refusal,
  type Situation,
  serversOf,
  signed,
} from './order-terms.ts';

export function cutOver(
  request: OrderRequest,
  service: ServiceSpec,
  situation: Situation,
): Ruled | OrderRefused {
  const colour = request.colour === '' ? obviousColour(service) : named(service, request.colour);
  if ('code' in colour) return colour;
  const what = `cannot cut over ${service.key} to ${colour.appId}`;
  if (colour.servers.length === 0) {
    return refusal('not_ready', `${what}: ${serversOf(colour)}; wait until it has, or scale it up`);
  }
  if (!colour.ready && !request.force) {
    return refusal(
      'not_ready',
      `${what}: ${serversOf(colour)}, or a deployment runs on it; wait, or order it with "force": true`,
    );
  }
  return pinned(request, service, colour, situation);
}

export function rollBack(
  request: OrderRequest,
  service: ServiceSpec,
  situation: Situation,
): Ruled | OrderRefused {
  const { key, live } = service;
  const before = request.colour === '' ? situation.livedBefore(key) : request.colour;
  if (before === null) {
    return refusal(
      'no_such_colour',
      `cannot roll back ${key}: nothing was live before ${live ?? 'now'}; name a colour, there are ${colourNames(service)}`,
    );
  }
  const colour = findColour(service, before);
  if (colour === undefined) {
    return refusal(
      'not_warm',
      `cannot roll back ${key}: ${before} is not in Marathon any more; deploy it again, or cut over to one of ${colourNames(service)}`,
    );
  }
  if (colour.servers.length === 0) {
    return refusal(
      'not_warm',
      `cannot roll back ${key} to ${colour.appId}: ${serversOf(colour)}; scale it up in Marathon, then roll back`,
    );
  }
  const ruled = pinned(request, service, colour, situation);
  const left = service.colours.find(({ appId }) => appId === live);
  if (left === undefined || left === colour) return ruled;
  // Released later, the rollback still holds until there is another version.
  const { appId, version } = left;
  const orders = refuse(ruled.orders, key, {
    ...signed(request, situation.nowMs),
    appId,
    version,
  });
  return { ...ruled, orders };
}

function pinned(
  request: OrderRequest,
  service: ServiceSpec,
  colour: ColourSpec,
  { orders, nowMs }: Situation,
): Ruled {
  const { appId } = colour;
  const { key } = service;
  const pin = { ...signed(request, nowMs), appId };
  const directed = direct(forgive(orders, key, colour), key, { pin });
  return { orders: withDrain(directed, request, service, appId), service, target: appId };
}

/** The colour that leaves drains as ordered; the one that comes, as its labels say. */
function withDrain(
  orders: Orders,
  { seconds }: OrderRequest,
  { key, live }: ServiceSpec,
  target: string,
): Orders {
  const { [target]: _, ...others } = ordersOf(orders, key).drainMs;
  const leaves = seconds !== null && live !== null && live !== target;
  const drainMs = leaves ? { ...others, [live]: Math.max(1, seconds * 1_000) } : others;
  return amend(orders, key, { drainMs });
}

export function split(
  request: OrderRequest,
  service: ServiceSpec,
  { orders, nowMs }: Situation,
): Ruled | OrderRefused {
  const shares: Share[] = [];
  for (const [name, percent] of Object.entries(request.shares)) {
    const colour = named(service, name);
    if ('code' in colour) return colour;
    if (percent === 0) continue;
    if (colour.servers.length === 0) {
      return refusal(
        'not_ready',
        `cannot give ${colour.appId} a share of ${service.key}: ${serversOf(colour)}; wait until it has`,
      );
    }
    shares.push({ appId: colour.appId, percent });
  }
  const sum = shares.reduce((total, { percent }) => total + percent, 0);
  const isTwice = new Set(shares.map(({ appId }) => appId)).size < shares.length;
  if (sum !== 100 || isTwice) {
    return refusal(
      'bad_shares',
      `cannot split ${service.key}: the shares are ${sum} together; expected each colour once and 100`,
    );
  }
  return {
    orders: direct(orders, service.key, { split: { ...signed(request, nowMs), shares } }),
    service,
    target: null,
  };
}

/** The only other one, else the newest that is ready. */
function obviousColour({ key, colours, live }: ServiceSpec): ColourSpec | OrderRefused {
  const others = colours.filter(({ appId }) => appId !== live);
  const ready = others
    .filter((colour) => colour.ready)
    .sort((a, b) => b.lastConfigChangeAtMs - a.lastConfigChangeAtMs);
  const colour = others.length === 1 ? others[0] : ready[0];
  if (colour !== undefined) return colour;
  return others.length === 0
    ? refusal('no_such_colour', `${key} has no other colour than ${live}; deploy one first`)
    : refusal('not_ready', `no other colour of ${key} is ready; name one, or wait`);
}
