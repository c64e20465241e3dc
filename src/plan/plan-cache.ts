// What one plan leaves for the next, so that the work grows with what changed. A cache that does not
// fit (another plan is in force than the one made last, other options) is begun anew: the result is the
// same, only later.

import { Memo } from '../catalogue/memo.ts';
import { changedGuidance, type Guidance, NO_GUIDANCE } from './guidance.ts';
import type { Named } from './named-tls.ts';
import { type Place, Places } from './places.ts';
import type { Plan } from './plan.ts';
import type { PlanOptions } from './plan-options.ts';

export interface Begun {
  readonly places: Places;
  /** Those that other orders hold for than in the last plan. */
  readonly redirected: readonly Place[];
}

export class PlanCache {
  readonly named = new Memo<Named>();
  #places = new Places('*');
  #plan: Plan | null = null;
  #options = '';
  /** Of the last plan. */
  #all: readonly Place[] = [];
  #named: Named | null = null;
  #guidance: Guidance = NO_GUIDANCE;

  /**
   * The places of the last plan if that is the one in force, else empty ones; and which of them other
   * orders hold for than then.
   */
  begin(options: PlanOptions, inForce: Plan, guidance: Guidance): Begun {
    this.named.begin();
    const { bindAddress, httpPort, httpsPort, appidPort, statsPort, acceptProxy } = options;
    const now = [bindAddress, httpPort, httpsPort, appidPort, statsPort, acceptProxy].join(' ');
    if (this.#plan !== inForce || this.#options !== now) this.#places = new Places(bindAddress);
    this.#options = now;
    const changed = changedGuidance(this.#guidance, guidance);
    this.#guidance = guidance;
    return { places: this.#places, redirected: placesOf(this.#places, changed) };
  }

  /** True if the last plan was made of the very same places and names. */
  isInStep({ all }: Places, named: Named): boolean {
    return this.#all === all && this.#named === named;
  }

  /** To be told of the plan that was made of them. */
  end(plan: Plan, { all }: Places, named: Named): void {
    this.#plan = plan;
    this.#all = all;
    this.#named = named;
  }
}

function placesOf({ all }: Places, keys: ReadonlySet<string> | 'all'): readonly Place[] {
  if (keys === 'all') return all;
  return keys.size === 0 ? [] : all.filter(({ key }) => keys.has(key));
}
