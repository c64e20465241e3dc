// How a pool's servers are chosen and met: BALANCE, STICKY and Teal's own SLOW_START_SECONDS,
// MAX_CONNECTIONS and SEND_PROXY. Pure.

import { type BalanceSpec, needsRequest, ROUND_ROBIN, readBalance } from './balance.ts';
import type { Mode } from './claim.ts';
import type { Directives } from './directives/directives.ts';
import { nearestOf } from './nearest.ts';
import type { PortLabels } from './port-labels.ts';

export interface BalancingWish {
  readonly balance: BalanceSpec;
  readonly sticky: boolean;
  /** 0 = servers that join get their full share at once. */
  readonly slowStartMs: number;
  /** Requests in flight per server; 0 = the balancer's own setting. */
  readonly maxConnections: number;
  /** Version of the PROXY protocol header that the servers want; 0 = none. */
  readonly sendProxy: 0 | 1 | 2;
}

/** Long enough to be known by most of their letters. */
const ALGORITHMS = ['roundrobin', 'static-rr', 'leastconn', 'source', 'random'];
const MAX_SLOW_START_SECONDS = 3_600;
const MAX_CONNECTIONS = 1_000_000;

/** What templates say stands in HAProxy's text in place of BALANCE; Teal's own labels win over it. */
export function readBalancing(
  labels: PortLabels,
  mode: Mode,
  { balance, server }: Pick<Directives, 'balance' | 'server'>,
): BalancingWish {
  const seconds = labels.integer(
    labels.teal('SLOW_START_SECONDS'),
    0,
    MAX_SLOW_START_SECONDS,
    server.slowStartMs / 1_000,
    'servers start as without it',
  );
  const labelled = readBalanceLabel(labels, mode);
  return {
    balance: balance === null || (mode === 'tcp' && needsRequest(balance)) ? labelled : balance,
    sticky: isSticky(labels, mode),
    slowStartMs: seconds * 1_000,
    maxConnections: labels.integer(
      labels.teal('MAX_CONNECTIONS'),
      0,
      MAX_CONNECTIONS,
      server.maxConnections,
      'servers are limited as without it',
    ),
    sendProxy: readSendProxy(labels, server.sendProxy),
  };
}

function readBalanceLabel(labels: PortLabels, mode: Mode): BalanceSpec {
  const label = labels.haproxy('BALANCE');
  const value = labels.text(label);
  if (value === undefined) return ROUND_ROBIN;
  const balance = readBalance(value);
  if (balance === null) {
    const nearest = nearestOf(value.trim().toLowerCase(), ALGORITHMS);
    labels.notes.wrong(
      label,
      'expected roundrobin, static-rr, leastconn, first, source, random, uri [whole] [len n] [depth n] [path-only], url_param NAME or hdr(NAME); roundrobin is used',
      nearest === '' ? {} : { suggestion: `${label}=${nearest}` },
    );
    return ROUND_ROBIN;
  }
  if (mode === 'http' || !needsRequest(balance)) return balance;
  labels.notes.wrong(
    label,
    'expected mode http, a tcp service has no requests; roundrobin is used',
  );
  return ROUND_ROBIN;
}

function isSticky(labels: PortLabels, mode: Mode): boolean {
  const label = labels.haproxy('STICKY');
  if (!labels.flag(label)) return false;
  if (mode === 'tcp') {
    labels.notes.ignored(label, 'expected mode http, a tcp service has no cookies; it is ignored');
  }
  return mode === 'http';
}

function readSendProxy(labels: PortLabels, otherwise: 0 | 1 | 2): 0 | 1 | 2 {
  const label = labels.teal('SEND_PROXY');
  const value = labels.text(label)?.trim().toLowerCase();
  if (value === undefined) return otherwise;
  if (value === 'v1') return 1;
  if (value === 'v2') return 2;
  labels.notes.wrong(label, 'expected v1 or v2; connections begin without a PROXY header');
  return 0;
}
