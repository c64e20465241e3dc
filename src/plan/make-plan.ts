// Claims → plan: listeners, services with their colours and the one that is live, and what could not
// be granted. Pure; the last plan goes in, so that what is live stays live without a reason to change.

import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../catalogue/claim.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compare } from '../catalogue/sorted.ts';
import { serviceListener, sharedListeners } from './listeners.ts';
import { definingClaim, makeService } from './make-service.ts';
import { namedTls } from './named-tls.ts';
import type { ListenerSpec, Plan, ServiceSpec } from './plan.ts';
import { type Made, PlanCache } from './plan-cache.ts';
import { type PlanOptions, portOfOurs } from './plan-options.ts';
import { type Granted, overlaps, settle } from './settle.ts';

export interface Planned {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}

/**
 * Builds the whole desired state. `previous` is the plan in force (EMPTY_PLAN at first). A service
 * whose claims are the objects of the last call with this cache costs next to nothing, and it and its
 * listener are the same objects again.
 */
export function makePlan(
  claims: readonly Claim[],
  options: PlanOptions,
  previous: Plan,
  nowMs: number,
  cache = new PlanCache(),
): Planned {
  cache.begin();
  const problems: Problem[] = [];
  const before = new Map(previous.services.map((service) => [service.key, service]));
  const granted = grant(claims, options, before, problems, cache);
  const appIds = idsByKey(granted);
  let listenersBefore: ReadonlyMap<string, ListenerSpec> | null = null;
  const listenerBefore = (key: string): ListenerSpec | undefined => {
    listenersBefore ??= new Map(previous.listeners.map((one) => [one.key, one]));
    return listenersBefore.get(key);
  };
  const made = granted.map(({ key, address, colours }): Made => {
    const place = { key, address, appIds: appIds.get(key) ?? [] };
    const was = before.get(key);
    const makeBoth = (): Made => {
      const service = kept(makeService(place, colours, was, nowMs), was);
      const claim = definingClaim(colours, service.live);
      const listeners = claim.listens
        ? [kept(serviceListener(service, claim), listenerBefore(key))]
        : [];
      return { service, claim, listeners };
    };
    // What is in force is what comes of itself; what was not put in force is decided anew.
    const isInForce = (known: Made): boolean => known.service === was;
    return cache.made.get(key, [...colours, address, ...place.appIds], makeBoth, isInForce);
  });
  const listeners = [
    ...shared(made, options, problems, cache),
    ...made.flatMap(({ listeners }) => listeners),
  ].sort((a, b) => compare(a.key, b.key));
  return { plan: { listeners, services: made.map(({ service }) => service) }, problems };
}

/** Sorted by key. */
function grant(
  claims: readonly Claim[],
  options: PlanOptions,
  before: ReadonlyMap<string, ServiceSpec>,
  problems: Problem[],
  cache: PlanCache,
): readonly Granted[] {
  const granted: Granted[] = [];
  for (const rivals of cache.order.sort(byKey(claims, options).values(), ({ key }) => key)) {
    const { key, port } = rivals;
    const ours = portOfOurs(port, options);
    const mode = before.get(key)?.mode ?? null;
    const settled = cache.settled.get(key, [...rivals.colours, ours, mode], () =>
      settle(key, rivals.colours, ours, mode),
    );
    problems.push(...settled.problems);
    if (settled.colours.length > 0) granted.push({ ...rivals, colours: settled.colours });
  }
  const refused = overlaps(granted, (key) => before.has(key));
  for (const told of refused.values()) problems.push(...told);
  return refused.size === 0 ? granted : granted.filter(({ key }) => !refused.has(key));
}

function byKey(claims: readonly Claim[], { bindAddress }: PlanOptions): Map<string, Rivals> {
  const groups = new Map<string, Rivals>();
  for (const claim of claims) {
    const address = claim.bindAddress === '*' ? bindAddress : claim.bindAddress;
    const key = `${address}:${claim.servicePort}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { key, address, port: claim.servicePort, colours: [claim] });
    } else {
      group.colours.push(claim);
    }
  }
  return groups;
}

interface Rivals extends Granted {
  readonly colours: Claim[];
}

/**
 * The app ids that lead to each service from the app id port: those of its colours or of their
 * deployment group, for the http service with the lowest port.
 */
function idsByKey(granted: readonly Granted[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, Granted>();
  for (const one of granted) {
    for (const { mode, appId, deployment } of one.colours) {
      const id = deployment?.group ?? appId;
      const owner = owners.get(id);
      if (mode === 'http' && (owner === undefined || one.port < owner.port)) owners.set(id, one);
    }
  }
  const ids = new Map<string, string[]>();
  for (const [id, { key }] of owners) {
    const known = ids.get(key);
    if (known === undefined) ids.set(key, [id]);
    else known.push(id);
  }
  for (const list of ids.values()) list.sort(compare);
  return ids;
}

function shared(
  made: readonly Made[],
  options: PlanOptions,
  problems: Problem[],
  cache: PlanCache,
): readonly ListenerSpec[] {
  const { bindAddress, httpPort, httpsPort, appidPort, acceptProxy } = options;
  const claims = options.groupHttpsByVhost
    ? made.filter(({ service }) => service.mode === 'http').map(({ claim }) => claim)
    : [];
  const named = cache.named.get('', claims, () => namedTls(claims));
  problems.push(...named.problems);
  const inputs = [named.byName, bindAddress, httpPort, httpsPort, appidPort, acceptProxy];
  return cache.shared.get('', inputs, () => sharedListeners(options, named.byName));
}

/** An equal one is the one there is: it need not be compared or sent again. */
function kept<T>(made: T, before: T | undefined): T {
  return before !== undefined && isDeepStrictEqual(made, before) ? before : made;
}
