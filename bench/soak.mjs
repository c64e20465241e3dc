// Minutes of mixed traffic through `teal sse` with two workers, against a scripted Marathon that changes
// each second, and one worker killed once. Ends with 1 if a request failed that was not on a connection
// of the killed worker, or if memory did not stay flat.
//
//   node bench/soak.mjs [--minutes=10]        after `npm run build`

import { parseArgs } from 'node:util';
import { startCluster } from './soak-cluster.mjs';
import { Ledger } from './soak-ledger.mjs';
import { memoryOf, startTeal } from './soak-teal.mjs';
import { startTraffic } from './soak-traffic.mjs';

/** How often memory is looked at. */
const LOOK_MS = 5_000;
/** Growth from the first third to the last that is taken for a leak. */
const LEAK_KB = 65_536;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const totalMs = Number(values.minutes) * 60_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

const cluster = await startCluster();
const teal = await startTeal(cluster);
const ledger = new Ledger();
const began = Date.now();
const looks = [];
let failed = false;

try {
  const traffic = startTraffic(cluster, ledger);
  const changing = setInterval(() => cluster.change(), 1_000);
  let killed = false;
  console.log('    s  requests  failed  primary MB  workers MB');
  while (Date.now() - began < totalMs) {
    await pause(Math.min(LOOK_MS, totalMs - (Date.now() - began)));
    const look = memoryOf(teal);
    looks.push(look);
    const seconds = String(Math.round((Date.now() - began) / 1_000)).padStart(5);
    const requests = String(ledger.total).padStart(9);
    const wrong = String(ledger.failures.length).padStart(7);
    const megabytes = (kb) => (kb / 1_024).toFixed(1);
    const workers = look.workers.map(megabytes).join(' + ');
    console.log(
      `${seconds} ${requests} ${wrong}  ${megabytes(look.primary).padStart(10)}  ${workers}`,
    );
    if (!killed && Date.now() - began > totalMs / 2) {
      killed = true;
      const { pid, ports } = teal.killWorker();
      ledger.excuse(ports);
      console.log(`worker ${pid} killed with ${ports.size} connections`);
    }
  }
  clearInterval(changing);
  await traffic.stop();
  const code = await teal.stop();
  console.log(`teal ended with ${code} after ${cluster.changes} changes`);
  ledger.print();
  failed = ledger.unexcused.length > 0 || code !== 0 || !isFlat();
} finally {
  await teal.kill();
  await cluster.stop();
}
console.log(failed ? 'FAILED' : 'passed');
process.exit(failed ? 1 : 0);

/** Compares the medians of the first and the last third: collections come and go in between. */
function isFlat() {
  const third = Math.floor(looks.length / 3);
  if (third === 0) return true;
  const sums = looks.map(({ primary, workers }) => primary + workers.reduce((a, b) => a + b, 0));
  const growthKb = median(sums.slice(-third)) - median(sums.slice(0, third));
  console.log(
    `memory: ${(growthKb / 1_024).toFixed(1)} MB more in the last third than in the first`,
  );
  return growthKb < LEAK_KB;
}
