// Teal's relay beside its rivals: same work, same core, turn by turn. See README.md beside this file.
// Arguments: keys of workloads (all without any), --rounds=3, --seconds=2, --markdown. `control` alone
// measures the control plane.

import os from 'node:os';
import { measureControl } from './control.mjs';
import { controlReport } from './control-report.mjs';
import { missingFor } from './load.mjs';
import { measure } from './measure.mjs';
import { cores, stopAll } from './processes.mjs';
import { goalsOf, tableOf } from './report.mjs';
import { RIVALS } from './rivals.mjs';
import { replaceSection } from './section.mjs';
import { WORKLOADS } from './workloads.mjs';

/** Apps, of ten tasks each. */
const CLUSTERS = [1_000, 10_000];

const words = process.argv.slice(2);
const rounds = option('rounds', 3);
const seconds = option('seconds', 2);
const keys = words.filter((word) => !word.startsWith('--'));
const writesSection = words.includes('--markdown');

function option(name, preset) {
  const text = words.find((word) => word.startsWith(`--${name}=`));
  return text === undefined ? preset : Number(text.slice(name.length + 3));
}

function machine() {
  const [cpu] = os.cpus();
  const [busy = 0] = os.loadavg();
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpu?.model ?? 'unknown CPU'}, ${os.cpus().length} cores,`,
    `Linux ${os.release()}, load average ${busy.toFixed(2)} at the start;`,
  ].join('\n');
}

function heading() {
  const { proxy, rest } = cores();
  const place =
    proxy === null
      ? 'one core, or no taskset: proxy, load and origin share it'
      : `proxies on core ${proxy}, load and origin on core ${rest}`;
  const versions = RIVALS.map(({ name, installed, version, install }) =>
    installed ? `${name} ${version()}` : `${name} is not installed (${install})`,
  );
  return [
    `${machine()} ${place}.`,
    `${versions.join(', ')}.`,
    `${rounds} rounds of ${seconds} s each, in turn; medians, ratios of neighbours.\n`,
  ].join('\n');
}

/** Measures, prints as it goes, and returns all that was printed with the goals in front. */
async function runAll(workloads) {
  const head = heading();
  console.log(head);
  const tables = [];
  const measured = [];
  for (const workload of workloads) {
    const missing = missingFor(workload);
    if (missing === null) {
      const measurement = await measure(workload, { rounds, seconds });
      measured.push([workload, measurement]);
      tables.push(tableOf(workload, measurement));
    } else {
      const { program, install } = missing;
      tables.push(`**${workload.key}** ${workload.name}: needs ${program} (${install})\n`);
    }
    console.log(tables.at(-1));
  }
  const goals = goalsOf(measured);
  console.log(goals);
  return [head, goals, ...tables].join('\n');
}

/** The same for the control plane, one size of cluster after the other. */
async function runControl() {
  const head = `${machine()} Node ${process.versions.node}.\n`;
  console.log(head);
  const measured = [];
  for (const apps of CLUSTERS) measured.push(await measureControl(apps));
  const report = controlReport(measured);
  console.log(report);
  return `${head}\n${report}`;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    stopAll();
    process.exit(1);
  });
}

const ofControl = keys.join() === 'control';
const unknown = keys.filter(
  (key) => !ofControl && !WORKLOADS.some((workload) => workload.key === key),
);
if (unknown.length > 0) {
  const known = [...new Set(WORKLOADS.map(({ key }) => key))].join(' ');
  console.error(
    `unknown workload ${unknown.join(', ')}: expected some of ${known}, or control alone`,
  );
  process.exitCode = 2;
} else if (writesSection && keys.length > 0 && !ofControl) {
  console.error('--markdown writes a whole section: expected no keys beside it, or control alone');
  process.exitCode = 2;
} else {
  try {
    const wanted = WORKLOADS.filter(({ key }) => keys.length === 0 || keys.includes(key));
    const text = ofControl ? await runControl() : await runAll(wanted);
    if (writesSection) replaceSection(ofControl ? 'measured control plane' : 'measured', text);
  } finally {
    stopAll();
  }
}
