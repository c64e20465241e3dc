// The numbers row by row, in the columns a HAProxy operator knows. Columns Teal has nothing to say in
// (limits, backup servers, checks of its own) are left out here; the CSV has all of them.

import { DESCRIPTIONS } from '../health/outcome.ts';
import { addRow, Counters, toRow } from './counters.ts';
import type { StatsFilter } from './filter.ts';
import { type Html, html } from './html.ts';
import { hueOf } from './page-hue.ts';
import { placeOf, renderBadge, selectServices } from './page-services.ts';
import { listProxies, type ProxyRows, poolOf, type StatRow } from './proxies.ts';
import { lastSessionSeconds } from './row-values.ts';
import type { View } from './view.ts';
import { bytes, count, duration, grouped } from './wording.ts';

type Cell = number | string | null;

interface Column {
  readonly name: string;
  /** Null = the row has no such number. */
  readonly value: (row: StatRow, nowMs: number) => Cell;
  /** Empty on proxies that speak tcp. */
  readonly http?: true;
  /** Left empty in a sum over colours: adding it would say something untrue. */
  readonly noSum?: true;
}

interface Group {
  readonly name: string;
  readonly columns: readonly Column[];
}

const onPool = (row: StatRow, value: Cell): Cell => (row.kind === 'frontend' ? null : value);
const onFrontend = (row: StatRow, value: Cell): Cell => (row.kind === 'frontend' ? value : null);
const mean = (row: StatRow, sumMs: number): Cell => {
  const { requests, sessions } = row.row.counters;
  return onPool(row, Math.round(sumMs / Math.max(1, requests || sessions)));
};

const GROUPS: readonly Group[] = [
  {
    name: 'Queue',
    columns: [
      { name: 'Cur', value: (row) => onPool(row, row.row.counters.queued) },
      { name: 'Max', value: (row) => onPool(row, row.row.counters.queuedMax), noSum: true },
    ],
  },
  {
    name: 'Session rate',
    columns: [
      { name: 'Cur', value: (row) => row.row.sessionRate },
      { name: 'Max', value: (row) => row.row.sessionRateMax, noSum: true },
    ],
  },
  {
    name: 'Sessions',
    columns: [
      { name: 'Cur', value: (row) => row.row.counters.inFlight },
      { name: 'Max', value: (row) => row.row.counters.inFlightMax, noSum: true },
      { name: 'Total', value: (row) => row.row.counters.sessions },
      { name: 'LbTot', value: (row) => onPool(row, row.row.counters.picks) },
      { name: 'Last', value: (row, nowMs) => onPool(row, lastSession(row, nowMs)) },
    ],
  },
  {
    name: 'Bytes',
    columns: [
      { name: 'In', value: (row) => bytes(row.row.counters.bytesIn) },
      { name: 'Out', value: (row) => bytes(row.row.counters.bytesOut) },
    ],
  },
  {
    name: 'Denied',
    columns: [
      { name: 'Req', value: (row) => onFrontend(row, row.row.counters.deniedRequests) },
      { name: 'Resp', value: (row) => row.row.counters.deniedResponses },
    ],
  },
  {
    name: 'Errors',
    columns: [
      { name: 'Req', value: (row) => onFrontend(row, row.row.counters.requestErrors) },
      { name: 'Conn', value: (row) => onPool(row, row.row.counters.connectErrors) },
      { name: 'Resp', value: (row) => onPool(row, row.row.counters.responseErrors) },
    ],
  },
  {
    name: 'Warnings',
    columns: [
      { name: 'Retr', value: (row) => onPool(row, row.row.counters.retries) },
      { name: 'Redis', value: (row) => onPool(row, row.row.counters.redispatches) },
    ],
  },
  {
    name: 'Answers',
    columns: [
      { name: '2xx', value: (row) => row.row.counters.responses2xx, http: true },
      { name: '3xx', value: (row) => row.row.counters.responses3xx, http: true },
      { name: '4xx', value: (row) => row.row.counters.responses4xx, http: true },
      { name: '5xx', value: (row) => row.row.counters.responses5xx, http: true },
    ],
  },
  {
    name: 'Mean ms',
    columns: [
      { name: 'Conn', value: (row) => mean(row, row.row.counters.connectMs) },
      { name: 'Resp', value: (row) => mean(row, row.row.counters.responseMs) },
      { name: 'Total', value: (row) => mean(row, row.row.counters.totalMs) },
    ],
  },
];

const NO_BYTES = bytes(0);
const NEVER = '–';
const COLUMNS = GROUPS.flatMap((group) => group.columns);
const ENDS = new Set(GROUPS.map((group) => group.columns[0]));

export function renderTables(view: View, filter: StatsFilter): Html {
  const { shown, more } = selectServices(view, filter.scope);
  const hidden = new Set(view.plan.services.map((service) => service.key));
  for (const service of shown) hidden.delete(service.key);
  const proxies = listProxies(view, filter).filter((proxy) => !hidden.has(proxy.service ?? ''));
  const shared = proxies.filter((proxy) => proxy.service === null);
  const byService = groupOf(proxies);
  return html`<section aria-labelledby="traffic"><h2 id="traffic">Traffic, row by row</h2>
${renderLegend()}
${shared.length > 0 && renderTable(view, 'Shared listeners', shared)}
${[...byService].map(([service, list]) => renderTable(view, service, list))}
${more > 0 && html`<p class="hint">and the rows of ${count(more, 'more service')}</p>`}</section>`;
}

function groupOf(proxies: readonly ProxyRows[]): Map<string, ProxyRows[]> {
  const groups = new Map<string, ProxyRows[]>();
  for (const proxy of proxies) {
    if (proxy.service === null) continue;
    const group = groups.get(proxy.service);
    if (group === undefined) groups.set(proxy.service, [proxy]);
    else group.push(proxy);
  }
  return groups;
}

function renderLegend(): Html {
  return html`<ul class="legend" aria-label="Row colours"><li class="up">▲ UP: gets requests when its colour is live</li><li class="starting">△ DOWN: starting</li><li class="down">▼ DOWN: unhealthy or unreachable</li><li class="maint">◆ MAINT: being killed or draining</li><li class="sum">frontend, backend</li></ul>`;
}

function renderTable(view: View, title: string, proxies: readonly ProxyRows[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="rows">
<caption>${title}</caption>
<thead><tr><th rowspan="2" scope="col" class="name">Row</th><th rowspan="2" scope="col" class="status">Status</th>${GROUPS.map((group) => html`<th colspan="${group.columns.length}" scope="colgroup" class="edge">${group.name}</th>`)}</tr>
<tr>${COLUMNS.map((column) => html`<th scope="col" class="n${ENDS.has(column) ? ' edge' : ''}">${column.name}</th>`)}</tr></thead>
${proxies.map((proxy) => renderProxy(view, proxy))}
${proxies.length > 1 && proxies[0]?.service !== null && renderTotal(proxies, view.nowMs)}</table></div>`;
}

function renderProxy(view: View, proxy: ProxyRows): Html {
  const heading =
    proxy.appId !== null &&
    html`<tr class="proxy"><th colspan="${COLUMNS.length + 2}" scope="rowgroup"><span class="pin ${hueIn(view, proxy)}"><span class="chip">${proxy.pxname}</span> ${badgeOf(view, proxy)}</span></th></tr>`;
  return html`<tbody>${heading}${proxy.rows.map((row) => renderRow(proxy, row, view.nowMs))}</tbody>`;
}

function renderRow(proxy: ProxyRows, row: StatRow, nowMs: number): Html {
  const name = proxy.appId === null ? proxy.pxname : row.svname;
  return html`<tr class="${classOf(row)}" id="${proxy.pxname}/${row.svname}"><th scope="row" class="name" title="${row.address}">${name}</th><td class="status" title="${checkOf(row)}">${statusOf(row)}</td>${COLUMNS.map((column) => renderCell(column, isKnown(column, proxy) ? column.value(row, nowMs) : null))}</tr>`;
}

function renderCell(column: Column, value: Cell): Html {
  const edge = ENDS.has(column) ? ' edge' : '';
  const zero = value === 0 || value === NO_BYTES || value === NEVER ? ' zero' : '';
  const text = typeof value === 'number' ? grouped(value) : value;
  return html`<td class="n${edge}${zero}">${text}</td>`;
}

function isKnown(column: Column, proxy: ProxyRows | undefined): boolean {
  return !(column.http && proxy?.mode === 'tcp');
}

function renderTotal(proxies: readonly ProxyRows[], nowMs: number): Html {
  const backends = proxies.flatMap((proxy) => proxy.rows.filter((row) => row.kind === 'backend'));
  const counters = new Counters();
  for (const { row } of backends) addRow(counters, toRow(row.counters));
  const add = (pick: (row: StatRow) => number) => backends.reduce((sum, row) => sum + pick(row), 0);
  const total: StatRow = {
    ...(backends[0] as StatRow),
    usable: add((row) => row.usable),
    row: {
      counters,
      sessionRate: add((row) => row.row.sessionRate),
      sessionRateMax: 0,
      requestRate: add((row) => row.row.requestRate),
      requestRateMax: 0,
    },
  };
  return html`<tfoot><tr class="total"><th scope="row" class="name">All colours</th><td class="status">${total.usable} usable</td>${COLUMNS.map((column) => renderCell(column, column.noSum || !isKnown(column, proxies[0]) ? null : column.value(total, nowMs)))}</tr></tfoot>`;
}

function statusOf(row: StatRow): string {
  if (row.kind === 'backend') return `${row.status} · ${row.usable} usable`;
  if (row.kind === 'frontend') return row.status;
  const mark = { UP: '▲', DOWN: row.standing === 'starting' ? '△' : '▼', MAINT: '◆' } as const;
  const symbol = row.status === 'OPEN' || row.status === 'STOP' ? '' : mark[row.status];
  if (row.status === 'UP') return `${symbol} UP`;
  const { check, standing } = row;
  const reason =
    standing === 'failing' && check !== null ? `${check.status} ${check.code || ''}` : '';
  return `${symbol} ${row.status} · ${standing} ${reason}`.trim();
}

/** What Teal's own check found last, as HAProxy shows it when one points at LastChk. */
function checkOf({ check }: StatRow): string {
  if (check === null || check.checkedAtMs === 0) return '';
  const text = check.text === '' ? '' : `: ${check.text}`;
  return `${check.status} in ${check.durationMs} ms (${DESCRIPTIONS[check.status]}${text})`;
}

function classOf(row: StatRow): string {
  if (row.kind !== 'server') return row.status === 'DOWN' ? 'sum bad' : 'sum';
  if (row.status === 'UP') return 'up';
  if (row.status === 'MAINT') return 'maint';
  return row.standing === 'starting' ? 'starting' : 'down';
}

function hueIn(view: View, proxy: ProxyRows): string {
  const service = view.plan.services.find((one) => one.key === proxy.service);
  const appIds = service?.colours.map((one) => one.appId) ?? [];
  return hueOf(proxy.appId, appIds);
}

function badgeOf(view: View, proxy: ProxyRows): Html {
  const service = view.plan.services.find((one) => one.key === proxy.service);
  const colour = service?.colours.find((one) => one.appId === proxy.appId);
  if (service === undefined || colour === undefined) return renderBadge('draining');
  const pool = poolOf(view, service.key, colour.appId);
  return renderBadge(placeOf(service, colour, pool?.backend.counters.inFlight ?? 0));
}

function lastSession(row: StatRow, nowMs: number): string {
  const seconds = lastSessionSeconds(row, nowMs);
  return seconds < 0 ? NEVER : duration(seconds * 1_000);
}
