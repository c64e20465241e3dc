import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDefinitions } from '../../src/cli/app-definitions.ts';
import { check } from '../../src/cli/check.ts';
import type { CheckedFile } from '../../src/cli/check-report.ts';
import { UsageError } from '../../src/options/usage-error.ts';
import { budget } from '../property/budget.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], stdin = '', terminal = {}, env = {}): Promise<Result> {
  const out = new PassThrough();
  const err = new PassThrough();
  const code = await check(args, {
    stdin: Readable.from([stdin]),
    stdout: Object.assign(out, terminal),
    stderr: err,
    env,
  });
  return { code, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

/** Verdicts by label of the only app in a definition. */
async function verdicts(definition: unknown, ...flags: string[]): Promise<Record<string, string>> {
  const { out } = await run(['-', '--json', ...flags], JSON.stringify(definition));
  const { files } = JSON.parse(out) as { files: CheckedFile[] };
  const labels = files[0]?.apps[0]?.labels ?? [];
  return Object.fromEntries(labels.map(({ label, verdict }) => [label, verdict]));
}

describe('teal check', () => {
  it('has a verdict for every label of an app', async () => {
    const given = JSON.parse(readFileSync(fixture('labelled.json'), 'utf8')) as object;
    expect(await verdicts(given)).toEqual({
      HAPROXY_0_BACKEND_HEAD: 'translated',
      HAPROXY_0_BACKEND_HTTP_OPTIONS: 'ignored',
      HAPROXY_0_VHOST: 'honoured',
      HAPROXY_1_PTH: 'wrong',
      HAPROXY_1_VHOST: 'wrong',
      HAPROXY_GROUP: 'honoured',
      owner: 'ignored',
    });
  });

  it('says of each what is wrong and what was probably meant, and ends with 1', async () => {
    const { code, out } = await run([fixture('labelled.json')]);
    expect(code).toBe(1);
    expect(out).toContain('/shop/front');
    expect(out).toMatch(/wrong +HAPROXY_1_PTH +\/admin\n.*\n +try HAPROXY_1_PATH=\/admin/);
    expect(out).toContain('try HAPROXY_1_VHOST=admin.example.com');
    expect(out).toMatch(
      /\n +line 1 'option forwardfor': .*\n +'http-request use-service lua\.stats': line 3/,
    );
    expect(out).toContain('1 app, 7 labels: 2 honoured, 1 translated, 2 ignored, 2 wrong\n');
  });

  it.each(['sleep-group.json', 'pinger-container-app.json', 'app-list-1.4.json', 'app-1.5.json'])(
    'finds nothing wrong with the documented %s',
    async (name) => {
      const { code, out, err } = await run([fixture(name)]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^\//);
    },
  );

  it('reads standard input, several files, and all apps of them', async () => {
    const { out } = await run(['-', fixture('sleep-group.json')], '{"id": "from-stdin"}');
    expect(out).toContain('/from-stdin  -\n');
    expect(out).toContain('3 apps, ');
  });

  it.each([
    ['one definition', { id: 'a' }, ['/a']],
    ['a definition without an id', { cmd: 'true' }, ['/unnamed']],
    ['a list', [{ id: '/a' }, { id: '/a' }], ['/a', '/a']],
    ['an answer of /v2/apps', { apps: [{ id: '/a' }] }, ['/a']],
    ['an answer of /v2/apps/a', { app: { id: '/a' } }, ['/a']],
    [
      'groups in groups',
      {
        id: '/g',
        apps: [{ id: 'a' }],
        groups: [{ id: 'h', apps: [{ id: 'b' }, { id: '/g/h/c' }], groups: [] }],
      },
      ['/g/a', '/g/h/b', '/g/h/c'],
    ],
  ])('knows the apps of %s', (_, definition, ids) => {
    expect(readDefinitions(definition)?.apps.map((app) => app.id)).toEqual(ids);
  });

  it.each([
    ['no ports at all', {}, 1],
    ['no ports', { portDefinitions: [] }, 0],
    ['ports to be assigned', { ports: [0, 0] }, 2],
    ['definitions', { portDefinitions: [{ port: 0, name: 'web' }, {}] }, 2],
    [
      'mappings of a bridge',
      {
        networks: [{ mode: 'container/bridge' }],
        container: { portMappings: [{ containerPort: 80 }, { containerPort: 81 }] },
      },
      2,
    ],
    [
      'mappings of Docker',
      { container: { docker: { network: 'BRIDGE', portMappings: [{ containerPort: 80 }] } } },
      1,
    ],
    [
      'mappings without a network, which map nothing',
      { container: { docker: { portMappings: [{ containerPort: 80 }, { containerPort: 81 }] } } },
      1,
    ],
    [
      "an answer's mapping without a service port",
      {
        version: '2026-01-01T00:00:00.000Z',
        networks: [{ mode: 'container/bridge' }],
        container: { portMappings: [{ containerPort: 80 }, { containerPort: 81, servicePort: 9 }] },
      },
      1,
    ],
  ])('gives a port index to %s', (_, definition, count) => {
    const [app] = readDefinitions({ id: '/a', ...definition })?.apps ?? [];
    expect(app?.servicePorts).toHaveLength(count);
    expect(app?.servicePorts.every((port) => port > 0)).toBe(true);
  });

  it('judges as the balancer with the same flags would', async () => {
    const closed = { id: '/a', labels: { HAPROXY_GROUP: 'x', HAPROXY_0_ENABLED: 'on' } };
    expect((await verdicts(closed, '--strict-mode'))['HAPROXY_0_ENABLED']).toBe('wrong');
  });

  it('tells who will not be served by most balancers', async () => {
    const { code, out } = await run(['-'], '{"id":"/a","labels":{"HAPROXY_0_VHOST":"a.test"}}');
    expect(code).toBe(0);
    expect(out).toContain("without HAPROXY_GROUP only balancers with --group '*' serve it");
  });

  it('names the definitions that are none', async () => {
    const wrong = [{ id: '/a', instances: 'many' }, { id: '/b', labels: { X: 1 } }, 7];
    const { code, out } = await run(['-'], JSON.stringify(wrong));
    expect(code).toBe(1);
    expect(out).toMatch(/\/a {2}-\n {2}wrong +\/instances many: expected/);
    expect(out).toMatch(/\/b {2}-\n {2}wrong +\/labels\/X 1: expected/);
    const pod = await run([fixture('pod.json')]);
    expect(pod.code).toBe(1);
    expect(pod.out).toContain('pods are not served');
  });

  it.each([
    ['nonsense', 'expected JSON'],
    ['', 'expected JSON'],
    ['"text"', 'expected an app definition'],
    ['{"tasks": []}', 'expected an app definition'],
  ])('ends with 2 for %s', async (content, reason) => {
    const { code, err } = await run(['-'], content);
    expect(code).toBe(2);
    expect(err).toContain(`teal: -: ${reason}`);
  });

  it('checks the readable files all the same', async () => {
    const { code, out, err } = await run(['/nowhere.json', fixture('sleep-group.json')]);
    expect(code).toBe(2);
    expect(err).toContain('/nowhere.json');
    expect(out).toContain('2 apps');
  });

  it.each([[[]], [['--nonsense', 'a.json']], [['--json']]])('refuses %j', async (args) => {
    await expect(run(args)).rejects.toBeInstanceOf(UsageError);
  });

  it('has colours on a terminal only, and not where NO_COLOR forbids them', async () => {
    const definition = '{"id":"/a","labels":{"HAPROXY_GROUP":"x"}}';
    const terminal = { isTTY: true, columns: 80 };
    expect((await run(['-'], definition)).out).not.toContain('\x1b');
    expect((await run(['-'], definition, terminal)).out).toContain('\x1b[32mhonoured');
    const without = await run(['-'], definition, terminal, { NO_COLOR: '1' });
    expect(without.out).not.toContain('\x1b');
  });

  it('keeps to the width of the terminal', async () => {
    const terminal = { isTTY: true, columns: 60 };
    const { out } = await run([fixture('labelled.json')], '', terminal, { NO_COLOR: '1' });
    const notes = out.split('\n').filter((line) => line.startsWith('              '));
    expect(notes.length).toBeGreaterThan(5);
    expect(notes.filter((line) => line.length > 60 && !line.trim().startsWith('try'))).toEqual([]);
  });

  it('never lets a label steer the terminal', async () => {
    const { seed, runs } = budget();
    const terminal = { isTTY: true, columns: 80 };
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 40 }),
            fc.constantFrom('HAPROXY_0_VHOST', 'HAPROXY_0_BACKEND_HEAD', 'HAPROXY_0_PORT'),
          ),
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 100 }),
            fc.constantFrom('a\x1b[2J', '\r\nb', '\u202eevil', 'x\u0000'),
          ),
          { maxKeys: 5 },
        ),
        async (labels) => {
          const definition = JSON.stringify({ id: '/a\x07', labels });
          const { out, code } = await run(['-'], definition, terminal, { NO_COLOR: '1' });
          expect(code).toBeLessThan(2);
          expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        },
      ),
      { seed, numRuns: runs(300) },
    );
  });

  it('takes any JSON there is', () => {
    const { seed, runs } = budget();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => readDefinitions(value)).not.toThrow();
        expect(() => readDefinitions({ apps: [value], groups: [value] })).not.toThrow();
        expect(() => readDefinitions({ id: 'a', container: value, ports: value })).not.toThrow();
      }),
      { seed, numRuns: runs(500) },
    );
  });
});
