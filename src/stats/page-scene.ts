// What every part of the page looks things up in: the view with its pools by name, and which services
// are shown, in full or as one line. Made once for each rendering.

import type { ServiceSpec } from '../plan/plan.ts';
import { MOST_IN_FULL, type PageFilter } from './page-filter.ts';
import { type Hue, hueOf } from './page-hue.ts';
import type { MergedPool } from './tally.ts';
import type { View } from './view.ts';

/** Lines of folded services; a scope finds the rest. */
const MOST_FOLDED = 1_000;

export interface Scene {
  readonly view: View;
  readonly filter: PageFilter;
  /** Services with a colour whose name contains the scope. */
  readonly matching: number;
  /** Those with cards and tables. */
  readonly full: readonly ServiceSpec[];
  /** Those with one line each. */
  readonly folded: readonly ServiceSpec[];
  readonly poolOf: (service: string, appId: string) => MergedPool | undefined;
  readonly hueIn: (service: string, appId: string | null) => Hue;
}

export function makeScene(view: View, filter: PageFilter): Scene {
  const scope = filter.scope.toLowerCase();
  const matching = view.plan.services.filter((service) =>
    service.colours.some((colour) => colour.name.toLowerCase().includes(scope)),
  );
  const all = matching.length <= MOST_IN_FULL;
  const isFull = (service: ServiceSpec) => all || filter.open.includes(service.key);
  const pools = new Map(
    view.traffic.pools.map((pool) => [`${pool.service}\n${pool.appId}`, pool] as const),
  );
  const services = new Map(view.plan.services.map((service) => [service.key, service] as const));
  return {
    view,
    filter,
    matching: matching.length,
    full: matching.filter(isFull),
    folded: matching.filter((service) => !isFull(service)).slice(0, MOST_FOLDED),
    poolOf: (service, appId) => pools.get(`${service}\n${appId}`),
    hueIn: (key, appId) => {
      const colours = services.get(key)?.colours.map((colour) => colour.appId);
      return hueOf(appId, colours ?? (appId === null ? [] : [appId]));
    },
  };
}
