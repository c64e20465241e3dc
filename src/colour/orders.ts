// What operators have ordered, as data: pins, splits, server states, refused versions and a freeze.
// Pure; every change is a new object, and services that were not meant keep theirs, so that a plan is
// made anew only where an order changed.

/** Who ordered something, and why. */
export interface Signed {
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

/** This colour is live as long as it has a usable server. */
export interface Pin extends Signed {
  readonly appId: string;
}

export interface Share {
  readonly appId: string;
  /** Of the service's requests; the shares of a service are 100 together. */
  readonly percent: number;
}

export interface Split extends Signed {
  readonly shares: readonly Share[];
}

/** A version that failed: it is not made live automatically again. */
export interface RefusedVersion extends Signed {
  readonly appId: string;
  readonly version: string;
}

export type ServerOrder = 'drain' | 'maint';

export interface ServiceOrders {
  readonly pin: Pin | null;
  readonly split: Split | null;
  /** By `pxname/svname`. */
  readonly servers: Readonly<Record<string, ServerOrder>>;
  /** Oldest first. */
  readonly refused: readonly RefusedVersion[];
  /** By app id: how long what is in flight may go on, where an order says so. */
  readonly drainMs: Readonly<Record<string, number>>;
}

/** Nothing changes hands by itself, and no order moves traffic, until then. */
export interface Freeze extends Signed {
  readonly untilMs: number;
}

export interface Orders {
  /** Grows with every change. */
  readonly revision: number;
  /** By service key; services without orders are absent. */
  readonly services: Readonly<Record<string, ServiceOrders>>;
  readonly freeze: Freeze | null;
}

export const NO_SERVICE_ORDERS: ServiceOrders = Object.freeze({
  pin: null,
  split: null,
  servers: Object.freeze({}),
  refused: Object.freeze([]),
  drainMs: Object.freeze({}),
});

export const NO_ORDERS: Orders = Object.freeze({
  revision: 0,
  services: Object.freeze({}),
  freeze: null,
});

/** A service remembers no more versions than these, the latest. */
const MAX_REFUSED = 20;
/** Services with orders that no app asks for any more; past it their orders are forgotten. */
const MAX_ABSENT = 1_000;

export function ordersOf({ services }: Orders, key: string): ServiceOrders {
  return Object.hasOwn(services, key) ? (services[key] as ServiceOrders) : NO_SERVICE_ORDERS;
}

/** The orders with some of one service's replaced. */
export function amend(orders: Orders, key: string, changes: Partial<ServiceOrders>): Orders {
  const { [key]: _, ...others } = orders.services;
  const amended = { ...ordersOf(orders, key), ...changes };
  const services = isEmpty(amended) ? others : { ...others, [key]: amended };
  return { ...orders, revision: orders.revision + 1, services };
}

export function freeze(orders: Orders, until: Freeze | null): Orders {
  return { ...orders, revision: orders.revision + 1, freeze: until };
}

export function isFrozen({ freeze: until }: Orders, nowMs: number): boolean {
  return until !== null && nowMs < until.untilMs;
}

/** The pin or split that decides for a service makes way for another one, or for none. */
export function direct(
  orders: Orders,
  key: string,
  way: { readonly pin: Pin } | { readonly split: Split } | null,
): Orders {
  return amend(orders, key, { pin: null, split: null, ...way });
}

export function isRefused(
  { refused }: ServiceOrders,
  colour: { readonly appId: string; readonly version: string },
): boolean {
  return refused.some((one) => one.appId === colour.appId && one.version === colour.version);
}

export function refuse(orders: Orders, key: string, version: RefusedVersion): Orders {
  const refused = forgiven(ordersOf(orders, key).refused, version);
  return amend(orders, key, { refused: [...refused, version].slice(-MAX_REFUSED) });
}

/** An operator tries a version again. */
export function forgive(
  orders: Orders,
  key: string,
  version: { readonly appId: string; readonly version: string },
): Orders {
  const before = ordersOf(orders, key);
  if (!isRefused(before, version)) return orders;
  return amend(orders, key, { refused: forgiven(before.refused, version) });
}

function forgiven(
  refused: readonly RefusedVersion[],
  { appId, version }: { readonly appId: string; readonly version: string },
): readonly RefusedVersion[] {
  return refused.filter((one) => one.appId !== appId || one.version !== version);
}

/** `ready` takes an order back. Names are `pxname/svname`. */
export function orderServers(
  orders: Orders,
  key: string,
  changes: ReadonlyMap<string, ServerOrder | 'ready'>,
): Orders {
  const servers = new Map(Object.entries(ordersOf(orders, key).servers));
  for (const [name, order] of changes) {
    if (order === 'ready') servers.delete(name);
    else servers.set(name, order);
  }
  return amend(orders, key, { servers: Object.fromEntries(servers) });
}

/** What there is of a service now, as far as orders can be about it. */
export interface Present {
  readonly key: string;
  readonly live: string | null;
  readonly colours: readonly {
    readonly appId: string;
    readonly name: string;
    readonly servers: readonly { readonly name: string }[];
    readonly others: readonly { readonly name: string }[];
  }[];
}

/**
 * Forgets orders about servers and colours that are gone: Mesos gives their ports, and so their names,
 * to others. Services that are absent altogether keep theirs, an app may be made anew. The same object
 * when there is nothing to forget.
 */
export function forget(orders: Orders, present: readonly Present[]): Orders {
  const ordered = Object.keys(orders.services);
  if (ordered.length === 0) return orders;
  const byKey = new Map(present.map((service) => [service.key, service]));
  let pruned = orders;
  for (const key of ordered) {
    const service = byKey.get(key);
    if (service !== undefined) pruned = forgetIn(pruned, service);
  }
  const absent = Object.keys(pruned.services).filter((key) => !byKey.has(key));
  for (const key of absent.slice(0, Math.max(0, absent.length - MAX_ABSENT))) {
    pruned = amend(pruned, key, NO_SERVICE_ORDERS);
  }
  return pruned;
}

function forgetIn(orders: Orders, { key, live, colours }: Present): Orders {
  const { servers, drainMs } = ordersOf(orders, key);
  const names = new Set(
    colours.flatMap(({ name, servers: usable, others }) =>
      [...usable, ...others].map((server) => `${name}/${server.name}`),
    ),
  );
  const keptServers = Object.entries(servers).filter(([name]) => names.has(name));
  const keptDrains = Object.entries(drainMs).filter(
    ([appId]) => appId !== live && colours.some((colour) => colour.appId === appId),
  );
  const isWhole =
    keptServers.length === Object.keys(servers).length &&
    keptDrains.length === Object.keys(drainMs).length;
  if (isWhole) return orders;
  return amend(orders, key, {
    servers: Object.fromEntries(keptServers),
    drainMs: Object.fromEntries(keptDrains),
  });
}

function isEmpty({ pin, split, servers, refused, drainMs }: ServiceOrders): boolean {
  return (
    pin === null &&
    split === null &&
    refused.length === 0 &&
    Object.keys(servers).length === 0 &&
    Object.keys(drainMs).length === 0
  );
}
