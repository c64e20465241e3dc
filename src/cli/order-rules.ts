// What an order makes of the orders in force, or why it cannot be carried out. Pure: nothing is changed
// here, and a refusal says what to do.

import type { OrderRefused, OrderRequest, RefusalCode } from '../admin/order-request.ts';
import {
  amend,
  direct,
  type Freeze,
  forgive,
  freeze,
  isFrozen,
  type Orders,
  orderServers,
  ordersOf,
  refuse,
  type Share,
  type Signed,
} from '../colour/orders.ts';
import { findColour, findService, lastSegment } from '../plan/find-service.ts';
import type { ColourSpec, Plan, ServiceSpec } from '../plan/plan.ts';

export interface Situation {
  readonly plan: Plan;
  readonly orders: Orders;
  readonly nowMs: number;
  /** App id that was live in a service before the present one; null = none is known. */
  readonly livedBefore: (serviceKey: string) => string | null;
}

export interface Ruled {
  readonly orders: Orders;
  /** Null for the freeze. */
  readonly service: ServiceSpec | null;
  /** What has to be live then; null = whatever the rules say. */
  readonly target: string | null;
}

const FREEZE_SECONDS = 3_600;

export function refusal(code: RefusalCode, error: string): OrderRefused {
  return { code, error };
}

/** Judges an order; leases and epochs are not looked at. */
export function rule(request: OrderRequest, situation: Situation): Ruled | OrderRefused {
  const { orders, nowMs, plan } = situation;
  if (request.order === 'freeze') {
    const untilMs = nowMs + (request.seconds ?? FREEZE_SECONDS) * 1_000;
    const until: Freeze = { ...signed(request, nowMs), untilMs };
    return { orders: freeze(orders, until), service: null, target: null };
  }
  if (request.order === 'unfreeze') {
    return { orders: freeze(orders, null), service: null, target: null };
  }
  const found = findService(plan, request.service);
  if ('fault' in found) return refusal('no_such_service', found.fault);
  if (MOVES.has(request.order) && isFrozen(orders, nowMs)) return frozen(orders);
  return RULES[request.order](request, found.service, situation);
}

/** What a freeze is against; the way back and what is about servers stay open. */
const MOVES: ReadonlySet<string> = new Set(['cutover', 'release', 'split']);

type Rule = (
  request: OrderRequest,
  service: ServiceSpec,
  situation: Situation,
) => Ruled | OrderRefused;

const unchanged: Rule = (_, service, { orders }) => ({ orders, service, target: null });

const RULES: Readonly<Record<Exclude<OrderRequest['order'], 'freeze' | 'unfreeze'>, Rule>> = {
  cutover: cutOver,
  rollback: rollBack,
  release: (_, service, { orders }) => ({
    orders: direct(orders, service.key, null),
    service,
    target: null,
  }),
  split,
  drain,
  server: orderedServers,
  lease: unchanged,
  unlease: unchanged,
};

function cutOver(
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

function rollBack(
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

function split(
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

/** From now on, whenever the colour stopped being live. */
function drain(
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

function orderedServers(
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

function named(service: ServiceSpec, name: string): ColourSpec | OrderRefused {
  return (
    findColour(service, name) ??
    refusal(
      'no_such_colour',
      `no colour '${name}' in ${service.key}; expected one of ${colourNames(service)}`,
    )
  );
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

function serversOf({ appId, servers, instances }: ColourSpec): string {
  return servers.length === 0
    ? `${appId} has no usable server`
    : `${servers.length} of ${instances} servers of ${appId} are ready`;
}

function colourNames({ colours }: ServiceSpec): string {
  return colours.map(({ appId }) => `${lastSegment(appId)} (${appId})`).join(', ');
}

function frozen({ freeze: until }: Orders): OrderRefused {
  const end = new Date(until?.untilMs ?? 0).toISOString();
  const why = until?.why ? ` (${until.why})` : '';
  return refusal(
    'frozen',
    `changes are frozen by ${until?.by} until ${end}${why}; wait, roll back, or unfreeze`,
  );
}

function signed({ by, why }: OrderRequest, atMs: number): Signed {
  return { by, why, atMs };
}
