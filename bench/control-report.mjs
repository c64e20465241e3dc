// What was measured of the control plane, as Markdown, goals met and missed first.

import { table } from './report.mjs';

/** Apps → most ms from an event to the last worker's commit, beyond Marathon's own time, p99. */
const MOST_MS = new Map([
  [1_000, 20],
  [10_000, 60],
]);

const ROWS = [
  ["Marathon's whole list", 'MiB', ({ listBytes }) => mebibytes(listBytes)],
  ['one event to the last commit, p50', 'ms', ({ events }) => events.p50.toFixed(1)],
  ['… p99', 'ms', ({ events }) => events.p99.toFixed(1)],
  ['… CPU time of the primary', 'ms', ({ events }) => events.primaryMs.toFixed(1)],
  ['… sent to both workers', 'bytes', ({ events }) => String(events.bytes)],
  ['resync, request to commit', 'ms', ({ resyncs }) => resyncs.ms.toFixed(0)],
  ['… of it, until Marathon had answered', 'ms', ({ resyncs }) => resyncs.answerMs.toFixed(0)],
  ['… CPU time of the primary', 'ms', ({ resyncs }) => resyncs.primaryMs.toFixed(0)],
  ['… peak RSS of the primary', 'MiB', ({ resyncs }) => mebibytes(resyncs.primaryPeakBytes)],
  ['first plan, request to commit', 'ms', ({ first }) => first.ms.toFixed(0)],
  ['… CPU time of the primary', 'ms', ({ first }) => first.primaryMs.toFixed(0)],
  ['… sent to both workers', 'MiB', ({ first }) => mebibytes(first.bytes)],
  ['… peak RSS of the primary', 'MiB', ({ first }) => mebibytes(first.primaryPeakBytes)],
  ['… peak RSS of a worker', 'MiB', ({ first }) => mebibytes(first.workerPeakBytes)],
  ['at rest, primary', 'of a core', ({ rest }) => percent(rest.primaryShare)],
  ['at rest, both workers', 'of a core', ({ rest }) => percent(rest.workersShare)],
  ['requests, p99, quiet', 'ms', ({ requests }) => requests?.quiet.p99.toFixed(2)],
  ['… while lists are read', 'ms', ({ requests }) => requests?.busy.p99.toFixed(2)],
  ['… p99.9, quiet', 'ms', ({ requests }) => requests?.quiet.p999.toFixed(2)],
  ['… while lists are read', 'ms', ({ requests }) => requests?.busy.p999.toFixed(2)],
  ['… lists read meanwhile', '', ({ requests }) => requests && String(requests.lists)],
  [
    '… failed',
    '',
    ({ requests }) => requests && String(requests.quiet.failed + requests.busy.failed),
  ],
];

/** One column for each size of cluster. */
export function controlReport(measured) {
  const sizes = measured.map(({ apps }) => `${apps} apps × 10`);
  const rows = ROWS.map(([what, unit, write]) => [
    what,
    unit,
    ...measured.map((one) => write(one) ?? ''),
  ]);
  return [goals(measured), table([['', '', ...sizes], ...rows])].join('\n');
}

function goals(measured) {
  const rows = measured.flatMap(({ apps, events: { p99 } }) => {
    const most = MOST_MS.get(apps);
    if (most === undefined) return [];
    const says = `an event is committed within ${most} ms (p99) beyond Marathon's own time`;
    return [[`${apps} apps × 10`, says, p99.toFixed(1), p99 <= most ? 'met' : '**missed**']];
  });
  return table([['cluster', 'goal', 'measured', ''], ...rows]);
}

function mebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
