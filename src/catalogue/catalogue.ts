// Apps and tasks as known now → what each app asks for. Pure: equal apps give an equal catalogue,
// whatever order Marathon lists them in and whatever the cache remembers.

import type { MarathonApp } from '../marathon/app.ts';
import { type AppClaims, claimsOf } from './app-claims.ts';
import { CatalogueCache } from './catalogue-cache.ts';
import type { CatalogueOptions } from './catalogue-options.ts';
import type { Claim } from './claim.ts';
import type { Problem } from './problem.ts';
import { needsServicePorts, ServicePorts } from './service-ports.ts';
import { templateProblems } from './template-labels.ts';

export interface Catalogue {
  /** Sorted by (appId, servicePort). */
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

/**
 * An app that is the same object as in the last look with this cache costs next to nothing, and its
 * claims are the same objects. The options other than addresses and history must be the same objects,
 * too.
 */
export function makeCatalogue(
  apps: readonly MarathonApp[],
  options: CatalogueOptions,
  cache = new CatalogueCache(),
): Catalogue {
  const { groups, healthCheck, strictMode, hostMap, templates, checkHistory } = options;
  cache.begin(apps, options.addresses);
  const claims: Claim[] = [];
  const problems: Problem[] = [...templateProblems(templates)];
  for (const app of withServicePorts(others(apps, options), options, cache)) {
    const past = checkHistory?.get(app.id);
    const moves = cache.movesOf(app.id);
    const inputs = [app, past, moves, groups, healthCheck, strictMode, hostMap, templates];
    const made: AppClaims = cache.claims.get(app.id, inputs, () => claimsOf(app, options));
    claims.push(...made.claims);
    problems.push(...made.problems);
  }
  return { claims, problems };
}

/** Without the balancer's own app: it would lead to itself. */
function others(
  apps: readonly MarathonApp[],
  { ownAppName }: CatalogueOptions,
): readonly MarathonApp[] {
  return ownAppName === '' ? apps : apps.filter((app) => app.id !== `/${ownAppName}`);
}

/** Sorted by id. */
function withServicePorts(
  apps: readonly MarathonApp[],
  { autoServicePorts }: CatalogueOptions,
  cache: CatalogueCache,
): readonly MarathonApp[] {
  const sorted = cache.order.sort(apps, (app) => app.id);
  if (autoServicePorts === null) return sorted;
  const ports = new ServicePorts(autoServicePorts);
  return sorted.map((app) => {
    if (!needsServicePorts(app)) return app;
    const servicePorts = ports.assign(app);
    return cache.withPorts.get(app.id, [app, ...servicePorts], () => ({ ...app, servicePorts }));
  });
}
