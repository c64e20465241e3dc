// What Teal's own checks make of the claims. A server that fails them gets no requests whatever
// Marathon says; but checks of ours alone never empty a pool: when they fail every server that Marathon
// lets serve, the fault may well be on our side, and all of them are served as before. Pure.

import { checkKey, poolOfKey } from './checks.ts';
import type { Candidate, Claim } from './claim.ts';
import type { Problem } from './problem.ts';

export interface Judged {
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

/** `failing`: the `checkKey`s of servers that are down by our own checks. */
export function applyVerdicts(claims: readonly Claim[], failing: ReadonlySet<string>): Judged {
  if (failing.size === 0) return { claims, problems: [] };
  const pools = new Set([...failing].map(poolOfKey));
  const problems: Problem[] = [];
  const judged = claims.map((claim) => {
    if (!pools.has(claim.name)) return claim;
    const fails = (one: Candidate): boolean => one.usable && failing.has(checkKey(claim.name, one));
    const usable = claim.candidates.filter((one) => one.usable);
    const down = usable.filter(fails);
    if (down.length === 0) return claim;
    if (down.length === usable.length) {
      problems.push(problemOf(claim, down.length));
      return claim;
    }
    return {
      ...claim,
      candidates: claim.candidates.map((one) =>
        fails(one) ? { ...one, usable: false, standing: 'failing' as const } : one,
      ),
    };
  });
  return { claims: judged, problems };
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
