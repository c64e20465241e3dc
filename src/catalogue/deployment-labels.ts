// The labels by which zdd and Teal know the sides of a deployment (marathon-lb.md §2.1). A bad value
// costs that label only. Pure.

import type { MarathonApp } from '../marathon/app.ts';
import type { DeploymentLabels } from './claim.ts';
import type { Problem } from './problem.ts';

const MAX_VALUE_LENGTH = 200;
const MAX_INSTANCES = 1_000_000;

export interface Deployment {
  readonly deployment: DeploymentLabels | null;
  readonly problems: readonly Problem[];
}

export function readDeployment(app: MarathonApp): Deployment {
  const problems: Problem[] = [];
  const label = (name: string): string | undefined => app.labels[`HAPROXY_DEPLOYMENT_${name}`];
  const refuse = (name: string, message: string): null => {
    const value = (label(name) ?? '').slice(0, MAX_VALUE_LENGTH);
    problems.push({ app: app.id, where: `HAPROXY_DEPLOYMENT_${name}`, value, message });
    return null;
  };
  const count = (name: string): number | null => {
    const value = label(name)?.trim();
    if (value === undefined) return null;
    const number = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
    if (number <= MAX_INSTANCES) return number;
    return refuse(name, 'expected a number of instances; the label is ignored');
  };
  const group = label('GROUP');
  if (group === undefined) return { deployment: null, problems };
  if (group === '') {
    refuse('GROUP', 'expected the name of a deployment group; the app is served by itself');
    return { deployment: null, problems };
  }
  const startedAt = label('STARTED_AT');
  const startedAtMs = startedAt === undefined ? Number.NEGATIVE_INFINITY : timeOf(startedAt);
  if (Number.isNaN(startedAtMs)) {
    refuse(
      'STARTED_AT',
      'expected a time such as 2026-01-31T12:00:00; the app counts as the older',
    );
  }
  const targetInstances = count('TARGET_INSTANCES');
  const newInstances = count('NEW_INSTANCES');
  const isWhole = newInstances === null || targetInstances !== null;
  if (!isWhole && label('TARGET_INSTANCES') === undefined) {
    refuse(
      'TARGET_INSTANCES',
      'expected a number of instances beside NEW_INSTANCES; nothing is drained without it',
    );
  }
  return {
    deployment: {
      group: `/${group}`,
      startedAtMs: Number.isNaN(startedAtMs) ? Number.NEGATIVE_INFINITY : startedAtMs,
      targetInstances,
      newInstances: isWhole ? newInstances : null,
    },
    problems,
  };
}

/**
 * zdd writes its local time without a zone, with six digits of a second. What zone does not matter,
 * as long as both sides are read alike: taken for UTC, so that all instances agree.
 */
function timeOf(text: string): number {
  const bare = text.trim();
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(bare);
  return /^\d{4}-/.test(bare) ? Date.parse(hasZone ? bare : `${bare}Z`) : Number.NaN;
}
