// Teal's relay beside its rivals: same work, same core, turn by turn. See README.md beside this file.
// Arguments: keys of workloads (all without any), --rounds=3, --seconds=2.

import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { load, missingFor } from './load.mjs';
import { cores, freePort, start, stopAll } from './processes.mjs';
import { reportWorkload } from './report.mjs';
import { cheapOrigin, PROXIES } from './rivals.mjs';
import { WORKLOADS } from './workloads.mjs';

const BODY = '{"id":42,"name":"blue","version":"2026-01-01","healthy":true,"tags":[12]}';

const words = process.argv.slice(2);
const rounds = option('rounds', 3);
const seconds = option('seconds', 2);
const keys = words.filter((word) => !word.startsWith('--'));
const workloads = WORKLOADS.filter(({ key }) => keys.length === 0 || keys.includes(key));
const core = cores();

function option(name, preset) {
  const text = words.find((word) => word.startsWith(`--${name}=`));
  return text === undefined ? preset : Number(text.slice(name.length + 3));
}

function originCommand(kind, port) {
  const node = fileURLToPath(new URL('origin.mjs', import.meta.url));
  const cheap = kind === 'small' ? cheapOrigin(port, BODY) : null;
  return cheap ?? [process.execPath, node, String(port), BODY];
}

/** Starts an origin of each kind that is needed, and every proxy in front of each. */
async function startAll() {
  const fields = {};
  for (const kind of new Set(workloads.map(({ origin }) => origin))) {
    const origin = await freePort();
    await start(core.rest, originCommand(kind, origin), origin);
    fields[kind] = [];
    for (const proxy of PROXIES.filter(({ installed }) => installed)) {
      const ports = {
        http: await freePort(),
        tcp: await freePort(),
        tls: await freePort(),
        origin,
      };
      const child = await start(core.proxy, proxy.command(ports), ports.http);
      fields[kind].push({ ...proxy, ports, child });
    }
  }
  return fields;
}

async function measure(workload, proxies) {
  const runs = new Map(proxies.map(({ name }) => [name, []]));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, ports, child } of proxies) {
      const result = await load(workload, {
        core: core.rest,
        port: ports[workload.port],
        pid: child.pid,
        seconds: round === 0 ? 1 : seconds,
        settle: () => settle(name, child),
      });
      if (round > 0) runs.get(name).push(result);
    }
  }
  return runs;
}

/** Lets what has ended be forgotten before memory is read. */
async function settle(name, child) {
  for (let turn = 0; turn < 3; turn += 1) {
    if (name === 'Teal') child.kill('SIGUSR2');
    await pause(250);
  }
}

function heading() {
  const [cpu] = os.cpus();
  const [busy = 0] = os.loadavg();
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpu?.model ?? 'unknown CPU'}`);
  console.log(`Linux ${os.release()}, load average ${busy.toFixed(2)} at the start`);
  for (const { name, installed, version, install } of PROXIES) {
    console.log(installed ? `${name}: ${version()}` : `${name}: not installed (${install})`);
  }
  if (core.proxy === null) console.log('one core, or no taskset: proxy, load and origin share it');
  else console.log(`proxies on core ${core.proxy}, load and origin on core ${core.rest}`);
  console.log(`${rounds} rounds of ${seconds} s each, in turn; medians, ratios of neighbours\n`);
}

try {
  heading();
  const fields = await startAll();
  for (const workload of workloads) {
    const missing = missingFor(workload);
    if (missing !== null) {
      console.log(`${workload.key}  ${workload.name}: needs ${missing}, which is not installed\n`);
      continue;
    }
    const able = fields[workload.origin].filter(({ without }) => !without?.includes(workload.port));
    reportWorkload(workload, await measure(workload, able));
  }
} finally {
  stopAll();
}
