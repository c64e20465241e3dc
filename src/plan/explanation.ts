// What becomes of one request, as data: which listener takes it, which route, service, colour and
// servers it is for, and why the others were passed over.

import type { Mode, Rule } from './plan.ts';

export interface Question {
  readonly isEncrypted: boolean;
  /** Host of the URL, lower-cased, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly target: string;
  /** Value of a header by its lower-cased name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A route of the http and https listeners. */
export interface RouteFacts {
  readonly service: string;
  /** App by whose id routes of equal weight are ordered. */
  readonly appId: string;
  /** Empty = any. */
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly weight: number;
}

/** How the data plane finds its way. */
export interface FoundWay {
  readonly service: string;
  /** User who has to log in; null = nobody has to. */
  readonly user: string | null;
  readonly redirectsToHttps: boolean;
  /** Null = the listener leads there whatever the host. */
  readonly route: RouteFacts | null;
}

export interface WayFinder {
  /** `name` is the host asked for, lower-cased, without a port. Null = there is no way. */
  find(listenerKey: string, name: string, appId: string, target: string): FoundWay | null;
  /** Routes whose host fits; `fits`: their path does, too. In no order. */
  near(
    name: string,
    target: string,
  ): readonly { readonly route: RouteFacts; readonly fits: boolean }[];
}

export interface PassedRoute extends RouteFacts {
  readonly why: string;
}

export interface ExplainedServer {
  readonly appId: string;
  /** Mesos task id. */
  readonly id: string;
  readonly name: string;
  /** `ip:port`. */
  readonly address: string;
  /** It may be given the request. */
  readonly candidate: boolean;
  readonly why: string;
}

export interface Explanation {
  /** One line: what becomes of the request. */
  readonly answer: string;
  /** What may answer or change the request before a server sees it. */
  readonly notes: readonly string[];
  /** Null = nothing listens there. */
  readonly listener: {
    readonly key: string;
    readonly kind: string;
    readonly mode: Mode;
    readonly encrypted: boolean;
  } | null;
  /** Host that was looked up; empty where the listener leads to one service only. */
  readonly name: string;
  readonly route: RouteFacts | null;
  /** Routes of the same host that were not taken, at most 50. */
  readonly passedOver: readonly PassedRoute[];
  readonly service: {
    readonly key: string;
    readonly live: string | null;
    readonly rule: Rule;
    readonly why: string;
  } | null;
  readonly colours: readonly {
    readonly appId: string;
    /** It may get the request. */
    readonly chosen: boolean;
    readonly why: string;
  }[];
  /** Of the chosen colours. */
  readonly servers: readonly ExplainedServer[];
}
