// Which service a request is for where a listener leads to many: by host and path, or by app id. Only
// services of mode http can be found so.

import type { AuthSpec, RouteSpec, ServiceSpec } from '../plan/plan.ts';
import { RouteIndex, type RouteKey } from './route-index.ts';

/** A way for requests to a service. */
export interface Way {
  readonly serviceKey: string;
  /** Who is asked for a password on this way; null = nobody. */
  readonly auth: AuthSpec | null;
  /** Requests that are not encrypted are sent to https instead. */
  readonly redirectsToHttps: boolean;
}

/** A way from the http and https listeners. */
export interface HostWay extends Way, RouteKey {}

export interface WayIndex {
  /** By host and path. */
  readonly routes: RouteIndex<HostWay>;
  /** Service keys by lower-cased app id. */
  readonly apps: ReadonlyMap<string, string>;
  /** All that `routes` holds. */
  readonly ways: readonly HostWay[];
}

/** What of a service its ways depend on. */
export interface Reachable {
  readonly key: string;
  readonly servicePort: number;
  readonly mode: ServiceSpec['mode'];
  readonly routes: readonly RouteSpec[];
  /** App ids that lead here from the app id listener. */
  readonly appIds: readonly string[];
}

/** `firstAppId`: the first colour's id, not the live one's, so that a cut-over changes no order. */
export function indexWays<T extends Reachable>(
  services: Iterable<T>,
  firstAppId: (service: T) => string,
): WayIndex {
  const apps = new Map<string, string>();
  const ways: HostWay[] = [];
  const ordered = [...services]
    .filter(({ mode }) => mode === 'http')
    .sort((a, b) => a.servicePort - b.servicePort || (a.key < b.key ? -1 : 1));
  for (const service of ordered) {
    const { key: serviceKey, servicePort } = service;
    const appId = firstAppId(service);
    for (const id of service.appIds) apps.set(id.toLowerCase(), serviceKey);
    for (const spec of service.routes) ways.push({ ...spec, appId, servicePort, serviceKey });
  }
  return { routes: new RouteIndex(ways), apps, ways };
}
