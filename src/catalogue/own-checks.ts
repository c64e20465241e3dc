// What Teal's own checks make of the claims. A server that fails them gets no requests whatever
// Marathon says; but checks of ours alone never empty a pool: when they fail every server that Marathon
// lets serve, the fault may well be on our side, and all of them are served as before. Pure.

import { checkKey, poolOfKey } from './checks.ts';
import type { Candidate, Claim } from './claim.ts';
import { listChanges } from './list-changes.ts';
import { isSameList } from './memo.ts';
import type { Problem } from './problem.ts';
import { compare } from './sorted.ts';

export interface Judged {
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

/** A claim without its servers that are down. */
interface Lessened {
  readonly down: readonly Candidate[];
  readonly claim: Claim;
}

/** The claims of the last look by their name; claims that stayed are not looked into. */
export class PoolIndex {
  #claims: readonly Claim[] = [];
  readonly #byName = new Map<string, readonly Claim[]>();
  readonly #lessened = new WeakMap<Claim, Lessened>();

  take(claims: readonly Claim[]): void {
    const { removed, added } = listChanges(this.#claims, claims);
    this.#claims = claims;
    for (const claim of removed) this.#set(claim, (one) => one !== claim);
    for (const claim of added) this.#set(claim, () => true, claim);
  }

  named(name: string): readonly Claim[] {
    return this.#byName.get(name) ?? [];
  }

  /** The same object as before while the same claim has the same servers down. */
  without(claim: Claim, down: readonly Candidate[]): Claim {
    const known = this.#lessened.get(claim);
    if (known !== undefined && isSameList(known.down, down)) return known.claim;
    const gone = new Set(down);
    const candidates = claim.candidates.map((one) =>
      gone.has(one) ? { ...one, usable: false, standing: 'failing' as const } : one,
    );
    const lessened = { down, claim: { ...claim, candidates } };
    this.#lessened.set(claim, lessened);
    return lessened.claim;
  }

  #set({ name }: Claim, stays: (claim: Claim) => boolean, ...fresh: Claim[]): void {
    const claims = [...this.named(name).filter(stays), ...fresh];
    if (claims.length > 0) this.#byName.set(name, claims);
    else this.#byName.delete(name);
  }
}

/** `failing`: the `checkKey`s of servers that are down by our own checks. */
export function applyVerdicts(
  claims: readonly Claim[],
  failing: ReadonlySet<string>,
  index = new PoolIndex(),
): Judged {
  index.take(claims);
  const problems: Problem[] = [];
  const pools = [...new Set([...failing].map(poolOfKey))].sort(compare);
  const judged = new Map<Claim, Claim>();
  for (const claim of pools.flatMap((name) => index.named(name))) {
    judged.set(claim, judge(claim, failing, index, problems));
  }
  return {
    claims: judged.size === 0 ? claims : claims.map((claim) => judged.get(claim) ?? claim),
    problems,
  };
}

function judge(
  claim: Claim,
  failing: ReadonlySet<string>,
  index: PoolIndex,
  problems: Problem[],
): Claim {
  const fails = (one: Candidate): boolean => one.usable && failing.has(checkKey(claim.name, one));
  const usable = claim.candidates.filter((one) => one.usable);
  const down = usable.filter(fails);
  if (down.length === 0) return claim;
  if (down.length === usable.length) {
    problems.push(problemOf(claim, down.length));
    return claim;
  }
  return index.without(claim, down);
}

function problemOf(claim: Claim, servers: number): Problem {
  const all = servers === 1 ? 'its only usable server fails' : `all ${servers} usable servers fail`;
  return {
    app: claim.appId,
    where: claim.name,
    value: '',
    message: `${all} Teal's own health check while Marathon lets them serve; expected one that passes: they get requests all the same`,
  };
}
