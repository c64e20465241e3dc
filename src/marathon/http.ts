// How Teal speaks HTTP to Marathon, for REST and the event stream alike: own connections, its
// credentials, one redirect, and one more try with new credentials where the old ones are refused.

import { Agent, type Dispatcher, fetch, type RequestInit, type Response } from 'undici';
import type { Trust } from './access.ts';
import type { Credentials } from './credentials.ts';

/** Marathon-LB gives up on a connect after about as long. */
const CONNECT_TIMEOUT_MS = 3_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const UNAUTHORIZED = 401;

export interface Ask {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly dispatcher: Dispatcher;
  readonly credentials: Credentials;
}

/**
 * One connection per request (`pipelining: 0`): an idle connection that Marathon has closed meanwhile
 * would cost a failed fetch and a back-off just when an event says that servers change.
 * `headersTimeoutMs`: an answer must have begun by then.
 */
export function openAgent(headersTimeoutMs: number, { verifies, authorities }: Trust): Agent {
  const ca = authorities.length === 0 ? {} : { ca: [...authorities] };
  return new Agent({
    pipelining: 0,
    headersTimeout: headersTimeoutMs,
    // Silence in a body is watched by whoever reads it, in its own measure.
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: verifies, ...ca },
  });
}

/** GET as `follow` does it; refused credentials are renewed once, where they can be. */
export async function get(url: string, ask: Ask): Promise<Response> {
  const { credentials, signal } = ask;
  const authorization = await credentials.authorization(signal);
  const response = await follow(url, ask, authorization);
  if (response.status !== UNAUTHORIZED || !credentials.renew(authorization)) return response;
  await response.body?.cancel();
  return follow(url, ask, await credentials.authorization(signal));
}

/**
 * GET with at most one redirect followed: a standby Marathon sends `/v2/events` to the leader, which
 * need not be in anybody's list. Credentials go along, as Marathon-LB's do, but never from TLS into
 * the open.
 */
async function follow(url: string, ask: Ask, authorization: string): Promise<Response> {
  const { signal, dispatcher } = ask;
  const init: RequestInit = { signal, dispatcher, redirect: 'manual' };
  const first = await fetch(url, { ...init, headers: headersWith(ask.headers, authorization) });
  const location = first.headers.get('location');
  if (!REDIRECTS.has(first.status) || location === null) return first;
  await first.body?.cancel();
  if (!URL.canParse(location, url)) return first;
  const target = new URL(location, url);
  const downgraded = url.startsWith('https:') && target.protocol !== 'https:';
  return fetch(target, {
    ...init,
    headers: headersWith(ask.headers, downgraded ? '' : authorization),
  });
}

function headersWith(headers: Readonly<Record<string, string>>, authorization: string) {
  return authorization === '' ? { ...headers } : { ...headers, authorization };
}

/** The innermost cause in words: undici says `fetch failed` and keeps the reason below. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  if (!(inner instanceof Error)) return String(inner);
  return inner.message === '' ? inner.name : inner.message;
}
