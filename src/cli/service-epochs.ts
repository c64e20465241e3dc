// Since which epoch each service is as it is: what an order goes by that was made looking at an earlier one.

import { listChanges } from '../catalogue/list-changes.ts';
import type { Plan } from '../plan/plan.ts';

export class ServiceEpochs {
  readonly #changed = new Map<string, number>();

  /** `after` came in force with `epoch`. */
  take(before: Plan, after: Plan, epoch: number): void {
    const { removed, added } = listChanges(before.services, after.services);
    for (const { key } of removed) this.#changed.delete(key);
    for (const { key } of added) this.#changed.set(key, epoch);
  }

  /** 0 = there is no such service. */
  of(key: string): number {
    return this.#changed.get(key) ?? 0;
  }
}
