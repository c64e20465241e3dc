// Apps and tasks as known now → what each app asks for. Pure.

import type { MarathonApp } from '../marathon/app.ts';
import type { Claim } from './claim.ts';
import type { Problem } from './problem.ts';

export interface CatalogueOptions {
  /** Groups this balancer serves (`--group`); `*` = every app. */
  readonly groups: readonly string[];
  /** Only tasks that Marathon reports alive are usable (`--health-check`). */
  readonly healthCheck: boolean;
  /** Host name → IP; hosts not in it are not resolved (yet). */
  readonly addresses: ReadonlyMap<string, string>;
}

export interface Catalogue {
  /** Sorted by (appId, servicePort). */
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

export function makeCatalogue(
  _apps: readonly MarathonApp[],
  _options: CatalogueOptions,
): Catalogue {
  return { claims: [], problems: [] };
}
