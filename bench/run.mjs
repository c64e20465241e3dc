// Teal's relay against HAProxy: same work, same core, turn by turn. See README.md beside this file.
// Options: --rounds=3 --seconds=4 --connections=64

import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { haproxyOrigin, haproxyRival, haproxyVersion } from './haproxy.mjs';
import { LOAD_GENERATOR, load } from './load.mjs';
import { cores, freePort, isInstalled, start, stopAll } from './processes.mjs';

const BODY = '{"id":42,"name":"blue","version":"2026-01-01","healthy":true,"tags":[12]}';
const SCENARIOS = [
  { name: 'keep-alive', closing: false },
  { name: 'a connection per request', closing: true },
];

const rounds = option('rounds', 3);
const seconds = option('seconds', 4);
const connections = option('connections', 64);
const core = cores();
const hasRival = isInstalled('haproxy');

function option(name, preset) {
  const text = process.argv.find((word) => word.startsWith(`--${name}=`));
  return text === undefined ? preset : Number(text.slice(name.length + 3));
}

function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function startOrigin() {
  const port = await freePort();
  const node = [process.execPath, here('origin.mjs'), String(port), BODY];
  await start(core.rest, hasRival ? haproxyOrigin(port, BODY) : node, port);
  return port;
}

async function startProxies(originPort) {
  const tealPort = await freePort();
  const teal = [process.execPath, here('teal-worker.mjs'), String(tealPort), String(originPort)];
  const proxies = [
    { name: 'Teal', port: tealPort, child: await start(core.proxy, teal, tealPort) },
  ];
  if (hasRival) {
    const port = await freePort();
    const child = await start(core.proxy, haproxyRival(port, originPort), port);
    proxies.push({ name: 'HAProxy', port, child });
  }
  return proxies;
}

async function measure(proxies, { closing }) {
  const runs = new Map(proxies.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, port, child } of proxies) {
      const target = { core: core.rest, port, pid: child.pid, connections, closing };
      const result = await load({ ...target, seconds: round === 0 ? 2 : seconds });
      // The first round warms up.
      if (round > 0) runs.get(name).push(result);
    }
  }
  return runs;
}

function report(scenario, runs) {
  console.log(`\n${scenario.name}, ${connections} connections`);
  for (const [name, results] of runs) {
    const of = (field) => median(results.map((result) => result[field]));
    const failed = results.reduce((sum, result) => sum + result.failed, 0);
    console.log(
      `  ${name.padEnd(8)} ${of('cpuMicros').toFixed(1).padStart(6)} µs CPU/request ` +
        `${of('perSecond').toFixed(0).padStart(7)} requests/s  p50 ${of('p50').toFixed(2)} ms  ` +
        `p99 ${of('p99').toFixed(2)} ms  failed ${failed}  ` +
        `(runs: ${results.map((result) => result.cpuMicros.toFixed(1)).join(', ')})`,
    );
  }
  const rivals = runs.get('HAProxy');
  if (rivals === undefined) return;
  // Neighbours in a round shared the same moment of the machine.
  const ratios = runs.get('Teal').map(({ cpuMicros }, i) => cpuMicros / rivals[i].cpuMicros);
  console.log(`  Teal / HAProxy: ${median(ratios).toFixed(2)} of the CPU time per request`);
}

function heading() {
  const [cpu] = os.cpus();
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpu?.model ?? 'unknown CPU'}`);
  const [busy = 0] = os.loadavg();
  console.log(`Linux ${os.release()}, Node ${process.version}, load average ${busy.toFixed(2)}`);
  if (hasRival) console.log(haproxyVersion());
  else console.log('HAProxy is not installed (apt-get install haproxy): Teal runs alone');
  if (core.proxy === null) console.log('one core, or no taskset: proxy, load and origin share it');
  else console.log(`proxy on core ${core.proxy}, load and origin on core ${core.rest}`);
  console.log(
    `origin: ${hasRival ? 'HAProxy, http-request return' : 'origin.mjs'}, ${BODY.length} bytes`,
  );
  console.log(`load: ${LOAD_GENERATOR}; ${rounds} runs of ${seconds} s each, in turn; medians`);
}

try {
  heading();
  const proxies = await startProxies(await startOrigin());
  for (const scenario of SCENARIOS) report(scenario, await measure(proxies, scenario));
} finally {
  stopAll();
}
