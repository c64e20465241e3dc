// The control plane under load: from Marathon's answer and from a single event to the last worker's commit,
// and what requests notice of it. Teal's primary, its workers, Marathon and the load share the machine.

import { setTimeout as pause } from 'node:timers/promises';
import { startMarathon } from './control-marathon.mjs';
import { startTeal } from './control-teal.mjs';
import { median } from './goals.mjs';
import { missingFor } from './load.mjs';
import { loadPaced } from './load-paced.mjs';
import { originPort } from './origins.mjs';

const EVENTS = 200;
const RESYNCS = 7;
/** Events come one by one: sustained, Marathon is asked at most every 100 ms. */
const BETWEEN_EVENTS_MS = 110;
const REST_SECONDS = 3;
const LOAD_SECONDS = 6;
const LOAD = { load: 'paced', connections: 32, perSecond: 1_000, path: '/', port: 'http' };

/** Measures a cluster of so many apps with ten tasks each; times in ms. */
export async function measureControl(apps) {
  const marathon = await startMarathon(apps, await originPort('small', null));
  const first = await firstPlan(marathon);
  const { teal } = first;
  try {
    return {
      apps,
      listBytes: marathon.listBytes,
      first: first.measured,
      rest: await atRest(teal),
      events: await eventByEvent(marathon, teal, apps),
      resyncs: await resyncs(marathon, teal, apps),
      requests: missingFor(LOAD) === null ? await whileReading(marathon, teal, apps) : null,
    };
  } finally {
    await teal.stop();
    marathon.stop();
  }
}

/** A new Teal, until its workers serve all services. */
async function firstPlan(marathon) {
  marathon.prepare();
  const answered = marathon.answered('all');
  const teal = await startTeal(marathon.url);
  // The shared listeners come first, by an epoch of their own.
  await teal.committed();
  const { atMs, bytes } = await teal.committed();
  const { askedMs } = await answered;
  const measured = {
    ms: atMs - askedMs,
    bytes,
    primaryMs: teal.primaryMicros() / 1_000,
    primaryPeakBytes: teal.peakBytes(),
    workerPeakBytes: teal.workersPeakBytes(),
  };
  await pause(2_000);
  return { teal, measured };
}

/** What it costs to have a cluster that does not change: shares of a core. */
async function atRest(teal) {
  const { primary, workers } = spent(teal);
  const startMs = performance.now();
  await pause(REST_SECONDS * 1_000);
  const elapsedMicros = (performance.now() - startMs) * 1_000;
  const after = spent(teal);
  return {
    primaryShare: (after.primary - primary) / elapsedMicros,
    workersShare: (after.workers - workers) / elapsedMicros,
  };
}

function spent(teal) {
  return { primary: teal.primaryMicros(), workers: teal.workersMicros() };
}

/** A task ends or comes back, in one app after the other. */
async function eventByEvent(marathon, teal, apps) {
  const delays = [];
  const sent = [];
  const startMicros = teal.primaryMicros();
  for (let turn = 0; turn < EVENTS; turn += 1) {
    const event = marathon.change(placeOf(turn, apps));
    const [answered, committed] = [marathon.answered('one'), teal.committed()];
    const toldMs = performance.now();
    marathon.tell(event);
    const [{ askedMs, answeredMs }, { atMs, bytes }] = await Promise.all([answered, committed]);
    delays.push(atMs - toldMs - (answeredMs - askedMs));
    sent.push(bytes);
    await pause(Math.max(0, BETWEEN_EVENTS_MS + (turn % 10) - (performance.now() - toldMs)));
  }
  return {
    p50: at(delays, 0.5),
    p99: at(delays, 0.99),
    bytes: median(sent),
    primaryMs: (teal.primaryMicros() - startMicros) / 1_000 / EVENTS,
  };
}

/** The whole list is read again, in which one app has changed. */
async function resyncs(marathon, teal, apps) {
  const runs = [];
  teal.peakBytes();
  for (let turn = 0; turn < RESYNCS; turn += 1) {
    const startMicros = teal.primaryMicros();
    const { askedMs, answeredMs, atMs } = await resync(marathon, teal, placeOf(turn, apps));
    const primaryMs = (teal.primaryMicros() - startMicros) / 1_000;
    runs.push({ ms: atMs - askedMs, answerMs: answeredMs - askedMs, primaryMs });
  }
  const middle = (field) => median(runs.map((run) => run[field]));
  const [ms, answerMs, primaryMs] = ['ms', 'answerMs', 'primaryMs'].map(middle);
  return { ms, answerMs, primaryMs, primaryPeakBytes: teal.peakBytes() };
}

async function resync(marathon, teal, place) {
  marathon.change(place);
  marathon.prepare();
  const [answered, committed] = [marathon.answered('all'), teal.committed()];
  teal.resync();
  const [{ askedMs, answeredMs }, { atMs }] = await Promise.all([answered, committed]);
  return { askedMs, answeredMs, atMs };
}

/** Requests at a fixed rate: quiet, then while one whole list after the other is read. */
async function whileReading(marathon, teal, apps) {
  const contestant = { ports: { http: marathon.servicePort }, core: null, pids: teal.workers };
  await loadPaced(LOAD, contestant, 1);
  const quiet = await loadPaced(LOAD, contestant, LOAD_SECONDS);
  let goesOn = true;
  let lists = 0;
  const reading = (async () => {
    for (; goesOn; lists += 1) await resync(marathon, teal, placeOf(lists, apps));
  })();
  const busy = await loadPaced(LOAD, contestant, LOAD_SECONDS);
  goesOn = false;
  await reading;
  return { quiet, busy, lists };
}

/** All over the cluster, but for the first app: it is under load. */
function placeOf(turn, apps) {
  return 1 + ((turn * 7_919) % (apps - 1));
}

function at(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
}
