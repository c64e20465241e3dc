// What one plan leaves for the next, so that the work grows with what changed. A cache that does not
// fit (another plan is in force than the one made last, other options) is begun anew: the result is the
// same, only later.

import { Memo } from '../catalogue/memo.ts';
import type { Named } from './named-tls.ts';
import { Places } from './places.ts';
import type { ListenerSpec, Plan } from './plan.ts';
import type { PlanOptions } from './plan-options.ts';

export class PlanCache {
  readonly named = new Memo<Named>();
  readonly shared = new Memo<readonly ListenerSpec[]>();
  #places = new Places('*');
  #plan: Plan | null = null;
  #ports = '';

  /** The places of the last plan if that is the one in force, else empty ones. */
  begin(options: PlanOptions, inForce: Plan): Places {
    this.named.begin();
    this.shared.begin();
    const { bindAddress, httpPort, httpsPort, appidPort, statsPort } = options;
    const ports = [bindAddress, httpPort, httpsPort, appidPort, statsPort].join(' ');
    if (this.#plan !== inForce || this.#ports !== ports) this.#places = new Places(bindAddress);
    this.#ports = ports;
    return this.#places;
  }

  /** To be told of the plan that was made of the places. */
  end(plan: Plan): void {
    this.#plan = plan;
  }
}
