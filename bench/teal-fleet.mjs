// Teal's workers, led by its fleet as the balancer leads them, but by a fixed list of apps. Argument: JSON
// with `workers`, the ports `http`, `tcp`, `tls`, `origin` and those of `others`, the file `pem`, and
// possibly settings of an `accessLog` for every request.
// A message `{ changesPerSecond }` sets how often another service changes; the answer is how many
// changes all workers have acknowledged so far.

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fleet } from '../dist/fleet/fleet.js';
import { SILENT } from '../dist/log/logger.js';
import { NO_CREDENTIALS } from '../dist/proxy/credentials.js';
import { DEFAULT_PROXY_SETTINGS } from '../dist/proxy/settings.js';
import { planFor, withoutServer } from './apps.mjs';

const { workers, pem, accessLog = null, ...ports } = JSON.parse(process.argv[2]);
const logging = accessLog === null ? {} : { accessLog, accessWish: { which: 'all', share: 1 } };
const fleet = new Fleet(
  {
    workers,
    program: fileURLToPath(new URL('../dist/fleet/worker-main.js', import.meta.url)),
    settings: { ...DEFAULT_PROXY_SETTINGS, ...logging, workers, keepAliveTimeoutMs: 30_000 },
    logLevel: 'error',
  },
  SILENT,
);
const plan = planFor(ports);
let changes = 0;
let changesPerSecond = 0;

async function publish(next) {
  const { refused } = await fleet.publish(next);
  const [error] = fleet.listenerErrors.values();
  if (refused !== null || error !== undefined) throw new Error(refused ?? error);
}

async function keepChanging() {
  const everyMs = 1_000 / changesPerSecond;
  let dueMs = performance.now();
  while (changesPerSecond > 0) {
    const port = ports.others[changes % ports.others.length];
    // The service changed last gets its server back.
    await publish(withoutServer(plan, port));
    changes += 1;
    dueMs += everyMs;
    await pause(Math.max(0, dueMs - performance.now()));
  }
}

process.on('message', (order) => {
  const wasQuiet = changesPerSecond === 0;
  changesPerSecond = order.changesPerSecond;
  if (wasQuiet && changesPerSecond > 0) void keepChanging();
  process.send({ changes });
});

await fleet.start();
await fleet.certify({ ...NO_CREDENTIALS, shared: [readFileSync(pem, 'utf8')] });
await publish(plan);
