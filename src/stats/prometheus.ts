// `/metrics`: HAProxy's names and types for what HAProxy has, `teal_*` for what only Teal has.

import { Exposition, labelText } from './exposition.ts';
import {
  type LabelledRow,
  labelledRow,
  numberOf,
  writeRows,
  writeServerStates,
} from './haproxy-families.ts';
import { listProxies, type ProxyRows, type StatRow } from './proxies.ts';
import { rowValues } from './row-values.ts';
import { writeTeal } from './teal-families.ts';
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
  const into = new Exposition();
  if (scopes.has('global')) writeProcess(into, view, of('frontend'));
  for (const kind of ['frontend', 'backend', 'server'] as const) {
    if (scopes.has(kind)) writeRows(into, kind, of(kind));
  }
  if (scopes.has('backend')) writeServerStates(into, proxies.filter(hasServers).map(statesOf));
  if (scopes.has('teal')) writeTeal(into, view);
  return into.text;
}

function labelled(proxy: ProxyRows, nowMs: number, noMaint: boolean): LabelledRow[] {
  return proxy.rows
    .filter((row) => !(noMaint && row.kind === 'server' && row.status === 'MAINT'))
    .map((row) => {
      const labels = labelText(
        row.kind === 'server'
          ? { proxy: proxy.pxname, server: row.svname }
          : { proxy: proxy.pxname },
      );
      return labelledRow(row.kind, labels, rowValues(proxy, row, nowMs));
    });
}

function hasServers({ service }: ProxyRows): boolean {
  return service !== null;
}

function statesOf({ pxname, rows }: ProxyRows) {
  const statuses = rows.filter(({ kind }) => kind === 'server').map(({ status }) => status);
  return { labels: labelText({ proxy: pxname }), statuses };
}

function writeProcess(into: Exposition, view: View, frontends: readonly LabelledRow[]): void {
  const sum = (column: 'scur' | 'conn_tot' | 'req_tot' | 'bout'): number =>
    frontends.reduce((total, row) => total + (numberOf(row, column) || 0), 0);
  const gauge = (name: string, help: string, value: number, labels = ''): void => {
    into.family(`haproxy_process_${name}`, 'gauge', help).sample(labels, value);
  };
  const counter = (name: string, help: string, value: number): void => {
    into.family(`haproxy_process_${name}`, 'counter', help).sample('', value);
  };
  const { nowMs, startedAtMs, version, workers } = view;
  gauge('nbthread', 'Workers.', workers.length);
  gauge('nbproc', 'Always 1.', 1);
  gauge('uptime_seconds', 'Seconds since the start.', Math.floor((nowMs - startedAtMs) / 1_000));
  gauge('start_time_seconds', 'Start, in seconds since 1970.', Math.floor(startedAtMs / 1_000));
  gauge('current_connections', 'Sessions of all frontends now.', sum('scur'));
  counter('connections_total', 'Connections of all frontends.', sum('conn_tot'));
  counter('requests_total', 'HTTP requests of all frontends.', sum('req_tot'));
  counter('bytes_out_total', 'Bytes to clients.', sum('bout'));
  gauge('build_info', 'Build, by labels.', 1, labelText({ version: `teal-${version}` }));
}

function isScope(name: string): name is Scope {
  return (SCOPES as readonly string[]).includes(name);
}
