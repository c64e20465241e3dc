// The cut-overs of this process, newest first.

import type { Acknowledgement } from '../fleet/fleet.ts';
import type { Plan } from '../plan/plan.ts';
import type { CutOver } from '../stats/view.ts';

const KEPT = 100;

export class CutOverHistory {
  #entries: readonly CutOver[] = [];

  /** Newest first, at most 100. */
  get entries(): readonly CutOver[] {
    return this.#entries;
  }

  /** Keeps and returns the cut-overs between two plans; a service that comes or goes with its app is one too. */
  record(before: Plan, after: Plan, answer: Acknowledgement, nowMs: number): readonly CutOver[] {
    const old = new Map(before.services.map((service) => [service.key, service.live]));
    const found: CutOver[] = [];
    const add = (service: string, to: string | null, why: string): void => {
      const from = old.get(service) ?? null;
      old.delete(service);
      if (from === to) return;
      const { epoch, workers, tookMs } = answer;
      found.push({ atMs: nowMs, service, from, to, why, epoch, workers, tookMs });
    };
    for (const service of after.services) add(service.key, service.live, service.why);
    for (const key of [...old.keys()]) add(key, null, 'no app asks for this service any more');
    this.#entries = [...found, ...this.#entries].slice(0, KEPT);
    return found;
  }
}
