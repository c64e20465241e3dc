// One look at what is known → the plan it makes, and everything that is wrong: catalogue, groups, checks,
// certificates and plan, one after the other, each with what it remembers of the last look.

import { makeCatalogue } from '../catalogue/catalogue.ts';
import { CatalogueCache } from '../catalogue/catalogue-cache.ts';
import { CheckMemory } from '../catalogue/check-history.ts';
import type { Claim } from '../catalogue/claim.ts';
import { GroupCache, joinGroups } from '../colour/deployment-groups.ts';
import type { AppList } from '../marathon/source.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import type { Guidance } from '../plan/guidance.ts';
import { makePlan, type Planned } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { PlanCache } from '../plan/plan-cache.ts';
import { type CatalogueRules, catalogueRules } from './catalogue-rules.ts';
import type { Certificates } from './certificates.ts';
import type { OtherSources } from './other-sources.ts';
import type { OwnChecks } from './own-checks.ts';
import type { StartFiles } from './start-files.ts';

export interface PlannerParts {
  readonly options: ServeOptions;
  readonly files: StartFiles;
  readonly others: OtherSources;
  readonly checks: OwnChecks;
  readonly certificates: Certificates;
}

export class Planner {
  readonly #parts: PlannerParts;
  readonly #rules: CatalogueRules;
  readonly #catalogueCache = new CatalogueCache();
  readonly #groupCache = new GroupCache();
  readonly #planCache = new PlanCache();
  readonly #checks = new CheckMemory();
  #claims: readonly Claim[] = [];

  constructor(parts: PlannerParts) {
    this.#parts = parts;
    this.#rules = catalogueRules(parts.options, parts.files.templates);
  }

  /** `inForce` is the plan that the next one follows. */
  look(list: AppList, inForce: Plan, guidance: Guidance, nowMs: number): Planned {
    const { options, others, checks, certificates } = this.#parts;
    const joined = others.join(list, nowMs);
    this.#checks.take(joined.apps);
    const catalogue = makeCatalogue(
      joined.apps,
      { ...this.#rules, addresses: list.addresses, checkHistory: this.#checks.history },
      this.#catalogueCache,
    );
    const grouped = joinGroups(catalogue.claims, this.#groupCache);
    const judged = checks.judge(grouped.claims);
    const guarded = certificates.guard(judged.claims, options.groupHttpsByVhost);
    this.#claims = guarded.claims;
    const planned = makePlan(guarded.claims, options, inForce, nowMs, this.#planCache, guidance);
    const problems = [
      ...list.problems,
      ...joined.problems,
      ...catalogue.problems,
      ...grouped.problems,
      ...judged.problems,
      ...guarded.problems,
      ...planned.problems,
    ];
    return { plan: planned.plan, problems };
  }

  /** What `guidance` would make of the last look; nothing is remembered of it. */
  rehearse(inForce: Plan, guidance: Guidance, nowMs: number): Plan {
    const { options } = this.#parts;
    return makePlan(this.#claims, options, inForce, nowMs, new PlanCache(), guidance).plan;
  }
}
