import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findInstances } from '../../../src/cli/commands/instances.ts';
import { order } from '../../../src/cli/commands/order.ts';
import { type OrderName, readOrderOptions } from '../../../src/options/order-command.ts';
import { refusal, ScriptedAdmin } from './scripted-admin.ts';

async function run(command: OrderName, args: readonly string[], env = {}, isTTY = false) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const options = readOrderOptions(command, args, { USER: 'ada', ...env });
  if (options === 'help') throw new Error('help was not asked for');
  const code = await order(options, { stdout: Object.assign(stdout, { isTTY }), stderr, env });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

describe('an order to every balancer', () => {
  let a: ScriptedAdmin;
  let b: ScriptedAdmin;
  let lbs: string[];

  beforeEach(async () => {
    a = new ScriptedAdmin();
    b = new ScriptedAdmin();
    lbs = ['--lb', await a.listen(), '--lb', await b.listen()];
  });

  afterEach(() => {
    a.close();
    b.close();
  });

  it('is prepared on all of them, then committed on all of them with their leases', async () => {
    const { code, out, err } = await run('cutover', ['10080', '/shop-green', ...lbs]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const balancer of [a, b]) {
      expect(balancer.said).toEqual(['cutover prepare', 'cutover commit']);
      expect(balancer.orders[1]).toMatchObject({
        service: '10080',
        colour: '/shop-green',
        by: 'ada (teal cutover)',
        lease: 'lease-1',
      });
      expect(balancer.live).toBe('/shop-green');
    }
    expect(out.split('\n')).toHaveLength(3);
    expect(out).toMatch(
      /^\*:10080 \/shop-blue → \/shop-green {2}http:\S+ epoch 8, 2 workers, 2.5 ms$/m,
    );
  });

  it('that one of them refuses is given up on all, and says who refused and why', async () => {
    b.instead = () => refusal('not_ready', 'cannot cut over: 0 of 4 servers are ready; wait');
    const { code, err } = await run('cutover', ['10080', ...lbs]);
    expect(code).toBe(1);
    expect(err).toBe(
      `teal: ${lbs[3]}: cannot cut over: 0 of 4 servers are ready; wait\nteal: nothing is changed on any balancer\n`,
    );
    expect(a.said).toEqual(['cutover prepare', 'cutover abort']);
    expect(b.said).toEqual(['cutover prepare']);
    expect(a.live).toBe('/shop-blue');
  });

  it('that one of them does not answer changes nothing and ends with 3', async () => {
    b.close();
    const { code, err } = await run('cutover', ['10080', ...lbs]);
    expect(code).toBe(3);
    expect(err).toMatch(/^teal: http:\/\/127\.0\.0\.1:\d+: does not answer \(.*ECONNREFUSED.*\)$/m);
    expect(a.live).toBe('/shop-blue');
  });

  it('that one of them refuses at the commit is put back on the other', async () => {
    b.instead = ({ phase }) =>
      phase === 'commit' ? refusal('worker', 'worker 2 did not commit') : null;
    const { code, err } = await run('cutover', ['10080', '/shop-green', ...lbs]);
    expect(code).toBe(1);
    expect(err).toContain('worker 2 did not commit');
    expect(err).toContain(`${lbs[1]}: put back, /shop-blue is in force again`);
    expect(a.live).toBe('/shop-blue');
    expect(a.orders.at(-1)).toMatchObject({ order: 'cutover', colour: '/shop-blue', force: true });
    expect(b.said).not.toContain('cutover');
  });

  it('whose commit breaks off is put back on both: it may have got through', async () => {
    b.instead = ({ phase }) => (phase === 'commit' ? 'reset' : null);
    const { code } = await run('cutover', ['10080', '/shop-green', ...lbs]);
    expect(code).toBe(3);
    expect([a.live, b.live]).toEqual(['/shop-blue', '/shop-blue']);
    expect(b.said.at(-1)).toBe('cutover');
  });

  it('that cannot be put back ends with 4 and names the balancer that has it', async () => {
    b.instead = ({ phase }) => (phase === 'commit' ? refusal('worker', 'no') : null);
    a.instead = ({ force }) => (force === true ? 'reset' : null);
    const { code, err } = await run('cutover', ['10080', '/shop-green', ...lbs]);
    expect(code).toBe(4);
    expect(err).toContain(`${lbs[1]} has it and is not put back`);
  });

  it('shows the token of its file, else that of the environment, and else none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teal-token-'));
    const file = join(folder, 'token');
    writeFileSync(file, 'from-file\n');
    const env = { TEAL_ADMIN_TOKEN: 'from-env' };
    await run('release', ['10080', ...lbs, '--token-file', file], env);
    await run('release', ['10080', ...lbs], env);
    await run('release', ['10080', ...lbs]);
    rmSync(folder, { recursive: true });
    expect(a.authorizations.filter((_, place) => place % 2 === 0)).toEqual([
      'Bearer from-file',
      'Bearer from-env',
      undefined,
    ]);
  });

  it('says in one clear line what an answer is that no balancer gives', async () => {
    b.instead = () => ({ body: '<html>\u001b[31mhello</html>' });
    const { code, err } = await run('release', ['10080', ...lbs]);
    expect(code).toBe(3);
    expect(err).toContain(`${lbs[3]}: answers what no balancer answers: <html> [31mhello</html>`);
    b.instead = () => ({ status: 404, body: 'not found' });
    expect((await run('release', ['10080', ...lbs])).err).toContain('status 404');
  });

  it('splits by shares, in colour at a terminal only', async () => {
    const args = ['10080', 'blue=80', 'green=20', ...lbs];
    const { out } = await run('split', args);
    expect(a.orders[1]).toMatchObject({ order: 'split', shares: { blue: 80, green: 20 } });
    expect(out).toContain('*:10080 /shop-blue is live, blue 80 %, green 20 %');
    expect(out).not.toContain('\u001b');
    expect((await run('split', args, {}, true)).out).toContain('\u001b[1m');
    expect((await run('split', args, { NO_COLOR: '1' }, true)).out).not.toContain('\u001b');
  });

  it('is about servers, by their names', async () => {
    const { code, out } = await run('server', ['10080', 's_1', 's_2', 'drain', ...lbs]);
    expect(code).toBe(0);
    for (const balancer of [a, b]) {
      expect(balancer.said).toEqual(['server prepare', 'server commit']);
      expect(balancer.orders[1]).toMatchObject({ servers: { s_1: 'drain', s_2: 'drain' } });
    }
    expect(out).toMatch(/^\*:10080 s_1 drain, s_2 drain {2}http:/m);
  });

  it('is about all services where it is a freeze', async () => {
    const { code, out } = await run('freeze', ['--seconds', '60', '--why', 'fair', ...lbs]);
    expect(code).toBe(0);
    expect(a.orders[1]).toMatchObject({ order: 'freeze', service: '', seconds: 60, why: 'fair' });
    expect(out).toMatch(/^all services are frozen until \d{4}-\S+Z {2}http:/m);
    expect((await run('unfreeze', lbs)).out).toMatch(/^all services are not frozen {2}/m);
  });

  describe('that does not get through everywhere', () => {
    const pin = { appId: '/shop-blue', by: '', why: '', atMs: 0 };
    const own = {
      pin: null,
      split: { by: '', why: '', atMs: 0, shares: [{ appId: '/shop-blue', percent: 70 }] },
      servers: { 'shop-blue_10080/s_1': 'maint' },
    };
    const inForce = (freeze: object | null = null, service: object = own) => ({
      '/_teal/orders': { orders: { revision: 1, services: { '*:10080': service }, freeze } },
    });

    async function putBack(command: OrderName, args: readonly string[]) {
      b.instead = ({ phase }) => (phase === 'commit' ? refusal('worker', 'no') : null);
      const { code, err } = await run(command, [...args, ...lbs]);
      return { code, err, last: a.orders.at(-1) };
    }

    it('puts each server back to the order it had', async () => {
      a.reads = inForce();
      const { code, last, err } = await putBack('server', ['10080', 's_1', 's_2', 'ready']);
      expect(code).toBe(1);
      expect(last).toMatchObject({ order: 'server', servers: { s_1: 'maint', s_2: 'ready' } });
      expect(err).toContain('put back, what was ordered before holds again');
    });

    it('puts a split that was to be released back with its shares', async () => {
      a.reads = inForce();
      expect((await putBack('release', ['10080'])).last).toMatchObject({
        order: 'split',
        shares: { '/shop-blue': 70 },
      });
      a.reads = inForce(null, { ...own, pin, split: null });
      expect((await putBack('release', ['10080'])).last).toMatchObject({
        order: 'cutover',
        colour: '/shop-blue',
      });
    });

    it('ends a freeze that was not there before, and brings one back that was', async () => {
      a.reads = inForce();
      expect((await putBack('freeze', [])).last).toMatchObject({ order: 'unfreeze' });
      a.reads = inForce({ by: 'ada', why: '', atMs: 0, untilMs: Date.now() + 50_000 });
      const { last } = await putBack('unfreeze', []);
      expect(last).toMatchObject({ order: 'freeze' });
      expect(last?.['seconds']).toBeGreaterThan(1);
      expect(last?.['seconds']).toBeLessThanOrEqual(50);
    });

    it('ends with 4 where a balancer does not say what it had', async () => {
      const { code, err } = await putBack('server', ['10080', 's_1', 'ready']);
      expect(code).toBe(4);
      expect(err).toContain('server cannot be undone');
    });
  });

  it('tells machines everything, failures as well', async () => {
    const done = JSON.parse((await run('cutover', ['10080', '--json', ...lbs])).out) as object;
    expect(done).toMatchObject({
      balancers: [{ instance: lbs[1], from: '/shop-blue', done: { live: '/shop-green' } }, {}],
    });
    expect(done).toHaveProperty('balancers.0.done.byWorker.1', { pid: 2, epoch: 8, tookMs: 2.5 });
    a.instead = () => refusal('frozen', 'changes are frozen');
    const refused = await run('cutover', ['10080', '--json', ...lbs]);
    expect(JSON.parse(refused.out)).toMatchObject({ kind: 'refused', code: 'frozen' });
    expect(refused.err).toBe('');
  });
});

describe('the balancers behind a name', () => {
  it('are all its addresses, each once', async () => {
    const addresses = async () => ['10.0.0.2', '10.0.0.1'];
    expect(await findInstances(['http://lb:9090', 'http://10.0.0.1:9090'], addresses)).toEqual({
      instances: ['http://10.0.0.1:9090', 'http://10.0.0.2:9090'],
    });
  });

  it('that leads nowhere stop the command before anything is asked', async () => {
    const found = await findInstances(['http://nowhere:9090'], async () => {
      throw new Error('ENOTFOUND');
    });
    expect(found).toEqual({
      error: 'http://nowhere:9090: the name leads nowhere (ENOTFOUND); nothing is changed',
    });
  });
});

describe('the command line of an order', () => {
  it.each<[OrderName, string[], RegExp]>([
    ['cutover', [], /needs a service/],
    ['cutover', ['a', 'b', 'c'], /'c' is not expected/],
    ['release', ['a', 'b'], /'b' is not expected/],
    ['split', ['a', 'blue=80', 'green=30'], /110 together/],
    ['split', ['a', 'blue'], /expected COLOUR=PERCENT/],
    ['split', ['a', 'blue=50', 'blue=50'], /twice/],
    ['cutover', ['a', '--lb', 'https://lb'], /expected a URL such as/],
    ['cutover', ['a', '--lb'], /--lb needs a value/],
    ['cutover', ['a', '--forse'], /unknown flag --forse; did you mean --force\?/],
    ['cutover', ['a', '--token-file', '/nowhere/token'], /--token-file \/nowhere\/token: /],
    ['drain', ['a', '--seconds', '-1'], /--seconds/],
    ['server', ['a', 's_1'], /SERVICE SERVER… ready\|drain\|maint/],
    ['server', ['a', 's_1', 'down'], /SERVICE SERVER…/],
    ['server', [], /needs a service/],
    ['freeze', ['10080'], /'10080' is not expected/],
    ['unfreeze', ['10080'], /'10080' is not expected/],
  ])('teal %s %j is refused', (command, args, message) => {
    expect(() => readOrderOptions(command, args, {})).toThrow(message);
  });

  it('has the stats port where a URL names none, and this machine where none is given', () => {
    const lbs = (...args: string[]) => {
      const options = readOrderOptions('cutover', ['a', ...args], {});
      return options === 'help' ? [] : options.admin.lbs;
    };
    expect(lbs()).toEqual(['http://127.0.0.1:9090']);
    expect(lbs('--lb', 'http://lb', '--lb', 'http://lb:80')).toEqual([
      'http://lb:9090',
      'http://lb:80',
    ]);
  });
});
