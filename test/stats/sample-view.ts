// A view as a busy morning would give it: a cut-over a moment ago, blue draining, a problem or two.

import { NO_ORDERS } from '../../src/colour/orders.ts';
import {
  type ColourSpec,
  NO_POLICY,
  PLAIN_BALANCING,
  PLAIN_ROUTE,
  type ServiceSpec,
} from '../../src/plan/plan.ts';
import { AnswerCounts, type AnswerReport, NO_ANSWERS } from '../../src/stats/answer-counts.ts';
import { Counters, toRow } from '../../src/stats/counters.ts';
import type { PoolReport, ServerReport } from '../../src/stats/report.ts';
import { Tally } from '../../src/stats/tally.ts';
import { Trends } from '../../src/stats/trend.ts';
import { Uptimes } from '../../src/stats/uptimes.ts';
import type { View } from '../../src/stats/view.ts';

export const NOW_MS = Date.UTC(2026, 10, 24, 21, 42, 7);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function row(values: Partial<Counters>): number[] {
  return toRow(Object.assign(new Counters(), values));
}

function taskId(appId: string, number: number): string {
  return `${appId.slice(1).replaceAll('/', '_')}.8a1f0c3e-${number}`;
}

function serverName(number: number): string {
  return `10_0_6_${20 + number}_2333${number}`;
}

function colour(appId: string, usable: number, changes: Partial<ColourSpec> = {}): ColourSpec {
  return {
    appId,
    name: `${appId.slice(1).replaceAll('/', '_')}_10080`,
    version: '2026-11-24T21:30:12.801Z',
    instances: 4,
    ready: usable === 4,
    lastConfigChangeAtMs: NOW_MS - 12 * MINUTE_MS,
    sendProxy: 0,
    balancing: PLAIN_BALANCING,
    policy: NO_POLICY,
    drainMs: 0,
    bakeMs: null,
    servers: Array.from({ length: usable }, (_, place) => ({
      id: taskId(appId, place + 1),
      name: serverName(place + 1),
      numericId: 4_000 + place,
      address: `10.0.6.${21 + place}`,
      port: 23_331 + place,
      weight: 1,
      admin: 'ready' as const,
    })),
    others: [],
    ...changes,
  };
}

function traffic(requests: number, inFlight: number): Partial<Counters> {
  return {
    connections: Math.round(requests / 9),
    inFlight,
    inFlightMax: inFlight + 6,
    sessions: requests,
    requests,
    bytesIn: requests * 312,
    bytesOut: requests * 4_180,
    responses2xx: requests - Math.round(requests / 40),
    responses3xx: Math.round(requests / 80),
    responses4xx: Math.round(requests / 90),
    picks: requests,
    connects: Math.round(requests / 50),
    reuses: requests - Math.round(requests / 50),
    lastSessionMs: requests === 0 ? 0 : NOW_MS - 1_400,
    timed: requests,
    connectMs: Math.round(requests * 0.4),
    responseMs: requests * 11,
    totalMs: requests * 14,
    responseMsMax: requests === 0 ? 0 : 640,
    totalMsMax: requests === 0 ? 0 : 2_300,
  };
}

function server(appId: string, number: number, values: Partial<Counters>): ServerReport {
  return {
    id: taskId(appId, number),
    name: serverName(number),
    address: `10.0.6.${20 + number}:2333${number}`,
    draining: false,
    row: row(values),
  };
}

function pool(service: string, appId: string, servers: ServerReport[], total: Partial<Counters>) {
  return {
    service,
    appId,
    name: `${appId.slice(1).replaceAll('/', '_')}_${service.slice(2)}`,
    frontend: row({ ...total, requestErrors: 3 }),
    backend: row(total),
    draining: null,
    answers: total.requests === undefined ? NO_ANSWERS : sampleAnswers(),
    servers,
  } satisfies PoolReport;
}

/** Of a hundred requests: most answered in 9 ms, a few in 60 ms, two in 640 ms. */
function sampleAnswers(): AnswerReport {
  const counts = new AnswerCounts();
  for (let i = 0; i < 100; i += 1) counts.count(i < 80 ? 9 : i < 98 ? 60 : 640);
  return counts.take();
}

const ZDD: ServiceSpec = {
  key: '*:10080',
  address: '*',
  servicePort: 10_080,
  mode: 'http',
  live: '/zdd/green',
  shares: [],
  rule: 'automatic',
  why: 'the newest ready colour',
  liveSinceMs: NOW_MS - 74_000,
  routes: [{ ...PLAIN_ROUTE, hosts: ['shop.example.com', 'www.shop.example.com'] }],
  appIds: [],
  colours: [
    colour('/zdd/blue', 2, {
      version: '2026-11-17T08:02:44.120Z',
      instances: 2,
      ready: true,
      others: [
        {
          id: taskId('/zdd/blue', 3),
          name: serverName(3),
          address: '10.0.6.23:23333',
          standing: 'killing',
        },
      ],
    }),
    colour('/zdd/green', 4),
  ],
};

const SEARCH: ServiceSpec = {
  key: '*:10090',
  address: '*',
  servicePort: 10_090,
  mode: 'tcp',
  live: '/search/indexer',
  shares: [],
  rule: 'automatic',
  why: 'it has usable servers and no newer colour is ready',
  liveSinceMs: NOW_MS - 31 * HOUR_MS,
  routes: [],
  appIds: [],
  colours: [
    colour('/search/indexer', 3, {
      name: 'search_indexer_10090',
      others: [
        {
          id: taskId('/search/indexer', 4),
          name: serverName(4),
          address: '10.0.6.24:23334',
          standing: 'unhealthy',
        },
      ],
    }),
    colour('/search/indexer-next', 0, {
      name: 'search_indexer-next_10090',
      others: [1, 2].map((number) => ({
        id: taskId('/search/indexer-next', number),
        name: serverName(number + 4),
        address: `10.0.6.${24 + number}:2333${number + 4}`,
        standing: 'starting',
      })),
    }),
  ],
};

/** Two workers' reports, added up. */
export function sampleTally(): Tally {
  const tally = new Tally();
  /** `more`: requests to the live colour since the report before. */
  const report = (pid: number, factor: number, more: number) => ({
    pid,
    epoch: 12,
    frontends: [
      {
        key: '*:80',
        name: 'marathon_http_in',
        row: row({ ...traffic(9_000 * factor + 2 * more, 4), requestErrors: 12, intercepted: 40 }),
      },
      { key: '*:9091', name: 'marathon_http_appid_in', row: row(traffic(120 * factor, 0)) },
    ],
    pools: [
      pool(
        '*:10080',
        '/zdd/blue',
        [
          server('/zdd/blue', 1, { ...traffic(240_500 * factor, 0), responses5xx: 3 }),
          server('/zdd/blue', 2, { ...traffic(241_100 * factor, 2), connectErrors: 2 }),
          server('/zdd/blue', 3, traffic(240_800 * factor, 1)),
          { ...server('/zdd/blue', 4, traffic(198_000 * factor, 1)), draining: true },
        ],
        { ...traffic(920_400 * factor, 4), responses5xx: 3, connectErrors: 2, retries: 2 },
      ),
      pool(
        '*:10080',
        '/zdd/green',
        [1, 2, 3, 4].map((number) =>
          server('/zdd/green', number, traffic(3_100 * factor + more, 2)),
        ),
        traffic(12_400 * factor + 4 * more, 8),
      ),
      pool(
        '*:10090',
        '/search/indexer',
        [1, 2, 3].map((number) =>
          server('/search/indexer', number, {
            sessions: Math.round(40 * factor),
            inFlight: 3,
            inFlightMax: 5,
            bytesIn: 88_000_000 * factor,
            bytesOut: 1_250_000_000 * factor,
            picks: Math.round(40 * factor),
            lastSessionMs: NOW_MS - 210_000,
          }),
        ),
        {
          sessions: 120 * factor,
          inFlight: 9,
          inFlightMax: 15,
          bytesIn: 264_000_000 * factor,
          bytesOut: 3_750_000_000 * factor,
        },
      ),
    ],
  });
  tally.update(4_242, report(4_242, 1, 0));
  tally.update(4_243, report(4_243, 0.4, 0));
  tally.tick(0);
  tally.update(4_242, report(4_242, 1, 46));
  tally.update(4_243, report(4_243, 0.4, 41));
  tally.tick(1_000);
  return tally;
}

/** Three minutes in which green took over from blue. */
export function sampleTrends(): Trends {
  const trends = new Trends();
  const sums = { blue: 900_000, green: 1_000 };
  for (let second = 0; second <= 180; second += 1) {
    const wave = 300 + 60 * Math.sin(second / 7) + 25 * Math.sin(second * 1.7);
    if (second < 106) sums.blue += wave;
    else sums.green += wave * 1.05;
    const tally = new Tally();
    const pools = [sampleTrend('blue', sums.blue), sampleTrend('green', sums.green)];
    tally.update(1, { pid: 1, epoch: 12, frontends: [], pools });
    trends.take(tally.merged(), second * 1_000);
  }
  return trends;
}

function sampleTrend(name: string, requests: number): PoolReport {
  const values = { requests, responses5xx: name === 'blue' ? requests / 400 : 0 };
  return pool('*:10080', `/zdd/${name}`, [], { ...values, responseMs: requests * 11 });
}

export function sampleView(changes: Partial<View> = {}): View {
  return {
    version: '0.1.0',
    nowMs: NOW_MS,
    checks: new Map(),
    trends: sampleTrends(),
    uptimes: new Uptimes(),
    cutOvers: { rules: 3, orders: 2 },
    limits: { serverConnections: 0, listenerConnections: 10_000 },
    lostLogLines: 0,
    startedAtMs: NOW_MS - 52 * HOUR_MS,
    pid: 4_200,
    node: 'edge-1.example.net',
    epoch: 12,
    plan: {
      listeners: [
        {
          key: '*:80',
          address: '*',
          port: 80,
          kind: 'http',
          mode: 'http',
          tls: null,
          byName: [],
          acceptProxy: false,
          name: 'marathon_http_in',
          serviceKey: null,
        },
        {
          key: '*:9091',
          address: '*',
          port: 9_091,
          kind: 'appid',
          mode: 'http',
          tls: null,
          byName: [],
          acceptProxy: false,
          name: 'marathon_http_appid_in',
          serviceKey: null,
        },
        ...[ZDD, SEARCH].map(({ key, address, servicePort, mode }) => ({
          key,
          address,
          port: servicePort,
          kind: 'service' as const,
          mode,
          tls: null,
          byName: [],
          acceptProxy: false,
          name: '',
          serviceKey: key,
        })),
      ],
      services: [ZDD, SEARCH],
    },
    problems: [
      {
        app: '/shop/cart',
        where: 'HAPROXY_0_PORT',
        value: '80a',
        message: 'expected a port from 1 to 65535; the app is left out',
      },
    ],
    source: {
      url: 'http://10.0.0.1:8080',
      streaming: true,
      lastEventAtMs: NOW_MS - 3_000,
      lastAnswerAtMs: NOW_MS - 12_000,
      error: '',
      held: false,
      fetches: 1_204,
      events: 3_811,
      reconnects: 1,
    },
    workers: [4_242, 4_243].map((pid, place) => ({
      slot: place + 1,
      pid,
      epoch: 12,
      startedAtMs: NOW_MS - (52 - 40 * place) * HOUR_MS,
      restarts: place,
      load: { cpuMs: 61_500, rssBytes: 88_000_000, loopDelayMs: 12.5, connections: 40 },
    })),
    orders: NO_ORDERS,
    leases: [],
    history: [
      {
        atMs: NOW_MS - 74_000,
        service: '*:10080',
        from: '/zdd/blue',
        to: '/zdd/green',
        why: 'the newest ready colour',
        epoch: 12,
        workers: 2,
        tookMs: 6.42,
        order: '',
        by: '',
        drain: null,
        bake: null,
      },
      {
        atMs: NOW_MS - 31 * HOUR_MS,
        service: '*:10090',
        from: null,
        to: '/search/indexer',
        why: 'no colour is ready, this one has most usable servers',
        epoch: 7,
        workers: 2,
        tookMs: 11.08,
        order: '',
        by: '',
        drain: null,
        bake: null,
      },
    ],
    traffic: sampleTally().merged(),
    ...changes,
  };
}
