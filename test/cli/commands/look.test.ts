import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { look } from '../../../src/cli/commands/look.ts';
import { NO_ORDERS, NO_SERVICE_ORDERS } from '../../../src/colour/orders.ts';
import { type LookName, readLookOptions } from '../../../src/options/look-command.ts';
import { ScriptedAdmin } from './scripted-admin.ts';

async function run(name: LookName, args: readonly string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const options = readLookOptions(name, args, {});
  if (options === 'help') throw new Error('help was not asked for');
  const code = await look(options, { stdout, stderr, env: {} });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

const STATUS = {
  node: 'edge-1',
  nowMs: 1_000_000,
  ready: true,
  notReady: '',
  epoch: 12,
  workers: [{}, {}],
  knowledgeAgeMs: 400,
  problems: 1,
};

const colour = (appId: string, percentOrdered: number, draining: object | null = null) => ({
  ...{ appId, percentOrdered, draining, usable: 4, instances: 4 },
  ...{ perSecond: 3, errorsPerSecond: 0, inFlight: 2 },
});

const service = (live: string, why = 'newest ready colour') => ({
  ...{ key: '*:10080', servicePort: 10_080, appIds: [], live, liveSinceMs: 700_000, why },
  colours: [
    colour('/shop-blue', 0, { inFlight: 2, deadlineMs: 1_045_000 }),
    colour('/shop-green', 100),
  ],
});

describe('what balancers say', () => {
  let a: ScriptedAdmin;
  let b: ScriptedAdmin;
  let lbs: string[];

  beforeEach(async () => {
    a = new ScriptedAdmin();
    b = new ScriptedAdmin();
    lbs = ['--lb', await a.listen(), '--lb', await b.listen()];
    for (const balancer of [a, b]) {
      balancer.reads = {
        '/_teal/status': STATUS,
        '/_teal/services': { services: [service('/shop-green')] },
        '/_teal/orders': { orders: NO_ORDERS, leases: [] },
      };
    }
  });

  afterEach(() => {
    a.close();
    b.close();
  });

  it('is a table of every one: what is live, since when, why, and what drains', async () => {
    const { code, out, err } = await run('status', lbs);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      [lbs[1], lbs[3]]
        .map(
          (url) => `${url}  edge-1 · ready · epoch 12 · 2 workers · knows of 0 s ago · 1 problem
  *:10080  /shop-green is live for 5 min: newest ready colour
      /shop-blue   4 of 4 usable · 0 % · 3.0/s · 2 in flight · drains, at most 45 s
    ● /shop-green  4 of 4 usable · 100 % · 3.0/s · 2 in flight
`,
        )
        .join(''),
    );
  });

  it('tells what somebody has ordered: a freeze, a lease, states of servers', async () => {
    const own = { ...NO_SERVICE_ORDERS, servers: { 'shop-green_10080/s_1': 'maint' } };
    const freeze = { by: 'ada', why: 'the fair', atMs: 0, untilMs: 1_090_000 };
    a.reads = {
      ...a.reads,
      '/_teal/orders': {
        orders: { revision: 3, services: { '*:10080': own }, freeze },
        leases: [{ service: '*:10080', by: 'bob', why: '', untilMs: 1_025_000 }],
      },
    };
    const { out } = await run('status', lbs.slice(0, 2));
    expect(out).toContain('\n  frozen by ada (the fair), 90 s more\n');
    expect(out).toContain(
      '\n    leased to bob, 25 s more\n    ordered shop-green_10080/s_1 maint\n',
    );
  });

  it('is loud where they disagree, and ends with 1', async () => {
    b.reads = { ...b.reads, '/_teal/services': { services: [service('/shop-blue')] } };
    const { code, err } = await run('status', lbs);
    expect(code).toBe(1);
    expect(err).toBe('teal: the balancers disagree about port 10080: /shop-green, /shop-blue\n');
    expect((await run('status', ['10081', ...lbs])).code).toBe(0);
  });

  it('is shown of the others where one does not answer, which is named, and ends with 3', async () => {
    b.close();
    const { code, out, err } = await run('status', lbs);
    expect(code).toBe(3);
    expect(out).toContain('/shop-green is live');
    expect(err).toContain(`${lbs[3]}: does not answer`);
  });

  it('cannot steer the terminal by a label', async () => {
    a.reads = { ...a.reads, '/_teal/services': { services: [service('/a', 'x\u001b[2Jy\nz')] } };
    const { out } = await run('status', lbs);
    expect(out).toContain('x [2Jy z');
    expect(out).not.toContain('\u001b');
  });

  it('is JSON for machines, with who failed and who disagrees', async () => {
    b.reads = {};
    const { code, out } = await run('status', ['--json', ...lbs]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      balancers: [{ instance: lbs[1], answers: { status: { epoch: 12 } } }],
      failures: [{ kind: 'refused', error: `${lbs[3]}: there is no such thing` }],
      disagreements: [],
    });
  });

  it('of the past is a line for each cut-over and order', async () => {
    const cutOver = {
      ...{ atMs: 0, service: '*:10080', order: 'cutover', by: 'ada', why: 'v2' },
      ...{ from: '/shop-blue', to: '/shop-green', epoch: 9, workers: 2, tookMs: 3.14 },
      drain: { inFlight: 2, cut: 1 },
      rates: { requestsBefore: 0, errorPercentBefore: null, requests: 40, errorPercent: 2.5 },
      bake: { state: 'fine', why: '0.1 % of its requests fail' },
    };
    const other = { ...cutOver, service: '*:10081', order: '', drain: null, bake: null };
    a.reads = { '/_teal/history': { history: [other, cutOver] } };
    const { out } = await run('history', ['10080', ...lbs.slice(0, 2)]);
    expect(out.split('\n').slice(1)).toEqual([
      '  1970-01-01T00:00:00Z  *:10080  /shop-blue → /shop-green  cutover by ada: v2  epoch 9, 2 workers, 3.1 ms; 2 in flight, 1 cut; before no requests, since 2.5 % of 40 failed; fine: 0.1 % of its requests fail',
      '',
    ]);
  });

  it('of a request names its way and what was passed over', async () => {
    a.reads = {
      '/_teal/explain': {
        answer: 'goes to /shop-green',
        notes: [],
        listener: { key: '*:80', kind: 'http' },
        route: { hosts: ['shop.test'], paths: ['/cart'] },
        passedOver: [{ hosts: ['shop.test'], paths: [], why: 'another has a longer path' }],
        service: { key: '*:10080', why: 'newest ready colour' },
        colours: [{ appId: '/shop-blue', chosen: false, why: 'it is not live' }],
        servers: [{ name: 's1', address: '10.0.0.1:1', candidate: true, why: 'usable' }],
      },
    };
    const url = 'http://shop.test/cart?a=b';
    const { code, out } = await run('explain', [url, '-H', 'X-A: b', ...lbs.slice(0, 2)]);
    expect(code).toBe(0);
    const query = new URLSearchParams(a.asked[0]?.split('?').slice(1).join('?'));
    expect([query.get('url'), query.getAll('header')]).toEqual([url, ['X-A: b']]);
    expect(out).toContain('goes to /shop-green');
    expect(out).toContain('passed    shop.test : another has a longer path');
    expect(out).toContain('colour    ✗ /shop-blue: it is not live');
    expect(out).toContain('server    ✓ s1 10.0.0.1:1: usable');
  });
});

describe('the command line of a look', () => {
  it.each<[LookName, string[], RegExp]>([
    ['explain', [], /needs a URL/],
    ['status', ['a', 'b'], /'b' is not expected/],
    ['status', ['-H', 'A: b'], /for explain only/],
    ['history', ['--watch'], /for status only/],
  ])('teal %s %j is refused', (name, args, message) => {
    expect(() => readLookOptions(name, args, {})).toThrow(message);
  });
});
