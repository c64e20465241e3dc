// Who gets an address and port that several apps ask for: those that can be colours of each other
// share it, others are refused and told. Whoever has it keeps it, else the oldest definition gets it:
// every instance that sees the same apps for the first time decides alike.

import type { Claim } from '../catalogue/claim.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compare } from '../catalogue/sorted.ts';
import type { Place } from './places.ts';
import type { Mode } from './plan.ts';

/** Whom a place is given to. */
export interface Settled {
  /** Colours of each other, each app once, sorted by app id; empty when nobody gets it. */
  readonly colours: readonly Claim[];
  readonly problems: readonly Problem[];
}

/**
 * `ours`: what Teal itself has on the port, if anything; `modeBefore`: of the service that has it.
 */
export function settle(
  key: string,
  claims: readonly Claim[],
  ours: string | null,
  modeBefore: Mode | null,
): Settled {
  const problems: Problem[] = [];
  const sorted = [...claims].sort((a, b) => compare(a.appId, b.appId) || a.portIndex - b.portIndex);
  if (ours !== null) {
    const message = `expected a port that is not Teal's own ${ours}; the app is not served on it`;
    return { colours: [], problems: sorted.map((claim) => refusal(claim, message)) };
  }
  if (sorted.length === 0) return { colours: [], problems: [] };
  const owner = sorted.find((claim) => claim.mode === modeBefore) ?? oldest(sorted);
  const colours: Claim[] = [];
  for (const claim of sorted) {
    if (claim.mode !== owner.mode) {
      const message = `${key} is ${owner.mode} for ${owner.appId}; expected the same mode, not ${claim.mode}`;
      problems.push(refusal(claim, message));
    } else if (colours.some((colour) => colour.appId === claim.appId)) {
      const message = `the app claims ${key} twice; expected one port index per service port, the first is served`;
      problems.push(refusal(claim, message));
    } else {
      colours.push(claim);
    }
  }
  return { colours, problems };
}

type Taken = Pick<Place, 'key' | 'address' | 'port' | 'colours'>;

/**
 * Places that cannot be listened on beside others: the kernel has no two listeners on one port of one
 * address. `isInForce`: it has a service already.
 */
export function overlaps<T extends Taken>(
  taken: readonly T[],
  isInForce: (place: T) => boolean,
): ReadonlyMap<T, readonly Problem[]> {
  const refused = new Map<T, readonly Problem[]>();
  const byPort = new Map<number, T[]>();
  for (const one of taken) {
    const others = byPort.get(one.port);
    if (others === undefined) byPort.set(one.port, [one]);
    else others.push(one);
  }
  for (const rivals of byPort.values()) {
    if (rivals.length < 2) continue;
    const kept: T[] = [];
    for (const one of [...rivals].sort((a, b) => precedence(a, b, isInForce))) {
      const owner = kept.find(({ address }) => isOverlapping(address, one.address));
      if (owner === undefined) kept.push(one);
      else
        refused.set(
          one,
          one.colours.map((claim) => refusal(claim, overlapping(one, owner))),
        );
    }
  }
  return refused;
}

function overlapping({ key }: Taken, owner: Taken): string {
  const app = owner.colours[0]?.appId ?? '';
  return `${key} is part of ${owner.key}, which ${app} has; expected another port or HAPROXY_{n}_BIND_ADDR, the app is not served on it`;
}

function precedence<T extends Taken>(a: T, b: T, isInForce: (place: T) => boolean): number {
  return (
    Number(isInForce(b)) - Number(isInForce(a)) ||
    oldest(a.colours).lastConfigChangeAtMs - oldest(b.colours).lastConfigChangeAtMs ||
    compare(a.key, b.key)
  );
}

function isOverlapping(a: string, b: string): boolean {
  return a === b || covers(a, b) || covers(b, a);
}

/** `*` and `::` are all addresses of both families. */
function covers(any: string, address: string): boolean {
  return any === '*' || any === '::' || (any === '0.0.0.0' && !address.includes(':'));
}

function oldest(claims: readonly Claim[]): Claim {
  return claims.reduce((a, b) => (b.lastConfigChangeAtMs < a.lastConfigChangeAtMs ? b : a));
}

function refusal(claim: Claim, message: string): Problem {
  const where = `HAPROXY_${claim.portIndex}_PORT`;
  return { app: claim.appId, where, value: String(claim.servicePort), message };
}
