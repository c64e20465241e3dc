// What one plan leaves for the next, so that only services whose claims changed are made anew.

import type { Claim } from '../catalogue/claim.ts';
import { Memo } from '../catalogue/memo.ts';
import type { Problem } from '../catalogue/problem.ts';
import { SortedBefore } from '../catalogue/sorted.ts';
import type { ListenerSpec, NamedTlsSpec, ServiceSpec } from './plan.ts';

/** Whom a key is given to. */
export interface Settled {
  /** Colours of each other, each app once, sorted by app id; empty when nobody gets it. */
  readonly colours: readonly Claim[];
  readonly problems: readonly Problem[];
}

/** A service with what listens for it. */
export interface Made {
  readonly service: ServiceSpec;
  /** One, or none where nothing listens on its port. */
  readonly listeners: readonly ListenerSpec[];
  /** Whose definition the listener and the routes follow. */
  readonly claim: Claim;
}

/** Certificates by name, and what was not to be combined. */
export interface Named {
  readonly byName: readonly NamedTlsSpec[];
  readonly problems: readonly Problem[];
}

export class PlanCache {
  readonly settled = new Memo<Settled>();
  readonly made = new Memo<Made>();
  readonly named = new Memo<Named>();
  readonly shared = new Memo<readonly ListenerSpec[]>();
  readonly order = new SortedBefore();

  begin(): void {
    this.settled.begin();
    this.made.begin();
    this.named.begin();
    this.shared.begin();
  }
}
