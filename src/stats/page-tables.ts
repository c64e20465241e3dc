// The numbers row by row, as a HAProxy operator knows them: its columns, its row colours, its anchors.
// The colours of a service stand in one table, so that blue's numbers stand over green's.

import { type Html, html } from './html.ts';
import { type CellSource, COLUMNS, type Column, digits, EDGES, GROUPS } from './page-columns.ts';
import { placeOf, renderBadge } from './page-place.ts';
import type { Scene } from './page-scene.ts';
import { isOrderable, renderServerBox, renderServersForm } from './page-server-orders.ts';
import { listProxies, type ProxyRows, type StatRow } from './proxies.ts';
import { rowValues } from './row-values.ts';
import { statusText, wayOf } from './status-text.ts';
import { bytes, duration, grouped } from './wording.ts';

const LEGEND: readonly (readonly [string, string])[] = [
  ['up', 'active UP'],
  ['going-down', 'active UP, going down'],
  ['going-up', 'active DOWN, going up or starting'],
  ['down', 'active DOWN'],
  ['drain', 'DRAIN, or weight 0: only sticky requests'],
  ['maint', 'MAINT: draining or being killed'],
  ['sum', 'frontend, backend'],
];

export interface Table {
  /** `shared`, or the service's key. */
  readonly key: string;
  readonly proxies: readonly ProxyRows[];
}

/** A table for the shared listeners and one for each service that is shown in full. */
export function listTables(scene: Scene): Table[] {
  const { view, filter, full } = scene;
  const keys = new Set(full.map((service) => service.key));
  const planned = new Set(view.plan.services.map((service) => service.key));
  const proxies = listProxies(
    {
      ...view,
      plan: { ...view.plan, services: full },
      traffic: {
        ...view.traffic,
        pools: view.traffic.pools.filter(
          ({ service }) => keys.has(service) || !planned.has(service),
        ),
      },
    },
    filter,
  );
  const tables = new Map<string, ProxyRows[]>();
  for (const proxy of proxies) {
    const key = proxy.service ?? 'shared';
    const table = tables.get(key);
    if (table === undefined) tables.set(key, [proxy]);
    else table.push(proxy);
  }
  return [...tables].map(([key, list]) => ({ key, proxies: list }));
}

export function renderLegend(): Html {
  return html`<ul class="legend" id="legend" aria-label="Row colours">${LEGEND.map(([name, text]) => html`<li class="${name}">${text}</li>`)}</ul>`;
}

export function renderTable(scene: Scene, { key, proxies }: Table): Html {
  const title = key === 'shared' ? 'Shared listeners' : key;
  return html`<div class="scroll" id="table-${key}" tabindex="0" role="region" aria-label="${title}"><table class="rows">
<caption>${title}</caption>
<thead><tr><th rowspan="2" scope="col" class="name">Row</th><th rowspan="2" scope="col" class="status">Status</th>${GROUPS.map((group) => html`<th colspan="${group.columns.length}" scope="colgroup" class="e">${group.name}</th>`)}</tr>
<tr>${COLUMNS.map((column) => html`<th scope="col"${EDGES.has(column) && html` class="e"`}>${column.name}</th>`)}</tr></thead>
${proxies.map((proxy) => renderProxy(scene, proxy))}
${proxies.length > 1 && key !== 'shared' && renderTotal(scene, proxies)}</table></div>`;
}

function renderProxy(scene: Scene, proxy: ProxyRows): Html {
  const { service, appId, pxname } = proxy;
  const heading =
    service !== null &&
    html`<tr class="proxy"><th colspan="${COLUMNS.length + 2}" scope="rowgroup"><span class="pin"><span class="chip ${scene.hueIn(service, appId)}">${pxname}</span> ${badgeOf(scene, proxy)}${renderServersForm(scene, proxy)}</span></th></tr>`;
  return html`<tbody data-key="${pxname}">${heading}${proxy.rows.map((row) => renderRow(scene, proxy, row))}</tbody>`;
}

function renderRow(scene: Scene, proxy: ProxyRows, row: StatRow): Html {
  const { nowMs } = scene.view;
  const name = proxy.appId === null ? proxy.pxname : row.svname;
  const cell = { proxy, row, values: rowValues(proxy, row, nowMs), nowMs };
  return html`<tr class="${classOf(row)}" id="${proxy.pxname}/${row.svname}"><th scope="row" class="name"${tip(nameTip(row))}>${isOrderable(proxy, row) ? renderServerBox(proxy, name) : name}${renderListedBy(row)}</th><td class="status"${tip(row.standing)}>${statusOf(row, nowMs)}</td>${COLUMNS.map((column) => renderCell(column, cell))}</tr>`;
}

function renderCell(column: Column, cell: CellSource): Html {
  const text = column.text(cell);
  const classes = `${EDGES.has(column) ? 'e' : ''}${isNothing(text) ? 'z' : ''}`;
  return html`<td${classes !== '' && html` class="${classes === 'ez' ? 'e z' : classes}"`}${tip(column.tip?.(cell) ?? '')}>${text}</td>`;
}

function tip(text: string): Html | false {
  return text !== '' && html` title="${text}"`;
}

const NO_BYTES = bytes(0);

function isNothing(text: string): boolean {
  return text === '0' || text === '0s' || text === '-' || text === '?' || text === NO_BYTES;
}

function renderTotal({ view }: Scene, proxies: readonly ProxyRows[]): Html {
  const backends = proxies.flatMap((proxy) =>
    proxy.rows
      .filter((row) => row.kind === 'backend')
      .map((row) => ({ row, values: rowValues(proxy, row, view.nowMs) })),
  );
  const usable = backends.reduce((sum, { row }) => sum + row.usable, 0);
  const total = ({ sum }: Column): string => {
    if (sum === undefined || backends.every(({ values }) => values[sum] === undefined)) return '';
    const value = backends.reduce((all, { values }) => all + Number(values[sum] ?? 0), 0);
    return sum === 'bin' || sum === 'bout' ? bytes(value) : digits(value);
  };
  return html`<tfoot><tr class="total"><th scope="row" class="name">All colours</th><td class="status">${grouped(usable)} usable</td>${COLUMNS.map((column) => html`<td${EDGES.has(column) && html` class="e"`}>${total(column)}</td>`)}</tr></tfoot>`;
}

/** Whose word a server is there by, where it is not Marathon's. */
function renderListedBy({ listedBy }: StatRow): Html | false {
  return listedBy !== '' && html` <small title="Marathon does not list it">by ${listedBy}</small>`;
}

function nameTip(row: StatRow): string {
  if (row.kind !== 'server') return '';
  return row.numericId === null ? row.address : `${row.address}, id ${row.numericId}`;
}

const ARROWS = { down: ' ↓', up: ' ↑', '': '' } as const;

/** HAProxy's words, the age of the last change before them, arrows where a server is on its way. */
function statusOf(row: StatRow, nowMs: number): string {
  const { kind, check, uptime, status, standing } = row;
  if (kind === 'frontend') return status;
  const sinceMs = (check ?? uptime)?.sinceMs;
  const since = sinceMs === undefined ? '' : `${duration(nowMs - sinceMs)} `;
  if (kind === 'backend') return `${since}${status}`;
  const text = statusText(row);
  if (text !== status) return `${since}${text}${ARROWS[wayOf(row)]}`;
  return standing === 'usable' ? `${since}${status}` : `${since}${status} · ${standing}`;
}

function classOf(row: StatRow): string {
  const { kind, status, weight } = row;
  if (kind !== 'server') return status === 'DOWN' ? 'sum bad' : 'sum';
  const way = wayOf(row);
  if (status === 'MAINT') return 'maint';
  if (status === 'DRAIN' || weight === 0) return 'drain';
  if (status === 'UP') return way === 'down' ? 'going-down' : 'up';
  return way === 'up' ? 'going-up' : 'down';
}

function badgeOf(scene: Scene, proxy: ProxyRows): Html {
  const service = scene.full.find((one) => one.key === proxy.service);
  const colour = service?.colours.find((one) => one.appId === proxy.appId);
  if (service === undefined || colour === undefined) return renderBadge('draining');
  const pool = scene.poolOf(service.key, colour.appId);
  return renderBadge(placeOf(service, colour, pool?.backend.counters.inFlight ?? 0));
}
