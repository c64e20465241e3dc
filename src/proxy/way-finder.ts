// Where requests would go by a whole plan, found by the data plane's own index; it serves nothing.

import type { FoundWay, RouteFacts, WayFinder } from '../plan/explanation.ts';
import type { Plan } from '../plan/plan.ts';
import { RouteIndex } from './route-index.ts';
import { type HostWay, indexWays } from './way-index.ts';

export function wayFinder({ listeners, services }: Plan): WayFinder {
  const { routes, apps, ways } = indexWays(services, ({ colours }) => colours[0]?.appId ?? '');
  const direct = (key: string | null | undefined): FoundWay | null =>
    services.some((service) => service.key === key)
      ? { service: key as string, user: null, redirectsToHttps: false, route: null }
      : null;
  return {
    find(listenerKey, name, appId, target) {
      const listener = listeners.find(({ key }) => key === listenerKey);
      switch (listener?.kind) {
        case 'http':
        case 'https':
          return foundBy(routes.find(name, target));
        case 'appid':
          return direct(apps.get(appId.toLowerCase()));
        default:
          return direct(listener?.serviceKey);
      }
    },
    near(name, target) {
      return ways
        .filter((way) => new RouteIndex([{ ...way, paths: [] }]).find(name, target) !== null)
        .map((way) => ({
          route: factsOf(way),
          fits: new RouteIndex([way]).find(name, target) !== null,
        }));
    },
  };
}

function foundBy(way: HostWay | null): FoundWay | null {
  if (way === null) return null;
  const { serviceKey: service, auth, redirectsToHttps } = way;
  return { service, user: auth?.user ?? null, redirectsToHttps, route: factsOf(way) };
}

function factsOf({ serviceKey: service, appId, hosts, paths, weight }: HostWay): RouteFacts {
  return { service, appId, hosts, paths, weight };
}
