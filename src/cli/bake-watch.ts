// Watches colours that have just become live, second by second, against what the colour before did, and
// says when one does worse. Only services that are to bake are looked at.

import {
  type BakeRules,
  type BakeSample,
  between,
  judgeBake,
  type Verdict,
} from '../colour/bake.ts';
import type { ColourSpec, Plan, ServiceSpec } from '../plan/plan.ts';
import type { Merged, MergedPool } from '../stats/tally.ts';
import type { BakeRecord, CutOver } from '../stats/view.ts';

export interface BakeOptions extends BakeRules {
  /** How long, where no label says it; 0 = not at all. */
  readonly bakeMs: number;
}

/** What one second found. */
export interface Baked {
  readonly service: string;
  readonly record: BakeRecord;
  /** It did worse, and the colour before is ready to take over again. */
  readonly failed: ColourSpec | null;
}

/** What was usual is taken from so many seconds before the cut-over. */
const USUAL_SECONDS = 60;

interface Bake {
  readonly colour: ColourSpec;
  readonly before: string;
  readonly usual: BakeSample;
  readonly start: BakeSample;
  readonly untilMs: number;
}

export class BakeWatch {
  readonly #options: BakeOptions;
  /** Readings of the live colour of each service that bakes, oldest first. */
  readonly #readings = new Map<string, { readonly appId: string; readonly past: BakeSample[] }>();
  readonly #bakes = new Map<string, Bake>();
  #latest: Merged = { frontends: [], pools: [] };

  constructor(options: BakeOptions) {
    this.#options = options;
  }

  /** To be told of each decision that was put in force. A new one ends the watch over the last. */
  began({ service: key, from, to, order, atMs }: CutOver, plan: Plan): Baked | null {
    if (from === to) return null;
    this.#bakes.delete(key);
    const service = plan.services.find((one) => one.key === key);
    const colour = service?.colours.find(({ appId }) => appId === to);
    const isWayBack = order === 'bake' || order === 'rollback';
    if (service === undefined || colour === undefined || from === null || isWayBack) return null;
    const bakeMs = this.#bakeMsOf(colour);
    if (bakeMs === 0) return null;
    const untilMs = atMs + bakeMs;
    const usual = this.#usualOf(key, from);
    const start = this.#sampleOf(service, colour.appId);
    this.#bakes.set(key, { colour, before: from, usual, start, untilMs });
    const verdict = judgeBake(usual, between(start, start), this.#options);
    return { service: key, record: recordOf('baking', untilMs, verdict), failed: null };
  }

  /** The workers' numbers of this second. */
  look(traffic: Merged, plan: Plan, nowMs: number): readonly Baked[] {
    this.#latest = traffic;
    const services = new Map(plan.services.map((service) => [service.key, service]));
    this.#read(services);
    return [...this.#bakes].flatMap(([key, bake]) => {
      const service = services.get(key);
      if (service !== undefined) return this.#judge(service, bake, nowMs);
      this.#bakes.delete(key);
      return [];
    });
  }

  #judge(service: ServiceSpec, bake: Bake, nowMs: number): readonly Baked[] {
    const { colour, before, usual, start, untilMs } = bake;
    const since = between(start, this.#sampleOf(service, colour.appId));
    const verdict = judgeBake(usual, since, this.#options);
    const isOver = nowMs >= untilMs;
    const state = verdict.is === 'worse' || isOver ? verdict.is : 'baking';
    const record = recordOf(state, untilMs, verdict);
    const canGoBack = service.colours.some(({ appId, ready }) => appId === before && ready);
    const failed = state === 'worse' && canGoBack ? colour : null;
    // Who does worse and has nobody to make way for is watched on: the other may get ready.
    if (isOver || failed !== null) this.#bakes.delete(service.key);
    return [{ service: service.key, record, failed }];
  }

  #read(services: ReadonlyMap<string, ServiceSpec>): void {
    for (const [key, service] of services) {
      const { live, colours } = service;
      if (live === null || !colours.some((colour) => this.#bakeMsOf(colour) > 0)) {
        this.#readings.delete(key);
        continue;
      }
      const known = this.#readings.get(key);
      const readings = known?.appId === live ? known : { appId: live, past: [] };
      readings.past.push(this.#sampleOf(service, live));
      if (readings.past.length > USUAL_SECONDS) readings.past.shift();
      this.#readings.set(key, readings);
    }
    for (const key of this.#readings.keys()) if (!services.has(key)) this.#readings.delete(key);
  }

  #usualOf(key: string, appId: string): BakeSample {
    const readings = this.#readings.get(key);
    const [first] = readings?.past ?? [];
    const last = readings?.past.at(-1);
    if (readings?.appId !== appId || first === undefined || last === undefined) {
      return { requests: 0, failures: 0, responseMs: 0 };
    }
    return between(first, last);
  }

  #sampleOf({ key, mode }: ServiceSpec, appId: string): BakeSample {
    const pool = this.#latest.pools.find((one) => one.service === key && one.appId === appId);
    return pool === undefined
      ? { requests: 0, failures: 0, responseMs: 0 }
      : sampleOf(pool, mode === 'http');
  }

  #bakeMsOf({ bakeMs }: ColourSpec): number {
    return bakeMs ?? this.#options.bakeMs;
  }
}

/** A connection that failed may be told as a 503, too: it counts once. */
function sampleOf({ backend: { counters } }: MergedPool, isHttp: boolean): BakeSample {
  const { requests, sessions, responses5xx, serverAborts, connectErrors, responseMs } = counters;
  return {
    requests: isHttp ? requests : sessions,
    failures: Math.max(responses5xx + serverAborts, connectErrors),
    responseMs: isHttp ? responseMs : 0,
  };
}

function recordOf(state: BakeRecord['state'], untilMs: number, verdict: Verdict): BakeRecord {
  const { why, errorPercentBefore, errorPercent } = verdict;
  return { state, untilMs, why, errorPercentBefore, errorPercent };
}
