// The services: their colours side by side, the live one marked by word, mark and frame, with the
// reason and the time it is live for.

import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import { type Html, html } from './html.ts';
import { hueOf } from './page-hue.ts';
import { poolOf, type StatRow, serverRows } from './proxies.ts';
import type { MergedRow } from './row-sum.ts';
import type { View } from './view.ts';
import { count, duration, grouped, moment } from './wording.ts';

/** More dots than this say no more than the number beside them. */
const MOST_DOTS = 40;

export type Place = 'live' | 'draining' | 'standby' | 'not-ready' | 'empty';

const BADGE: Readonly<Record<Place, string>> = {
  live: '● Live',
  draining: '◑ Draining',
  standby: '○ Standby',
  'not-ready': '◌ Not ready',
  empty: '✕ No usable server',
};

/** Where a colour stands in its service. `inFlight`: exchanges open on its pool. */
export function placeOf(service: ServiceSpec, colour: ColourSpec, inFlight: number): Place {
  if (service.live === colour.appId) return 'live';
  if (inFlight > 0) return 'draining';
  if (colour.servers.length === 0) return 'empty';
  return colour.ready ? 'standby' : 'not-ready';
}

export function renderBadge(place: Place): Html {
  return html`<span class="badge ${place}">${BADGE[place]}</span>`;
}

/** More services make a page nobody reads and no browser likes; the CSV always has all. */
const MOST_SERVICES = 100;

/** The services a page shows: those with a colour whose name contains `scope`, at most 100. */
export function selectServices(view: View, scope: string): { shown: ServiceSpec[]; more: number } {
  const wanted = scope.toLowerCase();
  const all = view.plan.services.filter((service) =>
    service.colours.some((colour) => colour.name.toLowerCase().includes(wanted)),
  );
  const shown = all.slice(0, MOST_SERVICES);
  return { shown, more: all.length - shown.length };
}

export function renderServices(view: View, scope: string): Html {
  const { shown, more } = selectServices(view, scope);
  const none = scope === '' ? 'No app asks for a service yet.' : `No service matches “${scope}”.`;
  return html`<section aria-labelledby="services"><h2 id="services">Services <span class="tally">${shown.length + more}</span></h2>
${shown.length === 0 && html`<p class="hint">${none}</p>`}
${shown.map((service) => renderService(view, service))}
${more > 0 && html`<p class="hint">and ${count(more, 'more service')}: narrow by a scope, or read the CSV</p>`}</section>`;
}

function renderService(view: View, service: ServiceSpec): Html {
  return html`<article class="service" id="service-${service.key}">
<header><h3>${bindOf(service)}</h3><span class="tag">${service.mode}</span>${service.routes.flatMap((route) => route.hosts).map((host) => html`<span class="tag host">${host}</span>`)}
<p class="why">${reason(view, service)}</p></header>
<div class="colours">${service.colours.map((colour) => renderColour(view, service, colour))}</div>
</article>`;
}

/** `:10080` on all addresses, else with the one it is bound to. */
function bindOf({ address, servicePort }: ServiceSpec): string {
  if (address === '*') return `:${servicePort}`;
  return address.includes(':') ? `[${address}]:${servicePort}` : `${address}:${servicePort}`;
}

function reason(view: View, service: ServiceSpec): Html {
  if (service.live === null) return html`<strong>Nothing is live</strong>: ${service.why}`;
  const since = duration(view.nowMs - service.liveSinceMs);
  return html`<strong>${service.live}</strong> has been live for ${since}, since ${moment(service.liveSinceMs)}: ${service.why}`;
}

function renderColour(view: View, service: ServiceSpec, colour: ColourSpec): Html {
  const pool = poolOf(view, service.key, colour.appId);
  const place = placeOf(service, colour, pool?.backend.counters.inFlight ?? 0);
  const hue = hueOf(
    colour.appId,
    service.colours.map((one) => one.appId),
  );
  const rows = serverRows(colour, pool, view.checks);
  return html`<section class="colour ${hue} ${place}" aria-label="${colour.appId}">
<header><h4>${colour.appId}</h4>${renderBadge(place)}</header>
<p class="version"><span>version</span> ${colour.version}</p>
${renderServers(colour, rows)}
<dl class="numbers">${numbers(service, pool?.backend)}</dl>
</section>`;
}

function renderServers(colour: ColourSpec, rows: readonly StatRow[]): Html {
  const usable = rows.reduce((sum, row) => sum + row.usable, 0);
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
  return html`<div class="servers"><span class="dots" aria-hidden="true">${dots}</span>
<p><b>${usable} of ${colour.instances}</b> usable${otherStandings(rows)}</p></div>`;
}

function dotClass(row: StatRow): string {
  if (row.status === 'UP') return 'up';
  if (row.standing === 'starting') return 'starting';
  return row.status === 'MAINT' ? 'maint' : 'down';
}

/** `, 2 starting, 1 draining`. */
function otherStandings(rows: readonly StatRow[]): string {
  const standings = new Map<string, number>();
  for (const row of rows) {
    if (row.status !== 'UP') standings.set(row.standing, (standings.get(row.standing) ?? 0) + 1);
  }
  return [...standings].map(([standing, many]) => `, ${many} ${standing}`).join('');
}

function numbers(service: ServiceSpec, row: MergedRow | undefined): Html[] {
  const counters = row?.counters;
  const http = service.mode === 'http';
  const errors = http
    ? (counters?.responses5xx ?? 0)
    : (counters?.connectErrors ?? 0) + (counters?.responseErrors ?? 0);
  return [
    number('Sessions now', counters?.inFlight ?? 0, ''),
    number(
      http ? 'Requests' : 'Sessions',
      (http ? counters?.requests : counters?.sessions) ?? 0,
      '',
    ),
    number('Per second', row?.sessionRate ?? 0, ''),
    number(http ? '5xx answers' : 'Errors', errors, errors > 0 ? 'alarming' : ''),
  ];
}

function number(name: string, value: number, tone: string): Html {
  return html`<div class="${tone}"><dt>${name}</dt><dd>${grouped(value)}</dd></div>`;
}

/** The last cut-overs, newest first. */
export function renderHistory(view: View): Html {
  if (view.history.length === 0) return html``;
  const shown = view.history.slice(0, 12);
  return html`<section aria-labelledby="history"><h2 id="history">Cut-overs <span class="tally">${view.history.length}</span></h2>
<div class="scroll"><table class="list history"><thead><tr><th scope="col">When</th><th scope="col">Service</th><th scope="col">From → to</th><th scope="col">Why</th><th scope="col" class="n">Epoch</th><th scope="col" class="n">Workers</th><th scope="col" class="n">Took</th></tr></thead>
<tbody>${shown.map((one) => html`<tr><td>${duration(view.nowMs - one.atMs)} ago<small>${moment(one.atMs)}</small></td><td>${one.service}</td><td>${chip(view, one.service, one.from)} → ${chip(view, one.service, one.to)}</td><td class="wide">${one.why}</td><td class="n">${one.epoch}</td><td class="n">${one.workers}</td><td class="n">${one.tookMs.toFixed(1)} ms</td></tr>`)}</tbody></table></div>
${view.history.length > shown.length && html`<p class="hint">and ${count(view.history.length - shown.length, 'earlier one')}</p>`}</section>`;
}

function chip(view: View, key: string, appId: string | null): Html {
  if (appId === null) return html`<span class="chip none">nothing</span>`;
  const service = view.plan.services.find((one) => one.key === key);
  const hue = hueOf(appId, service?.colours.map((one) => one.appId) ?? [appId]);
  return html`<span class="chip ${hue}">${appId}</span>`;
}
