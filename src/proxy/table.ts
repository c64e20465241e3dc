// The routing table: which listener, host and app id lead to which service, and the live pool of
// each. Built whole beside the one in force and never changed afterwards, so that a request sees all
// of a change or nothing of it.

import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type {
  AccessWish,
  ColourSpec,
  ListenerSpec,
  PlanDelta,
  RouteSpec,
  ServerSpec,
  ServiceSpec,
} from '../plan/plan.ts';
import type { Policy } from './policy/policy.ts';
import type { Arrangement, Pool } from './pool.ts';
import { RouteIndex } from './route-index.ts';
import { Split } from './split.ts';
import { indexWays, type Way, type WayIndex } from './way-index.ts';

/** One colour with the servers it has in this table. */
export interface Colour extends Arrangement {
  readonly pool: Pool;
  readonly sendProxy: ColourSpec['sendProxy'];
  /** 0 = as the settings say. */
  readonly drainMs: number;
  /** Null = as the settings say. */
  readonly accessLog: AccessWish | null;
  /** Null = its requests are only relayed. */
  readonly policy: Policy | null;
}

export type { Way } from './way-index.ts';

export interface Service {
  readonly key: string;
  readonly servicePort: number;
  readonly mode: ServiceSpec['mode'];
  /** Null when no colour is live. */
  readonly live: Colour | null;
  readonly colours: readonly Colour[];
  /** Null = all requests are for the live colour. */
  readonly split: Split | null;
  /** Colours of the split's shares, in its order. */
  readonly shares: readonly Colour[];
  /** By its own port, or by an app id. */
  readonly entrance: Way;
  readonly routes: readonly RouteSpec[];
  /** App ids that lead here from the app id listener. */
  readonly appIds: readonly string[];
  /** Some colour leads clients back by a cookie of ours, which no server is to see. */
  readonly sticky: boolean;
}

export interface Table {
  readonly epoch: number;
  readonly listeners: ReadonlyMap<string, ListenerSpec>;
  readonly services: ReadonlyMap<string, Service>;
  readonly routes: WayIndex['routes'];
  readonly apps: WayIndex['apps'];
}

export const EMPTY_TABLE: Table = {
  epoch: 0,
  listeners: new Map(),
  services: new Map(),
  routes: new RouteIndex([]),
  apps: new Map(),
};

/** Gives what outlives tables: the one known already, or a new one. */
export interface TableParts {
  poolOf(service: ServiceSpec, colour: ColourSpec): Pool;
  /** `before` is the colour's policy in the table before. */
  policyOf(colour: ColourSpec, before: Policy | null): Policy | null;
}

/** The table after `delta`. `before` stays as it is. */
export function nextTable(
  before: Table,
  epoch: number,
  delta: PlanDelta,
  parts: TableParts,
): Table {
  const listeners = nextListeners(before.listeners, delta);
  const services = new Map(before.services);
  for (const key of delta.removedServices) services.delete(key);
  for (const spec of delta.services) {
    services.set(spec.key, makeService(spec, before.services.get(spec.key) ?? null, parts));
  }
  const touched = [...delta.removedServices, ...delta.services.map(({ key }) => key)];
  const { routes, apps } = touched.some((key) =>
    isFoundElsewise(before.services.get(key), services.get(key)),
  )
    ? indexWays(services.values(), firstAppIdOf)
    : before;
  return { epoch, listeners, services, routes, apps };
}

/** Most changes leave all listeners as they are: the map is kept then. */
function nextListeners(before: Table['listeners'], delta: PlanDelta): Table['listeners'] {
  if (delta.listeners.length === 0 && delta.removedListeners.length === 0) return before;
  const listeners = new Map(before);
  for (const key of delta.removedListeners) listeners.delete(key);
  for (const listener of delta.listeners) listeners.set(listener.key, listener);
  return listeners;
}

function makeService(spec: ServiceSpec, before: Service | null, parts: TableParts): Service {
  let live: Colour | null = null;
  const colours = spec.colours.map((colour) => {
    const same = before?.colours.find(({ pool }) => pool.appId === colour.appId);
    const policy = parts.policyOf(colour, same?.policy ?? null);
    const made = makeColour(parts.poolOf(spec, colour), colour, policy);
    if (colour.appId === spec.live) live = made;
    return made;
  });
  const { key, servicePort, mode, routes, appIds } = spec;
  const sticky = mode === 'http' && colours.some(({ balancing }) => balancing.sticky);
  const entrance = { serviceKey: key, auth: null, redirectsToHttps: false };
  const shared = shareOut(spec, colours, before?.split ?? null);
  return { key, servicePort, mode, live, colours, ...shared, entrance, routes, appIds, sticky };
}

/** A split goes on where it was while nothing of it changes. */
function shareOut(
  { shares, live }: ServiceSpec,
  colours: readonly Colour[],
  before: Split | null,
): Pick<Service, 'split' | 'shares'> {
  const given = shares.filter(
    ({ appId, percent }) => percent > 0 && colours.some(({ pool }) => pool.appId === appId),
  );
  if (given.every(({ appId }) => appId === live)) return { split: null, shares: [] };
  return {
    split: isDeepStrictEqual(before?.shares, given) ? before : new Split(given),
    shares: given.map(({ appId }) => colours.find(({ pool }) => pool.appId === appId) as Colour),
  };
}

function makeColour(pool: Pool, spec: ColourSpec, policy: Policy | null): Colour {
  const specs = spec.servers.filter(isDialable);
  const servers = specs.map((server) => pool.serverOf(server));
  const { balancing, sendProxy, drainMs, accessLog = null } = spec;
  return { pool, servers, specs, balancing, drainMs, accessLog, sendProxy, policy };
}

/**
 * True if a server can be connected to. Anything else is passed over: it would throw in the connect,
 * or (an empty address) lead to this very machine.
 */
export function isDialable({ address, port }: ServerSpec): boolean {
  return isIP(address) !== 0 && Number.isInteger(port) && port > 0 && port < 65_536;
}

/** Most changes are of servers and leave all ways as they are: the index is kept then. */
function isFoundElsewise(before: Service | undefined, after: Service | undefined): boolean {
  return !isDeepStrictEqual(before && findingOf(before), after && findingOf(after));
}

function findingOf({ servicePort, mode, routes, appIds, colours }: Service) {
  return { servicePort, mode, routes, appIds, first: colours[0]?.pool.appId };
}

function firstAppIdOf({ colours }: Service): string {
  return colours[0]?.pool.appId ?? '';
}

/** Whose rows the traffic of a service is: the live pool's, else the first one's; null = nobody's. */
export function poolOf(service: Service | null): Pool | null {
  return service?.live?.pool ?? service?.colours[0]?.pool ?? null;
}

/** The service that all connections of a listener are for; null = each request tells its own. */
export function serviceOf({ listeners, services }: Table, listenerKey: string): Service | null {
  return services.get(listeners.get(listenerKey)?.serviceKey ?? '') ?? null;
}

/** The service that a way leads to. */
export function serviceAt({ services }: Table, way: Way | null): Service | null {
  return way === null ? null : (services.get(way.serviceKey) ?? null);
}

/**
 * The way a request takes; null = there is none. `name` is its host name, on the https listener its
 * SNI; `target` comes with its query.
 */
export function route(
  table: Table,
  listenerKey: string,
  name: string,
  appId: string,
  target: string,
): Way | null {
  switch (table.listeners.get(listenerKey)?.kind) {
    case 'http':
    case 'https':
      return table.routes.find(name, target);
    case 'appid': {
      const key = table.apps.get(appId.toLowerCase());
      return (key && table.services.get(key)?.entrance) || null;
    }
    default:
      return serviceOf(table, listenerKey)?.entrance ?? null;
  }
}
