// Claims → plan: listeners, services with their colours and the one that is live, and what could not
// be granted. Pure; the last plan goes in, so that what is live stays live without a reason to change.

import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../catalogue/claim.ts';
import { isSameList } from '../catalogue/memo.ts';
import type { Problem } from '../catalogue/problem.ts';
import { idsOf, shareAppIds } from './app-ids.ts';
import { type Guidance, guidanceFor, NO_GUIDANCE } from './guidance.ts';
import {
  findSorted,
  insertSorted,
  replaceSorted,
  serviceListener,
  sharedListeners,
} from './listeners.ts';
import { definingClaim, makeService } from './make-service.ts';
import { type Named, namedTls } from './named-tls.ts';
import { isGranted, type Made, type Place, type Places } from './places.ts';
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
  const remade = [...touched].map((place): Remade => {
    const was = place.made;
    place.made = isGranted(place) ? make(place, before, nowMs, guidance) : null;
    return { was, is: place.made };
  });
  const named = options.groupHttpsByVhost ? nameHosts(places, cache) : NOTHING_NAMED;
  const plan =
    cache.isInStep(places, named) && remade.every(isInPlace)
      ? patched(previous, remade)
      : gathered(previous, places, sharedListeners(options, named.byName));
  cache.end(plan, places, named);
  return { plan, problems: [...problemsOf(places), ...named.problems] };
}

/** What was made of a place by the last plan, and by this one. */
interface Remade {
  readonly was: Made | null;
  readonly is: Made | null;
}

/** As most events leave it: what was there is there, only different. */
function isInPlace({ was, is }: Remade): boolean {
  if (was === null || is === null) return was === is;
  return (was.listener === null) === (is.listener === null);
}

function patched(previous: Plan, remade: readonly Remade[]): Plan {
  const services: ServiceSpec[] = [];
  const listeners: ListenerSpec[] = [];
  for (const { was, is } of remade) {
    if (was === null || is === null) continue;
    if (is.service !== was.service) services.push(is.service);
    if (is.listener !== null && is.listener !== was.listener) listeners.push(is.listener);
  }
  if (services.length === 0 && listeners.length === 0) return previous;
  return {
    listeners: replaceSorted(previous.listeners, listeners),
    services: replaceSorted(previous.services, services),
  };
}

function gathered(previous: Plan, places: Places, shared: readonly ListenerSpec[]): Plan {
  const services: ServiceSpec[] = [];
  const listeners: ListenerSpec[] = [];
  for (const { made } of places.all) {
    if (made === null) continue;
    services.push(made.service);
    if (made.listener !== null) listeners.push(made.listener);
  }
  for (const one of shared) {
    insertSorted(listeners, kept(one, findSorted(previous.listeners, one.key)));
  }
  const sameListeners = isSameList(listeners, previous.listeners);
  if (sameListeners && isSameList(services, previous.services)) return previous;
  return { listeners: sameListeners ? previous.listeners : listeners, services };
}

/** Of places that are crowded, then of those that overlap. */
function problemsOf({ told, all, mayOverlap }: Places): readonly Problem[] {
  const problems = told.flatMap((place) => place.problems);
  return mayOverlap ? [...problems, ...all.flatMap(({ refusal }) => refusal ?? [])] : problems;
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
    places.tell(place);
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
  place.problems = settled.problems;
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
