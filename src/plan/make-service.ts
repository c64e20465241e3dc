// The colours of one service → what workers are told of it. Pure.

import type { Candidate, Claim } from '../catalogue/claim.ts';
import { type Decision, decide, isReady, LAST_RESORT, serversOf } from '../colour/decide.ts';
import { drainedTasks } from '../colour/drain.ts';
import type { ServiceOrders } from '../colour/orders.ts';
import type { ServiceGuidance } from './guidance.ts';
import type { ColourSpec, ServerSpec, ServiceSpec } from './plan.ts';

export interface ServicePlace {
  readonly key: string;
  readonly address: string;
  /** App ids of 9091 that lead here. */
  readonly appIds: readonly string[];
}

/** What was decided last: the service in force, or what is remembered of it. */
type LastDecision = Pick<ServiceSpec, 'live' | 'liveSinceMs' | 'why' | 'rule'>;

/** `claims` are at least one; `before` is the service in force. */
export function makeService(
  { key, address, appIds }: ServicePlace,
  claims: readonly Claim[],
  before: ServiceSpec | undefined,
  nowMs: number,
  { ruling, remembered }: ServiceGuidance,
): ServiceSpec {
  const first = claims[0] as Claim;
  const last = before ?? remembered;
  const decision = decide(claims, last?.live ?? null, ruling);
  return {
    key,
    address,
    servicePort: first.servicePort,
    mode: first.mode,
    live: decision.live,
    shares: decision.shares,
    rule: decision.rule,
    why: last !== undefined && keepsReason(last, decision) ? last.why : decision.why,
    liveSinceMs: last !== undefined && last.live === decision.live ? last.liveSinceMs : nowMs,
    colours: claims.map((claim) => makeColour(claim, decision, ruling.orders)),
    routes: definingClaim(claims, decision.live).routes,
    appIds,
  };
}

/** The reason shown is the one it became live for, not the one it still is; orders are told anew. */
function keepsReason(last: LastDecision, { live, rule, lastResort }: Decision): boolean {
  return (
    last.live === live &&
    rule === 'automatic' &&
    last.rule === 'automatic' &&
    !lastResort &&
    last.why !== LAST_RESORT
  );
}

/** The one whose labels the service goes by: of the live colour, else of the first. */
export function definingClaim(claims: readonly Claim[], live: string | null): Claim {
  return claims.find((claim) => claim.appId === live) ?? (claims[0] as Claim);
}

function makeColour(claim: Claim, decision: Decision, orders: ServiceOrders): ColourSpec {
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
    drainMs: orders.drainMs[claim.appId] ?? claim.drainMs,
    bakeMs: claim.bakeMs,
    ...(claim.bakeLimits === undefined ? {} : { bakeLimits: claim.bakeLimits }),
    ...(claim.accessLog === undefined ? {} : { accessLog: claim.accessLog }),
    servers: serving.map((one) =>
      makeServer(
        one,
        drained.has(one.taskId)
          ? 'maint'
          : (orders.servers[`${claim.name}/${one.name}`] ?? 'ready'),
      ),
    ),
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

function makeServer(one: Candidate, admin: ServerSpec['admin']): ServerSpec {
  return {
    id: one.taskId,
    name: one.name,
    numericId: one.numericId,
    address: one.address as string,
    port: one.port,
    weight: 1,
    admin,
  };
}

function isAround({ standing }: Candidate): boolean {
  return standing !== 'killing' && standing !== 'ended';
}
