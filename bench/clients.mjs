// Programs of Node's that play many clients: they say a line when all are connected.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pinned } from './processes.mjs';

/** Starts one, and waits until it is `ready`. `next`: its next line. `end`: to let it end. */
export async function startClients(program, core, args) {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const [first, ...rest] = pinned(core, [process.execPath, file, ...args.map(String)]);
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value ?? 'ended too early';
  const line = await next();
  if (line !== 'ready') throw new Error(`${program}: ${line}`);
  return {
    next,
    go: () => child.stdin.write('go\n'),
    async end() {
      child.stdin.end();
      await gone;
    },
  };
}
