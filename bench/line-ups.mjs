// Who takes part in a workload. A contestant is a process under load in one of its states: `name`,
// `ports`, `core` of the load, `pids()` that do the work now, `settle()` before memory is read, and
// possibly `disturb()`, `load` (what its load has different) and `beside` (whom it is compared with).

import { setTimeout as pause } from 'node:timers/promises';
import { keepChanging, keepReloading } from './changes.mjs';
import { reloadable } from './haproxy.mjs';
import { originPort } from './origins.mjs';
import { childrenOf, cores, freePort, freePorts, isInstalled, pin, start } from './processes.mjs';
import { rivalsFor, teal } from './rivals.mjs';
import { written } from './scratch.mjs';

const OTHER_SERVICES = 100;
const core = cores();
const started = new Map();

export const LINE_UPS = { rivals, changing, workers, logging };

/** All rivals that can do the workload. */
async function rivals(workload) {
  const contestants = [];
  for (const rival of rivalsFor(workload)) {
    const key = `${rival.name} ${workload.origin}`;
    if (!started.has(key)) started.set(key, await startRival(rival, workload.origin));
    contestants.push(started.get(key));
  }
  return contestants;
}

async function startRival({ name, command, pids, collects }, kind) {
  const ports = await portsBefore(await originPort(kind, core.rest));
  const child = await start(core.proxy, command(ports), ports.http);
  return {
    name,
    ports,
    core: core.rest,
    pids: () => pids(child),
    /** Lets what has ended be forgotten. */
    async settle() {
      for (let turn = 0; turn < 3; turn += 1) {
        if (collects) for (const pid of pids(child)) process.kill(pid, 'SIGUSR2');
        await pause(250);
      }
    },
  };
}

/** Teal and HAProxy, alone and while other services change. Every process of theirs counts. */
async function changing({ origin: kind }) {
  const origin = await originPort(kind, core.rest);

  const contestants = [];
  const add = async (name, command, disturb) => {
    const ports = { ...(await portsBefore(origin)), others: await freePorts(OTHER_SERVICES) };
    const child = await start(core.proxy, command(ports), ports.http);
    const pids = () => [child.pid, ...childrenOf(child.pid)];
    const quiet = { name, ports, core: core.rest, pids };
    const changed = {
      name: `${name}, changing`,
      beside: name,
      disturb: () => disturb(child, ports),
    };
    contestants.push(quiet, { ...quiet, ...changed });
  };
  await add('Teal', (ports) => teal({ ...ports, workers: 1 }), keepChanging);
  if (isInstalled('haproxy')) await add('HAProxy', reloadable, keepReloading);
  return contestants;
}

/** One worker of Teal on a core, and two on two with twice the load; load and origin on both cores. */
async function workers({ origin: kind, connections, perSecond }) {
  const contestants = [];
  for (const count of [1, 2]) {
    const ports = await portsBefore(await originPort(kind, null));
    const order = teal({ ...ports, workers: count, others: [] });
    const child = await start(null, order, ports.http);
    const pids = () => childrenOf(child.pid);
    if (core.proxy !== null) spread(pids());
    contestants.push({
      name: count === 1 ? 'one worker' : 'two workers',
      ports,
      core: null,
      pids,
      load: { connections: count * connections, perSecond: count * perSecond },
      ...(count === 1 ? {} : { beside: 'one worker' }),
    });
  }
  return contestants;
}

/** Teal without an access log, and with one in each form. */
async function logging({ origin: kind }) {
  const contestants = [];
  for (const [name, accessLog] of [
    ['no log', null],
    ['httplog', accessLogTo('httplog')],
    ['JSON', accessLogTo('json')],
  ]) {
    const ports = await portsBefore(await originPort(kind, core.rest));
    const order = teal({ ...ports, workers: 1, others: [], accessLog });
    const child = await start(core.proxy, order, ports.http);
    const pids = () => childrenOf(child.pid);
    const beside = accessLog === null ? {} : { beside: 'no log' };
    contestants.push({ name, ports, core: core.rest, pids, ...beside });
  }
  return contestants;
}

function accessLogTo(format) {
  return { format, to: { kind: 'file', path: written(`${format}.log`, '') }, captures: [] };
}

/** A core for each. */
function spread(pids) {
  for (const [place, pid] of pids.entries()) pin([core.proxy, core.rest][place], pid);
}

async function portsBefore(origin) {
  return { http: await freePort(), tcp: await freePort(), tls: await freePort(), origin };
}
