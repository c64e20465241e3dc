// Claims → plan: listeners, services with their colours and the one that is live, and what could not
// be granted. Pure; the last plan goes in, so that what is live stays live without a reason to change.

import type { Claim } from '../catalogue/claim.ts';
import type { Problem } from '../catalogue/problem.ts';
import { type Decision, decide, isReady, LAST_RESORT, serversOf } from '../colour/decide.ts';
import type { ColourSpec, ListenerSpec, Plan, ServerSpec, ServiceSpec, TlsSpec } from './plan.ts';

export interface PlanOptions {
  /** Address of the shared listeners, and of services that ask for none of their own. */
  readonly bindAddress: string;
  /** Shared listeners; 0 = not opened. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly appidPort: number;
  /** Connections to the http and https listeners begin with a PROXY protocol header. */
  readonly acceptProxy: boolean;
  /** Ours, never a service's. */
  readonly statsPort: number;
  /** The https listener shows each virtual host the certificates of its own apps. */
  readonly groupHttpsByVhost: boolean;
}

export interface Planned {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}

/** Builds the whole desired state. `previous` is the plan in force (EMPTY_PLAN at first). */
export function makePlan(
  claims: readonly Claim[],
  options: PlanOptions,
  previous: Plan,
  nowMs: number,
): Planned {
  const problems: Problem[] = [];
  const before = new Map(previous.services.map((service) => [service.key, service]));
  const listeners = sharedListeners(options);
  const services = [...byKey(claims, options)]
    .flatMap(([key, all]) => {
      const colours = settle(key, all, options, before.get(key), problems);
      if (colours.length === 0) return [];
      const service = makeService(key, colours, options, before.get(key), nowMs);
      listeners.push(serviceListener(service, colours));
      return [service];
    })
    .sort((a, b) => compare(a.key, b.key));
  listeners.sort((a, b) => compare(a.key, b.key));
  return { plan: { listeners, services }, problems };
}

function byKey(claims: readonly Claim[], options: PlanOptions): Map<string, Claim[]> {
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const key = `${addressOf(claim, options)}:${claim.servicePort}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [claim]);
    else group.push(claim);
  }
  return groups;
}

function addressOf(claim: Claim, options: PlanOptions): string {
  return claim.bindAddress === '*' ? options.bindAddress : claim.bindAddress;
}

/** Leaves the claims that are colours of each other; the owner of the port keeps it. */
function settle(
  key: string,
  claims: readonly Claim[],
  options: PlanOptions,
  before: ServiceSpec | undefined,
  problems: Problem[],
): readonly Claim[] {
  const refuse = (claim: Claim, message: string) => {
    const where = `HAPROXY_${claim.portIndex}_PORT`;
    problems.push({ app: claim.appId, where, value: String(claim.servicePort), message });
  };
  const sorted = [...claims].sort((a, b) => compare(a.appId, b.appId) || a.portIndex - b.portIndex);
  const first = sorted[0] as Claim;
  const ours = portOfOurs(first.servicePort, options);
  if (ours !== null) {
    for (const claim of sorted) {
      refuse(claim, `expected a port that is not Teal's own ${ours}; the app is not served on it`);
    }
    return [];
  }
  const owner = sorted.find((claim) => claim.mode === before?.mode) ?? oldest(sorted);
  const colours: Claim[] = [];
  for (const claim of sorted) {
    if (claim.mode !== owner.mode) {
      refuse(
        claim,
        `${key} is ${owner.mode} for ${owner.appId}; expected the same mode, not ${claim.mode}`,
      );
    } else if (colours.some((colour) => colour.appId === claim.appId)) {
      refuse(
        claim,
        `the app claims ${key} twice; expected one port index per service port, the first is served`,
      );
    } else {
      colours.push(claim);
    }
  }
  return colours;
}

function oldest(claims: readonly Claim[]): Claim {
  return claims.reduce((a, b) => (b.lastConfigChangeAtMs < a.lastConfigChangeAtMs ? b : a));
}

function portOfOurs(port: number, options: PlanOptions): string | null {
  if (port === options.statsPort) return 'stats port';
  if (port === options.httpPort) return 'http port';
  if (port === options.httpsPort) return 'https port';
  return port === options.appidPort ? 'app id port' : null;
}

function makeService(
  key: string,
  claims: readonly Claim[],
  options: PlanOptions,
  before: ServiceSpec | undefined,
  nowMs: number,
): ServiceSpec {
  const first = claims[0] as Claim;
  const decision = decide(claims, before?.live ?? null);
  const unchanged = before !== undefined && before.live === decision.live;
  // The reason shown is the one it became live for, not the one it still is.
  const keepsReason = unchanged && !decision.lastResort && before.why !== LAST_RESORT;
  return {
    key,
    address: addressOf(first, options),
    servicePort: first.servicePort,
    mode: first.mode,
    live: decision.live,
    why: keepsReason ? before.why : decision.why,
    liveSinceMs: unchanged ? before.liveSinceMs : nowMs,
    colours: claims.map((claim) => makeColour(claim, decision)),
    routes: (claims.find((claim) => claim.appId === decision.live) ?? first).routes,
  };
}

function makeColour(claim: Claim, decision: Decision): ColourSpec {
  const serving = serversOf(claim, decision.lastResort && decision.live === claim.appId);
  const servers: ServerSpec[] = serving.map((one) => ({
    id: one.taskId,
    name: one.name,
    numericId: one.numericId,
    address: one.address as string,
    port: one.port,
    weight: 1,
    admin: 'ready',
  }));
  return {
    appId: claim.appId,
    name: claim.name,
    version: claim.version,
    instances: claim.instances,
    ready: isReady(claim),
    lastConfigChangeAtMs: claim.lastConfigChangeAtMs,
    sendProxy: claim.sendProxy,
    balancing: {
      balance: claim.balance,
      sticky: claim.sticky,
      slowStartMs: claim.slowStartMs,
      maxConnections: claim.maxConnections,
    },
    policy: claim.policy,
    servers,
    others: claim.candidates
      .filter((one) => !serving.includes(one))
      .map((one) => ({
        id: one.taskId,
        name: one.name,
        address: `${one.address ?? one.host}:${one.port}`,
        standing: one.standing,
      })),
  };
}

/** It speaks as the live colour asks, and changes with it. */
function serviceListener(service: ServiceSpec, claims: readonly Claim[]): ListenerSpec {
  const claim = claims.find((one) => one.appId === service.live) ?? (claims[0] as Claim);
  return {
    tls: claim.tls,
    byName: [],
    acceptProxy: claim.acceptProxy,
    key: service.key,
    address: service.address,
    port: service.servicePort,
    kind: 'service',
    mode: service.mode,
    name: '',
    serviceKey: service.key,
  };
}

/** Its certificates are those of `--ssl-certs`. */
const SHARED_TLS: TlsSpec = Object.freeze({
  certificates: Object.freeze([]),
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
});

/** Names as Marathon-LB gives its shared frontends (marathon-lb.md §3.2). */
function sharedListeners(options: PlanOptions): ListenerSpec[] {
  const shared = [
    { kind: 'http', name: 'marathon_http_in', port: options.httpPort },
    { kind: 'https', name: 'marathon_https_in', port: options.httpsPort },
    { kind: 'appid', name: 'marathon_http_appid_in', port: options.appidPort },
  ] as const;
  return shared
    .filter((one) => one.port !== 0)
    .map((one) => ({
      ...one,
      tls: one.kind === 'https' ? SHARED_TLS : null,
      byName: [],
      acceptProxy: one.kind !== 'appid' && options.acceptProxy,
      key: `${options.bindAddress}:${one.port}`,
      address: options.bindAddress,
      mode: 'http',
      serviceKey: null,
    }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
