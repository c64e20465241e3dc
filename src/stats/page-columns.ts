// HAProxy's columns of its statistics tables, in its order and under its names, read from the same values
// as the CSV, so that the two never disagree. A cell may tell more to whoever points at it.

import { DESCRIPTIONS } from '../health/outcome.ts';
import type { ProxyRows, StatRow } from './proxies.ts';
import { lastSessionSeconds, type Values } from './row-values.ts';
import { bytes, duration, grouped } from './wording.ts';

export interface CellSource {
  readonly proxy: ProxyRows;
  readonly row: StatRow;
  readonly values: Values;
  readonly nowMs: number;
}

export interface Column {
  readonly name: string;
  /** Empty = HAProxy has nothing to say there. */
  readonly text: (cell: CellSource) => string;
  /** What pointing at it tells; empty = nothing. */
  readonly tip?: (cell: CellSource) => string;
  /** CSV column that adds up over the colours of a service; absent = a sum would say something untrue. */
  readonly sum?: keyof Values;
}

interface Group {
  readonly name: string;
  readonly columns: readonly Column[];
}

const number = (name: string, value: keyof Values, more: Partial<Column> = {}): Column => ({
  name,
  text: ({ values }) => digits(values[value]),
  ...more,
});
const added = (name: string, value: keyof Values, more: Partial<Column> = {}): Column =>
  number(name, value, { sum: value, ...more });
/** HAProxy's `-` where there is no limit on rows of a kind that may have one. */
const limit = (value: keyof Values, kind: StatRow['kind']): Column => ({
  name: 'Limit',
  text: ({ values, row }) => (row.kind === kind && !values[value] ? '-' : digits(values[value])),
});
const size = (name: string, value: 'bin' | 'bout'): Column => ({
  name,
  text: ({ values }) => bytes(Number(values[value] ?? 0)),
  tip: ({ values }) => `${grouped(Number(values[value] ?? 0))} bytes`,
  sum: value,
});

export const GROUPS: readonly Group[] = [
  {
    name: 'Queue',
    columns: [added('Cur', 'qcur'), number('Max', 'qmax'), limit('qlimit', 'server')],
  },
  {
    name: 'Session rate',
    columns: [
      added('Cur', 'rate', { tip: rateTip }),
      number('Max', 'rate_max'),
      limit('rate_lim', 'frontend'),
    ],
  },
  {
    name: 'Sessions',
    columns: [
      added('Cur', 'scur'),
      number('Max', 'smax'),
      limit('slim', 'server'),
      added('Total', 'stot', { tip: totalTip }),
      added('LbTot', 'lbtot'),
      { name: 'Last', text: last },
    ],
  },
  { name: 'Bytes', columns: [size('In', 'bin'), size('Out', 'bout')] },
  { name: 'Denied', columns: [added('Req', 'dreq'), added('Resp', 'dresp')] },
  {
    name: 'Errors',
    columns: [
      added('Req', 'ereq'),
      added('Conn', 'econ'),
      added('Resp', 'eresp', { tip: resetTip }),
    ],
  },
  { name: 'Warnings', columns: [added('Retr', 'wretr'), added('Redis', 'wredis')] },
  {
    name: 'Server',
    columns: [
      { name: 'LastChk', text: lastCheck, tip: checkTip },
      number('Wght', 'weight'),
      { name: 'Act', text: ({ values, row }) => active(row, values.act) },
      { name: 'Bck', text: ({ values, row }) => active(row, values.bck) },
      number('Chk', 'chkfail'),
      number('Dwn', 'chkdown'),
      { name: 'Dwntme', text: ({ values }) => seconds(values.downtime) },
      { name: 'Thrtle', text: ({ values }) => suffixed(values.throttle, ' %') },
    ],
  },
];

export const COLUMNS: readonly Column[] = GROUPS.flatMap((group) => group.columns);

/** Columns that begin a group. */
export const EDGES: ReadonlySet<Column | undefined> = new Set(
  GROUPS.map((group) => group.columns[0]),
);

export function digits(value: string | number | undefined): string {
  return typeof value === 'number' ? grouped(value) : (value ?? '');
}

function seconds(value: string | number | undefined): string {
  return typeof value === 'number' ? duration(value * 1_000) : '';
}

function suffixed(value: string | number | undefined, unit: string): string {
  return value === undefined || value === '' ? '' : `${value}${unit}`;
}

/** `Y` and `-` on a server, numbers on a backend. */
function active(row: StatRow, value: string | number | undefined): string {
  if (row.kind !== 'server') return digits(value);
  return value === 1 ? 'Y' : '-';
}

function last({ row, nowMs }: CellSource): string {
  if (row.kind === 'frontend') return '';
  const passed = lastSessionSeconds(row, nowMs);
  return passed < 0 ? '?' : duration(passed * 1_000);
}

function lastCheck({ row: { check } }: CellSource): string {
  if (check === null || check.checkedAtMs === 0) return '';
  const code = check.code === 0 ? '' : `/${check.code}`;
  return `${check.status}${code} in ${check.durationMs}ms`;
}

function checkTip({ row: { check } }: CellSource): string {
  if (check === null || check.checkedAtMs === 0) return '';
  return DESCRIPTIONS[check.status] + (check.text === '' ? '' : `: ${check.text}`);
}

function rateTip({ proxy, row }: CellSource): string {
  if (row.kind !== 'frontend') return '';
  const { sessionRate, requestRate, requestRateMax } = row.row;
  const connections = `${grouped(sessionRate)} connections/s`;
  if (proxy.mode === 'tcp') return connections;
  return `${connections}, ${grouped(requestRate)} requests/s (at most ${grouped(requestRateMax)})`;
}

/** The answers by class and the times of a request, as HAProxy tells them. */
function totalTip({ proxy, row, values }: CellSource): string {
  const lines: string[] = [];
  if (proxy.mode === 'http') {
    lines.push(`HTTP requests: ${grouped(row.row.counters.requests)}`);
    for (const group of ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const) {
      lines.push(`${group}: ${digits(values[`hrsp_${group}`])}`);
    }
    if (row.kind === 'frontend') lines.push(`answered by Teal: ${digits(values.intercepted)}`);
  }
  if (row.kind !== 'frontend') {
    const { connects, reuses } = row.row.counters;
    const share = Math.round((100 * reuses) / Math.max(1, connects + reuses));
    lines.push(`new connections: ${grouped(connects)}, reused: ${grouped(reuses)} (${share} %)`);
    const time = (name: string, average: keyof Values, most: keyof Values): string =>
      `${name} time: ${digits(values[average])} ms, at most ${digits(values[most])} ms`;
    lines.push(time('queue', 'qtime', 'qtime_max'), time('connect', 'ctime', 'ctime_max'));
    if (proxy.mode === 'http') lines.push(time('response', 'rtime', 'rtime_max'));
    lines.push(time('total', 'ttime', 'ttime_max'));
  }
  return lines.join('\n');
}

function resetTip({ row, values }: CellSource): string {
  if (row.kind === 'frontend') return '';
  return `Connection resets during transfers: ${digits(values.cli_abrt)} client, ${digits(values.srv_abrt)} server`;
}
