// What the texts of Marathon-LB's templates ask for, as typed settings: the result of reading them.
// Everything in it is plain data; whatever is not understood is in `ignored`, with the reason.

import type { BalanceSpec } from '../balance.ts';
import type { Mode } from '../claim.ts';
import type {
  CompressionSpec,
  ForwardedForSpec,
  RequestRule,
  ResponseRule,
  ServerTlsSpec,
  TimeoutsSpec,
} from '../policy.ts';

/** One directive, where it stands, and what has become of it. */
export interface Told {
  /** Without `HAPROXY_`: `BACKEND_HEAD`. */
  readonly template: string;
  /** From 1, in that text. */
  readonly line: number;
  /** Its words, with single spaces, cut to 200 characters. */
  readonly directive: string;
  /** What was expected, or what happens instead; empty for what is simply carried out. */
  readonly reason: string;
}

/** What the words of a `server` line change for every server of the pool. */
export interface ServerChange {
  /** Dialled in place of the tasks' addresses; empty = theirs. */
  readonly host: string;
  /** Dialled in place of the tasks' ports; 0 = theirs. */
  readonly port: number;
  /** 0 = not said. */
  readonly maxConnections: number;
  /** 0 = not said. */
  readonly slowStartMs: number;
  readonly sendProxy: 0 | 1 | 2;
  /** Null = in plain. */
  readonly tls: ServerTlsSpec | null;
}

/** What is changed of the servers' health check. Empty, 0 and null = as it is. */
export interface CheckChange {
  /** `none`: servers are not checked at all. */
  readonly kind: 'http' | 'tcp' | 'none' | null;
  /** `GET`, `HEAD` … */
  readonly method: string;
  readonly path: string;
  /** Value of the Host header. */
  readonly host: string;
  /** Statuses that are good: lowest and highest of each range. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly port: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
  /** True if it speaks TLS. */
  readonly encrypted: boolean;
}

/**
 * One way from the shared listeners to the service, in place of the one that VHOST and PATH make.
 * `{hostname}` stands for each host of VHOST, `*.{hostname}` for every name below it, `{path}` for the
 * prefixes of PATH, or for any path where that label is not given.
 */
export interface RoutePattern {
  /** Empty = any host. */
  readonly hosts: readonly string[];
  /** Empty = any path. */
  readonly paths: readonly string[];
}

export interface Directives {
  readonly request: readonly RequestRule[];
  readonly response: readonly ResponseRule[];
  readonly allowedNetworks: readonly string[];
  /** 0 = not said. */
  readonly timeouts: TimeoutsSpec;
  /** Null = not said. */
  readonly balance: BalanceSpec | null;
  readonly mode: Mode | null;
  readonly server: ServerChange;
  readonly check: CheckChange;
  /** Words for BIND_OPTIONS, in front of its own; empty = none. */
  readonly bindOptions: string;
  /** In place of BIND_ADDR; empty = not said. */
  readonly bindAddress: string;
  /** False: nothing listens on the service port (an empty FRONTEND_HEAD). */
  readonly bindsServicePort: boolean;
  /** Null = as VHOST and PATH say. */
  readonly routes: readonly RoutePattern[] | null;
  readonly compression: CompressionSpec | null;
  readonly errorFiles: readonly { readonly status: number; readonly path: string }[];
  /** Null = not said. */
  readonly closesServers: boolean | null;
  /** Requests that the access log has a line for; null = not said. */
  readonly logged: 'all' | 'errors' | null;
  /** Null = as usual. */
  readonly forwardedFor: ForwardedForSpec | null;
  /** Templates of `SWITCHED_BY` with a text of their own: it stands in place of the label's effect. */
  readonly replaced: readonly string[];
  /** Carried out, or the case anyway. */
  readonly understood: readonly Told[];
  readonly ignored: readonly Told[];
}
