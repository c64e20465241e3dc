// Marathon's own JSON → what Teal plans for it, without any I/O: for the rows of the contract that are
// about what is asked for.

import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import type { CatalogueOptions } from '../../src/catalogue/catalogue-options.ts';
import type { Problem } from '../../src/catalogue/problem.ts';
import { joinGroups } from '../../src/colour/deployment-groups.ts';
import { readApps } from '../../src/marathon/read-apps.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import { rawApp } from '../scenario/raw-apps.ts';

const CATALOGUE: CatalogueOptions = {
  groups: ['external'],
  healthCheck: true,
  addresses: new Map(),
  strictMode: false,
  hostMap: false,
  templates: new Map(),
  autoServicePorts: null,
  ownAppName: '',
};

const PLAN = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  statsPort: 9090,
  acceptProxy: false,
  groupHttpsByVhost: false,
};

export interface Outcome extends Plan {
  readonly problems: readonly Problem[];
}

/** `raw`: apps as `/v2/apps` has them. */
export function planOf(raw: readonly object[], options: Partial<CatalogueOptions> = {}): Outcome {
  const { apps, problems } = readApps({ apps: raw });
  const catalogue = makeCatalogue(apps, { ...CATALOGUE, ...options });
  const grouped = joinGroups(catalogue.claims);
  const planned = makePlan(grouped.claims, PLAN, EMPTY_PLAN, 1);
  return {
    ...planned.plan,
    problems: [...problems, ...catalogue.problems, ...grouped.problems, ...planned.problems],
  };
}

/** The plan for one app with two service ports, 10000 with an HTTP check and 10001 with none. */
export function planWith(
  labels: Readonly<Record<string, string>>,
  options: Partial<CatalogueOptions> = {},
  changes: Readonly<Record<string, unknown>> = {},
): Outcome {
  const [task] = rawApp('/shop/web', {}, [{ port: 31_000 }])['tasks'] as object[];
  const app = rawApp('/shop/web', labels, [], {
    portDefinitions: [{ port: 10_000 }, { port: 10_001 }],
    tasks: [{ ...task, ports: [31_000, 31_001] }],
    instances: 1,
    ...changes,
  });
  return planOf([app], options);
}
