// How Teal speaks HTTP to Marathon, for REST and the event stream alike: own connections, its
// credentials, one redirect, and one more try with new credentials where the old ones are refused.

import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Agent, type Dispatcher, request } from 'undici';
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

/** What came back; `body` is to be read to its end or destroyed. */
export interface Reply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Decompressed. */
  readonly body: Readable;
  /** Where it came from in the end. */
  readonly url: string;
  readonly redirected: boolean;
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
export async function get(url: string, ask: Ask): Promise<Reply> {
  const { credentials, signal } = ask;
  const authorization = await credentials.authorization(signal);
  const reply = await follow(url, ask, authorization);
  if (reply.status !== UNAUTHORIZED || !credentials.renew(authorization)) return reply;
  reply.body.destroy();
  return follow(url, ask, await credentials.authorization(signal));
}

/**
 * GET with at most one redirect followed: a standby Marathon sends `/v2/events` to the leader, which
 * need not be in anybody's list. Credentials go along, as Marathon-LB's do, but never from TLS into
 * the open.
 */
async function follow(url: string, ask: Ask, authorization: string): Promise<Reply> {
  const first = await getOnce(url, ask, authorization);
  const location = first.headers.get('location');
  if (!REDIRECTS.has(first.status) || location === null || !URL.canParse(location, url)) {
    return first;
  }
  const target = new URL(location, url);
  if (!/^https?:$/.test(target.protocol)) return first;
  first.body.destroy();
  const downgraded = url.startsWith('https:') && target.protocol !== 'https:';
  const second = await getOnce(target.href, ask, downgraded ? '' : authorization);
  return { ...second, redirected: true };
}

/** Not by `fetch`: it refuses ports that browsers block, and a Marathon may well be on 10080. */
async function getOnce(url: string, ask: Ask, authorization: string): Promise<Reply> {
  const { signal, dispatcher } = ask;
  const headers = { ...headersWith(ask.headers, authorization), 'accept-encoding': 'gzip' };
  const { statusCode, headers: fields, body } = await request(url, { signal, dispatcher, headers });
  // Whoever reads it sees its errors; where nobody does, they have to be seen here.
  body.on('error', () => {});
  const get = (name: string): string | null => {
    const value = fields[name.toLowerCase()];
    return value === undefined ? null : String(value);
  };
  return {
    status: statusCode,
    headers: { get },
    body: decompressed(body, get('content-encoding') ?? ''),
    url,
    redirected: false,
  };
}

/** What was not asked for stays as it is, and is then no JSON. */
function decompressed(body: Readable, encoding: string): Readable {
  if (!/^(?:x-)?gzip$/i.test(encoding.trim())) return body;
  // An error on either side ends both, and is seen by whoever reads.
  return pipeline(body, createGunzip(), () => {});
}

function headersWith(headers: Readonly<Record<string, string>>, authorization: string) {
  return authorization === '' ? { ...headers } : { ...headers, authorization };
}

/** The innermost cause in words: undici may keep the reason below. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  if (!(inner instanceof Error)) return String(inner);
  return inner.message === '' ? inner.name : inner.message;
}
