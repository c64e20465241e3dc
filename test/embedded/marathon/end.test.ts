import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startEmbeddedMarathon } from '../../../src/embedded/marathon/marathon.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { call, EventClient, settled, until } from './support.ts';

const BUILT = fileURLToPath(
  new URL('../../../dist/embedded/marathon/marathon.js', import.meta.url),
);
// Leads two children, one of which has left its terminal's signals behind.
const FAMILY = {
  cmd: "trap '' TERM HUP INT; sleep 600 & (trap '' TERM HUP INT; sleep 600) & wait; sleep 600",
  portDefinitions: [],
  instances: 2,
};
const SERVICE = {
  container: {
    type: 'DOCKER',
    docker: { image: 'mhausenblas/simpleservice:0.4.0', network: 'HOST' },
  },
};

/** Processes with this text in their environment or command line. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const of = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
      return of('environ').includes(text) || of('cmdline').includes(text);
    } catch {
      return false;
    }
  });
}

async function populate(port: number): Promise<string> {
  await call(port, 'POST', '/v2/apps', { id: '/family', ...FAMILY });
  await call(port, 'POST', '/v2/apps', { id: '/service', ...SERVICE });
  const { tasks } = await settled(port, 'family');
  await settled(port, 'service');
  const found = await until('a sandbox is seen', async () => {
    const [pid] = processesWith(tasks[0]?.id ?? '?');
    const environment = pid === undefined ? '' : readFileSync(`/proc/${pid}/environ`, 'utf8');
    return /MESOS_SANDBOX=([^\0]*)\//.exec(environment)?.[1] ?? false;
  });
  expect(found.startsWith(tmpdir())).toBe(true);
  await until('all run', async () => processesWith(found).length >= 8);
  return found;
}

async function nothingIsLeft(folder: string): Promise<void> {
  await until('no process is left', async () => processesWith(folder).length === 0);
  await until('no file is left', async () => !existsSync(folder));
}

/** A Marathon in a process of its own that does `then` when its standard input says so. */
async function elsewhere(then: string) {
  const script = `
    const { startEmbeddedMarathon } = await import(${JSON.stringify(BUILT)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const marathon = await startEmbeddedMarathon({ port: 0, log });
    console.log(marathon.port);
    process.stdin.once('data', async () => { ${then} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(Number(text)));
  });
  return { child, port, exited: new Promise((resolve) => child.once('exit', resolve)) };
}

describe('no process and no file is left', () => {
  it('after stop, which also ends streams and connections', async () => {
    const marathon = await startEmbeddedMarathon({ port: 0, log: SILENT });
    const folder = await populate(marathon.port);
    await call(marathon.port, 'POST', '/v2/apps', {
      id: '/crashing',
      cmd: 'exit 1',
      portDefinitions: [],
    });
    const stream = await EventClient.open(marathon.port);
    await Promise.all([marathon.stop(), marathon.stop()]);
    expect(processesWith(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    await expect(call(marathon.port, 'GET', '/ping')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    stream.close();
  });

  it.each([
    ['is killed', "process.kill(process.pid, 'SIGKILL')"],
    ['exits without a word', 'process.exit(3)'],
    ['crashes', "throw new Error('expected by this test')"],
  ])('when the process that embeds it %s', async (_title, then) => {
    const other = await elsewhere(then);
    const folder = await populate(other.port);
    other.child.stdin.write('now');
    await other.exited;
    await nothingIsLeft(folder);
  });
});
