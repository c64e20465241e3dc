// Changes of other services while requests are measured. Each starts them and resolves with a function
// that stops them, waits until they are over, and resolves with how many there were.

import { setTimeout as pause } from 'node:timers/promises';
import { reconfigure } from './haproxy.mjs';
import { catches, childrenOf } from './processes.mjs';

const CHANGES_PER_SECOND = 100;
const LOOK_EVERY_MS = 5;
/** A reload that takes longer has failed. */
const LONGEST_RELOAD_MS = 10_000;

/** Teal: epochs, each acknowledged before the next. */
export async function keepChanging(child) {
  const before = await setRate(child, CHANGES_PER_SECOND);
  return async () => (await setRate(child, 0)) - before;
}

function setRate(child, changesPerSecond) {
  const answer = new Promise((resolve) => child.once('message', ({ changes }) => resolve(changes)));
  child.send({ changesPerSecond });
  return answer;
}

/** HAProxy: a reload as soon as the one before has brought up its worker. */
export async function keepReloading(child, ports) {
  let reloads = 0;
  let stopped = false;
  const reloading = (async () => {
    while (!stopped) {
      reconfigure(ports, ports.others[reloads % ports.others.length]);
      await reload(child);
      reloads += 1;
    }
  })();
  return async () => {
    stopped = true;
    await reloading;
    // Workers of before end with their last connection; until then their time is not their master's.
    await until(() => childrenOf(child.pid).length === 1);
    return reloads;
  };
}

async function reload({ pid }) {
  const before = new Set(childrenOf(pid));
  // A master that starts ignores the signal.
  await until(() => catches(pid, 'SIGUSR2'));
  process.kill(pid, 'SIGUSR2');
  await until(() => childrenOf(pid).some((one) => !before.has(one)));
}

async function until(condition) {
  const deadlineMs = performance.now() + LONGEST_RELOAD_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs)
      throw new Error(`HAProxy is not reloaded after ${LONGEST_RELOAD_MS} ms`);
    await pause(LOOK_EVERY_MS);
  }
}
