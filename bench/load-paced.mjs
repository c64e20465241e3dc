// An open loop: requests leave on time, not when the answer before has come. A stall shows in all that
// waited.

import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { metered } from './meter.mjs';
import { pinned } from './processes.mjs';
import { scratch } from './scratch.mjs';

const run = promisify(execFile);

export async function loadPaced(
  { connections, perSecond, path: where, port },
  contestant,
  seconds,
) {
  const log = path.join(scratch, 'paced.log');
  const pace = [`--rps=${perSecond / connections}`, `-c${connections}`, `-D${seconds}`];
  const url = `http://127.0.0.1:${contestant.ports[port]}${where}`;
  const command = ['h2load', '--h1', ...pace, `--log-file=${log}`, url];
  const [file, ...args] = pinned(contestant.core, command);
  const { micros, result: _, ...meter } = await metered(contestant, () => run(file, args));
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  rmSync(log);
  const answers = lines.map((line) => line.split('\t').map(Number));
  const times = answers.map(([, , took]) => took / 1_000).toSorted((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return {
    ...meter,
    cpuMicros: micros / times.length,
    perSecond: times.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    failed: answers.filter(([, status]) => status !== 200).length,
  };
}
