// Apps and tasks as known now → what each app asks for. Pure: equal apps give an equal catalogue,
// whatever order Marathon lists them in.

import type { MarathonApp } from '../marathon/app.ts';
import { makeCandidates, taskProblems } from './candidates.ts';
import type { CatalogueOptions } from './catalogue-options.ts';
import type { Claim } from './claim.ts';
import { LabelReader, type PortWish } from './labels.ts';
import { poolName } from './names.ts';
import type { Problem } from './problem.ts';

export interface Catalogue {
  /** Sorted by (appId, servicePort). */
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

export function makeCatalogue(apps: readonly MarathonApp[], options: CatalogueOptions): Catalogue {
  const claims: Claim[] = [];
  const problems: Problem[] = [];
  for (const app of [...apps].sort((a, b) => compare(a.id, b.id))) {
    const labels = new LabelReader(app, options);
    const visible = labels.visiblePorts(options.groups);
    if (visible.length > 0) {
      const wishes = visible.flatMap((portIndex) => labels.readPort(portIndex) ?? []);
      labels.reportUnused(visible);
      claims.push(...makeClaims(app, wishes, options));
      const served = wishes.map((wish) => wish.portIndex);
      problems.push(...sorted([...labels.problems, ...taskProblems(app, served, options)]));
    } else {
      problems.push(...sorted([...labels.problems, ...portlessProblems(app, options)]));
    }
  }
  return { claims, problems };
}

function makeClaims(
  app: MarathonApp,
  wishes: readonly PortWish[],
  options: CatalogueOptions,
): Claim[] {
  return [...wishes]
    .sort((a, b) => a.servicePort - b.servicePort || a.portIndex - b.portIndex)
    .map(({ checkPortIndex, ...wish }) => ({
      ...wish,
      appId: app.id,
      name: poolName(app.id, wish.servicePort),
      version: app.version,
      instances: app.instances,
      lastConfigChangeAtMs: app.lastConfigChangeAtMs,
      lastScalingAtMs: app.lastScalingAtMs,
      deploying: app.deployments.length > 0,
      candidates: makeCandidates(app, { ...wish, checkPortIndex }, options),
    }));
}

/** Marathon promises no order of labels and tasks. */
function sorted(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => compare(a.where, b.where) || compare(a.value, b.value));
}

/** An app that asks for this balancer by name but has no port at all has been forgotten something. */
function portlessProblems(app: MarathonApp, options: CatalogueOptions): readonly Problem[] {
  const label = app.labels['HAPROXY_GROUP'];
  if (app.servicePorts.length > 0 || label === undefined) return [];
  const asked = label.split(',').some((name) => options.groups.includes(name));
  if (!asked && !options.groups.includes('*')) return [];
  const message = 'expected a port in the definition of the app; it has none and is not served';
  return [{ app: app.id, where: 'HAPROXY_GROUP', value: label.slice(0, 200), message }];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
