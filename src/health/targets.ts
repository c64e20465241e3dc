// Which servers are to be probed: those that Marathon lets serve and whose app defines a check. Claims
// that are the objects of the last look are not looked into again.

import { checkKey } from '../catalogue/checks.ts';
import type { CheckSpec, Claim } from '../catalogue/claim.ts';
import { listChanges } from '../catalogue/list-changes.ts';

/** A server to be probed. */
export interface CheckTarget {
  /** `checkKey` of it. */
  readonly key: string;
  readonly address: string;
  readonly spec: CheckSpec;
}

export interface TargetChange {
  /** New, changed, or as they were. */
  readonly present: readonly CheckTarget[];
  /** Keys of those that are not to be probed any more. */
  readonly gone: readonly string[];
}

export class Targets {
  #claims: readonly Claim[] = [];

  /** What changes from the last call to this one. */
  look(claims: readonly Claim[]): TargetChange {
    const { removed, added } = listChanges(this.#claims, claims);
    this.#claims = claims;
    const present = targetsOf(added);
    const kept = new Set(present.map(({ key }) => key));
    const left = targetsOf(removed).map(({ key }) => key);
    return { present, gone: left.filter((key) => !kept.has(key)) };
  }
}

function targetsOf(claims: readonly Claim[]): CheckTarget[] {
  const targets: CheckTarget[] = [];
  for (const claim of claims) {
    for (const one of claim.candidates) {
      if (!one.usable || one.address === null || one.check === null) continue;
      targets.push({ key: checkKey(claim.name, one), address: one.address, spec: one.check });
    }
  }
  return targets;
}
