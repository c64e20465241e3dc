// Claims → plan: listeners, services with their colours and the one that is live, and what could not
// be granted. Pure; the last plan goes in, so that what is live stays live without a reason to change.

import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../catalogue/claim.ts';
import { isSameList } from '../catalogue/memo.ts';
import type { Problem } from '../catalogue/problem.ts';
import { idsOf, shareAppIds } from './app-ids.ts';
import { type Guidance, guidanceFor, NO_GUIDANCE } from './guidance.ts';
import { findSorted, insertSorted, serviceListener, sharedListeners } from './listeners.ts';
import { definingClaim, makeService } from './make-service.ts';
import { type Named, namedTls } from './named-tls.ts';
import { isGranted, type Made, NO_PROBLEMS, type Place, type Places } from './places.ts';
import type { ListenerSpec, Plan, ServiceSpec } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import { type PlanOptions, portOfOurs } from './plan-options.ts';
import { overlaps, settle } from './settle.ts';

export interface Planned {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}

/**
 * Builds the whole desired state. `previous` is the plan in force (EMPTY_PLAN at first). With the cache
 * of the last call, whose plan is in force, only services whose claims or orders are other objects are
 * made anew; all others, and their listeners, are the same objects, a list of listeners that did not
 * change is the same list, and a plan that did not change is `previous`.
 */
export function makePlan(
  claims: readonly Claim[],
  options: PlanOptions,
  previous: Plan,
  nowMs: number,
  cache = new PlanCache(),
  guidance: Guidance = NO_GUIDANCE,
): Planned {
  const before = new InForce(previous);
  const { places, redirected } = cache.begin(options, previous, guidance);
  const touched = settleAll(places, claims, options, before);
  for (const place of redirected) touched.add(place);
  for (const place of touched) {
    place.made = isGranted(place) ? make(place, before, nowMs, guidance) : null;
  }

  const problems: Problem[] = [];
  const refusals: Problem[] = [];
  const services: ServiceSpec[] = [];
  const listeners: ListenerSpec[] = [];
  for (const { problems: told, refusal, made } of places.all) {
    if (told !== NO_PROBLEMS) problems.push(...told);
    if (refusal !== null) refusals.push(...refusal);
    if (made === null) continue;
    services.push(made.service);
    if (made.listener !== null) listeners.push(made.listener);
  }
  const named = options.groupHttpsByVhost ? nameHosts(places, cache) : NOTHING_NAMED;
  for (const one of sharedListeners(options, named.byName)) {
    insertSorted(listeners, kept(one, findSorted(previous.listeners, one.key)));
  }
  const sameListeners = isSameList(listeners, previous.listeners);
  const unchanged = sameListeners && isSameList(services, previous.services);
  const plan = unchanged
    ? previous
    : { listeners: sameListeners ? previous.listeners : listeners, services };
  cache.end(plan);
  return { plan, problems: [...problems, ...refusals, ...named.problems] };
}

const NOTHING_NAMED: Named = Object.freeze({ byName: [], problems: [] });

/** What is in force, by key; looked up only for places that are not known from the last plan. */
class InForce {
  readonly #plan: Plan;
  #services: ReadonlyMap<string, ServiceSpec> | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  service({ made, key }: Place): ServiceSpec | undefined {
    if (made !== null) return made.service;
    this.#services ??= new Map(this.#plan.services.map((one) => [one.key, one]));
    return this.#services.get(key);
  }

  listener({ made, key }: Place): ListenerSpec | undefined {
    if (made !== null) return made.listener ?? undefined;
    return findSorted(this.#plan.listeners, key);
  }
}

/** Brings the places to these claims; those whose service is to be made anew. */
function settleAll(
  places: Places,
  claims: readonly Claim[],
  options: PlanOptions,
  before: InForce,
): Set<Place> {
  const touched = new Set(places.take(claims));
  let sharesAnew = false;
  for (const place of touched) {
    const { ids } = place;
    settlePlace(place, options, before);
    if (!isSameList(ids, place.ids)) sharesAnew = true;
  }
  for (const place of refuseOverlaps(places, before)) {
    touched.add(place);
    sharesAnew = true;
  }
  // Only then may the app ids of one place have come from or gone to another.
  if (sharesAnew) for (const place of shareAppIds(places)) touched.add(place);
  return touched;
}

function settlePlace(place: Place, options: PlanOptions, before: InForce): void {
  const { key, port, claims } = place;
  const mode = before.service(place)?.mode ?? null;
  const settled = settle(key, claims, portOfOurs(port, options), mode);
  place.colours = settled.colours;
  place.problems = settled.problems.length === 0 ? NO_PROBLEMS : settled.problems;
  place.ids = idsOf(settled.colours);
}

/** The places that are refused and were not, or the other way round. */
function refuseOverlaps(places: Places, before: InForce): readonly Place[] {
  if (!places.mayOverlap) return [];
  const taken = places.all.filter(({ colours }) => colours.length > 0);
  const refused = overlaps(taken, (place) => before.service(place) !== undefined);
  return places.all.filter((place) => {
    const refusal = refused.get(place) ?? null;
    const isOther = (refusal === null) !== (place.refusal === null);
    place.refusal = refusal;
    return isOther;
  });
}

function make(place: Place, before: InForce, nowMs: number, guidance: Guidance): Made {
  const was = before.service(place);
  const service = kept(
    makeService(place, place.colours, was, nowMs, guidanceFor(guidance, place.key)),
    was,
  );
  const claim = definingClaim(place.colours, service.live);
  // Without a certificate only the https listener's can be shown (`--group-https-by-vhost`).
  const isOpen = claim.listens && claim.tls?.certificates.length !== 0;
  const listener = isOpen ? kept(serviceListener(service, claim), before.listener(place)) : null;
  return { service, claim, listener };
}

function nameHosts({ all }: Places, cache: PlanCache): Named {
  const claims = all.flatMap(({ made }) => (made?.service.mode === 'http' ? made.claim : []));
  return cache.named.get('', claims, () => namedTls(claims));
}

/** An equal one is the one there is: it need not be compared or sent again. */
function kept<T>(made: T, before: T | undefined): T {
  return before !== undefined && isDeepStrictEqual(made, before) ? before : made;
}
