// What of the balancer's own options decides on what is made of the apps.

import type { CandidateRules } from './candidates.ts';

/** What decides on the reading of labels. */
export interface LabelOptions {
  /** Ports are served only where ENABLED says so (`--strict-mode`). */
  readonly strictMode: boolean;
  /** Hosts without path and auth are looked up after all other rules (`--haproxy-map`). */
  readonly hostMap: boolean;
  /**
   * Directives of HAProxy for all apps, by the template's name without `HAPROXY_`; an app's label of
   * that name wins.
   */
  readonly templates: ReadonlyMap<string, string>;
}

export interface CatalogueOptions extends CandidateRules, LabelOptions {
  /** Groups this balancer serves (`--group`); `*` = every app. */
  readonly groups: readonly string[];
  /** Service ports given to ports of container networking that have none; null = they are not served. */
  readonly autoServicePorts: PortRange | null;
  /** The balancer's own app, which it does not serve (FRAMEWORK_NAME): its id without the first slash; empty = none. */
  readonly ownAppName: string;
}

/** Both ends included. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}
