// What was measured, as Markdown.

import { median, ratio } from './goals.mjs';

/** Fields of a result, with heading and how they are written. Those a workload does not tell are left out. */
const COLUMNS = [
  ['cpuMicros', (unit) => `µs CPU/${unit}`, fixed(1)],
  ['perSecond', (unit) => `${unit}s/s`, fixed(0)],
  ['share', () => 'core', percent],
  ['busiestShare', () => 'busiest', percent],
  ['p50', () => 'p50 ms', fixed(2)],
  ['p99', () => 'p99 ms', fixed(2)],
  ['p999', () => 'p99.9 ms', fixed(2)],
  ['residentMiB', () => 'RSS MiB', fixed(0)],
  ['kilobytesEach', () => 'KB each', fixed(1)],
  ['changesPerSecond', () => 'changes/s', fixed(0)],
  ['failed', () => 'failed', fixed(0)],
];
/** What a ratio is made of, the first that is there. */
const COMPARED = ['kilobytesEach', 'cpuMicros'];

/** The table of a workload: Teal beside each rival, or each contestant beside the one it belongs to. */
export function tableOf(workload, { runs, beside }) {
  const { key, name, connections, unit, lineUp } = workload;
  const all = [...runs.values()].flat();
  const shown = COLUMNS.filter(
    ([field]) =>
      all.some((result) => result[field] !== undefined) &&
      (field !== 'busiestShare' || lineUp === 'workers'),
  );
  const field = COMPARED.find((one) => all[0][one] !== undefined);
  const compare = lineUp === 'rivals' ? 'Teal / it' : 'beside alone';
  const rows = [...runs].map(([contestant, results]) => {
    const cells = shown.map(([one, , write]) => cellOf(one, results, write));
    const other = beside.get(contestant);
    if (lineUp === 'rivals' && contestant !== 'Teal') {
      cells.push(ratio(runs.get('Teal'), results, field).toFixed(2));
    } else if (other !== undefined) cells.push(ratio(results, runs.get(other), field).toFixed(2));
    else cells.push('');
    return [contestant, ...cells];
  });
  const titles = ['', ...shown.map(([, title]) => title(unit)), compare];
  return `**${key}** ${name}, ${connections} connections\n\n${table([titles, ...rows])}`;
}

/** A row for each goal of what has been measured: `[workload, measurement]`. */
export function goalsOf(measured) {
  const rows = measured.flatMap(([{ key, name, goals }, measurement]) =>
    goals.map(({ says, judge }) => {
      const judgement = judge(measurement);
      const cells =
        judgement === null
          ? ['', 'not measured']
          : [judgement.value.toFixed(2), judgement.met ? 'met' : '**missed**'];
      return [`${key}: ${name}`, says, ...cells];
    }),
  );
  return rows.length === 0 ? '' : table([['workload', 'goal', 'measured', ''], ...rows]);
}

/** Rows of equal length, the first is the heading. */
export function table(rows) {
  const widths = rows[0].map((_, place) => Math.max(3, ...rows.map((row) => row[place].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |\n`;
  const [heading, ...rest] = rows;
  return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join(
    '',
  );
}

function cellOf(field, results, write) {
  const values = results.map((result) => result[field]);
  if (values.includes(undefined)) return '';
  return write(field === 'failed' ? values.reduce((sum, one) => sum + one, 0) : median(values));
}

function fixed(digits) {
  return (value) => value.toFixed(digits);
}

function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}
