// What Teal's own checks make of the claims. A server that fails them gets no requests whatever
// Marathon says; but checks of ours alone never empty a pool: when they fail every server that Marathon
// lets serve, the fault may well be on our side, and all of them are served as before. Pure.

import { checkKey } from './checks.ts';
import type { Candidate, Claim } from './claim.ts';
import type { Problem } from './problem.ts';

/** By `checkKey`; a server without an entry has not failed. */
export type Verdicts = ReadonlyMap<string, { readonly up: boolean }>;

export interface Judged {
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

export function applyVerdicts(claims: readonly Claim[], verdicts: Verdicts): Judged {
  const problems: Problem[] = [];
  const judged = claims.map((claim) => {
    const fails = (one: Candidate): boolean =>
      one.usable && verdicts.get(checkKey(claim.name, one))?.up === false;
    const usable = claim.candidates.filter((one) => one.usable);
    const failing = usable.filter(fails);
    if (failing.length === 0) return claim;
    if (failing.length === usable.length) {
      problems.push(problemOf(claim, failing.length));
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
