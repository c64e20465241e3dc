// Starts the parts of a bench on a core of their own and reads what CPU time they took.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Clock ticks per second of /proc. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK']).toString());
const started = [];

/** Where a run keeps its files; removed at its end. */
export const scratch = mkdtempSync(path.join(os.tmpdir(), 'teal-bench-'));

/** True if a program can be started by this name. */
export function isInstalled(program) {
  return !spawnSync(program, ['-v'], { stdio: 'ignore' }).error;
}

/** Where the proxy runs, and where the load and the origin run. One core: both are null. */
export function cores() {
  if (os.availableParallelism() < 2 || !isInstalled('taskset')) return { proxy: null, rest: null };
  return { proxy: 0, rest: 1 };
}

/** The command line that runs `command` on `core`; on any when it is null. */
export function pinned(core, command) {
  return core === null ? command : ['taskset', '-c', String(core), ...command];
}

/** Starts a program that says `ready` on standard output, or that listens on `port`. */
export async function start(core, command, port) {
  const [file, ...args] = pinned(core, command);
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  started.push(child);
  await listening(port, child);
  return child;
}

/** Ends everything that was started here, and removes what was written. */
export function stopAll() {
  for (const child of started) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
}

/** A port that is free now. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port, child) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`ended before it listened on ${port}`);
    if (await connects(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port} after 5 s`);
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** User and kernel time of a process so far, in µs, all its threads. */
export function cpuMicros(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
}

/** Memory of a process that is in use now, in bytes. */
export function residentBytes(pid) {
  const [, kilobytes = '0'] =
    /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
