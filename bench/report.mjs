// Prints what was measured, as rows of a Markdown table.

/** Fields of a result, with heading and digits. Those a workload does not tell are left out. */
const COLUMNS = [
  ['cpuMicros', 'µs CPU/request', 1],
  ['perSecond', 'requests/s', 0],
  ['p50', 'p50 ms', 2],
  ['p99', 'p99 ms', 2],
  ['p999', 'p99.9 ms', 2],
  ['residentMiB', 'RSS MiB', 0],
  ['kilobytesEach', 'KB each', 1],
  ['failed', 'failed', 0],
];

/** What a ratio is made of, the first that is there. */
const COMPARED = ['kilobytesEach', 'cpuMicros'];

/** `runs`: results by proxy, Teal's first, the same number for each. */
export function reportWorkload({ key, name, connections, reach }, runs) {
  const [first] = runs.values();
  const columns = COLUMNS.filter(([field]) => first[0][field] !== undefined);
  const titles = ['', ...columns.map(([, title]) => title), 'Teal / it'];
  console.log(`**${key}** ${name}, ${connections} connections\n`);
  console.log(row(titles));
  console.log(row(titles.map(() => '---')));
  for (const [proxy, results] of runs) {
    const cells = columns.map(([field, , digits]) =>
      field === 'failed'
        ? String(sum(results.map((result) => result.failed)))
        : median(results.map((result) => result[field])).toFixed(digits),
    );
    const ratio = proxy === 'Teal' ? '' : ratioOf(first, results).toFixed(2);
    const goal = proxy === 'HAProxy' && reach !== undefined ? ` (≤ ${reach})` : '';
    console.log(row([proxy, ...cells, `${ratio}${goal}`]));
  }
  console.log('');
}

/** Neighbours in a round shared the same moment of the machine. */
function ratioOf(ours, theirs) {
  const field = COMPARED.find((one) => ours[0][one] !== undefined);
  return median(ours.map((result, round) => result[field] / theirs[round][field]));
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
