// Who may order: whoever shows the admin token, or, where none is set, whoever sits on this machine, and
// not behind a proxy here. A browser may only on behalf of a page of ours, whatever it can show.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Access =
  | 'granted'
  | { readonly status: 401 | 403 /** One line: why, what to do. */; readonly error: string };

const FOREIGN = {
  status: 403,
  error: 'the request comes from a page of another host; orders are taken from our own only',
} as const;
const NO_TOKEN = {
  status: 401,
  error: "orders need the admin token: 'Authorization: Bearer <token>'",
} as const;

/** `token`: empty = none is set. */
export function accessOf(request: IncomingMessage, token: string): Access {
  if (!isSameOrigin(request)) return FOREIGN;
  if (token === '') {
    if (isFromHere(request)) return 'granted';
    return {
      status: 403,
      error:
        'no admin token is set: orders are taken from this machine only; order from there, or start Teal with --admin-token-file',
    };
  }
  const shown = tokenIn(request.headers.authorization ?? '');
  if (shown !== null && isEqual(shown, token)) return 'granted';
  if (shown === null) return NO_TOKEN;
  return {
    status: 401,
    error: 'the admin token is wrong; it stands in the file of --admin-token-file',
  };
}

/** Of an order for somebody else, who knows which token is the right one. */
export function passOf(request: IncomingMessage): Access {
  if (!isSameOrigin(request)) return FOREIGN;
  return tokenIn(request.headers.authorization ?? '') === null ? NO_TOKEN : 'granted';
}

/** Browsers say where a request comes from; others say nothing. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const from = headers.origin ?? headers.referer;
  if (from === undefined) return true;
  try {
    return new URL(from).host === headers.host?.toLowerCase();
  } catch {
    return false;
  }
}

/** Bearer, or the password of Basic: what a browser can be asked for. */
function tokenIn(authorization: string): string | null {
  const [scheme = '', value = ''] = authorization.split(/ +/, 2);
  if (/^bearer$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return null;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** In a time that says nothing of either. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** Whoever a proxy on this machine asks for may sit anywhere. */
function isFromHere(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const isPassedOn = headers.via !== undefined || headers['x-forwarded-for'] !== undefined;
  return !isPassedOn && isLoopback(socket.remoteAddress ?? '') && isForLoopback(request);
}

/** A name that somebody else's DNS makes point here is none of ours; browsers always say one. */
function isForLoopback({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  return (
    host === '' || host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}
