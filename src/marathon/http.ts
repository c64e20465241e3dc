// How Teal speaks HTTP to Marathon, for REST and the event stream alike: own connections, one redirect.

import { Agent, type Dispatcher, fetch, type Response } from 'undici';

/** Marathon-LB gives up on a connect after about as long. */
const CONNECT_TIMEOUT_MS = 3_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface Ask {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly dispatcher: Dispatcher;
}

/**
 * One connection per request (`pipelining: 0`): an idle connection that Marathon has closed meanwhile
 * would cost a failed fetch and a back-off just when an event says that servers change.
 * `headersTimeoutMs`: an answer must have begun by then.
 */
export function openAgent(headersTimeoutMs: number): Agent {
  return new Agent({
    pipelining: 0,
    headersTimeout: headersTimeoutMs,
    // Silence in a body is watched by whoever reads it, in its own measure.
    bodyTimeout: 0,
    // As Marathon-LB without a CA file: DC/OS masters have certificates of their own making.
    connect: { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: false },
  });
}

/** GET with at most one redirect followed: a standby Marathon sends `/v2/events` to the leader. */
export async function get(url: string, ask: Ask): Promise<Response> {
  const init = { ...ask, headers: { ...ask.headers }, redirect: 'manual' as const };
  const first = await fetch(url, init);
  const location = first.headers.get('location');
  if (!REDIRECTS.has(first.status) || location === null) return first;
  await first.body?.cancel();
  if (!URL.canParse(location, url)) return first;
  return fetch(new URL(location, url), init);
}

/** The innermost cause in words: undici says `fetch failed` and keeps the reason below. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  if (!(inner instanceof Error)) return String(inner);
  return inner.message === '' ? inner.name : inner.message;
}
