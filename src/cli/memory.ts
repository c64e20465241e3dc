// What was live last in each service, and before that: where the way back leads, and what a service that
// was gone for a while, or a process that starts again, begins with.

import { listChanges } from '../catalogue/list-changes.ts';
import type { Remembered } from '../plan/guidance.ts';
import type { Plan } from '../plan/plan.ts';

export interface Lived extends Remembered {
  /** App id that was live before; null = none is known. */
  readonly previous: string | null;
}

/** Services that are gone and may come back. */
const MAX_ABSENT = 1_000;

export class Memory {
  readonly #services: Map<string, Lived>;

  constructor(saved: ReadonlyMap<string, Lived>) {
    this.#services = new Map(saved);
  }

  /** By service key, those that changed last at the end. */
  get services(): ReadonlyMap<string, Lived> {
    return this.#services;
  }

  livedBefore(key: string): string | null {
    return this.#services.get(key)?.previous ?? null;
  }

  /** A plan is in force; true if something else is live than before. */
  take(before: Plan, { services }: Plan): boolean {
    let hasChanged = false;
    for (const { key, live, liveSinceMs, why, rule } of listChanges(before.services, services)
      .added) {
      const last = this.#services.get(key);
      const isSame = last?.live === live && last.liveSinceMs === liveSinceMs && last.rule === rule;
      // What was live before all servers were gone is what may come back.
      if (live === null || isSame) continue;
      const left = last === undefined || last.live === live ? null : last.live;
      const previous = left ?? last?.previous ?? null;
      this.#services.delete(key);
      this.#services.set(key, { live, liveSinceMs, why, rule, previous });
      hasChanged = true;
    }
    this.#forget(services);
    return hasChanged;
  }

  #forget(services: Plan['services']): void {
    const most = services.length + MAX_ABSENT;
    if (this.#services.size <= most) return;
    const present = new Set(services.map(({ key }) => key));
    for (const key of this.#services.keys()) {
      if (this.#services.size <= most) break;
      if (!present.has(key)) this.#services.delete(key);
    }
  }
}
