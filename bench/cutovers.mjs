// Cut-overs in a row under load: how long one takes, and what it costs those who ask meanwhile. Teal is
// `teal sse` with two workers and gets each as an order to its admin port; HAProxy gets each as a new
// configuration and a reload of its worker, as Marathon-LB does it.
//
//   node bench/cutovers.mjs [--cut-overs=1000] [--reloads=200] [--clients=16] [--bystanders=32]
//
// after `npm run build`. Bystanders are WebSockets of another service, which nothing may happen to. Ends
// with 1 if Teal failed a request, if an answer of the old colour followed the acknowledgement, if a
// bystander was lost, or if memory grew.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBystanders } from './bystanders.mjs';
import { startClients } from './cutover-clients.mjs';
import { startHaproxy, startTealTwoColours } from './cutover-rivals.mjs';
import { freePorts, isInstalled, start, stopAll } from './processes.mjs';

/** Each colour serves for as many answers at least, and so long. */
const ANSWERS_BETWEEN = 20;
/** Bystanders are asked, and memory is read, after so many changes. */
const LOOK_EVERY = 100;
/** Growth from the first third of these looks to the last that is taken for a leak. */
const LEAK_MB = 32;

const { values } = parseArgs({
  options: {
    'cut-overs': { type: 'string', default: '1000' },
    reloads: { type: 'string', default: '200' },
    clients: { type: 'string', default: '16' },
    bystanders: { type: 'string', default: '32' },
  },
});

const [blue, green, other] = await freePorts(3);
const originPorts = { blue, green, other };
const webSockets = fileURLToPath(new URL('web-socket-origin.mjs', import.meta.url));
const origin = fileURLToPath(new URL('origin.mjs', import.meta.url));
let failed = false;

try {
  for (const [colour, port] of Object.entries({ blue, green })) {
    await start(null, [process.execPath, origin, String(port), colour], port);
  }
  await start(null, [process.execPath, webSockets, String(other)], other);
  const rows = [];
  const teal = await run(
    'Teal',
    await startTealTwoColours(originPorts),
    Number(values['cut-overs']),
  );
  rows.push(teal);
  failed =
    teal.failed > 0 || teal.stale > 0 || teal['bystanders lost'] > 0 || teal['MB more'] > LEAK_MB;
  if (isInstalled('haproxy')) {
    rows.push(await run('HAProxy', await startHaproxy(originPorts), Number(values.reloads)));
  }
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
} finally {
  stopAll();
}
process.exit(failed ? 1 : 0);

/** `cutOver(colour)` resolves when it is in force, with the ms it says that it took (or null). */
async function run(name, { port, otherPort, cutOver, residentBytes, stop }, count) {
  const bystanders = await startBystanders(otherPort, Number(values.bystanders));
  const looks = [];
  const clients = startClients(port, Number(values.clients));
  const seenMs = [];
  const toldMs = [];
  let live = 'blue';
  await clients.answers(ANSWERS_BETWEEN);
  for (let turn = 0; turn < count; turn += 1) {
    live = live === 'blue' ? 'green' : 'blue';
    clients.leave();
    const beganMs = performance.now();
    const told = await cutOver(live);
    seenMs.push(performance.now() - beganMs);
    if (told !== null) toldMs.push(told);
    clients.expect(live);
    await clients.answers(ANSWERS_BETWEEN);
    if ((turn + 1) % LOOK_EVERY !== 0) continue;
    await bystanders.ask();
    looks.push(residentBytes());
  }
  const { answered, failed: failures, stale } = await clients.stop();
  const { lost } = bystanders;
  bystanders.stop();
  await stop();
  return {
    name,
    changes: count,
    'p50 ms': quantile(seenMs, 0.5),
    'p99 ms': quantile(seenMs, 0.99),
    'decided to last commit p50 ms': quantile(toldMs, 0.5),
    'p99 ms of these': quantile(toldMs, 0.99),
    requests: answered,
    failed: failures,
    stale,
    'bystanders lost': lost,
    'MB more': growthOf(looks),
  };
}

/** In MB, from the first third to the last: collections come and go in between. */
function growthOf(looks) {
  const third = Math.floor(looks.length / 3);
  if (third === 0) return '';
  const bytes = quantile(looks.slice(-third), 0.5) - quantile(looks.slice(0, third), 0.5);
  return Number((bytes / 1_048_576).toFixed(1));
}

function quantile(list, part) {
  const sorted = [...list].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return value === undefined ? '' : Number(value.toFixed(2));
}
