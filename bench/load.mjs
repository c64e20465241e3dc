// One run of load against a contestant: wrk in a closed loop, h2load at a fixed rate, WebSocket clients,
// or idle connections. Each resolves with what it measured; what it cannot tell is left out.

import { holdIdle } from './load-idle.mjs';
import { loadByMessages } from './load-messages.mjs';
import { loadPaced } from './load-paced.mjs';
import { loadByWrk } from './load-wrk.mjs';
import { isInstalled } from './processes.mjs';

const LOADS = { wrk: loadByWrk, paced: loadPaced, messages: loadByMessages, idle: holdIdle };
const PROGRAMS = {
  wrk: { program: 'wrk', install: 'apt-get install wrk' },
  paced: { program: 'h2load', install: 'apt-get install nghttp2-client' },
};

/** The program a workload needs and that is not installed; null = none. */
export function missingFor({ load: kind }) {
  const needed = PROGRAMS[kind];
  return needed === undefined || isInstalled(needed.program) ? null : needed;
}

/** Loads a contestant for some seconds. */
export function load(workload, contestant, seconds) {
  return LOADS[workload.load]({ ...workload, ...contestant.load }, contestant, seconds);
}
