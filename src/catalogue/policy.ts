// What happens to the requests and responses of a service besides being relayed: who may come in, what
// is answered at the edge, and which fields and targets are edited. Plain data; labels and the
// directives of HAProxy templates are read into it, `proxy/policy` carries it out.

/** Something of a request, a response or their connection that a rule looks at or writes elsewhere. */
export interface Fetch {
  readonly from:
    | 'client-address'
    | 'client-port'
    | 'listener-address'
    | 'listener-port'
    /** 1 when the client's connection is TLS, else 0. */
    | 'encrypted'
    /** Server name of the TLS handshake. */
    | 'server-name-indication'
    | 'method'
    /** `1.0` or `1.1`. */
    | 'http-version'
    /** Request target as received: path and query. */
    | 'target'
    | 'path'
    | 'query'
    /** Host without its port. */
    | 'host'
    | 'request-header'
    | 'cookie'
    | 'url-parameter'
    | 'status'
    | 'response-header'
    /** pxname and svname of the ones that serve. */
    | 'backend'
    | 'server'
    /** A random UUID, one per request. */
    | 'unique-id'
    /** Seconds since 1970. */
    | 'now'
    /** Servers of the service that can be used (`nbsrv`). */
    | 'usable-servers'
    /** Host name of the machine or container that the balancer runs on. */
    | 'balancer-host';
  /** Of the header (lower-cased), cookie or parameter; empty where none is needed. */
  readonly name: string;
  /** Applied in their order. */
  readonly converters: readonly ('lower' | 'upper' | 'url-decode' | 'base64')[];
}

/** Text put together for each request: literal text and what is fetched. */
export type Format = readonly (string | Fetch)[];

export interface Test {
  readonly fetch: Fetch;
  /**
   * `directory` and `domain`: the value is one of the pieces between slashes or dots. `network`: an
   * address or CIDR. `range`: integers, `n`, `n:m`, `n:` or `:m`. `found`: there is such a thing.
   * `true`: a number other than 0.
   */
  readonly match:
    | 'exact'
    | 'prefix'
    | 'suffix'
    | 'substring'
    | 'directory'
    | 'domain'
    | 'regex'
    | 'network'
    | 'range'
    | 'found'
    | 'true';
  /** One of them has to match; empty for `found` and `true`. */
  readonly values: readonly string[];
  readonly ignoresCase: boolean;
  readonly negated: boolean;
}

/** Holds if all tests of one of its lists do (and not so, where negated: `unless`). */
export interface Condition {
  readonly negated: boolean;
  readonly anyOf: readonly (readonly Test[])[];
}

export type HeaderEdit =
  | { readonly do: 'set-header' | 'add-header'; readonly name: string; readonly value: Format }
  | { readonly do: 'del-header'; readonly name: string }
  /**
   * Each field of that name whose value (`replace-value`: each part of it between commas) matches
   * becomes `value`; `\1` in it are groups of `pattern`.
   */
  | {
      readonly do: 'replace-header' | 'replace-value';
      readonly name: string;
      readonly pattern: string;
      readonly ignoresCase: boolean;
      readonly value: Format;
    };

export type RequestAction =
  | HeaderEdit
  /** Ends the rules: the request goes on to a server. */
  | { readonly do: 'allow' }
  /** Answers in HAProxy's words and closes nothing that HAProxy keeps. */
  | { readonly do: 'deny'; readonly status: number }
  /** Answers with this. */
  | {
      readonly do: 'return';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  /**
   * `location`: the value is the whole Location. `prefix`: the target is appended. `scheme`: scheme,
   * `://`, Host as received, target.
   */
  | {
      readonly do: 'redirect';
      readonly to: 'location' | 'prefix' | 'scheme';
      readonly status: 301 | 302 | 303 | 307 | 308;
      readonly value: Format;
      readonly dropsQuery: boolean;
    }
  | { readonly do: 'set-method' | 'set-path' | 'set-query' | 'set-target'; readonly value: Format }
  /** `\1` in `value` are groups of `pattern`. */
  | {
      readonly do: 'replace-path' | 'replace-target';
      readonly pattern: string;
      readonly ignoresCase: boolean;
      readonly value: string;
    }
  /**
   * HTTP_BACKEND_PROXYPASS_PATH: a path that begins with `prefix`, in any case, loses it and one slash
   * after it, and begins with a slash again.
   */
  | { readonly do: 'strip-prefix'; readonly prefix: string }
  /**
   * Refuses with `status` who is over `most` in `periodMs`, by the value of `key`, in this worker's
   * share; `connections` counts those opened, by their first request, `errors` answers of 4xx, and
   * `open-connections` the requests in flight at once (periodMs 0).
   */
  | {
      readonly do: 'limit';
      readonly counts: 'requests' | 'connections' | 'open-connections' | 'errors';
      readonly key: Fetch;
      readonly most: number;
      readonly periodMs: number;
      readonly status: number;
    };

export type ResponseAction =
  | HeaderEdit
  | { readonly do: 'deny' }
  | { readonly do: 'set-status'; readonly status: number }
  /**
   * HTTP_BACKEND_REVPROXY_PATH: a Location that is a path, or a URL of one of `hosts` (`*.example.com`
   * stands for every name below it) with any port, becomes `prefix` and its path.
   */
  | { readonly do: 'prefix-location'; readonly prefix: string; readonly hosts: readonly string[] };

export interface RequestRule {
  /** Null = always. */
  readonly when: Condition | null;
  readonly action: RequestAction;
  /**
   * Which requests, by the listener they came in by. `entrance`: the service port (FRONTEND_HEAD);
   * `http`, `https` and `appid`: the shared one of that kind.
   */
  readonly scope: 'entrance' | 'http' | 'https' | 'appid' | 'everywhere';
}

export interface ResponseRule {
  readonly when: Condition | null;
  readonly action: ResponseAction;
}

/** Milliseconds; 0 = as the balancer's own options say. */
export interface TimeoutsSpec {
  readonly connectMs: number;
  readonly clientMs: number;
  readonly serverMs: number;
  readonly queueMs: number;
  readonly tunnelMs: number;
  readonly requestHeadMs: number;
  readonly keepAliveMs: number;
}

/** TLS on the connections to the servers. */
export interface ServerTlsSpec {
  /** False: any certificate will do (`verify none`). */
  readonly verifies: boolean;
  /** File of the authorities their certificates come from; empty = the system's. */
  readonly authorities: string;
  /** Sent as SNI and compared with the certificate; empty = no name is sent, nor compared. */
  readonly serverName: string;
}

export interface CompressionSpec {
  /** In order of preference. */
  readonly algorithms: readonly ('gzip' | 'deflate')[];
  /** Media types without parameters, lower-cased; empty = HAProxy's: all. */
  readonly types: readonly string[];
}

/** How servers are told of the client (`option forwardfor`). */
export interface ForwardedForSpec {
  /** Field that its address is added to, behind what the client has sent in it. */
  readonly header: string;
  /** Addresses and CIDRs of clients that are not told of. */
  readonly except: readonly string[];
  /** Only where the client has sent no such field. */
  readonly ifNone: boolean;
}

/** As `option forwardfor` by itself, which Marathon-LB's backends have. */
export const USUAL_FORWARDED_FOR: ForwardedForSpec = Object.freeze({
  header: 'X-Forwarded-For',
  except: Object.freeze([]),
  ifNone: false,
});

/** How a service treats what comes through it, by its live colour's labels. */
export interface PolicySpec {
  /**
   * Addresses and CIDRs that may come in (BACKEND_NETWORK_ALLOWED_ACL), by every way and in both modes.
   * Null = all; empty = nobody, as no entry of the label could be read.
   */
  readonly allowedNetworks: readonly string[] | null;
  /** Asked of every request, whichever way it came in (`TEAL_{n}_AUTH_SCOPE=all`). Null = nobody is. */
  readonly auth: AuthSpec | null;
  /** In order. */
  readonly request: readonly RequestRule[];
  readonly response: readonly ResponseRule[];
  readonly timeouts: TimeoutsSpec;
  /** Null = in plain. */
  readonly serverTls: ServerTlsSpec | null;
  readonly compression: CompressionSpec | null;
  /** Files with a whole response each, instead of an answer of our own with that status. */
  readonly errorFiles: readonly { readonly status: number; readonly path: string }[];
  /** Connections to servers carry one request each. */
  readonly closesServers: boolean;
  /** Null = in X-Forwarded-For, of every client. */
  readonly forwardedFor: ForwardedForSpec | null;
}

export const NO_TIMEOUTS: TimeoutsSpec = Object.freeze({
  connectMs: 0,
  clientMs: 0,
  serverMs: 0,
  queueMs: 0,
  tunnelMs: 0,
  requestHeadMs: 0,
  keepAliveMs: 0,
});

export const NO_POLICY: PolicySpec = Object.freeze({
  allowedNetworks: null,
  auth: null,
  request: Object.freeze([]),
  response: Object.freeze([]),
  timeouts: NO_TIMEOUTS,
  serverTls: null,
  compression: null,
  errorFiles: Object.freeze([]),
  closesServers: false,
  forwardedFor: null,
});

/** HTTP Basic, for one user. */
export interface AuthSpec {
  readonly realm: string;
  readonly user: string;
  /**
   * As crypt(3) makes it: `$6$salt$hash`, `$5$…`, `$1$…` or 13 characters of DES. Empty = nobody gets
   * in, whatever is sent: the label could not be read.
   */
  readonly hash: string;
}

/** A way from the http and https listeners to a service (VHOST, PATH, BACKEND_WEIGHT, AUTH …). */
export interface RouteSpec {
  /** Lower-cased; `*.example.com` stands for every name below it. Empty = any host. */
  readonly hosts: readonly string[];
  /** Plain prefixes of the path, one of which has to match; empty = any path. */
  readonly paths: readonly string[];
  readonly pathsIgnoreCase: boolean;
  /** Routes are tried by descending weight, then by (app id, service port). */
  readonly weight: number;
  /** Null = nobody is asked. */
  readonly auth: AuthSpec | null;
  /** On the http listener a request is sent to https instead. */
  readonly redirectsToHttps: boolean;
}

/** Every request, nobody asked. */
export const PLAIN_ROUTE: RouteSpec = Object.freeze({
  hosts: Object.freeze([]),
  paths: Object.freeze([]),
  pathsIgnoreCase: false,
  weight: 0,
  auth: null,
  redirectsToHttps: false,
});
