// One run of load against a proxy: wrk, or our own client where it is not installed.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuMicros, isInstalled, pinned } from './processes.mjs';

const run = promisify(execFile);
const OWN_CLIENT = fileURLToPath(new URL('load-client.mjs', import.meta.url));
const hasWrk = isInstalled('wrk');

export const LOAD_GENERATOR = hasWrk ? 'wrk, 1 thread' : 'load-client.mjs (wrk is not installed)';

/**
 * Loads `port` for some seconds; `pid` is the proxy's. Resolves with requests per second, latencies in
 * ms, CPU time per request in µs and failed requests.
 */
export async function load({ core, port, pid, connections, seconds, closing }) {
  const command = pinned(core, hasWrk ? wrk() : own());
  const before = cpuMicros(pid);
  const { stdout } = await run(command[0], command.slice(1));
  const cpu = cpuMicros(pid) - before;
  const requests = number(stdout, /(\d+) requests in/);
  return {
    perSecond: requests / seconds,
    p50: milliseconds(stdout, /50%\s+([\d.]+)(us|ms|s)/),
    p99: milliseconds(stdout, /99%\s+([\d.]+)(us|ms|s)/),
    cpuMicros: cpu / requests,
    failed: number(stdout, /Non-2xx or 3xx responses: (\d+)/) + socketErrors(stdout),
  };

  function wrk() {
    const url = `http://127.0.0.1:${port}/`;
    const header = closing ? ['-H', 'Connection: close'] : [];
    return ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...header, url];
  }

  function own() {
    const values = [port, connections, seconds, closing ? 1 : 0].map(String);
    return [process.execPath, OWN_CLIENT, ...values];
  }
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
