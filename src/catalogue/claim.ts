// What the apps ask for: one claim per app and service port, with the tasks that could serve it.

import type { AccessWish } from './access-wish.ts';
import type { BalanceSpec } from './balance.ts';
import type { PolicySpec, RouteSpec } from './policy.ts';

/** How a listener or service speaks. */
export type Mode = 'http' | 'tcp';

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** How a listener speaks TLS. Files are named, never contained: a plan holds no key. */
export interface TlsSpec {
  /** PEM files or folders; the first certificate is the default, others are chosen by SNI. */
  readonly certificates: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's list for TLS 1.2 and below; empty = Marathon-LB's. */
  readonly ciphers: string;
  /** Names of TLS 1.3; empty = all. */
  readonly ciphersuites: string;
  /** Whether clients must show a certificate. */
  readonly clientCertificate: 'unasked' | 'required';
  /** File of the authorities that clients' certificates come from; empty = none. */
  readonly authorities: string;
}

/** Why a task may or may not be given requests. */
export type TaskStanding =
  | 'healthy'
  | 'unchecked'
  | 'unhealthy'
  /** Marathon would let it serve, Teal's own check does not. */
  | 'failing'
  | 'starting'
  | 'killing'
  | 'ended'
  | 'unreachable';

/** How an http check asks, where a template says so. */
export interface HttpAsk {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS';
  /** Value of the Host header; empty = the address that is asked. */
  readonly host: string;
  /** Statuses that are good: lowest and highest of each range. */
  readonly statuses: readonly (readonly [number, number])[];
}

/** How a server is probed (HAProxy: `check`, with `option httpchk` for http and https). */
export interface CheckSpec {
  /** `https` speaks TLS and trusts any certificate; `tcp` only connects. */
  readonly kind: 'http' | 'https' | 'tcp';
  /** Request target, printable ASCII from its first slash; empty for `tcp`. */
  readonly path: string;
  /** Absent = GET, with its address as Host, and 200 to 399 are good. */
  readonly asks?: HttpAsk;
  /** Port that is probed, at the server's address; mostly the server's own. */
  readonly port: number;
  readonly intervalMs: number;
  /** From the connection on, for the TLS handshake and the head of the answer. */
  readonly timeoutMs: number;
  /** Good checks in a row that bring a server up. */
  readonly rise: number;
  /** Bad checks in a row that take a server down that has passed one. */
  readonly fall: number;
}

/** A task seen as a possible server. */
export interface Candidate {
  /** Mesos task id: the identity. An address is none, Mesos gives a freed port to the next task. */
  readonly taskId: string;
  /** svname as Marathon-LB makes it (`10_0_6_25_23336`). */
  readonly name: string;
  /** Server id as Marathon-LB makes it: 1 … 32766, unique in its pool. */
  readonly numericId: number;
  readonly host: string;
  /** IP to dial; null while the host name is not resolved. */
  readonly address: string | null;
  readonly port: number;
  readonly standing: TaskStanding;
  /** True if new requests may go to it. */
  readonly usable: boolean;
  /** False while its own readiness check says that it is not: it does not count for a cut-over. */
  readonly ready: boolean;
  /** The check its own version of the app defines for this port; null when it defines none. */
  readonly check: CheckSpec | null;
}

/** What the HAPROXY_DEPLOYMENT_ labels of an app say. */
export interface DeploymentLabels {
  /** Id of the group, a slash and its name: the apps of a group are versions of one service. */
  readonly group: string;
  /** Ms since 1970; -Infinity when absent: the older side is replaced by the younger. */
  readonly startedAtMs: number;
  /** Servers wanted of both sides together; null when absent. */
  readonly targetInstances: number | null;
  /** How far the younger side is to grow; its presence makes a deployment of a group. */
  readonly newInstances: number | null;
}

/** The candidates of a claim are of several apps, one of which replaces the others. */
export interface Handover {
  readonly newAppId: string;
  readonly oldAppIds: readonly string[];
  /** Their servers are drained one for one as new ones can serve. */
  readonly oldTaskIds: ReadonlySet<string>;
  /** Servers that have to be left. */
  readonly target: number;
}

/** What a colour may do worse than the one before it; a field that is absent is the balancer's setting. */
export interface BakeLimits {
  /** Requests that may fail beyond those that failed before. */
  readonly maxErrorPercent?: number;
  /** Time that answers may take longer in the mean; 0 = as long as they like. */
  readonly maxSlowdownPercent?: number;
  /** Fewer requests say nothing. */
  readonly minRequests?: number;
}

/** What one app asks for on one of its service ports. */
export interface Claim {
  /** Of a deployment group that is one pool: the group's. */
  readonly appId: string;
  readonly portIndex: number;
  /** pxname as Marathon-LB makes it: `zdd_blue_10080`. */
  readonly name: string;
  readonly servicePort: number;
  /** `*` = all addresses of both families. */
  readonly bindAddress: string;
  /** False: nothing listens on the service port, other ways lead here (an empty FRONTEND_HEAD). */
  readonly listens: boolean;
  readonly mode: Mode;
  /** Null = in plain. Without certificates its port is not served, only its hosts (`--group-https-by-vhost`). */
  readonly tls: TlsSpec | null;
  /**
   * What it asks for of TLS without a certificate, though its port speaks in plain: its hosts are
   * spoken to like that with `--group-https-by-vhost`. Absent = nothing.
   */
  readonly hostTls?: TlsSpec;
  /** Every connection must begin with a PROXY protocol header. */
  readonly acceptProxy: boolean;
  readonly balance: BalanceSpec;
  /** Clients are led back to their server by a cookie; false in mode tcp. */
  readonly sticky: boolean;
  /** How long the share of a server that joins grows to its full size; 0 = at once. */
  readonly slowStartMs: number;
  /** Requests in flight per server; 0 = the balancer's own setting. */
  readonly maxConnections: number;
  /** Version of the PROXY protocol header that its servers want; 0 = none. */
  readonly sendProxy: 0 | 1 | 2;
  /** How long what is in flight may go on once the colour is not live any more; 0 = the setting. */
  readonly drainMs: number;
  /** How long it is compared with its predecessor once it is live; 0 = not; null = the setting. */
  readonly bakeMs: number | null;
  /** What it may do worse meanwhile; absent = the settings. */
  readonly bakeLimits?: BakeLimits;
  /** Its share of the requests beside the live colour; null = it is live or it is not. */
  readonly sharePercent: number | null;
  /** Which of its requests are logged; absent = as the balancer's flags say. */
  readonly accessLog?: AccessWish;
  /** Ways to it from the shared listeners; empty when the app asks for none. */
  readonly routes: readonly RouteSpec[];
  readonly policy: PolicySpec;
  /** Shown as the colour's version: `SIMPLE_SERVICE_VERSION`-like labels are not known, so Marathon's. */
  readonly version: string;
  /** Instances asked for. */
  readonly instances: number;
  readonly lastConfigChangeAtMs: number;
  readonly lastScalingAtMs: number;
  /** True while a Marathon deployment runs on the app. */
  readonly deploying: boolean;
  /** Null when the app is in no deployment group. */
  readonly deployment: DeploymentLabels | null;
  /** Null as long as all candidates are of one app. */
  readonly handover: Handover | null;
  /** Sorted by (host, port); every visible task, usable or not. */
  readonly candidates: readonly Candidate[];
}
