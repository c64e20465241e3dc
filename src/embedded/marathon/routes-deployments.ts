// /v2/deployments and /v2/queue: what is under way, rolling it back or leaving it as it is, and what waits for launch.

import {
  type Api,
  type ApiRequest,
  deployed,
  ok,
  queryFlag,
  type Reply,
  type Route,
} from './api.ts';
import { ApiError } from './api-error.ts';
import { definitionJson } from './app-json.ts';
import { absoluteId, parentOf } from './app-path.ts';
import { withApps } from './cluster.ts';
import { type Deployment, stepJson } from './deployments.ts';
import type { Json, JsonObject } from './json.ts';
import { requestOf } from './normalize.ts';
import { timestamp } from './version-clock.ts';

function deploymentJson(api: Api, deployment: Deployment): JsonObject {
  const { id, version, affected, steps, currentStep } = deployment;
  const current = steps[currentStep - 1] ?? [];
  const currentActions = current.map((action): Json => {
    const results = api.instances
      .of(action.app.id)
      .flatMap((one) => (one.readiness ? [{ ...one.readiness }] : []));
    return { action: action.action, app: action.app.id, readinessCheckResults: results };
  });
  return {
    id,
    version,
    affectedApps: affected,
    affectedPods: [],
    steps: steps.map(stepJson),
    currentActions,
    currentStep,
    totalSteps: steps.length,
  };
}

/** Undoes what this deployment changed and nothing else: apps it added go, the others get their definition back. */
function rollback(api: Api, deployment: Deployment): Reply {
  const { original, affected } = deployment;
  const undoing = api.cluster.change({
    force: true,
    group: affected.length === 1 ? parentOf(affected[0] ?? '/') : '/',
    next: (apps, version) => {
      const kept = new Map([...apps].filter(([id]) => !affected.includes(id) || original.has(id)));
      const before = affected.flatMap((id) => original.get(id) ?? []);
      return withApps(kept, before.map(requestOf), version);
    },
  });
  return deployed(undoing);
}

function cancel(api: Api, request: ApiRequest, id: string): Reply {
  const deployment = api.deployments.get(id);
  if (!deployment) throw new ApiError(404, `DeploymentPlan ${id} does not exist`);
  if (!queryFlag(request, 'force')) return rollback(api, deployment);
  api.deployments.cancel(deployment);
  return { status: 202 };
}

function queue(api: Api, request: ApiRequest): Reply {
  const withOffers = request.query.getAll('embed').includes('lastUnusedOffers');
  const nowMs = Date.now();
  const waiting = [...api.cluster.apps.values()].flatMap((app): Json[] => {
    const scheduled = api.instances
      .of(app.id)
      .filter((one) => one.condition === 'Scheduled' || one.condition === 'Provisioned');
    if (scheduled.length === 0) return [];
    const waitMs = api.instances.launchDueAtMs(app) - nowMs;
    const sinceMs = Math.min(...scheduled.map((one) => one.sinceMs));
    return [
      {
        count: scheduled.length,
        role: '*',
        delay: { timeLeftSeconds: Math.max(0, Math.ceil(waitMs / 1000)), overdue: waitMs <= 0 },
        since: timestamp(sinceMs),
        processedOffersSummary: {
          processedOffersCount: 0,
          unusedOffersCount: 0,
          rejectSummaryLastOffers: [],
          rejectSummaryLaunchAttempt: [],
        },
        ...(withOffers ? { lastUnusedOffers: [] } : {}),
        app: definitionJson(app),
      },
    ];
  });
  return ok({ queue: waiting });
}

function resetDelay(api: Api, idText: string): Reply {
  const id = absoluteId(idText);
  if (!api.instances.of(id).some((one) => one.condition === 'Scheduled')) {
    throw new ApiError(404, `Application ${id} not found in tasks queue.`);
  }
  api.instances.resetDelay(id);
  return { status: 204 };
}

export function deploymentRoutes(api: Api): readonly Route[] {
  return [
    {
      method: 'GET',
      pattern: /^\/v2\/deployments\/?$/,
      handle: () => ok(api.deployments.running().map((one) => deploymentJson(api, one))),
    },
    {
      method: 'DELETE',
      pattern: /^\/v2\/deployments\/([^/]+)$/,
      handle: (request, [id = '']) => cancel(api, request, id),
    },
    { method: 'GET', pattern: /^\/v2\/queue\/?$/, handle: (request) => queue(api, request) },
    {
      method: 'DELETE',
      pattern: /^\/v2\/queue\/(.+)\/delay$/,
      handle: (_request, [id = '']) => resetDelay(api, id),
    },
  ];
}
