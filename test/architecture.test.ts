import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Folders of src a folder may import from, besides itself. `type` = types only. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  '.': ['cli', 'options'],
  cli: [
    'admin',
    'catalogue',
    'colour',
    'embedded',
    'fleet',
    'health',
    'log',
    'marathon',
    'mesosdns',
    'options',
    'plan',
    'proxy',
    'stats',
  ],
  options: ['catalogue', 'log', 'marathon'],
  log: [],
  marathon: ['catalogue', 'log'],
  catalogue: ['marathon', 'mesosdns', 'pattern'],
  pattern: [],
  colour: ['catalogue'],
  plan: ['catalogue', 'colour'],
  health: ['catalogue', 'log'],
  fleet: ['catalogue', 'log', 'plan', 'proxy', 'stats'],
  proxy: ['log', 'pattern', 'plan', 'stats'],
  stats: ['catalogue', 'colour', 'health', 'marathon', 'page', 'plan'],
  /** Runs in the browser. */
  page: [],
  admin: ['log', 'plan', 'stats'],
  mesosdns: ['log'],
  embedded: ['log', 'mesosdns'],
};

/** An npm package is imported in its own folders only, so that its types do not travel. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  undici: ['cli', 'marathon', 'health', 'mesosdns'],
  eventsource: ['marathon'],
  ajv: ['admin', 'marathon', 'options'],
  'http-proxy': ['admin'],
  pino: ['log'],
  re2js: ['pattern'],
  'dns-packet': ['embedded', 'mesosdns'],
};

const PURE = ['catalogue', 'colour', 'plan'];
/** Node's modules that do no I/O. */
const HARMLESS = ['node:util', 'node:crypto', 'node:net#isIP'];

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly names: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)';/gm,
  );
  return [...found].map(([, type, names = '', specifier = '']) => ({
    from: file,
    specifier,
    typeOnly: type !== undefined,
    names,
  }));
}

const folderOf = (file: string): string =>
  file.includes('/') ? (file.split('/')[0] as string) : '.';
const target = (one: Import): string =>
  relative(SRC, join(SRC, dirname(one.from), one.specifier)).replaceAll('\\', '/');

describe('the direction of imports', () => {
  it('reads imports at all', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it('every folder imports only from the folders below it', () => {
    const wrong = imports
      .filter((one) => one.specifier.startsWith('.'))
      .filter((one) => folderOf(one.from) !== folderOf(target(one)))
      .filter((one) => !ALLOWED[folderOf(one.from)]?.includes(folderOf(target(one))))
      .map((one) => `${one.from} -> ${target(one)}`);
    expect(wrong).toEqual([]);
  });

  it('only the demo imports the embedded cluster', () => {
    const wrong = imports
      .filter((one) => one.specifier.startsWith('.') && folderOf(target(one)) === 'embedded')
      .filter((one) => folderOf(one.from) !== 'embedded' && !one.from.startsWith('cli/demo'))
      .map((one) => one.from);
    expect(wrong).toEqual([]);
  });

  it("the data plane knows the plan's types, counters and the log, nothing else of the control plane", () => {
    const wrong = imports
      .filter((one) => folderOf(one.from) === 'proxy' && one.specifier.startsWith('../'))
      .filter(
        (one) =>
          folderOf(target(one)) === 'plan' && !one.typeOnly && !one.names.includes('EMPTY_PLAN'),
      )
      .map((one) => `${one.from} -> ${one.specifier}`);
    expect(wrong).toEqual([]);
  });

  it('an npm package is imported in its own folders only', () => {
    const wrong = imports
      .filter((one) => !one.specifier.startsWith('.') && !one.specifier.startsWith('node:'))
      .filter((one) => !PACKAGES[packageOf(one.specifier)]?.includes(folderOf(one.from)))
      .map((one) => `${one.from} -> ${one.specifier}`);
    expect(wrong).toEqual([]);
  });

  it('catalogue, colour and plan do no I/O', () => {
    const wrong = imports
      .filter((one) => PURE.includes(folderOf(one.from)) && one.specifier.startsWith('node:'))
      .filter(
        (one) =>
          !HARMLESS.includes(one.specifier) &&
          !HARMLESS.includes(`${one.specifier}#${onlyName(one)}`),
      )
      .map((one) => `${one.from} -> ${one.specifier}`);
    expect(wrong).toEqual([]);
    const crossing = imports
      .filter((one) => PURE.includes(folderOf(one.from)) && folderOf(target(one)) === 'marathon')
      .filter((one) => one.specifier.startsWith('.') && !one.typeOnly)
      .map((one) => `${one.from} -> ${one.specifier}`);
    expect(crossing).toEqual([]);
  });

  it('only main reads the command line and ends the process; workers and the embedded programs are programs too', () => {
    const programs = ['main.ts', 'fleet/worker-main.ts'];
    const wrong = files
      .filter(
        (file) =>
          !programs.includes(file) && !(file.startsWith('embedded/') && file.endsWith('main.ts')),
      )
      .filter((file) => /process\.(argv|exit\()/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(wrong).toEqual([]);
  });

  it('there is no cycle between files', () => {
    const graph = new Map<string, string[]>();
    for (const one of imports) {
      if (!one.specifier.startsWith('.') || one.typeOnly) continue;
      graph.set(one.from, [...(graph.get(one.from) ?? []), target(one)]);
    }
    expect(findCycle(graph)).toBeNull();
  });
});

describe('the shape of the tree', () => {
  it('has no file that is about nothing in particular', () => {
    const banned = /(^|\/)(utils?|helpers?|common|misc|types|index)\.ts$/;
    expect(files.filter((file) => banned.test(file))).toEqual([]);
  });

  it('exports by name only', () => {
    const wrong = files.filter((file) =>
      /^export default/m.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });
});

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function onlyName(one: Import): string {
  return one.names.replace(/[{}\s]/g, '');
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ');
    if (done.has(file)) return null;
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return null;
}
