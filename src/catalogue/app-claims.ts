// One app → its claims and what is wrong with it: everything in the catalogue that no other app has a
// say in. Pure.

import type { MarathonApp } from '../marathon/app.ts';
import { makeCandidates, taskProblems } from './candidates.ts';
import type { CatalogueOptions } from './catalogue-options.ts';
import type { Claim, DeploymentLabels } from './claim.ts';
import { readDeployment } from './deployment-labels.ts';
import { LabelReader, type PortWish } from './labels.ts';
import { poolName } from './names.ts';
import type { Problem } from './problem.ts';
import { compare } from './sorted.ts';

export interface AppClaims {
  /** Sorted by service port. */
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

export function claimsOf(app: MarathonApp, options: CatalogueOptions): AppClaims {
  const labels = new LabelReader(app, options);
  const visible = labels.visiblePorts(options.groups);
  if (visible.length === 0) {
    return {
      claims: [],
      problems: sorted([...labels.problems, ...portlessProblems(app, options)]),
    };
  }
  const wishes = visible.flatMap((portIndex) => labels.readPort(portIndex) ?? []);
  labels.reportUnused(visible);
  const { deployment, problems } = readDeployment(app);
  const served = wishes.map((wish) => wish.portIndex);
  return {
    claims: makeClaims(app, wishes, deployment, options),
    problems: sorted([
      ...labels.problems,
      ...problems,
      ...mappingProblems(app),
      ...taskProblems(app, served, options),
    ]),
  };
}

function makeClaims(
  app: MarathonApp,
  wishes: readonly PortWish[],
  deployment: DeploymentLabels | null,
  options: CatalogueOptions,
): readonly Claim[] {
  return [...wishes]
    .sort((a, b) => a.servicePort - b.servicePort || a.portIndex - b.portIndex)
    .map(({ checkPortIndex, servers, ...wish }) => ({
      ...wish,
      appId: app.id,
      name: poolName(deployment?.group ?? app.id, wish.servicePort),
      version: app.version,
      instances: app.instances,
      lastConfigChangeAtMs: app.lastConfigChangeAtMs,
      lastScalingAtMs: app.lastScalingAtMs,
      deploying: app.deployments.length > 0,
      deployment,
      handover: null,
      candidates: makeCandidates(app, { ...wish, checkPortIndex, servers }, options),
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

/** Labels and ports of the task go by what is left, which surprises whoever counts the mappings. */
function mappingProblems(app: MarathonApp): readonly Problem[] {
  const first = app.unassignedMappings[0];
  if (first === undefined) return [];
  const message =
    'expected a servicePort in every port mapping; as in Marathon-LB those without one are not counted: HAPROXY_0_ is the first that has one, and leads to the first port of the task';
  const value = app.unassignedMappings.join(',').slice(0, 200);
  return [{ app: app.id, where: 'portMappings', value, message }];
}
