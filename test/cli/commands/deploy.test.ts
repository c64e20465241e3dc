import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/cli/commands/deploy.ts';
import { order } from '../../../src/cli/commands/order.ts';
import { readDeployOptions } from '../../../src/options/deploy-command.ts';
import { readOrderOptions } from '../../../src/options/order-command.ts';
import { refusal, ScriptedAdmin } from './scripted-admin.ts';
import { ScriptedMarathon } from './scripted-marathon.ts';

const QUICK = ['--bake-seconds', '0', '--max-wait', '1'];

describe('a deployment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teal-deploy-'));
  let balancer: ScriptedAdmin;
  let marathon: ScriptedMarathon;
  let flags: string[];

  beforeEach(async () => {
    balancer = new ScriptedAdmin();
    marathon = new ScriptedMarathon();
    marathon.apps.set('/shop-blue', { instances: 2, labels: {} });
    flags = ['--lb', await balancer.listen(), '--marathon', await marathon.listen()];
  });

  afterEach(() => {
    balancer.close();
    marathon.close();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(args: readonly string[], id = '/shop') {
    const definition = { id, instances: 2, labels: { HAPROXY_0_PORT: '10080' } };
    const options = readDeployOptions(['-', ...args, ...flags], { USER: 'ada' });
    if (options === 'help') throw new Error('help was not asked for');
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const stdin = Readable.from([JSON.stringify(definition)]);
    const code = await deploy(options, { stdin, stdout, stderr, env: {} });
    return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
  }

  function hook(exitCode: number): string {
    const path = join(folder, 'hook');
    writeFileSync(path, `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });
    return path;
  }

  it('leads from the idle colour in Marathon to the end of the old one, and leaves no lease', async () => {
    const { code, out } = await run([...QUICK, '--pre-kill-hook', hook(0)]);
    expect({ code, out }).toEqual({ code: 0, out: '/shop-green is deployed on port 10080\n' });
    expect(marathon.changes).toEqual(['PUT /shop-green', 'PUT /shop-blue']);
    expect(marathon.apps.get('/shop-blue')?.instances).toBe(0);
    expect(balancer.said.filter((one) => one !== 'lease')).toEqual([
      ...['cutover prepare', 'cutover commit', 'release prepare', 'release commit', 'unlease'],
    ]);
  });

  it('waits until nothing is in flight on the old colour, and says how much there is', async () => {
    balancer.inFlight = [2, 1];
    const { code, err } = await run(QUICK);
    expect(code).toBe(0);
    expect(err).toMatch(
      /\/shop-blue: 2 in flight\n\/shop-blue: 1 in flight\n\/shop-blue is drained/,
    );
  });

  it.each([
    ['--keep-old', ['PUT /shop-green']],
    ['--delete-old', ['PUT /shop-green', 'DELETE /shop-blue']],
  ])('with %s does to the old colour what that says', async (flag, changes) => {
    expect((await run([...QUICK, flag])).code).toBe(0);
    expect(marathon.changes).toEqual(changes);
  });

  it('stays live by order where the old colour is kept and newer, which the rule would choose', async () => {
    const at = (day: string) => ({ lastConfigChangeAt: `2026-01-${day}T00:00:00.000Z` });
    marathon.apps.set('/shop-blue', { instances: 2, labels: {}, versionInfo: at('02') });
    marathon.apps.set('/shop-green', { instances: 2, labels: {}, versionInfo: at('01') });
    const { code, err } = await run([...QUICK, '--keep-old']);
    expect(code).toBe(0);
    expect(err).toContain('/shop-green is live by order: /shop-blue is kept and newer');
    expect(balancer.said).not.toContain('release commit');
    expect(balancer.live).toBe('/shop-green');
  });

  it('only says what it would do in a dry run', async () => {
    const { code, out } = await run(['--dry-run']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: '/shop-green', instances: 2 });
    expect(marathon.changes).toEqual([]);
    expect(balancer.said).toEqual(['lease', 'unlease']);
  });

  it('keeps the old colour when the hook does not agree, and ends with 5', async () => {
    const { code, err } = await run([...QUICK, '--pre-kill-hook', hook(3)]);
    expect(code).toBe(5);
    expect(err).toContain('did not agree');
    expect(marathon.apps.get('/shop-blue')?.instances).toBe(2);
    expect(balancer.live).toBe('/shop-green');
  });

  it('moves no request when the new colour does not get ready, and ends with 1', async () => {
    marathon.sick.add('/shop-green');
    const { code, err } = await run(QUICK);
    expect(code).toBe(1);
    expect(err).toContain('/shop-green is not ready after 1 s; requests go where they went before');
    expect(balancer.said.filter((one) => one !== 'lease')).toEqual(['unlease']);
  });

  it('goes back when the new colour loses all its tasks while it is watched, and ends with 6', async () => {
    balancer.instead = ({ order: kind, phase }) => {
      if (kind === 'cutover' && phase === 'commit') marathon.sick.add('/shop-green');
      return null;
    };
    const { code, err } = await run(['--bake-seconds', '60', '--max-wait', '5']);
    expect(code).toBe(6);
    expect(err).toContain('/shop-green has lost all its tasks; /shop-blue is live again');
    expect(balancer.live).toBe('/shop-blue');
  });

  it('notices that a balancer went back by itself, and ends with 6', async () => {
    balancer.instead = ({ order: kind }) => {
      if (kind === 'lease' && balancer.live === '/shop-green') balancer.live = '/shop-blue';
      return null;
    };
    const { code, err } = await run(['--bake-seconds', '60', '--max-wait', '5']);
    expect(code).toBe(6);
    expect(err).toContain('/shop-green is not live any more, /shop-blue is');
    expect(marathon.apps.get('/shop-blue')?.instances).toBe(2);
  });

  it('of a colour that is live with something else is refused before anything is changed', async () => {
    const { code, err } = await run(QUICK, '/shop-blue');
    expect(code).toBe(1);
    expect(err).toContain('/shop-blue is live and the file differs from it');
    expect(marathon.changes).toEqual([]);
  });

  it('waits for balancers that see the new colour later than Marathon does', async () => {
    let times = 0;
    balancer.instead = ({ phase, order: kind }) => {
      times += kind === 'cutover' && phase === 'prepare' ? 1 : 0;
      return kind === 'cutover' && phase === 'prepare' && times < 3
        ? refusal('not_ready', 'no usable server')
        : null;
    };
    expect((await run(['--bake-seconds', '0', '--max-wait', '30'])).code).toBe(0);
    expect(times).toBe(3);
  });

  it('that was done already changes nothing in Marathon', async () => {
    await run(QUICK);
    marathon.changes.length = 0;
    expect((await run(QUICK)).code).toBe(0);
    expect(marathon.changes).toEqual([]);
  });

  it('rolled back with --scale-up gets its old colour back first, as large as the live one', async () => {
    await run(QUICK);
    const args = ['10080', '--scale-up', '--max-wait', '5', ...flags];
    const options = readOrderOptions('rollback', args, {});
    if (options === 'help') throw new Error('help was not asked for');
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    expect(await order(options, { stdout, stderr, env: {} })).toBe(0);
    expect(marathon.apps.get('/shop-blue')?.instances).toBe(2);
    expect(String(stderr.read())).toContain('/shop-blue: from 0 to 2 instances');
    expect(balancer.orders.findLast(({ phase }) => phase === 'commit')).toMatchObject({
      order: 'rollback',
      colour: '/shop-blue',
    });
  });
});
