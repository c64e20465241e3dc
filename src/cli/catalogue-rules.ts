// The balancer's options as the catalogue wants them: always the same objects, which its cache is
// compared by.

import type { CatalogueOptions } from '../catalogue/catalogue-options.ts';
import type { ServeOptions } from '../options/serve-options.ts';

export type CatalogueRules = Omit<CatalogueOptions, 'addresses' | 'checkHistory'>;

export function catalogueRules(
  options: ServeOptions,
  templates: ReadonlyMap<string, string>,
): CatalogueRules {
  const { groups, healthCheck, strictMode, hostMap, autoServicePorts, environment } = options;
  const { ownAppName } = environment;
  return { groups, healthCheck, strictMode, hostMap, autoServicePorts, templates, ownAppName };
}
