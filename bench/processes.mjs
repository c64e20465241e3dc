// Starts the parts of a bench on a core of their own and reads what CPU time they took.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';

/** Clock ticks per second of /proc. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK']).toString());
const started = [];

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

/** Moves a process that runs already, with all its threads. */
export function pin(core, pid) {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}

/** Starts a program that listens on `port`. Node's can be sent messages. */
export async function start(core, command, port) {
  const [file, ...args] = pinned(core, command);
  const channel = command[0] === process.execPath ? ['ipc'] : [];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', ...channel] });
  started.push(child);
  await listening(port, child);
  return child;
}

/** Takes a program that was started otherwise among those that are ended. */
export function adopt(child) {
  started.push(child);
}

/** Ends everything that was started here, and what that has started. */
export function stopAll() {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  }
}

/** A port that is free now. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** As many that are free now, all different. */
export async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
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

/** Processes that a process has started and that live. */
export function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** True if a process has a handler for a signal. */
export function catches(pid, signal) {
  const [, caught = '0'] = /^SigCgt:\s+(\w+)/m.exec(statusOf(pid)) ?? [];
  return ((BigInt(`0x${caught}`) >> BigInt(os.constants.signals[signal] - 1)) & 1n) === 1n;
}

/** User and kernel time of a process so far, in µs, all its threads, and of its children that ended. */
export function cpuMicros(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (ticks / TICKS) * 1e6;
}

/** Memory of a process that is in use now, in bytes. */
export function residentBytes(pid) {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(statusOf(pid)) ?? [];
  return Number(kilobytes) * 1_024;
}

/** Most memory that a process has had in use, in bytes. */
export function peakBytes(pid) {
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(statusOf(pid)) ?? [];
  return Number(kilobytes) * 1_024;
}

function statusOf(pid) {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}
