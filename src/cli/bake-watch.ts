// Watches colours that have just become live, second by second, against what the colour before did, and
// says when one does worse. Only services that are to bake are looked at. A watch goes on in the process
// after this one: what was usual and what was seen so far is kept with it.

import type { BakeLimits } from '../catalogue/claim.ts';
import { listChanges } from '../catalogue/list-changes.ts';
import {
  type BakeRules,
  type BakeSample,
  between,
  judgeBake,
  type Verdict,
} from '../colour/bake.ts';
import { findSorted } from '../plan/listeners.ts';
import type { ColourSpec, Plan, ServiceSpec } from '../plan/plan.ts';
import { findPool } from '../stats/find-pool.ts';
import type { Merged } from '../stats/tally.ts';
import type { BakeRecord, CutOver } from '../stats/view.ts';
import { NOTHING, sampleOf } from './pool-sample.ts';

export interface BakeOptions extends BakeRules {
  /** How long, where no label says it; 0 = not at all. */
  readonly bakeMs: number;
}

/** What one second found. */
export interface Baked {
  readonly service: string;
  readonly record: BakeRecord;
  /** It did worse, and the colour before is ready to take over again. */
  readonly failed: Pick<ColourSpec, 'appId' | 'version'> | null;
}

/** A watch that is going on, as it outlasts the process. */
export interface Bake {
  /** Key. */
  readonly service: string;
  /** Of the colour that is watched. */
  readonly appId: string;
  readonly version: string;
  /** App id of the colour before. */
  readonly before: string;
  /** What that one did in its last minute. */
  readonly usual: BakeSample;
  /** What the watched one did until now. */
  readonly seen: BakeSample;
  readonly untilMs: number;
  /** What its labels let it do worse. */
  readonly limits: BakeLimits;
}

/** What was usual is taken from so many seconds before the cut-over. */
const USUAL_SECONDS = 60;

interface Watched {
  readonly bake: Bake;
  /** What was counted when it began in this process; the workers of a new one begin with nothing. */
  readonly start: BakeSample;
  /** What had been seen then. */
  readonly earlier: BakeSample;
}

export class BakeWatch {
  readonly #options: BakeOptions;
  /** Readings of the live colour of each service that bakes, oldest first. */
  readonly #readings = new Map<string, { readonly appId: string; readonly past: BakeSample[] }>();
  readonly #bakes: Map<string, Watched>;
  /** Of the last plan: all of its services, and those that may bake. */
  #services: readonly ServiceSpec[] = [];
  readonly #baking = new Map<string, ServiceSpec>();
  #latest: Merged = { frontends: [], pools: [] };

  constructor(options: BakeOptions, saved: readonly Bake[] = []) {
    this.#options = options;
    this.#bakes = new Map(
      saved.map((bake) => [bake.service, { bake, start: NOTHING, earlier: bake.seen }]),
    );
  }

  /** Those that go on, to be saved. */
  get going(): readonly Bake[] {
    return [...this.#bakes.values()].map(({ bake }) => bake);
  }

  /** To be told of each decision that was put in force. A new one ends the watch over the last. */
  began({ service: key, from, to, order, atMs }: CutOver, plan: Plan): Baked | null {
    if (from === to) return null;
    const service = findSorted(plan.services, key);
    const colour = service?.colours.find(({ appId }) => appId === to);
    if (from === null && isOf(this.#bakes.get(key)?.bake, colour)) return null;
    this.#bakes.delete(key);
    const isWayBack = order === 'bake' || order === 'rollback';
    if (service === undefined || colour === undefined || from === null || isWayBack) return null;
    const bakeMs = this.#bakeMsOf(colour);
    if (bakeMs === 0) return null;
    const { appId, version } = colour;
    const usual = this.#usualOf(key, from);
    const untilMs = atMs + bakeMs;
    const limits = colour.bakeLimits ?? {};
    const bake = {
      service: key,
      appId,
      version,
      before: from,
      usual,
      seen: NOTHING,
      untilMs,
      limits,
    };
    const start = this.#sampleOf(service, appId);
    this.#bakes.set(key, { bake, start, earlier: NOTHING });
    const verdict = judgeBake(usual, NOTHING, { ...this.#options, ...limits });
    return { service: key, record: recordOf('baking', untilMs, verdict), failed: null };
  }

  /** What failed was left, as far as it can be: the watch is over. */
  left(service: string): void {
    this.#bakes.delete(service);
  }

  /** The workers' numbers of this second. */
  look(traffic: Merged, plan: Plan, nowMs: number): readonly Baked[] {
    this.#latest = traffic;
    this.#take(plan.services);
    for (const service of this.#baking.values()) this.#read(service);
    return [...this.#bakes].map(([key, watched]) =>
      this.#judge(findSorted(plan.services, key), watched, nowMs),
    );
  }

  /** A service that no plan has yet is waited for until the time is up. */
  #judge(service: ServiceSpec | undefined, watched: Watched, nowMs: number): Baked {
    const { start, earlier } = watched;
    const { service: key, appId, version, before, usual, untilMs, limits } = watched.bake;
    const seen =
      service === undefined
        ? watched.bake.seen
        : sum(earlier, between(start, this.#sampleOf(service, appId)));
    const verdict = judgeBake(usual, seen, { ...this.#options, ...limits });
    const isOver = nowMs >= untilMs;
    const state = verdict.is === 'worse' || isOver ? verdict.is : 'baking';
    const record = recordOf(state, untilMs, verdict);
    const canGoBack = service?.colours.some((one) => one.appId === before && one.ready) === true;
    const failed = state === 'worse' && canGoBack ? { appId, version } : null;
    // Who does worse and has nobody to make way for is watched on: the other may get ready. Who makes way
    // is watched until that is in force: this process may end before.
    if (isOver && failed === null) this.#bakes.delete(key);
    else this.#bakes.set(key, { ...watched, bake: { ...watched.bake, seen } });
    return { service: key, record, failed };
  }

  /** Services that are the same objects as in the last second are not looked into. */
  #take(services: readonly ServiceSpec[]): void {
    const { removed, added } = listChanges(this.#services, services);
    this.#services = services;
    for (const { key } of removed) this.#baking.delete(key);
    for (const service of added) {
      const bakes = service.colours.some((colour) => this.#bakeMsOf(colour) > 0);
      if (bakes && service.live !== null) this.#baking.set(service.key, service);
    }
    for (const key of this.#readings.keys()) {
      if (!this.#baking.has(key)) this.#readings.delete(key);
    }
  }

  #read(service: ServiceSpec): void {
    const { key, live } = service;
    if (live === null) return;
    const known = this.#readings.get(key);
    const readings = known?.appId === live ? known : { appId: live, past: [] };
    readings.past.push(this.#sampleOf(service, live));
    if (readings.past.length > USUAL_SECONDS) readings.past.shift();
    this.#readings.set(key, readings);
  }

  #usualOf(key: string, appId: string): BakeSample {
    const readings = this.#readings.get(key);
    const [first] = readings?.past ?? [];
    const last = readings?.past.at(-1);
    if (readings?.appId !== appId || first === undefined || last === undefined) {
      return NOTHING;
    }
    return between(first, last);
  }

  #sampleOf({ key, mode }: ServiceSpec, appId: string): BakeSample {
    const pool = findPool(this.#latest, key, appId);
    return pool === undefined ? NOTHING : sampleOf(pool, mode === 'http');
  }

  #bakeMsOf({ bakeMs }: ColourSpec): number {
    return bakeMs ?? this.#options.bakeMs;
  }
}

/** The same version of the same app. */
function isOf(bake: Bake | undefined, colour: ColourSpec | undefined): boolean {
  return bake !== undefined && bake.appId === colour?.appId && bake.version === colour.version;
}

function sum(a: BakeSample, b: BakeSample): BakeSample {
  return {
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    responseMs: a.responseMs + b.responseMs,
  };
}

function recordOf(state: BakeRecord['state'], untilMs: number, verdict: Verdict): BakeRecord {
  const { why, errorPercentBefore, errorPercent } = verdict;
  return { state, untilMs, why, errorPercentBefore, errorPercent };
}
