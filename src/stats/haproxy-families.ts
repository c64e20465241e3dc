// HAProxy's Prometheus families of frontends, backends and servers, by the column each is read from.

import type { CsvColumn } from './csv-columns.ts';
import { type Exposition, type LabelText, withLabel } from './exposition.ts';
import type { StatRow } from './proxies.ts';
import type { Values } from './row-values.ts';

/** A row with what the families need of it, and no more: there are thousands at once. */
export interface LabelledRow {
  readonly kind: StatRow['kind'];
  /** Never empty. */
  readonly labels: LabelText;
  /** `OPEN`, `UP` … */
  readonly status: string;
  /** In the order of COLUMNS; NaN = it has none. */
  readonly numbers: Float64Array;
}

type Kinds = 'F' | 'B' | 'S' | 'FB' | 'BS' | 'FBS';

interface Metric {
  readonly suffix: string;
  readonly column: CsvColumn;
  readonly kinds: Kinds;
  readonly help: string;
  /** What the column's unit is divided by to be the metric's; times are in ms there, in s here. */
  readonly divisor: number;
}

const m = (suffix: string, column: CsvColumn, kinds: Kinds, help: string, divisor = 1): Metric => ({
  suffix,
  column,
  kinds,
  help,
  divisor,
});

const METRICS: readonly Metric[] = [
  m('current_queue', 'qcur', 'BS', 'Requests that wait for a server now.'),
  m('max_queue', 'qmax', 'BS', 'Most requests that have waited at once.'),
  m('current_sessions', 'scur', 'FBS', 'Sessions now.'),
  m('max_sessions', 'smax', 'FBS', 'Most sessions at once.'),
  m('limit_sessions', 'slim', 'FBS', 'Sessions that are let in at once.'),
  m('sessions_total', 'stot', 'FBS', 'Sessions since the start.'),
  m('bytes_in_total', 'bin', 'FBS', 'Bytes from clients.'),
  m('bytes_out_total', 'bout', 'FBS', 'Bytes to clients.'),
  m('requests_denied_total', 'dreq', 'FB', 'Requests refused by a rule.'),
  m('responses_denied_total', 'dresp', 'FBS', 'Responses refused by a rule.'),
  m('request_errors_total', 'ereq', 'F', 'Requests that could not be read.'),
  m('connection_errors_total', 'econ', 'BS', 'Failed connects to servers.'),
  m('response_errors_total', 'eresp', 'BS', 'Responses that failed.'),
  m('retry_warnings_total', 'wretr', 'BS', 'Connects tried again.'),
  m('redispatch_warnings_total', 'wredis', 'BS', 'Requests given to another server.'),
  m('weight', 'weight', 'BS', 'Weight of the server, or of all usable ones.'),
  m('uweight', 'uweight', 'BS', 'The same as it was configured.'),
  m('active_servers', 'act', 'B', 'Servers that can be used.'),
  m('backup_servers', 'bck', 'B', 'Backup servers that can be used.'),
  m('check_failures_total', 'chkfail', 'S', 'Failed checks.'),
  m('check_up_down_total', 'chkdown', 'BS', 'Times it went down.'),
  m('check_last_change_seconds', 'lastchg', 'BS', 'Seconds since it went up or down.'),
  m('downtime_seconds_total', 'downtime', 'BS', 'Seconds it was down.'),
  m('current_throttle', 'throttle', 'S', 'Per cent of its weight while it starts slowly.'),
  m('loadbalanced_total', 'lbtot', 'BS', 'Times it was chosen.'),
  m('limit_session_rate', 'rate_lim', 'F', 'Sessions per second that are let in.'),
  m('max_session_rate', 'rate_max', 'FBS', 'Most sessions in a second.'),
  m('http_requests_rate_max', 'req_rate_max', 'F', 'Most requests in a second.'),
  m('http_requests_total', 'req_tot', 'FB', 'HTTP requests.'),
  m('client_aborts_total', 'cli_abrt', 'BS', 'Transfers that the client ended.'),
  m('server_aborts_total', 'srv_abrt', 'BS', 'Transfers that the server ended.'),
  m('http_comp_bytes_in_total', 'comp_in', 'FB', 'Bytes given to compression.'),
  m('http_comp_bytes_out_total', 'comp_out', 'FB', 'Bytes that compression made of them.'),
  m('http_comp_bytes_bypassed_total', 'comp_byp', 'FB', 'Bytes that were not compressed.'),
  m('http_comp_responses_total', 'comp_rsp', 'FB', 'Responses that were compressed.'),
  m('last_session_seconds', 'lastsess', 'BS', 'Seconds since the last session, -1 = never.'),
  m('queue_time_average_seconds', 'qtime', 'BS', 'Average wait for a server.', 1_000),
  m('connect_time_average_seconds', 'ctime', 'BS', 'Average connect time.', 1_000),
  m('response_time_average_seconds', 'rtime', 'BS', 'Average time to a response.', 1_000),
  m('total_time_average_seconds', 'ttime', 'BS', 'Average time of a whole exchange.', 1_000),
  m('max_queue_time_seconds', 'qtime_max', 'BS', 'Longest wait for a server.', 1_000),
  m('max_connect_time_seconds', 'ctime_max', 'BS', 'Longest connect time.', 1_000),
  m('max_response_time_seconds', 'rtime_max', 'BS', 'Longest time to a response.', 1_000),
  m('max_total_time_seconds', 'ttime_max', 'BS', 'Longest time of a whole exchange.', 1_000),
  m('connections_rate_max', 'conn_rate_max', 'F', 'Most connections in a second.'),
  m('connections_total', 'conn_tot', 'F', 'Connections.'),
  m('intercepted_requests_total', 'intercepted', 'F', 'Requests answered here.'),
  m('denied_connections_total', 'dcon', 'F', 'Connections refused by a rule.'),
  m('denied_sessions_total', 'dses', 'F', 'Sessions refused by a rule.'),
  m('failed_header_rewriting_total', 'wrew', 'FBS', 'Header edits that failed.'),
  m('connection_attempts_total', 'connect', 'BS', 'Connections opened to servers.'),
  m('connection_reuses_total', 'reuse', 'BS', 'Connections to servers used again.'),
  m('http_cache_lookups_total', 'cache_lookups', 'FB', 'Cache lookups (none).'),
  m('http_cache_hits_total', 'cache_hits', 'FB', 'Cache hits (none).'),
  m('internal_errors_total', 'eint', 'FBS', 'Internal errors.'),
  m('check_code', 'check_code', 'S', 'Status code of the last check.'),
  m('check_duration_seconds', 'check_duration', 'S', 'Time of the last check.', 1_000),
];

const CODES = [
  ['1xx', 'hrsp_1xx'],
  ['2xx', 'hrsp_2xx'],
  ['3xx', 'hrsp_3xx'],
  ['4xx', 'hrsp_4xx'],
  ['5xx', 'hrsp_5xx'],
  ['other', 'hrsp_other'],
] as const;

const COLUMNS = [
  ...new Set([...METRICS.map(({ column }) => column), ...CODES.map(([, column]) => column)]),
];
const PLACES = new Map(COLUMNS.map((column, place) => [column, place]));

export function labelledRow(kind: StatRow['kind'], labels: LabelText, values: Values): LabelledRow {
  const numbers = new Float64Array(COLUMNS.length);
  COLUMNS.forEach((column, place) => {
    const value = values[column];
    numbers[place] = typeof value === 'number' ? value : Number.NaN;
  });
  // `UP 2/3`: on its way down.
  const [status = ''] = String(values.status).split(' ');
  return { kind, labels, status, numbers };
}

/** NaN = the row has none. */
export function numberOf({ numbers }: LabelledRow, column: CsvColumn): number {
  return numbers[PLACES.get(column) ?? -1] ?? Number.NaN;
}

const STATES: Readonly<Record<StatRow['kind'], readonly string[]>> = {
  frontend: ['DOWN', 'UP'],
  backend: ['DOWN', 'UP'],
  server: ['DOWN', 'UP', 'MAINT', 'DRAIN', 'NOLB'],
};

/** Writes all families of one kind of row. */
export function writeRows(
  into: Exposition,
  kind: StatRow['kind'],
  rows: readonly LabelledRow[],
): void {
  const letter = kind[0]?.toUpperCase() ?? '';
  const prefix = `haproxy_${kind}_`;
  writeStatus(into, kind, rows);
  for (const { suffix, column, kinds, help, divisor } of METRICS) {
    if (!kinds.includes(letter)) continue;
    into.family(prefix + suffix, suffix.endsWith('_total') ? 'counter' : 'gauge', help);
    const place = PLACES.get(column) as number;
    for (const { labels, numbers } of rows) {
      const value = numbers[place] as number;
      if (!Number.isNaN(value)) into.sample(labels, value / divisor);
    }
  }
  writeResponses(into, prefix, rows);
}

/** How many servers of each backend are in each state. */
export function writeServerStates(
  into: Exposition,
  backends: readonly { readonly labels: LabelText; readonly statuses: readonly string[] }[],
): void {
  into.family('haproxy_backend_agg_server_status', 'gauge', 'Servers of the backend by status.');
  for (const { labels, statuses } of backends) {
    for (const state of STATES.server) {
      const count = statuses.filter((status) => status === state).length;
      into.sample(withLabel(labels, 'state', state), count);
    }
  }
}

function writeStatus(into: Exposition, kind: StatRow['kind'], rows: readonly LabelledRow[]): void {
  into.family(
    `haproxy_${kind}_status`,
    'gauge',
    'Current status of the service, per state label value.',
  );
  for (const { labels, status } of rows) {
    const state = status === 'OPEN' ? 'UP' : status === 'STOP' ? 'DOWN' : status;
    for (const one of STATES[kind]) {
      into.sample(withLabel(labels, 'state', one), one === state ? 1 : 0);
    }
  }
}

function writeResponses(into: Exposition, prefix: string, rows: readonly LabelledRow[]): void {
  into.family(`${prefix}http_responses_total`, 'counter', 'HTTP responses by class.');
  for (const row of rows) {
    for (const [code, column] of CODES) {
      const value = numberOf(row, column);
      if (!Number.isNaN(value)) into.sample(withLabel(row.labels, 'code', code), value);
    }
  }
}
