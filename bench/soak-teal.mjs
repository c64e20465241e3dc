// The balancer of a soak: started, looked into by /proc, one of its workers killed, stopped.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Longest wait for the first answer, and for the end. */
const PATIENCE_MS = 40_000;

export async function startTeal({ marathonUrl, statsPort, appIdPort, httpPort }) {
  const child = spawn(
    process.execPath,
    [
      ...[MAIN, 'sse', '--marathon', marathonUrl, '--group', 'external', '--workers', '2'],
      ...['--bind', '127.0.0.1', '--dont-bind-http-https', '--log-level', 'warning'],
      ...['--stats-port', String(statsPort), '--appid-port', String(appIdPort)],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await answers(httpPort))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('teal does not serve');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    pid: child.pid,
    /** Stops a worker, reads which connections it has, and ends it before it can do anything more. */
    killWorker() {
      const [pid] = childrenOf(child.pid);
      process.kill(pid, 'SIGSTOP');
      const ports = peerPortsOf(pid);
      process.kill(pid, 'SIGKILL');
      return { pid, ports };
    },
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
    async kill() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Resident memory in KB. */
export function memoryOf({ pid }) {
  return { primary: residentKb(pid), workers: childrenOf(pid).map(residentKb) };
}

function residentKb(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function childrenOf(parent) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state !== 'Z' && Number(ppid) === parent;
    } catch {
      return false;
    }
  });
}

/** Ports of the other ends of all TCP connections of a process. */
function peerPortsOf(pid) {
  const inodes = new Set();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed meanwhile.
    }
  }
  const ports = new Set();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (inodes.has(fields[9])) ports.add(Number.parseInt(fields[2].split(':')[1], 16));
  }
  ports.delete(0);
  return ports;
}

function answers(port) {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
