// The colours of one service → what workers are told of it. Pure.

import type { Candidate, Claim } from '../catalogue/claim.ts';
import { type Decision, decide, isReady, LAST_RESORT, serversOf } from '../colour/decide.ts';
import { drainedTasks } from '../colour/drain.ts';
import type { ColourSpec, ServerSpec, ServiceSpec } from './plan.ts';

export interface ServicePlace {
  readonly key: string;
  readonly address: string;
  /** App ids of 9091 that lead here. */
  readonly appIds: readonly string[];
}

/** `claims` are at least one; `before` is the service in force. */
export function makeService(
  { key, address, appIds }: ServicePlace,
  claims: readonly Claim[],
  before: ServiceSpec | undefined,
  nowMs: number,
): ServiceSpec {
  const first = claims[0] as Claim;
  const decision = decide(claims, before?.live ?? null);
  const unchanged = before !== undefined && before.live === decision.live;
  // The reason shown is the one it became live for, not the one it still is.
  const keepsReason = unchanged && !decision.lastResort && before.why !== LAST_RESORT;
  return {
    key,
    address,
    servicePort: first.servicePort,
    mode: first.mode,
    live: decision.live,
    why: keepsReason ? before.why : decision.why,
    liveSinceMs: unchanged ? before.liveSinceMs : nowMs,
    colours: claims.map((claim) => makeColour(claim, decision)),
    routes: definingClaim(claims, decision.live).routes,
    appIds,
  };
}

/** The one whose labels the service goes by: of the live colour, else of the first. */
export function definingClaim(claims: readonly Claim[], live: string | null): Claim {
  return claims.find((claim) => claim.appId === live) ?? (claims[0] as Claim);
}

function makeColour(claim: Claim, decision: Decision): ColourSpec {
  const serving = serversOf(claim, decision.lastResort && decision.live === claim.appId);
  const drained = drainedTasks(claim);
  const present = new Set(serving);
  return {
    appId: claim.appId,
    name: claim.name,
    version: claim.version,
    instances: claim.instances,
    ready: isReady(claim),
    lastConfigChangeAtMs: claim.lastConfigChangeAtMs,
    sendProxy: claim.sendProxy,
    balancing: {
      balance: claim.balance,
      sticky: claim.sticky,
      slowStartMs: claim.slowStartMs,
      maxConnections: claim.maxConnections,
    },
    policy: claim.policy,
    servers: serving.map((one) => makeServer(one, drained.has(one.taskId))),
    others: claim.candidates
      .filter((one) => !present.has(one))
      .map((one) => ({
        id: one.taskId,
        name: one.name,
        address: `${one.address ?? one.host}:${one.port}`,
        standing: drained.has(one.taskId) && isAround(one) ? 'draining' : one.standing,
      })),
  };
}

function makeServer(one: Candidate, isDrained: boolean): ServerSpec {
  return {
    id: one.taskId,
    name: one.name,
    numericId: one.numericId,
    address: one.address as string,
    port: one.port,
    weight: 1,
    admin: isDrained ? 'maint' : 'ready',
  };
}

function isAround({ standing }: Candidate): boolean {
  return standing !== 'killing' && standing !== 'ended';
}
