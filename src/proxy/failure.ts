// Every way an exchange can fail, as data: who ended it, how far it had come, what the client is
// told, and HAProxy's two letters for it (termination state, haproxy.md §2.2).

/** Who ended the exchange. */
export type Side = 'client' | 'server' | 'proxy';

/** How far the exchange had come. */
export type Phase = 'request' | 'queue' | 'connect' | 'headers' | 'body' | 'tunnel';

interface FailureKind {
  readonly side: Side;
  readonly phase: Phase;
  /** Sent while nothing of a response has gone out; afterwards the client's connection is cut. */
  readonly status: number;
  readonly letters: string;
}

/** The key is the `code` in logs. */
export const FAILURES = {
  NO_SERVER: { side: 'proxy', phase: 'queue', status: 503, letters: 'SC' },
  PASSWORD_UNVERIFIED: { side: 'proxy', phase: 'request', status: 503, letters: 'RR' },
  RESPONSE_DENIED: { side: 'proxy', phase: 'headers', status: 502, letters: 'PH' },
  QUEUE_TIMEOUT: { side: 'proxy', phase: 'queue', status: 503, letters: 'sQ' },
  CONNECT_REFUSED: { side: 'server', phase: 'connect', status: 503, letters: 'SC' },
  CONNECT_TIMEOUT: { side: 'server', phase: 'connect', status: 503, letters: 'sC' },
  REQUEST_BODY_INVALID: { side: 'client', phase: 'body', status: 400, letters: 'PR' },
  REQUEST_BODY_TIMEOUT: { side: 'client', phase: 'body', status: 408, letters: 'cD' },
  CLIENT_ABORTED: { side: 'client', phase: 'body', status: 400, letters: 'CD' },
  CLIENT_STALLED: { side: 'client', phase: 'body', status: 408, letters: 'cD' },
  NO_RESPONSE: { side: 'server', phase: 'headers', status: 502, letters: 'SH' },
  RESPONSE_INVALID: { side: 'server', phase: 'headers', status: 502, letters: 'PH' },
  RESPONSE_TIMEOUT: { side: 'server', phase: 'headers', status: 504, letters: 'sH' },
  RESPONSE_TRUNCATED: { side: 'server', phase: 'body', status: 502, letters: 'SD' },
  RESPONSE_STALLED: { side: 'server', phase: 'body', status: 504, letters: 'sD' },
  RESPONSE_BODY_INVALID: { side: 'server', phase: 'body', status: 502, letters: 'PD' },
  DRAIN_DEADLINE: { side: 'proxy', phase: 'body', status: 503, letters: 'KD' },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURES;
