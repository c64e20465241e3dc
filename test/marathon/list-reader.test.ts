import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ListReader, type ListReaderOptions } from '../../src/marathon/list-reader.ts';
import { readApps } from '../../src/marathon/read-apps.ts';
import { SourceError } from '../../src/marathon/source-error.ts';

/** Threads run built code. */
const PROGRAM = fileURLToPath(new URL('../../dist/marathon/reader-thread.js', import.meta.url));

const opened: ListReader[] = [];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'teal-reader-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((reader) => reader.close()));
});

function open(options: ListReaderOptions): ListReader {
  const reader = new ListReader(options);
  opened.push(reader);
  return reader;
}

const app = (id: string, instances: number) => ({
  id,
  instances,
  tasks: [{ id: `${id}.1`, host: '10.0.0.1', ports: [31_000] }],
});
const body = (...apps: unknown[]): Buffer => Buffer.from(JSON.stringify({ apps }));
/** Longer than the pool that short buffers share. */
const long = (...apps: unknown[]): Buffer =>
  Buffer.concat([body(...apps), Buffer.alloc(100_000, ' ')]);

describe.each([
  ['here', { longBytes: Number.POSITIVE_INFINITY }],
  ['by a thread', { longBytes: 1, program: PROGRAM }],
])('a list read %s', (_title, options) => {
  it('is what the reader of apps makes of it, problems included', async () => {
    const reader = open(options);
    const raw = [app('/a', 1), { id: '/bad', instances: 'x' }, { ...app('/b', 2), tasks: [{}] }];
    expect(await reader.read(long(...raw))).toEqual(readApps({ apps: raw }));
    expect(await reader.read(body(...raw))).toEqual(readApps({ apps: raw }));
  });

  it('has the same objects for apps that say the same, in the order of the answer', async () => {
    const reader = open(options);
    const first = await reader.read(body(app('/a', 1), app('/b', 1), app('/c', 1)));
    const second = await reader.read(body(app('/c', 1), app('/b', 2), app('/d', 1), app('/a', 1)));
    expect(second.apps.map(({ id, instances }) => [id, instances])).toEqual([
      ['/c', 1],
      ['/b', 2],
      ['/d', 1],
      ['/a', 1],
    ]);
    expect(second.apps[0]).toBe(first.apps[2]);
    expect(second.apps[3]).toBe(first.apps[0]);
    const third = await reader.read(body(app('/b', 1)));
    expect(third.apps).toEqual([first.apps[1]]);
    const fourth = await reader.read(body(app('/b', 1), app('/a', 1)));
    expect(fourth.apps).toEqual([first.apps[1], first.apps[0]]);
  });

  it('that is no list is a fault, and changes nothing', async () => {
    const reader = open(options);
    const first = await reader.read(body(app('/a', 1)));
    for (const text of ['', '<html>', '{}', '{"apps":1}']) {
      await expect(reader.read(Buffer.from(text))).rejects.toThrow(SourceError);
    }
    expect((await reader.read(body(app('/a', 1)))).apps[0]).toBe(first.apps[0]);
  });

  it('may be one of several at once', async () => {
    const reader = open(options);
    const lists = await Promise.all([1, 2, 3].map((n) => reader.read(long(app('/a', n)))));
    expect(lists.map(({ apps }) => apps[0]?.instances)).toEqual([1, 2, 3]);
  });
});

describe('a thread that cannot read', () => {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it.each([
    ['is not there', () => join(folder, 'nowhere.mjs')],
    ['ends at once', () => write('ends.mjs', 'process.exit(0);')],
    ['breaks', () => write('breaks.mjs', "throw new Error('no');")],
  ])('because it %s costs one look; the next is read here', async (_title, program) => {
    const reader = open({ longBytes: 1, program: program() });
    await expect(reader.read(body(app('/a', 1)))).rejects.toThrow(
      /the thread that reads long answers failed/,
    );
    expect((await reader.read(body(app('/a', 1)))).apps).toHaveLength(1);
  });

  it('any more is replaced, and the next list is whole', async () => {
    const program = write(
      'dies.mjs',
      `import { parentPort } from 'node:worker_threads';
       let asked = 0;
       parentPort.on('message', () => {
         asked += 1;
         if (asked > 1) throw new Error('no memory');
         const app = { id: '/a', tasks: [] };
         parentPort.postMessage({ changed: [app] });
         parentPort.postMessage({ reading: { ids: ['/a'], problems: [] } });
       });`,
    );
    const reader = open({ longBytes: 1, program });
    const first = await reader.read(body(app('/a', 1)));
    await expect(reader.read(body(app('/a', 1)))).rejects.toThrow(/no memory/);
    const third = await reader.read(body(app('/a', 1)));
    expect(third.apps).toEqual(first.apps);
    expect(third.apps[0]).not.toBe(first.apps[0]);
  });

  it('because it was closed says so, and nothing waits for ever', async () => {
    const reader = open({ longBytes: 1, program: PROGRAM });
    const reading = expect(reader.read(long(app('/a', 1)))).rejects.toThrow(SourceError);
    await reader.close();
    await reading;
  });
});
