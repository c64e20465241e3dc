// How the https listener speaks to each virtual host when they are grouped (marathon-lb.md §3.5): with
// the certificates of all apps of the host together, else with the shared ones, and as all apps ask
// that a request of the host may come to. Of what cannot be joined the stricter is taken.

import type { Claim } from '../catalogue/claim.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compare } from '../catalogue/sorted.ts';
import { SHARED_TLS } from './listeners.ts';
import type { NamedTlsSpec, TlsSpec } from './plan.ts';

/** Certificates by name, and what was not to be joined. */
export interface Named {
  readonly byName: readonly NamedTlsSpec[];
  readonly problems: readonly Problem[];
}

/** By age. */
const VERSIONS: readonly TlsSpec['minVersion'][] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** A way by a host, as its app asks to be spoken to. */
interface Way {
  readonly claim: Claim;
  readonly weight: number;
  /** Takes every request that comes to it. */
  readonly isWhole: boolean;
}

/** `claims` are those that services go by, sorted; those without virtual hosts have no say. */
export function namedTls(claims: readonly Claim[]): Named {
  const problems: Problem[] = [];
  const byHost = new Map<string, TlsSpec>();
  const ways = waysByHost(claims);
  for (const host of ways.keys()) {
    let spoken = SHARED_TLS;
    for (const claim of claimsAt(host, ways)) {
      const joined = joinTls(spoken, claim.tls ?? claim.hostTls ?? SHARED_TLS);
      spoken = joined.tls;
      if (joined.conflict !== '') problems.push(conflict(claim, host, joined.conflict));
    }
    byHost.set(host, spoken);
  }
  return { byName: bySpec(byHost), problems };
}

function waysByHost(claims: readonly Claim[]): ReadonlyMap<string, readonly Way[]> {
  const ways = new Map<string, Way[]>();
  for (const claim of claims) {
    for (const { hosts, paths, weight } of claim.routes) {
      for (const host of new Set(hosts)) {
        const way = { claim, weight, isWhole: paths.length === 0 };
        const known = ways.get(host);
        if (known === undefined) ways.set(host, [way]);
        else known.push(way);
      }
    }
  }
  return ways;
}

/**
 * All claims of the host, and of wildcards around it those that may get its requests: a route that
 * weighs more than the whole host's, or paths that the host does not take (proxy/route-index.ts).
 */
function claimsAt(host: string, ways: ReadonlyMap<string, readonly Way[]>): ReadonlySet<Claim> {
  const claims = new Set<Claim>();
  let heaviestWhole = Number.NEGATIVE_INFINITY;
  for (const name of [host, ...wildcardsAround(host)]) {
    const before = heaviestWhole;
    for (const { claim, weight, isWhole } of ways.get(name) ?? []) {
      if (weight > before) claims.add(claim);
      if (isWhole) heaviestWhole = Math.max(heaviestWhole, weight);
    }
  }
  return claims;
}

/** The nearest first. */
function wildcardsAround(host: string): readonly string[] {
  const name = host.startsWith('*.') ? host.slice(2) : host;
  const labels = name.split('.');
  return labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`);
}

/** Hosts that are spoken to alike are one entry. */
function bySpec(byHost: ReadonlyMap<string, TlsSpec>): readonly NamedTlsSpec[] {
  const groups = new Map<string, { hosts: string[]; tls: TlsSpec }>();
  for (const [host, tls] of byHost) {
    const text = JSON.stringify(tls);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { hosts: [host], tls });
    else group.hosts.push(host);
  }
  return [...groups.values()]
    .map(({ hosts, tls }) => ({ hosts: hosts.sort(compare), tls }))
    .sort((a, b) => compare(a.hosts[0] ?? '', b.hosts[0] ?? ''));
}

/** `conflict` is what of the second has no effect; empty = nothing. */
function joinTls(a: TlsSpec, b: TlsSpec): { readonly tls: TlsSpec; readonly conflict: string } {
  const min = Math.max(VERSIONS.indexOf(a.minVersion), VERSIONS.indexOf(b.minVersion));
  const max = Math.min(VERSIONS.indexOf(a.maxVersion), VERSIONS.indexOf(b.maxVersion));
  const meets = min <= max;
  const isOther = (one: string, other: string): boolean =>
    one !== '' && other !== '' && one !== other;
  const conflicts = [
    meets ? '' : 'versions of TLS',
    isOther(a.ciphers, b.ciphers) || isOther(a.ciphersuites, b.ciphersuites) ? 'ciphers' : '',
    isOther(a.authorities, b.authorities) ? 'ca-file' : '',
  ];
  const isRequired = a.clientCertificate === 'required' || b.clientCertificate === 'required';
  return {
    tls: {
      certificates: [...new Set([...a.certificates, ...b.certificates])],
      minVersion: (meets ? VERSIONS[min] : undefined) ?? a.minVersion,
      maxVersion: (meets ? VERSIONS[max] : undefined) ?? a.maxVersion,
      ciphers: a.ciphers || b.ciphers,
      ciphersuites: a.ciphersuites || b.ciphersuites,
      clientCertificate: isRequired ? 'required' : 'unasked',
      authorities: a.authorities || b.authorities,
    },
    conflict: conflicts.filter(Boolean).join(', '),
  };
}

function conflict(claim: Claim, host: string, what: string): Problem {
  return {
    app: claim.appId,
    where: `HAPROXY_${claim.portIndex}_BIND_OPTIONS`,
    value: host.slice(0, 200),
    message: `expected the same ${what} of all apps of this virtual host; those of the first are used on the https listener`,
  };
}
