// The statistics as HAProxy 2.0's CSV. Column names and order are an interface: zdd.py, autoscalers and
// metric agents read it. A value never holds a comma, a quote or a line break, because they split blindly.

import { CSV_COLUMNS } from './csv-columns.ts';
import type { StatsFilter } from './filter.ts';
import { listProxies } from './proxies.ts';
import { rowValues, type Values } from './row-values.ts';
import type { View } from './view.ts';

/** Every line ends with a comma and a line feed, the first starts `# `, none is empty. */
export function renderCsv(view: View, filter: StatsFilter): string {
  const lines = [`# ${CSV_COLUMNS.join(',')},\n`];
  for (const proxy of listProxies(view, filter)) {
    for (const row of proxy.rows) lines.push(renderLine(rowValues(proxy, row, view.nowMs)));
  }
  return lines.join('');
}

function renderLine(values: Values): string {
  return `${CSV_COLUMNS.map((name) => clean(values[name] ?? '')).join(',')},\n`;
}

/**
 * zdd.py reads it as Latin-1, takes 0x85 for the end of a line and `'` at the start of a value for a quote
 * that runs over lines: one app's group would take every other app's rows along.
 */
function clean(value: string | number): string | number {
  if (typeof value === 'number') return value;
  return value.replaceAll(/[^\u0020-\u007e]|[,"]/g, '_').replace(/^['#]/, '_');
}
