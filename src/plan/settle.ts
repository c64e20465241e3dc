// Who gets an address and port that several apps ask for: those that can be colours of each other
// share it, others are refused and told. Whoever has it keeps it, else the oldest definition gets it:
// every instance that sees the same apps for the first time decides alike.

import type { Claim } from '../catalogue/claim.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compare } from '../catalogue/sorted.ts';
import type { Mode } from './plan.ts';
import type { Settled } from './plan-cache.ts';

/**
 * `ours`: what Teal itself has on the port, if anything; `modeBefore`: of the service that has it.
 * `claims` are at least one.
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

/** A key that is granted, as far as its own port and address go. */
export interface Granted {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly colours: readonly Claim[];
}

/**
 * Keys that cannot be listened on beside others: the kernel has no two listeners on one port of one
 * address. `has`: a service of the plan in force has the key.
 */
export function overlaps(
  granted: readonly Granted[],
  has: (key: string) => boolean,
): ReadonlyMap<string, readonly Problem[]> {
  const refused = new Map<string, readonly Problem[]>();
  const byPort = new Map<number, Granted[]>();
  for (const one of granted) {
    const others = byPort.get(one.port);
    if (others === undefined) byPort.set(one.port, [one]);
    else others.push(one);
  }
  for (const rivals of byPort.values()) {
    if (rivals.length < 2) continue;
    const kept: Granted[] = [];
    for (const one of [...rivals].sort((a, b) => precedence(a, b, has))) {
      const owner = kept.find(({ address }) => isOverlapping(address, one.address));
      if (owner === undefined) kept.push(one);
      else
        refused.set(
          one.key,
          one.colours.map((claim) => refusal(claim, overlapping(one, owner))),
        );
    }
  }
  return refused;
}

function overlapping({ key }: Granted, owner: Granted): string {
  const app = owner.colours[0]?.appId ?? '';
  return `${key} is part of ${owner.key}, which ${app} has; expected another port or HAPROXY_{n}_BIND_ADDR, the app is not served on it`;
}

function precedence(a: Granted, b: Granted, has: (key: string) => boolean): number {
  return (
    Number(has(b.key)) - Number(has(a.key)) ||
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
