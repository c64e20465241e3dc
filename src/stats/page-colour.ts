// One colour of a service as a card: where it stands, what it runs, its servers one by one, its share of
// the traffic and the charts of the last minutes.

import { ordersOf } from '../colour/orders.ts';
import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import { type AnswerTimes, NO_QUANTILES, type QuantileTrend } from './answer-times.ts';
import { type Html, html } from './html.ts';
import { renderColourOrders } from './page-orders.ts';
import { orderedShare, type Place, placeOf, renderBadge } from './page-place.ts';
import type { Scene } from './page-scene.ts';
import { renderSpark } from './page-spark.ts';
import { type StatRow, serverRows } from './proxies.ts';
import type { MergedPool } from './tally.ts';
import type { ShareNow } from './traffic-share.ts';
import type { Trend } from './trend.ts';
import { count, grouped, left, percent, small } from './wording.ts';

/** More dots than this say no more than the number beside them. */
const MOST_DOTS = 40;
/** Least upper edge of the chart of errors: a single one of thousands is no mountain. */
const LEAST_ERROR_PERCENT = 1;

/** Upper edges that the charts of all colours of a service share. */
export interface Tops {
  readonly perSecond: number;
  readonly errorPercent: number;
  readonly answerMs: number;
}

export function topsOf(trends: readonly Trend[], answers: readonly QuantileTrend[]): Tops {
  const highest = (lists: readonly (readonly number[])[]) =>
    lists.reduce((most, list) => list.reduce((high, value) => Math.max(high, value), most), 0);
  return {
    perSecond: highest(trends.map((trend) => trend.perSecond)),
    errorPercent: Math.max(LEAST_ERROR_PERCENT, highest(trends.map(errorPercents))),
    answerMs: highest(answers.map(({ p99Ms }) => p99Ms)),
  };
}

export function renderColour(
  scene: Scene,
  service: ServiceSpec,
  colour: ColourSpec,
  now: ShareNow,
  tops: Tops,
): Html {
  const pool = scene.poolOf(service.key, colour.appId);
  const inFlight = pool?.backend.counters.inFlight ?? 0;
  const place = placeOf(service, colour, inFlight);
  const rows = serverRows(colour, pool, scene.view);
  return html`<section class="colour ${scene.hueIn(service.key, colour.appId)} ${place}" aria-label="${colour.appId}" data-key="${colour.appId}">
<header><h4>${colour.appId}</h4>${renderBadge(place)}</header>
<p class="version"><span>version</span> ${versionOf(colour)}</p>
${renderServers(colour, rows)}
${renderDrain(scene, pool, place)}${renderRefusal(scene, service, colour)}
<dl class="tiles">${renderTiles(scene, service, now, tops)}</dl>
<dl class="numbers">${renderNumbers(pool?.backend.counters, service.mode === 'http')}</dl>
${renderColourOrders(service, colour, place)}
</section>`;
}

/** A version that failed its bake time. */
function renderRefusal({ view }: Scene, { key }: ServiceSpec, colour: ColourSpec): Html | false {
  const refused = ordersOf(view.orders, key).refused.find(
    ({ appId, version }) => appId === colour.appId && version === colour.version,
  );
  return (
    refused !== undefined &&
    html`<p class="flight">This version is not made live by itself again: ${refused.why}</p>`
  );
}

/** What is still in flight, and how long it may be. */
function renderDrain({ view }: Scene, pool: MergedPool | undefined, place: Place): Html | false {
  const drain = pool?.draining ?? null;
  if (place === 'live' || place === 'sharing') return false;
  if (drain === null || drain.inFlight === 0) {
    return (
      drain !== null &&
      drain.cut > 0 &&
      html`<p class="flight">Drained; ${count(drain.cut, 'exchange')} cut at the deadline</p>`
    );
  }
  const { sinceMs, deadlineMs, inFlight, tunnels, cut } = drain;
  const span = Math.max(1, deadlineMs - sinceMs);
  const gone = Math.min(1, Math.max(0, (view.nowMs - sinceMs) / span));
  return html`<div class="flight"><p><b>${grouped(inFlight)}</b> still in flight${tunnels > 0 && html`, ${count(tunnels, 'tunnel')} of them`}; what is left in <b>${left(deadlineMs, view.nowMs)}</b> is cut${cut > 0 && html`, ${grouped(cut)} already`}</p><svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="bed" width="100" height="4"/><rect class="fill" width="${((1 - gone) * 100).toFixed(1)}" height="4"/></svg></div>`;
}

/** Marathon's versions are moments; as one they are easier to read. */
function versionOf({ version }: ColourSpec): Html {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+Z$/.exec(version);
  if (parts === null) return html`<b>${version}</b>`;
  return html`<b title="${version}">${parts[1] as string} ${parts[2] as string}</b>`;
}

function renderServers(colour: ColourSpec, rows: readonly StatRow[]): Html {
  const missing = Math.max(0, colour.instances - rows.length);
  const dots = [
    ...rows.map(
      (row) => html`<i class="${dotClass(row)}" title="${row.svname} ${row.standing}"></i>`,
    ),
    ...Array.from(
      { length: Math.min(missing, MOST_DOTS) },
      () => html`<i class="missing" title="no task yet"></i>`,
    ),
  ].slice(0, MOST_DOTS);
  const healthy = rows.filter((row) => row.usable > 0).length;
  return html`<div class="servers"><span class="dots" aria-hidden="true">${dots}</span>
<p><b>${healthy} of ${colour.instances}</b> usable${otherStandings(rows)}</p></div>`;
}

function dotClass(row: StatRow): string {
  if (row.status === 'UP') return 'up';
  if (row.standing === 'starting') return 'starting';
  return row.status === 'DOWN' ? 'down' : 'maint';
}

/** `, 2 starting, 1 draining`. */
function otherStandings(rows: readonly StatRow[]): string {
  const standings = new Map<string, number>();
  for (const row of rows) {
    if (row.usable === 0) standings.set(row.standing, (standings.get(row.standing) ?? 0) + 1);
  }
  return [...standings].map(([standing, many]) => `, ${many} ${standing}`).join('');
}

function renderTiles(scene: Scene, service: ServiceSpec, now: ShareNow, tops: Tops): Html[] {
  const trend = scene.view.trends.of(service.key, now.appId);
  const http = service.mode === 'http';
  const ordered = orderedShare(service, now.appId);
  const errors = now.perSecond > 0 ? now.errorsPerSecond / now.perSecond : 0;
  const rate = http ? 'Requests/s' : 'Sessions/s';
  return [
    tile(
      ordered > 0 ? `Share, ${ordered} % set` : 'Share now',
      percent(now.share),
      html`<svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="bed" width="100" height="4"/><rect class="fill" width="${(now.share * 100).toFixed(1)}" height="4"/></svg>`,
    ),
    tile(
      rate,
      small(now.perSecond),
      renderSpark(trend.perSecond, tops.perSecond, `${rate}, last minutes`),
    ),
    tile(
      'Errors',
      percent(errors),
      renderSpark(errorPercents(trend), tops.errorPercent, 'Errors, last minutes'),
      errors > 0 ? 'alarming' : '',
    ),
    ...(http ? [renderAnswers(scene.poolOf(service.key, now.appId)?.answers, tops.answerMs)] : []),
  ];
}

/** How long half of the requests wait for their answer at most, and all but one of a hundred. */
function renderAnswers(answers: AnswerTimes | undefined, top: number): Html {
  const { p50Ms, p99Ms } = answers?.trend ?? NO_QUANTILES;
  const now = answers?.now ?? null;
  const figure = now === null ? '–' : `${small(now.p50Ms)} / ${small(now.p99Ms)}`;
  const name = 'Answer times, median and 99th percentile, last minutes';
  return tile('P50 / P99 in ms', figure, renderSpark(p50Ms, top, name, p99Ms));
}

function tile(name: string, value: string, chart: Html, tone = ''): Html {
  return html`<div class="${tone}"><dt>${name}</dt><dd><strong>${value}</strong>${chart}</dd></div>`;
}

function errorPercents({ perSecond, errorsPerSecond }: Trend): number[] {
  return perSecond.map((all, place) => (all > 0 ? ((errorsPerSecond[place] ?? 0) / all) * 100 : 0));
}

type Counted = MergedPool['backend']['counters'];

function renderNumbers(counters: Counted | undefined, http: boolean): Html[] {
  const { inFlight = 0, queued = 0, requests = 0, sessions = 0 } = counters ?? {};
  const failed = http
    ? (counters?.responses5xx ?? 0)
    : (counters?.connectErrors ?? 0) + (counters?.responseErrors ?? 0);
  return [
    number('In flight', inFlight),
    number('Queued', queued),
    number(http ? 'Requests' : 'Sessions', http ? requests : sessions),
    number(http ? '5xx answers' : 'Errors', failed),
  ];
}

function number(name: string, value: number): Html {
  return html`<div><dt>${name}</dt><dd>${grouped(value)}</dd></div>`;
}
