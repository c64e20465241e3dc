// What a piece of work costs the processes of a contestant.

import { cpuMicros } from './processes.mjs';

/**
 * Does `work` while other services change, if the contestant is to be disturbed. Resolves with what the
 * work gave, with CPU time in µs and as shares of a core, and with changes per second.
 */
export async function metered({ pids, disturb }, work) {
  // Both readings see no process come or go.
  const before = new Map(pids().map((pid) => [pid, cpuMicros(pid)]));
  const startMs = performance.now();
  const calm = await disturb?.();
  const result = await work();
  const elapsedMicros = (performance.now() - startMs) * 1_000;
  const changes = await calm?.();
  const spent = pids().map((pid) => cpuMicros(pid) - (before.get(pid) ?? 0));
  const all = spent.reduce((sum, micros) => sum + micros, 0) - gone(before, pids());
  return {
    result,
    micros: all,
    share: all / elapsedMicros,
    busiestShare: Math.max(...spent) / elapsedMicros,
    ...(changes === undefined ? {} : { changesPerSecond: changes / (elapsedMicros / 1e6) }),
  };
}

/** What processes that have ended had spent before: their parent has it all now. */
function gone(before, present) {
  return [...before].reduce((sum, [pid, micros]) => sum + (present.includes(pid) ? 0 : micros), 0);
}
