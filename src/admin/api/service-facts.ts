// A service as the API shows it: what the plan says of it, and what goes on in its colours. The words
// and numbers are those of the stats page and the CSV, made from the same rows.

import type { ColourSpec, ServiceSpec } from '../../plan/plan.ts';
import { AnswerTimes, type Quantiles } from '../../stats/answer-times.ts';
import { serverRows } from '../../stats/proxies.ts';
import type { DrainReport } from '../../stats/report.ts';
import type { MergedPool } from '../../stats/tally.ts';
import { type ShareNow, sharesNow } from '../../stats/traffic-share.ts';
import type { View } from '../../stats/view.ts';

export interface ServerFacts {
  readonly name: string;
  /** Empty = its task has left the plan and finishes what it has. */
  readonly taskId: string;
  /** `ip:port`. */
  readonly address: string;
  /** `UP`, `DOWN`, `DRAIN` or `MAINT`, as on the stats page. */
  readonly status: string;
  /** Why: `usable`, `starting`, `draining` … */
  readonly standing: string;
  readonly weight: number;
  readonly inFlight: number;
  readonly queued: number;
  /** Of Teal's own checks; null = it makes none. */
  readonly check: { readonly up: boolean; readonly status: string; readonly text: string } | null;
}

export interface ColourFacts {
  readonly appId: string;
  /** pxname. */
  readonly name: string;
  readonly version: string;
  readonly live: boolean;
  readonly ready: boolean;
  /** Wanted of Marathon. */
  readonly instances: number;
  /** Servers that may get requests. */
  readonly usable: number;
  /** What part of the requests it is to get. */
  readonly percentOrdered: number;
  /** What part it got in the last seconds; 0 without traffic. */
  readonly percentNow: number;
  /** Requests of http, sessions of tcp. */
  readonly perSecond: number;
  readonly errorsPerSecond: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly requests: number;
  readonly sessions: number;
  readonly responses5xx: number;
  /** Exchanges and tunnels ended because their time to drain was over. */
  readonly cuts: number;
  /** From a request until a server's answer began, in the last seconds; null = there was none. */
  readonly answerTimes: Quantiles | null;
  /** Null = it is live, or never was. */
  readonly draining: DrainReport | null;
  readonly servers: readonly ServerFacts[];
}

export interface ServiceFacts {
  readonly key: string;
  readonly servicePort: number;
  readonly mode: string;
  /** App id; null when no colour has a usable server. */
  readonly live: string | null;
  readonly liveSinceMs: number;
  readonly rule: string;
  readonly why: string;
  /** `shop.example.com/cart`, by the live colour's labels; `*` stands for any host. */
  readonly routes: readonly string[];
  readonly appIds: readonly string[];
  /** Of all its colours together. */
  readonly answerTimes: Quantiles | null;
  readonly colours: readonly ColourFacts[];
}

export function servicesFacts(view: View, services: readonly ServiceSpec[]): ServiceFacts[] {
  const pools = new Map(view.traffic.pools.map((pool) => [keyOf(pool.service, pool.appId), pool]));
  return services.map((service) => {
    const now = sharesNow(view, service);
    const { key, servicePort, mode, live, liveSinceMs, rule, why, appIds } = service;
    return {
      ...{ key, servicePort, mode, live, liveSinceMs, rule, why },
      routes: service.routes.flatMap(({ hosts, paths }) =>
        (hosts.length === 0 ? ['*'] : hosts).flatMap((host) =>
          (paths.length === 0 ? [''] : paths).map((path) => `${host}${path}`),
        ),
      ),
      appIds,
      answerTimes: AnswerTimes.together(
        service.colours.flatMap(({ appId }) => pools.get(keyOf(key, appId))?.answers ?? []),
      ),
      colours: service.colours.map((colour, place) =>
        colourFacts(view, service, colour, pools.get(keyOf(key, colour.appId)), now[place]),
      ),
    };
  });
}

function colourFacts(
  view: View,
  service: ServiceSpec,
  colour: ColourSpec,
  pool: MergedPool | undefined,
  now: ShareNow | undefined,
): ColourFacts {
  const { appId, name, version, ready, instances } = colour;
  const counters = pool?.backend.counters;
  // Rows are in the order of the plan, those that it has not any more behind them.
  const taskIds = [...colour.servers, ...colour.others].map(({ id }) => id);
  const rows = serverRows(colour, pool, view);
  return {
    ...{ appId, name, version, live: appId === service.live, ready, instances },
    usable: rows.reduce((sum, { usable }) => sum + usable, 0),
    percentOrdered: percentOrdered(service, appId),
    percentNow: Math.round((now?.share ?? 0) * 1_000) / 10,
    perSecond: now?.perSecond ?? 0,
    errorsPerSecond: now?.errorsPerSecond ?? 0,
    inFlight: counters?.inFlight ?? 0,
    queued: counters?.queued ?? 0,
    requests: counters?.requests ?? 0,
    sessions: counters?.sessions ?? 0,
    responses5xx: counters?.responses5xx ?? 0,
    cuts: counters?.cuts ?? 0,
    answerTimes: pool?.answers.now ?? null,
    draining: pool?.draining ?? null,
    servers: rows.map(({ svname, address, status, standing, weight, row, check }, place) => ({
      ...{ name: svname, taskId: taskIds[place] ?? '', address, status, standing, weight },
      inFlight: row.counters.inFlight,
      queued: row.counters.queued,
      check: check === null ? null : { up: check.up, status: check.status, text: check.text },
    })),
  };
}

function percentOrdered({ live, shares }: ServiceSpec, appId: string): number {
  if (shares.length === 0) return appId === live ? 100 : 0;
  return shares.find((share) => share.appId === appId)?.percent ?? 0;
}

/** App ids have no blanks. */
function keyOf(service: string, appId: string): string {
  return `${service} ${appId}`;
}
