// What one plan leaves for the next, so that the work grows with what changed. A cache that does not
// fit (another plan is in force than the one made last, other options) is begun anew: the result is the
// same, only later.

import { Memo } from '../catalogue/memo.ts';
import { changedGuidance, type Guidance, NO_GUIDANCE } from './guidance.ts';
import type { Named } from './named-tls.ts';
import { Places } from './places.ts';
import type { Plan } from './plan.ts';
import type { PlanOptions } from './plan-options.ts';

export interface Begun {
  readonly places: Places;
  /** True if other orders hold for the service of this key than in the last plan. */
  readonly redirected: (key: string) => boolean;
}

export class PlanCache {
  readonly named = new Memo<Named>();
  #places = new Places('*');
  #plan: Plan | null = null;
  #ports = '';
  #guidance: Guidance = NO_GUIDANCE;

  /**
   * The places of the last plan if that is the one in force, else empty ones; and which of them other
   * orders hold for than then.
   */
  begin(options: PlanOptions, inForce: Plan, guidance: Guidance): Begun {
    this.named.begin();
    const { bindAddress, httpPort, httpsPort, appidPort, statsPort } = options;
    const ports = [bindAddress, httpPort, httpsPort, appidPort, statsPort].join(' ');
    if (this.#plan !== inForce || this.#ports !== ports) this.#places = new Places(bindAddress);
    this.#ports = ports;
    const changed = changedGuidance(this.#guidance, guidance);
    this.#guidance = guidance;
    const redirected = (key: string): boolean => changed === 'all' || changed.has(key);
    return { places: this.#places, redirected };
  }

  /** To be told of the plan that was made of the places. */
  end(plan: Plan): void {
    this.#plan = plan;
  }
}
