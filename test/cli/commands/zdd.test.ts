import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zdd } from '../../../src/cli/commands/zdd.ts';
import { readZddOptions } from '../../../src/options/zdd-command.ts';
import { ScriptedAdmin } from './scripted-admin.ts';
import { ScriptedMarathon } from './scripted-marathon.ts';

const GROUP = { HAPROXY_DEPLOYMENT_GROUP: 'shop', HAPROXY_DEPLOYMENT_ALT_PORT: '10081' };
const BLUE = {
  ...GROUP,
  HAPROXY_0_PORT: '10080',
  HAPROXY_DEPLOYMENT_COLOUR: 'blue',
  HAPROXY_DEPLOYMENT_STARTED_AT: '2026-01-01T00:00:00.000000',
  HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '2',
};
const GREEN = {
  ...BLUE,
  HAPROXY_DEPLOYMENT_COLOUR: 'green',
  HAPROXY_DEPLOYMENT_STARTED_AT: '2026-01-02T00:00:00.000000',
};
const KILL = 'POST /v2/tasks/delete?scale=true';

describe('teal zdd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teal-zdd-'));
  let balancer: ScriptedAdmin;
  let marathon: ScriptedMarathon;
  let flags: string[];

  beforeEach(async () => {
    balancer = new ScriptedAdmin();
    marathon = new ScriptedMarathon();
    marathon.apps.set('/shop-blue', { instances: 2, labels: BLUE });
    flags = ['-m', await marathon.listen(), '-l', await balancer.listen(), '-s', '0'];
    balancer.reads = {
      get '/_teal/services/shop_10080'() {
        return { colours: [{ name: 'shop_10080', servers: servers() }] };
      },
    };
  });

  afterEach(() => {
    balancer.close();
    marathon.close();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** As Teal drains a pair: as many old tasks as there are too many servers. */
  function servers() {
    const [old, young] = ['/shop-blue', '/shop-green'].map(
      (id) => marathon.apps.get(id)?.instances ?? 0,
    ) as [number, number];
    const kept = old - Math.max(0, Math.min(young, old + young - 2));
    const list = (id: string, count: number, up: number) =>
      Array.from({ length: count }, (_, place) => ({
        taskId: `${id}.${place}`,
        status: place < up ? 'UP' : 'MAINT',
        inFlight: 0,
        queued: 0,
      }));
    return [...list('/shop-blue', old, kept), ...list('/shop-green', young, young)];
  }

  async function run(args: readonly string[], answers = '', file: object | string = FILE) {
    const path = join(folder, 'app.json');
    writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
    const options = readZddOptions(['-j', path, ...flags, ...args], {});
    if (options === 'help') throw new Error('help was not asked for');
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await zdd(options, { stdin: Readable.from([answers]), stdout, stderr, env: {} });
    return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
  }

  const FILE = { id: '/shop', instances: 2, labels: GROUP, ports: [10_080] };

  it('prints what it creates, replaces the old side step by step and deletes it', async () => {
    const { code, out } = await run(['--force']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: '/shop-green', instances: 1 });
    expect(out).toMatch(/^\{\n {2}"id": /);
    expect(marathon.changes).toEqual([
      'POST /shop-green',
      KILL,
      'PUT /shop-green',
      'DELETE /shop-blue',
    ]);
    expect([...marathon.apps].map(([id, { instances }]) => `${id} ${instances}`)).toEqual([
      '/shop-green 2',
    ]);
  });

  it('asks before the deployment, before tasks are killed and before the app is deleted', async () => {
    const { code, err } = await run([], 'yes\nwhat?\n\nY\n');
    expect(code).toBe(0);
    expect(err).toContain('Continue with deployment? [Y/n] ');
    expect(err).toContain('1 tasks are about to be killed:\n  - /shop-blue.1\nContinue? [Y/n] ');
    expect(err).toContain("Please answer 'yes' or 'no'");
    expect(err).toContain('/shop-blue is about to be deleted. Continue? [Y/n] ');
  });

  it.each([
    ['n\n', []],
    ['y\nno\n', ['POST /shop-green']],
    ['y\ny\nn\n', ['POST /shop-green', KILL, 'PUT /shop-green']],
  ])('declined with %j, ends with 1 and does no more', async (answers, changes) => {
    expect((await run([], answers)).code).toBe(1);
    expect(marathon.changes).toEqual(changes);
  });

  it('ends with 2 where nobody answers', async () => {
    const { code, err } = await run([]);
    expect(code).toBe(2);
    expect(err).toContain('--force goes on without asking');
    expect(marathon.changes).toEqual([]);
  });

  it.each<[number, string, string]>([
    [6, 'GET ', 'Marathon cannot be asked'],
    [7, 'POST /shop-green', 'the app is not created'],
    [9, KILL, 'tasks are not killed'],
    [9, 'PUT /shop-green', 'the app is not scaled'],
    [8, 'DELETE /shop-blue', 'the app is not deleted'],
  ])('ends with %i where %j is refused: %s', async (exitCode, refused) => {
    marathon.refuses.add(refused);
    const { code, err } = await run(['--force']);
    expect(code).toBe(exitCode);
    expect(err).toMatch(/teal: zdd: .*status 500/);
  });

  it('ends with 5 where a balancer does not answer or is none, before anything is created', async () => {
    balancer.reads = {};
    expect((await run(['--force'])).code).toBe(5);
    balancer.close();
    const { code, err } = await run(['--force']);
    expect(code).toBe(5);
    expect(err).toContain('does not answer');
    expect(marathon.changes).toEqual([]);
  });

  it.each<[number, string, readonly string[], object | string]>([
    [2, 'no JSON', [], '{'],
    [4, 'no labels', [], { id: '/shop', ports: [10_080] }],
    [3, 'no pair to complete', ['--complete-cur'], FILE],
    [3, 'no pair to lead back', ['--complete-prev'], FILE],
  ])('ends with %i with %s', async (exitCode, _, args, file) => {
    expect((await run(['--force', ...args], '', file)).code).toBe(exitCode);
    expect(marathon.changes).toEqual([]);
  });

  it('begins nothing beside a deployment that is going on, and goes on with it when told to', async () => {
    marathon.apps.set('/shop-green', { instances: 1, labels: GREEN });
    const { code, err } = await run(['--force']);
    expect(code).toBe(2);
    expect(err).toContain('/shop-green beside /shop-blue is going on');
    expect((await run(['--force', '--resume', '--dry-run'])).err).toContain(
      'would kill /shop-blue.1, and scale /shop-green to 2',
    );
    expect(marathon.changes).toEqual([]);
    expect((await run(['--force', '--resume'])).code).toBe(0);
    expect(marathon.changes).toEqual([KILL, 'PUT /shop-green', 'DELETE /shop-blue']);
  });

  it('gives up on a balancer that falls silent when the step is late, and says so before', async () => {
    marathon.apps.set('/shop-green', { instances: 1, labels: GREEN });
    let looks = 0;
    balancer.reads = {
      get '/_teal/services/shop_10080'() {
        looks += 1;
        if (looks === 2) balancer.close();
        return { colours: [] };
      },
    };
    const { code, err } = await run(['--force', '--resume', '--max-wait', '1']);
    expect(code).toBe(5);
    expect(err).toMatch(/waiting: http:\S+ has 0 servers, not yet the 3 of Marathon/);
    expect(err).toMatch(/waiting: http:\S+ does not answer/);
    expect(marathon.changes).toEqual([]);
  });

  it('tells only what is wrong where --log-level says so', async () => {
    expect((await run(['--force', '--log-level', 'warning'])).err).toBe('');
    expect((await run(['--log-format', 'x', '--dry-run'])).err).toContain(
      '--log-format has no effect',
    );
  });
});
