// `/metrics`: HAProxy's names and types for what HAProxy has, `teal_*` for what only Teal has.

import type { Family } from './exposition.ts';
import { writeFamilies } from './exposition.ts';
import { familiesOf, type LabelledRow } from './haproxy-families.ts';
import { listProxies, type ProxyRows, type StatRow } from './proxies.ts';
import { rowValues } from './row-values.ts';
import { tealFamilies } from './teal-families.ts';
import type { View } from './view.ts';

/** HAProxy's `scope`, and `teal` besides. */
const SCOPES = ['global', 'frontend', 'backend', 'server', 'teal'] as const;
export type Scope = (typeof SCOPES)[number];

export interface MetricsFilter {
  /** What is asked for; all when nothing is named. */
  readonly scopes: ReadonlySet<Scope>;
  /** No servers in MAINT. */
  readonly noMaint: boolean;
}

/** Reads what follows `/metrics?`: `scope=server&scope=backend&no-maint`. Null if a scope is none. */
export function readMetricsFilter(query: string): MetricsFilter | null {
  const scopes = new Set<Scope>();
  const asked = new URLSearchParams(query);
  for (const name of asked.getAll('scope')) {
    if (name === '*') for (const scope of SCOPES) scopes.add(scope);
    else if (isScope(name)) scopes.add(name);
    else if (name !== 'listener' && name !== 'sticktable') return null;
  }
  if (!asked.has('scope')) for (const scope of SCOPES) scopes.add(scope);
  return { scopes, noMaint: asked.has('no-maint') };
}

export function renderMetrics(view: View, { scopes, noMaint }: MetricsFilter): string {
  const proxies = listProxies(view);
  const rows = proxies.flatMap((proxy) => labelled(proxy, view.nowMs, noMaint));
  const of = (kind: StatRow['kind']) => rows.filter((row) => row.kind === kind);
  const families: Family[] = [];
  if (scopes.has('global')) families.push(...processFamilies(view, of('frontend')));
  for (const kind of ['frontend', 'backend', 'server'] as const) {
    if (scopes.has(kind)) families.push(...familiesOf(kind, of(kind)));
  }
  if (scopes.has('teal')) families.push(...tealFamilies(view));
  return writeFamilies(families);
}

function labelled(proxy: ProxyRows, nowMs: number, noMaint: boolean): LabelledRow[] {
  return proxy.rows
    .filter((row) => !(noMaint && row.kind === 'server' && row.status === 'MAINT'))
    .map((row) => ({
      kind: row.kind,
      labels:
        row.kind === 'server'
          ? { proxy: proxy.pxname, server: row.svname }
          : { proxy: proxy.pxname },
      values: rowValues(proxy, row, nowMs),
    }));
}

function processFamilies(view: View, frontends: readonly LabelledRow[]): Family[] {
  const sum = (column: 'scur' | 'conn_tot' | 'req_tot' | 'bout'): number =>
    frontends.reduce((total, { values }) => total + Number(values[column] ?? 0), 0);
  const one = (name: string, type: Family['type'], help: string, value: number): Family => ({
    name: `haproxy_process_${name}`,
    type,
    help,
    series: [{ labels: {}, value }],
  });
  return [
    one('nbthread', 'gauge', 'Workers.', view.workers.length),
    one('nbproc', 'gauge', 'Always 1.', 1),
    one(
      'uptime_seconds',
      'gauge',
      'Seconds since the start.',
      Math.floor((view.nowMs - view.startedAtMs) / 1_000),
    ),
    one(
      'start_time_seconds',
      'gauge',
      'Start, in seconds since 1970.',
      Math.floor(view.startedAtMs / 1_000),
    ),
    one('current_connections', 'gauge', 'Sessions of all frontends now.', sum('scur')),
    one('connections_total', 'counter', 'Connections of all frontends.', sum('conn_tot')),
    one('requests_total', 'counter', 'HTTP requests of all frontends.', sum('req_tot')),
    one('bytes_out_total', 'counter', 'Bytes to clients.', sum('bout')),
    {
      name: 'haproxy_process_build_info',
      type: 'gauge',
      help: 'Build, by labels.',
      series: [{ labels: { version: `teal-${view.version}` }, value: 1 }],
    },
  ];
}

function isScope(name: string): name is Scope {
  return (SCOPES as readonly string[]).includes(name);
}
