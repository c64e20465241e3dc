// The routing table: which listener, host and app id lead to which service, and the live pool of
// each. Built whole beside the one in force and never changed afterwards, so that a request sees all
// of a change or nothing of it.

import { isIP } from 'node:net';
import type {
  ColourSpec,
  ListenerSpec,
  PlanDelta,
  RouteSpec,
  ServerSpec,
  ServiceSpec,
} from '../plan/plan.ts';
import type { Arrangement, Pool } from './pool.ts';

/** One colour with the servers it has in this table. */
export interface Colour extends Arrangement {
  readonly pool: Pool;
  readonly sendProxy: ColourSpec['sendProxy'];
}

export interface Service {
  readonly key: string;
  readonly servicePort: number;
  readonly mode: ServiceSpec['mode'];
  /** Null when no colour is live. */
  readonly live: Colour | null;
  readonly colours: readonly Colour[];
  readonly routes: readonly RouteSpec[];
  /** Some colour leads clients back by a cookie of ours, which no server is to see. */
  readonly sticky: boolean;
}

export interface Table {
  readonly epoch: number;
  readonly listeners: ReadonlyMap<string, ListenerSpec>;
  readonly services: ReadonlyMap<string, Service>;
  /** By lower-cased host name; services of mode http only. */
  readonly hosts: ReadonlyMap<string, Service>;
  /** By lower-cased app id; services of mode http only. */
  readonly apps: ReadonlyMap<string, Service>;
}

export const EMPTY_TABLE: Table = {
  epoch: 0,
  listeners: new Map(),
  services: new Map(),
  hosts: new Map(),
  apps: new Map(),
};

/** Gives the pool of a colour: the one known already, or a new one. */
export type PoolMaker = (service: ServiceSpec, colour: ColourSpec) => Pool;

/** The table after `delta`. `before` stays as it is. */
export function nextTable(
  before: Table,
  epoch: number,
  delta: PlanDelta,
  makePool: PoolMaker,
): Table {
  const listeners = new Map(before.listeners);
  for (const key of delta.removedListeners) listeners.delete(key);
  for (const listener of delta.listeners) listeners.set(listener.key, listener);
  const services = new Map(before.services);
  for (const key of delta.removedServices) services.delete(key);
  for (const spec of delta.services) services.set(spec.key, makeService(spec, makePool));
  const unchanged = delta.services.length === 0 && delta.removedServices.length === 0;
  const { hosts, apps } = unchanged ? before : index(services);
  return { epoch, listeners, services, hosts, apps };
}

function makeService(spec: ServiceSpec, makePool: PoolMaker): Service {
  let live: Colour | null = null;
  const colours = spec.colours.map((colour) => {
    const made = makeColour(makePool(spec, colour), colour);
    if (colour.appId === spec.live) live = made;
    return made;
  });
  const { key, servicePort, mode, routes } = spec;
  const sticky = mode === 'http' && colours.some(({ balancing }) => balancing.sticky);
  return { key, servicePort, mode, live, colours, routes, sticky };
}

function makeColour(pool: Pool, spec: ColourSpec): Colour {
  const specs = spec.servers.filter(isDialable);
  const servers = specs.map((server) => pool.serverOf(server));
  return { pool, servers, specs, balancing: spec.balancing, sendProxy: spec.sendProxy };
}

/**
 * True if a server can be connected to. Anything else is passed over: it would throw in the connect,
 * or (an empty address) lead to this very machine.
 */
export function isDialable({ address, port }: ServerSpec): boolean {
  return isIP(address) !== 0 && Number.isInteger(port) && port > 0 && port < 65_536;
}

/** Where two services want one name, the lower service port has it, as in Marathon-LB's order. */
function index(services: ReadonlyMap<string, Service>) {
  const hosts = new Map<string, Service>();
  const apps = new Map<string, Service>();
  const ordered = [...services.values()]
    .filter((service) => service.mode === 'http')
    .sort((a, b) => a.servicePort - b.servicePort || (a.key < b.key ? -1 : 1));
  for (const service of ordered) {
    for (const host of service.routes.flatMap((route) => route.hosts)) {
      if (!hosts.has(host)) hosts.set(host, service);
    }
    for (const { pool } of service.colours) {
      const app = pool.appId.toLowerCase();
      if (!apps.has(app)) apps.set(app, service);
    }
  }
  return { hosts, apps };
}

/** Whose rows the traffic of a service is: the live pool's, else the first one's; null = nobody's. */
export function poolOf(service: Service | null): Pool | null {
  return service?.live?.pool ?? service?.colours[0]?.pool ?? null;
}

/** The service a request is for; null = none. `name` is its host name, on the https listener its SNI. */
export function route(
  table: Table,
  listenerKey: string,
  name: string,
  appId: string,
): Service | null {
  const listener = table.listeners.get(listenerKey);
  if (listener === undefined) return null;
  switch (listener.kind) {
    case 'service':
      return (listener.serviceKey && table.services.get(listener.serviceKey)) || null;
    case 'appid':
      return table.apps.get(appId.toLowerCase()) ?? null;
    default:
      return table.hosts.get(name) ?? null;
  }
}
