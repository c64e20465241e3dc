// What a worker is told once, at its start: timeouts, limits, certificates.

import { type AccessLogSettings, DEFAULT_ACCESS_LOG } from '../log/access-settings.ts';
import type { AccessWish } from '../plan/plan.ts';

/** Timeouts and limits of the data plane. Every time in ms; 0 never means "for ever" here. */
export interface ProxySettings {
  /** TCP connect to a server (`timeout connect`). */
  readonly connectTimeoutMs: number;
  /** Client inactivity inside a request or response (`timeout client`). */
  readonly clientTimeoutMs: number;
  /** Server inactivity: until its head, and between pieces of its body (`timeout server`). */
  readonly serverTimeoutMs: number;
  /** Inactivity of a tunnel, both ways (`timeout tunnel`). */
  readonly tunnelTimeoutMs: number;
  /** A whole request head, from its first byte; trickling does not extend it (`timeout http-request`). */
  readonly requestHeadTimeoutMs: number;
  /** A whole TLS handshake. */
  readonly handshakeTimeoutMs: number;
  /** Idle between two requests of a client connection (`timeout http-keep-alive`). */
  readonly keepAliveTimeoutMs: number;
  /** How long an unused upstream connection is kept. */
  readonly upstreamIdleTimeoutMs: number;
  /** Head of a request or response, in bytes, line ends included. */
  readonly maxHeadBytes: number;
  /** Header fields of a request or response. */
  readonly maxHeadFields: number;
  /** Unused upstream connections kept per server and worker. */
  readonly maxIdlePerServer: number;
  /** Connect attempts after the first (`retries`). */
  readonly connectRetries: number;
  /** How long a request waits for a server with a free place (`timeout queue`). */
  readonly queueTimeoutMs: number;
  /**
   * For how long after a service has lost its last server a request waits for another; 0 = it is
   * refused at once, as it always is where there never was one. Not HAProxy's: it has no such wait.
   */
  readonly emptyPoolWaitMs: number;
  /**
   * How long what is in flight may go on when its colour stops being live or its server leaves, where
   * the plan says nothing. 0 = it is ended at once.
   */
  readonly drainDeadlineMs: number;
  /** Who knows it may ask for a colour that is not live (aim.ts); empty = nobody may. */
  readonly previewSecret: string;
  /** Requests in flight per server, over all workers, where the plan says nothing; 0 = any number. */
  readonly serverMaxConnections: number;
  /**
   * Connections of one listener in one worker (`maxconn`); 0 = any number. Past it a client of HTTP is
   * answered 503 at once and closed, any other is closed. The kernel does not share connections evenly
   * among workers, so this is not divided by their number.
   */
  readonly listenerMaxConnections: number;
  /**
   * Connections of clients over all listeners and workers (HAProxy's global `maxconn`), divided among
   * the workers; 0 = any number. What is past it fares as past the listener's.
   */
  readonly maxConnections: number;
  /** A request body that comes more slowly than this, over `bodyGraceMs`, is a 408; 0 = no floor. */
  readonly minBodyBytesPerSecond: number;
  /** How long a body may come more slowly. */
  readonly bodyGraceMs: number;
  /** Where lines of the access log go. */
  readonly accessLog: AccessLogSettings;
  /** Which requests get one, where the plan says nothing. */
  readonly accessWish: AccessWish;
  /** Workers that share such limits; at least 1. */
  readonly workers: number;
  /** Certificate and key in PEM for the https listener, the first is the default; may be empty. */
  readonly certificates: readonly string[];
}

/** Marathon-LB's values where it has them (marathon-lb.md §3.1). */
export const DEFAULT_PROXY_SETTINGS: ProxySettings = {
  connectTimeoutMs: 3_000,
  clientTimeoutMs: 30_000,
  serverTimeoutMs: 30_000,
  tunnelTimeoutMs: 3_600_000,
  requestHeadTimeoutMs: 15_000,
  handshakeTimeoutMs: 10_000,
  keepAliveTimeoutMs: 1_000,
  upstreamIdleTimeoutMs: 4_000,
  maxHeadBytes: 16_384,
  maxHeadFields: 100,
  maxIdlePerServer: 512,
  connectRetries: 3,
  queueTimeoutMs: 30_000,
  emptyPoolWaitMs: 2_000,
  drainDeadlineMs: 300_000,
  previewSecret: '',
  serverMaxConnections: 0,
  listenerMaxConnections: 10_000,
  maxConnections: 50_000,
  minBodyBytesPerSecond: 100,
  bodyGraceMs: 30_000,
  accessLog: DEFAULT_ACCESS_LOG,
  accessWish: { which: 'none', share: 1 },
  workers: 1,
  certificates: [],
};

/**
 * One worker's part of a limit for all of them; 0 = no limit. Together they may stay below it, but
 * exceed it only if it is smaller than their number: a worker with none would be of no use.
 */
export function partOf(limit: number, workers: number): number {
  return limit === 0 ? 0 : Math.max(1, Math.floor(limit / workers));
}
