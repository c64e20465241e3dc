// `/_teal/peers/NAME/…` → what is asked of which peer. Only what is listed here is passed on: the page
// and what belongs to it, everything that is read, and orders. Pure.

import { STATS_PREFIX } from '../../stats/filter.ts';
import { THROUGH } from '../../stats/page-filter.ts';
import { readDrainQuestion } from '../drain-wait.ts';

export const PEERS_PATH = '/_teal/peers';

export interface PeerQuestion {
  readonly peer: string;
  /** Request target as the peer itself takes it. */
  readonly target: string;
  /** `stream`: server-sent events; `wait`: an answer that may take `waitMs` before it begins. */
  readonly kind: 'read' | 'stream' | 'wait' | 'order';
  readonly waitMs: number;
}

export interface PeerRefusal {
  readonly status: 302 | 400 | 404 | 405;
  /** One line. */
  readonly error: string;
  /** `location` of 302, `allow` of 405. */
  readonly headers: Readonly<Record<string, string>>;
}

const PATH = /^\/_teal\/peers\/([^/?]*)(.*)$/s;
/** Visible, and nothing that some reader takes for a slash or an end. */
const PLAIN = /^[!-"$-[\]-~]*$/;
const READS: ReadonlySet<string> = new Set([
  '/metrics',
  '/healthz',
  '/readyz',
  '/_haproxy_health_check',
  '/_haproxy_getpids',
  '/_haproxy_getconfig',
  '/_haproxy_getvhostmap',
  '/_haproxy_getappmap',
  '/teal.css',
  '/favicon.svg',
  '/_teal',
  '/_teal/',
  '/_teal/status',
  '/_teal/services',
  '/_teal/history',
  '/_teal/problems',
  '/_teal/plan',
  '/_teal/explain',
  '/_teal/orders',
  '/_teal/instance',
  PEERS_PATH,
]);
const MODULE = /^\/_teal\/page\/[a-z-]{1,40}\.js$/;
const SERVICE = /^\/_teal\/services\/[^/]+(?:\/[^/]+)*$/;
const STREAM = '/_teal/events';
const ORDERS = '/_teal/orders';

/** Null = the path leads to no peer. `target`: of the request, in origin form. */
export function readPeerPath(
  method: string | undefined,
  target: string,
): PeerQuestion | PeerRefusal | null {
  const [, peer, rest] = PATH.exec(target) ?? [];
  if (peer === undefined || rest === undefined) return null;
  if (!PLAIN.test(target)) return refused(400, 'expected a path in percent-encoding');
  if (peer === '') return refused(404, `expected the name of a peer; GET ${PEERS_PATH} lists them`);
  if (rest === '' || rest === '/') return moved(`${PEERS_PATH}/${peer}${STATS_PREFIX}`);
  const path = rest.replace(/\?.*$/s, '');
  if (leadsUp(path)) return refused(400, 'expected a path without . and .. in it');
  // A peer's page links to its own peers: they are asked from here, never through a chain.
  if (PATH.test(rest)) return isRead(method) ? moved(rest) : allowing('GET, HEAD');
  const isPage = rest.startsWith(STATS_PREFIX);
  if (method === 'POST' && (isPage || path === ORDERS)) return question(peer, rest, 'order');
  if (!isPage && path !== STREAM && !READS.has(path) && !MODULE.test(path) && !SERVICE.test(path)) {
    return refused(404, `${path.slice(0, 100)} is not passed on to peers`);
  }
  if (!isRead(method)) return allowing(isPage || path === ORDERS ? 'GET, HEAD, POST' : 'GET, HEAD');
  if (path === STREAM) return question(peer, shownThrough(rest), 'stream');
  if (isPage) return question(peer, shownThrough(rest), 'read');
  const wait = readDrainQuestion(rest);
  if (wait === null || 'fault' in wait) return question(peer, rest, 'read');
  return question(peer, rest, 'wait', wait.timeoutMs);
}

/** The page leads back here then. */
function shownThrough(target: string): string {
  return target.includes('?') ? `${target};${THROUGH}` : target;
}

function question(
  peer: string,
  target: string,
  kind: PeerQuestion['kind'],
  waitMs = 0,
): PeerQuestion {
  return { peer, target, kind, waitMs };
}

function isRead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** However it is encoded; a path that cannot be decoded leads nowhere. */
function leadsUp(path: string): boolean {
  try {
    return decodeURIComponent(path)
      .split(/[/\\]/)
      .some((segment) => segment === '.' || segment === '..');
  } catch {
    return true;
  }
}

function refused(status: 400 | 404, error: string): PeerRefusal {
  return { status, error, headers: {} };
}

function moved(location: string): PeerRefusal {
  return { status: 302, error: `see ${location}`, headers: { location } };
}

function allowing(methods: string): PeerRefusal {
  return { status: 405, error: `expected ${methods}`, headers: { allow: methods } };
}
