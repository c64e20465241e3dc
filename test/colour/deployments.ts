// Sides of zdd deployments for tests: two apps of the group /nginx, as their labels and times say.

import type { Claim, DeploymentLabels, TaskStanding } from '../../src/catalogue/claim.ts';
import { candidate, claim } from '../plan/claims.ts';

export interface SideChanges {
  readonly instances?: number;
  /** Absent = all healthy. */
  readonly standings?: readonly TaskStanding[];
  readonly deployment?: Partial<DeploymentLabels>;
  readonly configuredAt?: number;
  readonly scaledAt?: number;
  readonly claim?: Partial<Claim>;
}

/** `/nginx-blue` began at 1, `/nginx-green` at 2; six servers are wanted. */
export function side(colour: 'blue' | 'green', changes: SideChanges = {}): Claim {
  const begun = colour === 'blue' ? 1_000 : 2_000;
  const standings =
    changes.standings ?? Array<TaskStanding>(changes.instances ?? 6).fill('healthy');
  const first = colour === 'blue' ? 31_000 : 32_000;
  return claim(`/nginx-${colour}`, {
    name: 'nginx_10080',
    instances: changes.instances ?? standings.length,
    lastConfigChangeAtMs: changes.configuredAt ?? begun,
    lastScalingAtMs: changes.scaledAt ?? begun,
    deployment: {
      group: '/nginx',
      startedAtMs: begun,
      targetInstances: 6,
      newInstances: 6,
      ...changes.deployment,
    },
    candidates: standings.map((standing, place) =>
      candidate(`${colour}.${place}`, standing, first + place),
    ),
    ...changes.claim,
  });
}

/** As of an app that nobody deploys with zdd. */
export const UNLABELLED = {
  startedAtMs: Number.NEGATIVE_INFINITY,
  targetInstances: null,
  newInstances: null,
} as const;
