// A closed loop: each connection asks again when it has its answer.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { metered } from './meter.mjs';
import { pinned, residentBytes } from './processes.mjs';
import { written } from './scratch.mjs';

const run = promisify(execFile);
let script = null;

export async function loadByWrk(workload, contestant, seconds) {
  const { connections, closing, upload, path: where } = workload;
  const { core, pids, ports } = contestant;
  const scheme = workload.port === 'tls' ? 'https' : 'http';
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  if (closing) options.push('-H', 'Connection: close');
  if (upload) options.push('-s', uploadScript());
  const url = `${scheme}://127.0.0.1:${ports[workload.port]}${where}`;
  const [file, ...args] = pinned(core, ['wrk', ...options, url]);
  const { result, micros, ...meter } = await metered(contestant, () => run(file, args));
  const { stdout } = result;
  const requests = number(stdout, /(\d+) requests in/);
  return {
    ...meter,
    cpuMicros: micros / requests,
    perSecond: requests / seconds,
    p50: milliseconds(stdout, /50%\s+([\d.]+)(us|ms|s)/),
    p99: milliseconds(stdout, /99%\s+([\d.]+)(us|ms|s)/),
    residentMiB: pids().reduce((sum, pid) => sum + residentBytes(pid), 0) / 1_048_576,
    failed: number(stdout, /Non-2xx or 3xx responses: (\d+)/) + socketErrors(stdout),
  };
}

function uploadScript() {
  script ??= written('upload.lua', 'wrk.method = "POST"\nwrk.body = string.rep("x", 1048576)\n');
  return script;
}

function number(text, pattern) {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function milliseconds(text, pattern) {
  const [, value = Number.NaN, unit] = pattern.exec(text) ?? [];
  return Number(value) * { us: 0.001, ms: 1, s: 1_000 }[unit ?? 'ms'];
}

/** wrk's `Socket errors: connect 0, read 0, write 0, timeout 0`. */
function socketErrors(text) {
  const [line = ''] = /Socket errors:.*/.exec(text) ?? [];
  return [...line.matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), 0);
}
