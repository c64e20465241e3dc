// `teal sse` as it is deployed, with two workers, in front of a Marathon: started, listened to, stopped. Its
// log tells each epoch that all workers have committed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { adopt, childrenOf, cpuMicros, freePorts, peakBytes } from './processes.mjs';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Longest wait for a commit: a machine may be busy with other things, but not for ever. */
const PATIENCE_MS = 120_000;

export async function startTeal(marathonUrl) {
  const [statsPort, appIdPort, httpPort, httpsPort] = await freePorts(4);
  const child = spawn(
    process.execPath,
    [
      ...[MAIN, 'sse', '--marathon', marathonUrl, '--group', 'external', '--workers', '2'],
      // The servers are not there: they cannot be probed.
      ...['--bind', '127.0.0.1', '--no-own-checks', '--log-level', 'debug'],
      ...['--stats-port', String(statsPort), '--appid-port', String(appIdPort)],
      ...['--http-port', String(httpPort), '--https-port', String(httpsPort)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  adopt(child);
  const exited = once(child, 'exit');
  let waiting = null;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const atMs = performance.now();
    if (!line.includes('"epoch committed"')) return;
    waiting?.({ atMs, ...JSON.parse(line) });
    waiting = null;
  });
  return {
    /** The next epoch that all workers have committed: `atMs`, and `bytes` that were sent to them for it. */
    committed() {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('teal commits nothing')), PATIENCE_MS);
        exited.then(() => reject(new Error('teal has ended')));
        waiting = (epoch) => {
          clearTimeout(timer);
          resolve(epoch);
        };
      });
    },
    /** Reads the whole list again. */
    resync: () => child.kill('SIGHUP'),
    primaryMicros: () => cpuMicros(child.pid),
    workersMicros: () => childrenOf(child.pid).reduce((sum, pid) => sum + cpuMicros(pid), 0),
    workers: () => childrenOf(child.pid),
    /** Most memory of the primary, its threads included, since the last call. */
    peakBytes() {
      const bytes = peakBytes(child.pid);
      // proc(5): 5 makes the peak begin again at what is in use now.
      writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
      return bytes;
    },
    workersPeakBytes: () => Math.max(...childrenOf(child.pid).map(peakBytes)),
    async stop() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}
