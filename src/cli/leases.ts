// Who may order something of a service for a while: two deployments cannot interleave. A lease ends by
// itself; a restart ends all.

import { randomBytes } from 'node:crypto';
import type { LeaseView } from '../stats/view.ts';

export interface Lease {
  readonly id: string;
  readonly by: string;
  readonly why: string;
  readonly untilMs: number;
  /** Taken by a prepared order: it ends with the commit. */
  readonly forOneOrder: boolean;
}

export class Leases {
  readonly #byService = new Map<string, Lease>();

  /** The lease on a service that still runs; undefined = there is none. */
  on(service: string, nowMs: number): Lease | undefined {
    const lease = this.#byService.get(service);
    if (lease !== undefined && lease.untilMs <= nowMs) {
      this.#byService.delete(service);
      return undefined;
    }
    return lease;
  }

  /** Takes or prolongs one; whoever has `id` prolongs their own. The caller has looked whether it may. */
  take(service: string, lease: Omit<Lease, 'id'>, id: string): Lease {
    const own = this.#byService.get(service);
    const taken =
      own !== undefined && own.id === id
        ? { ...own, untilMs: Math.max(own.untilMs, lease.untilMs) }
        : { ...lease, id: randomBytes(12).toString('hex') };
    this.#byService.set(service, taken);
    return taken;
  }

  end(service: string, id: string): void {
    if (this.#byService.get(service)?.id === id) this.#byService.delete(service);
  }

  /** Those that run. */
  list(nowMs: number): readonly LeaseView[] {
    return [...this.running(nowMs)].flatMap((service) => {
      const lease = this.on(service, nowMs);
      if (lease === undefined) return [];
      const { by, why, untilMs } = lease;
      return [{ service, by, why, untilMs }];
    });
  }

  /** Services with a lease that runs. */
  running(nowMs: number): ReadonlySet<string> {
    return new Set([...this.#byService.keys()].filter((key) => this.on(key, nowMs) !== undefined));
  }
}
