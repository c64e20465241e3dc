// What kind of value each column holds, as HAProxy tags it in its typed and JSON forms; captured from
// HAProxy 2.6.

import type { CsvColumn } from './csv-columns.ts';
import type { StatRow } from './proxies.ts';

export interface Tags {
  readonly origin: 'Metric' | 'Status' | 'Key' | 'Config';
  readonly nature:
    | 'Age'
    | 'Avg'
    | 'Counter'
    | 'Duration'
    | 'Gauge'
    | 'Limit'
    | 'Max'
    | 'Name'
    | 'Output'
    | 'Rate';
  readonly scope: 'Process' | 'Service';
  readonly type: 'u32' | 'u64' | 's32' | 'str';
}

const NAME = tags('Key', 'Name', 'Service', 'str');
const KEY = tags('Key', 'Gauge', 'Service', 'u32');
const GAUGE = tags('Metric', 'Gauge', 'Process', 'u32');
const MAX = tags('Metric', 'Max', 'Process', 'u32');
const RATE = tags('Metric', 'Rate', 'Process', 'u32');
const COUNTER = tags('Metric', 'Counter', 'Process', 'u64');
const AVERAGE = tags('Metric', 'Avg', 'Process', 'u32');
const OUTPUT = tags('Metric', 'Output', 'Process', 'str');
const LIMIT = tags('Config', 'Limit', 'Process', 'u32');
const SETTING = tags('Config', 'Gauge', 'Service', 'u32');
const WORD = tags('Config', 'Gauge', 'Service', 'str');
const CONFIGURED_NAME = tags('Config', 'Name', 'Service', 'str');

/** Columns that are not named here are counters. */
const BY_COLUMN: Readonly<Partial<Record<CsvColumn, Tags>>> = {
  pxname: NAME,
  svname: NAME,
  qcur: GAUGE,
  scur: GAUGE,
  act: GAUGE,
  bck: GAUGE,
  qmax: MAX,
  smax: MAX,
  rate_max: MAX,
  req_rate_max: MAX,
  conn_rate_max: MAX,
  qtime_max: MAX,
  ctime_max: MAX,
  rtime_max: MAX,
  ttime_max: MAX,
  slim: LIMIT,
  rate_lim: LIMIT,
  qlimit: LIMIT,
  status: tags('Status', 'Gauge', 'Process', 'str'),
  weight: AVERAGE,
  uweight: AVERAGE,
  throttle: AVERAGE,
  qtime: AVERAGE,
  ctime: AVERAGE,
  rtime: AVERAGE,
  ttime: AVERAGE,
  lastchg: tags('Metric', 'Age', 'Process', 'u32'),
  lastsess: tags('Metric', 'Age', 'Process', 's32'),
  downtime: tags('Metric', 'Counter', 'Process', 'u32'),
  pid: tags('Key', 'Gauge', 'Process', 'u32'),
  iid: KEY,
  sid: KEY,
  type: SETTING,
  check_rise: SETTING,
  check_fall: SETTING,
  check_health: SETTING,
  tracked: CONFIGURED_NAME,
  cookie: CONFIGURED_NAME,
  rate: RATE,
  req_rate: RATE,
  conn_rate: RATE,
  check_status: OUTPUT,
  last_chk: OUTPUT,
  check_desc: OUTPUT,
  check_code: tags('Metric', 'Output', 'Process', 'u32'),
  check_duration: tags('Metric', 'Duration', 'Process', 'u64'),
  addr: WORD,
  mode: WORD,
  algo: WORD,
};

export function tagsOf(column: CsvColumn, kind: StatRow['kind']): Tags {
  if (kind === 'backend' && (column === 'rate' || column === 'rate_max')) return GAUGE;
  if (kind === 'server' && (column === 'act' || column === 'bck')) return IN_USE;
  return BY_COLUMN[column] ?? COUNTER;
}

const IN_USE = tags('Status', 'Gauge', 'Process', 'u32');

function tags(
  origin: Tags['origin'],
  nature: Tags['nature'],
  scope: Tags['scope'],
  type: Tags['type'],
): Tags {
  return Object.freeze({ origin, nature, scope, type });
}
