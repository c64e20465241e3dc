// What the access log tells of one request, or of one connection of a TCP service. Texts are as they
// were received: whoever writes a line escapes them.

export interface AccessRecord {
  /** Wall clock, ms since 1970: when it began. */
  readonly startedAtMs: number;
  readonly clientAddress: string;
  /** 0 = not known any more. */
  readonly clientPort: number;
  readonly frontend: string;
  readonly encrypted: boolean;
  /** pxname; empty = it came to no pool. */
  readonly backend: string;
  /** svname; empty = it came to no server. */
  readonly server: string;
  /** App id of the colour; empty = none. */
  readonly colour: string;
  readonly epoch: number;
  /** Times in whole ms; -1 = it did not come so far. */
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
  /** Bytes sent to the client. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** HAProxy's four letters (haproxy.md §2.2). */
  readonly termination: string;
  /** In this worker, as it ended: connections, those of the frontend, what is in flight in pool and server. */
  readonly connections: number;
  readonly frontendConnections: number;
  readonly backendInFlight: number;
  readonly serverInFlight: number;
  readonly retries: number;
  /** It went to another server than the first one. */
  readonly redispatched: boolean;
  /** How many waited, itself included, when it had to wait for its server, or for any. */
  readonly serverQueue: number;
  readonly backendQueue: number;
  /** Null for a TCP connection. */
  readonly request: RequestRecord | null;
}

/** A connection that never became a client's. */
export interface RefusalRecord {
  /** Wall clock, ms since 1970: when it came. */
  readonly startedAtMs: number;
  /** Empty = it was gone before it was asked. */
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly frontend: string;
  /** What was wrong with it, in HAProxy's words. */
  readonly fault: string;
}

export interface RequestRecord {
  /** Empty = it could not be read (`<BADREQ>`). */
  readonly method: string;
  readonly target: string;
  readonly isHttp11: boolean;
  /** From the first byte of its head to the last; -1 = it never came. */
  readonly readMs: number;
  /** From the request to the head of the response. */
  readonly responseMs: number;
  /** -1 = nothing was answered. */
  readonly status: number;
  /** X-Request-Id as the server was sent it; empty = none. */
  readonly id: string;
  /** Values of the headers that are captured, in their order; empty = there is none. */
  readonly captured: readonly string[];
}
