// The plan: everything a worker has to know to serve, as plain frozen data. Control plane and data
// plane share these types and nothing else.

import type { AccessWish } from '../catalogue/access-wish.ts';
import type { BalanceSpec } from '../catalogue/balance.ts';
import type { BakeLimits, Mode, TlsSpec } from '../catalogue/claim.ts';
import type { PolicySpec, RouteSpec } from '../catalogue/policy.ts';
import type { Rule } from '../colour/decide.ts';
import type { Share } from '../colour/orders.ts';

export type { AccessWish } from '../catalogue/access-wish.ts';
export type { BalanceSpec } from '../catalogue/balance.ts';
export type { Mode, TlsSpec } from '../catalogue/claim.ts';
export type {
  AuthSpec,
  CompressionSpec,
  Condition,
  Fetch,
  Format,
  HeaderEdit,
  PolicySpec,
  RequestAction,
  RequestRule,
  ResponseAction,
  ResponseRule,
  RouteSpec,
  ServerTlsSpec,
  Test,
  TimeoutsSpec,
} from '../catalogue/policy.ts';
export { NO_POLICY, PLAIN_ROUTE } from '../catalogue/policy.ts';
export type { Rule } from '../colour/decide.ts';
export type { Share } from '../colour/orders.ts';

/** What a listener leads to. */
export type ListenerKind = 'service' | 'http' | 'https' | 'appid';

/** How a listener speaks to those who ask for one of these names. */
export interface NamedTlsSpec {
  /** Sorted; a host is in one of them only. */
  readonly hosts: readonly string[];
  /** Without certificates of its own it has those of `--ssl-certs`. */
  readonly tls: TlsSpec;
}

/** A bound address and how it speaks. */
export interface ListenerSpec {
  /** `address:port`, for example `*:10080`. */
  readonly key: string;
  /** `*` = all addresses of both families. */
  readonly address: string;
  readonly port: number;
  readonly kind: ListenerKind;
  readonly mode: Mode;
  /** Null = in plain. The https listener has the certificates of `--ssl-certs` besides. */
  readonly tls: TlsSpec | null;
  /**
   * Own certificates and settings by the name of the TLS handshake (`--group-https-by-vhost`): where
   * there are any, a name that is in none is closed. Hosts may be wildcards (`*.example.com`).
   */
  readonly byName: readonly NamedTlsSpec[];
  /** Every connection must begin with a PROXY protocol header. */
  readonly acceptProxy: boolean;
  /** pxname of its FRONTEND row when it is shared (`marathon_http_in`); empty for kind `service`. */
  readonly name: string;
  /** The service it leads to; null for the shared kinds, which route by host or app id. */
  readonly serviceKey: string | null;
}

/** A usable server of a pool. */
export interface ServerSpec {
  /** Mesos task id: the identity. */
  readonly id: string;
  /** svname on the stats page. */
  readonly name: string;
  readonly numericId: number;
  readonly address: string;
  readonly port: number;
  /** Share of the requests beside the other servers, 0 to 256; 0 = only those whose cookie names it. */
  readonly weight: number;
  /** An operator's order. `drain`: no new requests but sticky ones. `maint`: nothing at all. */
  readonly admin: 'ready' | 'drain' | 'maint';
}

/** How the requests of a pool find their servers. */
export interface BalancingSpec {
  readonly balance: BalanceSpec;
  /** A cookie of ours leads a client to the same server again; http only. */
  readonly sticky: boolean;
  /** How long the weight and the limit of a server that joined grow to their full size; 0 = at once. */
  readonly slowStartMs: number;
  /** Requests in flight per server, over all workers; 0 = the setting of all pools. */
  readonly maxConnections: number;
}

/** One colour of a service: an app that claims it, with its pool. */
export interface ColourSpec {
  readonly appId: string;
  /** pxname on the stats page (`zdd_blue_10080`). */
  readonly name: string;
  /** Marathon's version of the app. */
  readonly version: string;
  readonly instances: number;
  /** As many healthy tasks as instances, at least one, no deployment running. */
  readonly ready: boolean;
  readonly lastConfigChangeAtMs: number;
  /** Version of the PROXY protocol header its servers want on each connection; 0 = none. */
  readonly sendProxy: 0 | 1 | 2;
  readonly balancing: BalancingSpec;
  readonly policy: PolicySpec;
  /**
   * How long what is in flight may go on when it stops being live, or a server leaves it; 0 = as the
   * settings say.
   */
  readonly drainMs: number;
  /** How long it is compared with its predecessor once it is live; 0 = not; null = the setting. */
  readonly bakeMs: number | null;
  /** What it may do worse meanwhile; absent = the settings. */
  readonly bakeLimits?: BakeLimits;
  /** Which of its requests are logged; absent = as the balancer's flags say. */
  readonly accessLog?: AccessWish;
  /** Usable servers, sorted by (host, port). May be empty. */
  readonly servers: readonly ServerSpec[];
  /** Tasks seen but not usable now: name and standing, for the stats page. */
  readonly others: readonly {
    readonly id: string;
    readonly name: string;
    readonly address: string;
    readonly standing: string;
  }[];
}

/** One address and service port, with its colours and the one that is live. */
export interface ServiceSpec {
  /** Same as its listener's key: `*:10080`. */
  readonly key: string;
  readonly address: string;
  readonly servicePort: number;
  readonly mode: Mode;
  /** App id of the live colour; null when no colour has a usable server. */
  readonly live: string | null;
  /** What part of the requests each colour gets, 100 together; empty = all are for the live one. */
  readonly shares: readonly Share[];
  /** What decided: an operator's pin or split, shares by labels, or Teal's own rule. */
  readonly rule: Rule;
  /** Why that colour is live: one clause for the stats page. */
  readonly why: string;
  /** When it became live, ms since 1970. */
  readonly liveSinceMs: number;
  /** Sorted by app id. */
  readonly colours: readonly ColourSpec[];
  /** Ways here from the http and https listeners, by the live colour's labels. */
  readonly routes: readonly RouteSpec[];
  /** Values of X-Marathon-App-Id that lead here from the app id listener; sorted, in no other service. */
  readonly appIds: readonly string[];
}

/** The whole desired state. Lists are sorted by key. */
export interface Plan {
  readonly listeners: readonly ListenerSpec[];
  readonly services: readonly ServiceSpec[];
}

/** What changed between two plans; a changed service is sent whole, unchanged ones not at all. */
export interface PlanDelta {
  readonly listeners: readonly ListenerSpec[];
  readonly removedListeners: readonly string[];
  readonly services: readonly ServiceSpec[];
  readonly removedServices: readonly string[];
}

export const EMPTY_PLAN: Plan = Object.freeze({
  listeners: Object.freeze([]),
  services: Object.freeze([]),
});

/** Round robin, and nothing else asked for. */
export const PLAIN_BALANCING: BalancingSpec = Object.freeze({
  balance: Object.freeze({ algorithm: 'roundrobin' }),
  sticky: false,
  slowStartMs: 0,
  maxConnections: 0,
});
