// One run of load against a proxy: wrk in a closed loop, h2load at a fixed rate, or idle connections.
// Each resolves with what it measured; what it cannot tell is left out.

import { execFile, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuMicros, isInstalled, pinned, residentBytes, scratch } from './processes.mjs';

const run = promisify(execFile);
const IDLE_CLIENTS = fileURLToPath(new URL('idle-clients.mjs', import.meta.url));

const LOADS = { wrk: loadByWrk, paced: loadPaced, idle: holdIdle };
const PROGRAMS = { wrk: 'wrk', paced: 'h2load', idle: null };

/** The program a workload needs and that is not installed; null = none. */
export function missingFor({ load }) {
  const program = PROGRAMS[load];
  return program === null || isInstalled(program) ? null : program;
}

/** Loads `port` of the process `pid` for some seconds. */
export function load(workload, target) {
  return LOADS[workload.load](workload, target);
}

async function loadByWrk(workload, { core, port, pid, seconds }) {
  const { connections, closing, upload, path: where } = workload;
  const scheme = workload.port === 'tls' ? 'https' : 'http';
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  if (closing) options.push('-H', 'Connection: close');
  if (upload) options.push('-s', uploadScript());
  const [file, ...args] = pinned(core, [
    'wrk',
    ...options,
    `${scheme}://127.0.0.1:${port}${where}`,
  ]);
  const before = cpuMicros(pid);
  const { stdout } = await run(file, args);
  const cpu = cpuMicros(pid) - before;
  const requests = number(stdout, /(\d+) requests in/);
  return {
    cpuMicros: cpu / requests,
    perSecond: requests / seconds,
    p50: milliseconds(stdout, /50%\s+([\d.]+)(us|ms|s)/),
    p99: milliseconds(stdout, /99%\s+([\d.]+)(us|ms|s)/),
    residentMiB: residentBytes(pid) / 1_048_576,
    failed: number(stdout, /Non-2xx or 3xx responses: (\d+)/) + socketErrors(stdout),
  };
}

/** Requests leave on time, not when the answer before has come: a stall shows in all that waited. */
async function loadPaced({ connections, perSecond, path: where }, { core, port, pid, seconds }) {
  const log = path.join(scratch, 'paced.log');
  const pace = [`--rps=${perSecond / connections}`, `-c${connections}`, `-D${seconds}`];
  const url = `http://127.0.0.1:${port}${where}`;
  const command = pinned(core, ['h2load', '--h1', ...pace, `--log-file=${log}`, url]);
  const before = cpuMicros(pid);
  await run(command[0], command.slice(1));
  const cpu = cpuMicros(pid) - before;
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  rmSync(log);
  const answers = lines.map((line) => line.split('\t').map(Number));
  const times = answers.map(([, , micros]) => micros / 1_000).toSorted((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return {
    cpuMicros: cpu / times.length,
    perSecond: times.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    failed: answers.filter(([, status]) => status !== 200).length,
  };
}

/** Memory of a process before its first idle connection. */
const emptyBytes = new Map();

async function holdIdle({ connections }, { core, port, pid, settle }) {
  await settle();
  // A round may find memory that an earlier one has left.
  if (!emptyBytes.has(pid)) emptyBytes.set(pid, residentBytes(pid));
  const words = [process.execPath, IDLE_CLIENTS, String(port), String(connections)];
  const [file, ...args] = pinned(core, words);
  const clients = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await new Promise((resolve, reject) => {
    clients.stdout.once('data', (piece) => resolve([piece.toString().trim()]));
    clients.once('error', reject);
  });
  if (line !== 'ready') throw new Error(`idle clients: ${line}`);
  await settle();
  const bytes = residentBytes(pid) - emptyBytes.get(pid);
  const gone = new Promise((resolve) => clients.once('exit', resolve));
  clients.stdin.end();
  await gone;
  return { kilobytesEach: bytes / 1_000 / connections };
}

let script = null;

function uploadScript() {
  if (script === null) {
    script = path.join(scratch, 'upload.lua');
    writeFileSync(script, 'wrk.method = "POST"\nwrk.body = string.rep("x", 1048576)\n');
  }
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
