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

const NOTHING: AppClaims = Object.freeze({ claims: [], problems: [] });

/**
 * An app that is the same object as in the last look with this cache costs next to nothing, and its
 * claims are the same objects. The history must be the one that follows the last look's, the other
 * options besides addresses the same objects.
 */
export function makeCatalogue(
  apps: readonly MarathonApp[],
  options: CatalogueOptions,
  cache = new CatalogueCache(),
): Catalogue {
  const moved = cache.begin(apps, options);
  const sorted = withServicePorts(cache.order.sort(apps), options, cache);
  const { claims, problems } = cache.apps.recall(sorted, moved, (app) =>
    isOwn(app, options) ? NOTHING : claimsOf(app, options),
  );
  return { claims, problems: [...templateProblems(options.templates), ...problems] };
}

/** The balancer's own app is not served: it would lead to itself. */
function isOwn({ id }: MarathonApp, { ownAppName }: CatalogueOptions): boolean {
  return ownAppName !== '' && id === `/${ownAppName}`;
}

/** In the order of `apps`, which are sorted by id. */
function withServicePorts(
  apps: readonly MarathonApp[],
  options: CatalogueOptions,
  cache: CatalogueCache,
): readonly MarathonApp[] {
  if (options.autoServicePorts === null || cache.portless.in(apps) === 0) return apps;
  const ports = new ServicePorts(options.autoServicePorts);
  return apps.map((app) => {
    if (!needsServicePorts(app) || isOwn(app, options)) return app;
    const servicePorts = ports.assign(app);
    return cache.withPorts.get(app.id, [app, ...servicePorts], () => ({ ...app, servicePorts }));
  });
}
