// What of a request goes on to a peer, and what of its answer comes back: lists of what may, so that
// cookies, hop-by-hop fields and whatever else somebody thinks of do not. Pure.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { PAGE_POLICY } from '../answer.ts';
import { PEERS_PATH, type PeerQuestion } from './peer-path.ts';

const PASSED = ['accept', 'accept-language', 'cache-control', 'last-event-id', 'user-agent'];
/** The token is for orders. */
const PASSED_WITH_ORDERS = [...PASSED, 'authorization', 'content-type'];

const TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'image/svg+xml',
  'text/css',
  'text/event-stream',
  'text/html',
  'text/javascript',
  'text/plain',
]);
/** By name: what a value has to look like. */
const RETURNED: Readonly<Record<string, RegExp>> = {
  'content-type': /^[\w/+.-]{1,60}(?:; ?(?:charset|version)=[\w.-]{1,20}){0,2}$/,
  'content-length': /^\d{1,12}$/,
  'cache-control': /^[\w=, -]{1,100}$/,
  'retry-after': /^\d{1,6}$/,
  allow: /^[A-Z, ]{1,60}$/,
  'www-authenticate': /^Bearer realm="teal"$/,
};
const OWN_PATH = /^\/(?!\/)[!-~]{0,2000}$/;

/** `host`: of the peer. `Via` says that somebody else asks: from this machine alone nothing follows. */
export function requestHeaders(
  headers: IncomingHttpHeaders,
  { kind }: PeerQuestion,
  host: string,
): IncomingHttpHeaders {
  const names = kind === 'order' ? PASSED_WITH_ORDERS : PASSED;
  const passed = names.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(passed), host, via: '1.1 teal' };
}

/** One clause, why the answer is not passed on, or its fields. */
export function responseHeaders(
  status: number,
  headers: IncomingHttpHeaders,
  { peer, kind }: PeerQuestion,
): OutgoingHttpHeaders | string {
  if (status < 200 || status > 599) return `its status is ${status}`;
  if (headers['content-encoding'] !== undefined) return 'its content is encoded';
  const returned = Object.entries(RETURNED).flatMap(([name, shape]) => {
    const value = headers[name];
    return typeof value === 'string' && shape.test(value) ? [[name, value]] : [];
  });
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isEmpty = headers['content-length'] === '0' || status === 204;
  if (!isEmpty && !TYPES.has(type)) return `its content is of type '${type.slice(0, 60)}'`;
  if ((type === 'text/event-stream') !== (kind === 'stream') && status === 200) {
    return kind === 'stream' ? 'it sends no events' : 'it sends events';
  }
  const { location } = headers;
  if (location !== undefined && !OWN_PATH.test(location)) return 'it leads elsewhere';
  return {
    ...Object.fromEntries(returned),
    ...(location === undefined ? {} : { location: `${PEERS_PATH}/${peer}${location}` }),
    ...(kind === 'stream' ? { 'x-accel-buffering': 'no' } : {}),
    'content-security-policy': PAGE_POLICY,
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
