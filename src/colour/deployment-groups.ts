// Apps with the same HAPROXY_DEPLOYMENT_GROUP are versions of one service (marathon-lb.md §2.1, §4.7).
// A pair that zdd deploys by instances becomes one pool under the group's id, with the definition of
// the old side; others are colours of each other, and none is drained without a reason. Pure.

import type { Candidate, Claim } from '../catalogue/claim.ts';
import { Counted } from '../catalogue/counted.ts';
import { Memo } from '../catalogue/memo.ts';
import { numericId, poolName } from '../catalogue/names.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compare } from '../catalogue/sorted.ts';
import { byAge, type Roles, rolesOf, type Side } from './roles.ts';

export interface Grouped {
  /** Sorted by (app id, service port) where they came so. */
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

/** Groups that did not change keep their claims; handed in by whoever looks again and again. */
export class GroupCache {
  readonly joined = new Memo<Grouped>();
  readonly grouped = new Counted<Claim>(({ deployment }) => deployment !== null);
}

/** An app of a group, with its claims. */
interface Member extends Side {
  readonly claims: readonly Claim[];
}

export function joinGroups(claims: readonly Claim[], cache = new GroupCache()): Grouped {
  cache.joined.begin();
  if (cache.grouped.in(claims) === 0) return { claims, problems: [] };
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    if (claim.deployment === null) continue;
    const group = groups.get(claim.deployment.group);
    if (group === undefined) groups.set(claim.deployment.group, [claim]);
    else group.push(claim);
  }
  const joined: Claim[] = claims.filter((claim) => claim.deployment === null);
  const problems: Problem[] = [];
  for (const [id, members] of groups) {
    const grouped = cache.joined.get(id, members, () => joinGroup(id, membersOf(members)));
    joined.push(...grouped.claims);
    problems.push(...grouped.problems);
  }
  joined.sort((a, b) => compare(a.appId, b.appId) || a.servicePort - b.servicePort);
  return { claims: joined, problems };
}

function membersOf(claims: readonly Claim[]): readonly Member[] {
  const byApp = new Map<string, Claim[]>();
  for (const claim of claims) {
    const own = byApp.get(claim.appId);
    if (own === undefined) byApp.set(claim.appId, [claim]);
    else own.push(claim);
  }
  return [...byApp.values()]
    .map((own): Member => ({ ...(own[0] as Claim), claims: own }))
    .sort(byAge);
}

function joinGroup(id: string, members: readonly Member[]): Grouped {
  const youngest = members.at(-1) as Member;
  const older = members.at(-2);
  if (older === undefined) {
    const deploys = youngest.deployment?.newInstances !== null;
    const appId = deploys ? id : youngest.appId;
    return { claims: youngest.claims.map((claim) => ({ ...claim, appId })), problems: [] };
  }
  const roles = rolesOf(older, youngest);
  if (roles === null) return { claims: asColours(members), problems: [] };
  const bystanders = members.slice(0, -2);
  return {
    claims: roles.old.claims.map((claim) => joinClaims(id, claim, roles, bystanders)),
    problems: missingPorts(id, roles),
  };
}

/** The oldest keeps the name that scripts know; the others have their own. */
function asColours(members: readonly Member[]): readonly Claim[] {
  return members.flatMap(({ claims }, place) =>
    place === 0
      ? claims
      : claims.map((claim) => ({ ...claim, name: poolName(claim.appId, claim.servicePort) })),
  );
}

function joinClaims(
  id: string,
  definition: Claim,
  { new: young, old, target }: Roles<Member>,
  bystanders: readonly Member[],
): Claim {
  const atPort = ({ claims }: Member): readonly Claim[] =>
    claims.filter((claim) => claim.portIndex === definition.portIndex);
  const replaced = [definition, ...bystanders.flatMap(atPort)];
  const all = [...replaced, ...atPort(young)];
  const sum = (of: (claim: Claim) => number) => all.reduce((total, one) => total + of(one), 0);
  const last = (of: (claim: Claim) => number) => Math.max(...all.map(of));
  return {
    ...definition,
    appId: id,
    name: poolName(id, definition.servicePort),
    instances: sum((one) => one.instances),
    lastConfigChangeAtMs: last((one) => one.lastConfigChangeAtMs),
    lastScalingAtMs: last((one) => one.lastScalingAtMs),
    deploying: all.some((one) => one.deploying),
    candidates: joinCandidates(all),
    handover: {
      oldAppIds: [old.appId, ...bystanders.map((one) => one.appId)],
      newAppId: young.appId,
      oldTaskIds: new Set(
        replaced.flatMap((one) => one.candidates.map((candidate) => candidate.taskId)),
      ),
      target,
    },
  };
}

/** In the order of any pool, with ids that are unique in this one. */
function joinCandidates(claims: readonly Claim[]): readonly Candidate[] {
  const taken = new Set<number>();
  return claims
    .flatMap((claim) => claim.candidates)
    .sort((a, b) => compare(a.host, b.host) || a.port - b.port || compare(a.taskId, b.taskId))
    .map((one) => ({ ...one, numericId: numericId(one.name, taken) }));
}

function missingPorts(id: string, { old, new: young }: Roles<Member>): readonly Problem[] {
  const served = new Set(old.claims.map((claim) => claim.portIndex));
  return young.claims
    .filter((claim) => !served.has(claim.portIndex))
    .map(({ portIndex, servicePort }) => ({
      app: young.appId,
      where: `HAPROXY_${portIndex}_PORT`,
      value: String(servicePort),
      message: `expected the ports of ${old.appId}, which ${id} has as long as that is replaced; this one is not served until then`,
    }));
}
