import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/catalogue/claim.ts';
import { candidates, claim } from '../plan/claims.ts';
import { OrderStage } from './order-stage.ts';

const up = (prefix: string) => candidates(prefix, 'healthy', 'healthy');
const blue = (changes: Partial<Claim> = {}) =>
  claim('/zdd/blue', { instances: 2, candidates: up('blue'), ...changes });
const green = (changes: Partial<Claim> = {}) =>
  claim('/zdd/green', {
    instances: 2,
    candidates: up('green'),
    lastConfigChangeAtMs: 2_000,
    version: '2',
    ...changes,
  });
const down = { candidates: candidates('x', 'starting', 'starting') };

/** Green is live, blue is warm. */
async function deployed(): Promise<OrderStage> {
  const stage = new OrderStage();
  await stage.look(blue());
  await stage.look(blue(), green());
  expect(stage.service.live).toBe('/zdd/green');
  return stage;
}

describe('orders', () => {
  it('a cut-over holds against what Marathon says until it is released', async () => {
    const stage = await deployed();
    const done = await stage.ordered({ order: 'cutover', colour: 'blue', why: 'green is odd' });
    expect(done).toMatchObject({
      epoch: 3,
      service: '*:10080',
      live: '/zdd/blue',
      previous: '/zdd/green',
      workers: [{ pid: 7, epoch: 3, tookMs: 1 }],
    });
    expect(stage.service).toMatchObject({ rule: 'pin', why: 'ordered by ann: green is odd' });
    await stage.look(blue(), green({ version: '3', lastConfigChangeAtMs: 9_000 }));
    expect(stage.service.live).toBe('/zdd/blue');
    expect(await stage.ordered({ order: 'release' })).toMatchObject({ live: '/zdd/green' });
    expect(stage.service.rule).toBe('automatic');
  });

  it('a pinned colour without a usable server does not take the service with it', async () => {
    const stage = await deployed();
    await stage.ordered({ order: 'cutover', colour: 'blue' });
    await stage.look(blue(down), green());
    expect(stage.service).toMatchObject({ live: '/zdd/green', rule: 'automatic' });
    expect(stage.service.why).toContain('/zdd/blue, ordered by ann, has no usable server');
    await stage.look(blue(), green());
    expect(stage.service.live).toBe('/zdd/blue');
  });

  it('the way back leads to what was live before, and there again', async () => {
    const stage = await deployed();
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/blue' });
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/green' });
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/blue' });
    // Released, the version that was left is not taken again, another one is.
    expect(await stage.ordered({ order: 'release' })).toMatchObject({ live: '/zdd/blue' });
    await stage.look(blue(), green({ version: '3' }));
    expect(stage.service.live).toBe('/zdd/green');
  });

  it('a version that was left is made live again by order', async () => {
    const stage = await deployed();
    await stage.ordered({ order: 'rollback' });
    await stage.ordered({ order: 'cutover', colour: 'green' });
    expect(await stage.ordered({ order: 'release' })).toMatchObject({ live: '/zdd/green' });
    expect(stage.decisions.desk.orders.services).toEqual({});
  });

  it('requests are split as ordered, and go to the others when a colour has no server', async () => {
    const stage = await deployed();
    await stage.ordered({ order: 'split', shares: { blue: 80, green: 20 } });
    const { live, shares, rule } = stage.service;
    expect({ live, shares, rule }).toEqual({
      live: '/zdd/blue',
      shares: [
        { appId: '/zdd/blue', percent: 80 },
        { appId: '/zdd/green', percent: 20 },
      ],
      rule: 'split',
    });
    await stage.look(blue(), green(down));
    expect(stage.service).toMatchObject({ live: '/zdd/blue', shares: [] });
    await stage.look(blue(), green());
    expect(stage.service.shares).toHaveLength(2);
    await stage.ordered({ order: 'cutover', colour: 'green' });
    expect(stage.service).toMatchObject({ live: '/zdd/green', shares: [] });
  });

  it('servers are drained and put back by name, and the order leaves with its server', async () => {
    const stage = await deployed();
    const adminOf = (appId: string) =>
      stage.service.colours
        .find((colour) => colour.appId === appId)
        ?.servers.map(({ admin }) => admin);
    const servers = { '127_0_0_1_31001': 'drain' } as const;
    await stage.ordered({ order: 'server', colour: 'green', servers });
    expect(adminOf('/zdd/green')).toEqual(['ready', 'drain']);
    expect(adminOf('/zdd/blue')).toEqual(['ready', 'ready']);
    await stage.ordered({ order: 'server', servers: { '127_0_0_1_31001': 'maint' } });
    expect(adminOf('/zdd/blue')).toEqual(['ready', 'maint']);
    await stage.ordered({ order: 'server', servers: { '127_0_0_1_31001': 'ready' } });
    expect(adminOf('/zdd/green')).toEqual(['ready', 'ready']);
    await stage.ordered({ order: 'server', colour: 'green', servers });
    await stage.look(blue(), green({ candidates: candidates('green', 'healthy') }));
    await stage.look(blue(), green());
    expect(adminOf('/zdd/green')).toEqual(['ready', 'ready']);
  });

  it('a drain ends so many seconds from now, whenever the colour was left', async () => {
    const stage = await deployed();
    const drainMs = () => stage.service.colours.map((colour) => colour.drainMs);
    await stage.ordered({ order: 'drain', seconds: 20 });
    const [ms = 0, live] = drainMs();
    expect(ms).toBeGreaterThanOrEqual(20_000);
    expect(ms).toBeLessThan(25_000);
    expect(live).toBe(0);
    await stage.ordered({ order: 'cutover', colour: 'blue', seconds: 5 });
    expect(drainMs()).toEqual([0, 5_000]);
  });

  it('a freeze keeps what is live, but neither the way back nor a take-over', async () => {
    const stage = new OrderStage();
    await stage.look(blue());
    const { untilMs = 0 } = await stage.ordered({ order: 'freeze', seconds: 60, why: 'sale' });
    expect(untilMs).toBeGreaterThan(Date.now() + 50_000);
    await stage.look(blue(), green());
    expect(stage.service.live).toBe('/zdd/blue');
    expect(await stage.refused({ order: 'cutover', colour: 'green' })).toMatchObject({
      code: 'frozen',
      error: expect.stringMatching(/by ann until .*\(sale\)/),
    });
    await stage.look(blue(down), green());
    expect(stage.service.live).toBe('/zdd/green');
    await stage.look(blue(), green());
    const elsewhere = { order: 'rollback', colour: 'green' } as const;
    expect(await stage.refused(elsewhere)).toMatchObject({ code: 'frozen' });
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/blue' });
    await stage.ordered({ order: 'unfreeze' });
    expect(await stage.ordered({ order: 'cutover' })).toMatchObject({ live: '/zdd/green' });
  });

  const refusals: readonly [string, Parameters<OrderStage['order']>[0], string, string][] = [
    ['an unknown service', { order: 'cutover', service: '10099' }, 'no_such_service', '*:10080'],
    [
      'an unknown colour',
      { order: 'cutover', colour: 'red' },
      'no_such_colour',
      'blue (/zdd/blue)',
    ],
    ['an unknown server', { order: 'server', servers: { a: 'maint' } }, 'no_such_server', "'a'"],
    ['a live colour to drain', { order: 'drain', colour: 'green' }, 'live', 'cut over'],
    ['shares of 90', { order: 'split', shares: { blue: 90 } }, 'bad_shares', '90 together'],
    [
      'a colour twice',
      { order: 'split', shares: { blue: 50, '/zdd/blue': 50 } },
      'bad_shares',
      'each colour once',
    ],
    ['another epoch', { order: 'rollback', ifEpoch: 1 }, 'epoch', 'changed in epoch 2, after 1'],
    ['an epoch to come', { order: 'rollback', ifEpoch: 3 }, 'epoch', 'epoch 2 is in force, not 3'],
    ['a commit of nothing', { order: 'rollback', phase: 'commit' }, 'leased', 'prepare again'],
  ];

  it.each(refusals)('%s is refused, says what to do, and changes nothing', async (...row) => {
    const [, request, code, text] = row;
    const stage = await deployed();
    const { plan } = stage;
    const refused = await stage.refused(request);
    expect(refused).toMatchObject({ code, error: expect.stringContaining(text) });
    expect(refused.error).not.toContain('\n');
    expect(stage.plan).toBe(plan);
    expect(stage.decisions.desk.orders.revision).toBe(0);
  });

  it('a colour that is not ready is refused, but not to who insists', async () => {
    const stage = await deployed();
    await stage.look(blue({ instances: 3 }), green());
    expect(await stage.refused({ order: 'cutover', colour: 'blue' })).toMatchObject({
      code: 'not_ready',
      error: expect.stringContaining('2 of 3 servers'),
    });
    const done = await stage.ordered({ order: 'cutover', colour: 'blue', force: true });
    expect(done.live).toBe('/zdd/blue');
  });

  it('the way back is refused when nothing is warm there, with the next step', async () => {
    const stage = await deployed();
    await stage.look(blue(down), green());
    expect(await stage.refused({ order: 'rollback' })).toMatchObject({
      code: 'not_warm',
      error: expect.stringContaining('scale it up'),
    });
    await stage.look(green());
    expect(await stage.refused({ order: 'rollback' })).toMatchObject({
      code: 'not_warm',
      error: expect.stringContaining('not in Marathon any more'),
    });
  });

  it('what a worker refuses leaves nothing behind', async () => {
    const stage = await deployed();
    stage.refuses = 'worker 7: no room';
    expect(await stage.refused({ order: 'cutover', colour: 'blue' })).toMatchObject({
      code: 'worker',
      error: expect.stringContaining('worker 7: no room'),
    });
    stage.refuses = null;
    await stage.look(blue(), green());
    expect(stage.service).toMatchObject({ live: '/zdd/green', rule: 'automatic' });
    expect(stage.decisions.history).toHaveLength(2);
  });
});

describe('an order that says which epoch it goes by', () => {
  const other = claim('/other', { servicePort: 10_090, name: 'other_10090' });

  it('is carried out although another service has changed since', async () => {
    const stage = await deployed();
    const seen = stage.epoch;
    await stage.look(blue(), green(), other);
    expect(stage.epoch).toBeGreaterThan(seen);
    expect(await stage.ordered({ order: 'rollback', ifEpoch: seen })).toMatchObject({
      live: '/zdd/blue',
    });
  });

  it('is refused when its own service has changed since, by an order as well', async () => {
    const stage = await deployed();
    const seen = stage.epoch;
    await stage.ordered({ order: 'cutover', colour: 'green', ifEpoch: seen });
    const late = await stage.refused({ order: 'rollback', ifEpoch: seen });
    expect(late).toMatchObject({ code: 'epoch', error: expect.stringContaining('*:10080') });
    expect(stage.service.live).toBe('/zdd/green');
  });

  it('is about the whole table where it is about all services', async () => {
    const stage = await deployed();
    const seen = stage.epoch;
    await stage.look(blue(), green(), other);
    expect(await stage.refused({ order: 'freeze', ifEpoch: seen })).toMatchObject({
      code: 'epoch',
    });
    await stage.ordered({ order: 'freeze', ifEpoch: stage.epoch });
  });
});

describe('leases', () => {
  it('two deployments of a service cannot interleave', async () => {
    const stage = await deployed();
    const { lease = '' } = await stage.ordered({ order: 'lease', seconds: 60, why: 'deploy 7' });
    expect(await stage.refused({ order: 'rollback', by: 'bob' })).toMatchObject({
      code: 'leased',
      error: expect.stringContaining('leased to ann (deploy 7)'),
    });
    // Neither does Teal cut over by itself meanwhile.
    await stage.look(blue({ version: '9', lastConfigChangeAtMs: 9_000 }), green());
    expect(stage.service.live).toBe('/zdd/green');
    expect(await stage.ordered({ order: 'rollback', lease })).toMatchObject({ live: '/zdd/blue' });
    expect(await stage.ordered({ order: 'lease', lease })).toMatchObject({ lease });
    await stage.ordered({ order: 'unlease', lease });
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/green' });
  });

  it('what was prepared is committed by who prepared it, once', async () => {
    const stage = await deployed();
    const prepared = await stage.ordered({ order: 'rollback', phase: 'prepare' });
    const { lease = '' } = prepared;
    expect(prepared).toMatchObject({ live: '/zdd/green', epoch: 2 });
    expect(await stage.refused({ order: 'rollback' })).toMatchObject({ code: 'leased' });
    const done = await stage.ordered({ order: 'rollback', phase: 'commit', lease });
    expect(done).toMatchObject({ live: '/zdd/blue', epoch: 3 });
    expect(await stage.refused({ order: 'rollback', phase: 'commit', lease })).toMatchObject({
      code: 'leased',
    });
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/green' });
  });

  it('a release that was prepared is answered when the rule has decided, under its lease as well', async () => {
    const stage = await deployed();
    await stage.ordered({ order: 'cutover', colour: 'blue' });
    const { lease = '' } = await stage.ordered({ order: 'release', phase: 'prepare' });
    expect(stage.service.live).toBe('/zdd/blue');
    const done = await stage.ordered({ order: 'release', phase: 'commit', lease });
    expect(done).toMatchObject({ live: '/zdd/green', previous: '/zdd/blue' });
    expect(stage.service).toMatchObject({ live: '/zdd/green', rule: 'automatic' });

    await stage.ordered({ order: 'cutover', colour: 'blue' });
    const { lease: own = '' } = await stage.ordered({ order: 'lease', seconds: 60 });
    expect(await stage.ordered({ order: 'release', lease: own })).toMatchObject({
      live: '/zdd/green',
    });
    // What was decided then is held again.
    await stage.look(blue({ version: '9', lastConfigChangeAtMs: 9_000 }), green());
    expect(stage.service.live).toBe('/zdd/green');
  });

  it('what Marathon said since an order was prepared is in force when it is answered', async () => {
    const stage = await deployed();
    const order = { order: 'server', servers: { '127_0_0_1_31000': 'ready' } } as const;
    const { lease = '' } = await stage.ordered({ ...order, phase: 'prepare' });
    await stage.look(blue({ version: '9', lastConfigChangeAtMs: 9_000 }), green());
    expect(stage.service.live).toBe('/zdd/green');
    expect(await stage.ordered({ ...order, phase: 'commit', lease })).toMatchObject({
      live: '/zdd/blue',
    });
  });

  it('what was prepared is given up without a trace', async () => {
    const stage = await deployed();
    const { lease = '' } = await stage.ordered({ order: 'rollback', phase: 'prepare' });
    await stage.ordered({ order: 'rollback', phase: 'abort', lease });
    expect(stage.service.live).toBe('/zdd/green');
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/blue' });
  });

  it('a worker that cannot prepare is told before anything is leased', async () => {
    const stage = await deployed();
    stage.refuses = 'worker 7: no room';
    expect(await stage.refused({ order: 'rollback', phase: 'prepare' })).toMatchObject({
      code: 'worker',
    });
    stage.refuses = null;
    expect(await stage.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/blue' });
  });
});

describe('the history', () => {
  it('says who ordered what and why, beside what Teal decided', async () => {
    const stage = await deployed();
    await stage.ordered({ order: 'rollback', why: 'green is slow' });
    await stage.ordered({ order: 'server', servers: { '127_0_0_1_31000': 'drain' } });
    await stage.ordered({ order: 'freeze', seconds: 5 });
    const told = stage.decisions.history.map(({ order, by, from, to, why, service, epoch }) =>
      [epoch, service, order, by, from, to, why].join('|'),
    );
    expect(told).toEqual([
      '4||freeze|ann|||',
      '4|*:10080|server|ann|/zdd/blue|/zdd/blue|',
      '3|*:10080|rollback|ann|/zdd/green|/zdd/blue|green is slow',
      '2|*:10080|||/zdd/blue|/zdd/green|the newest ready colour',
      '1|*:10080||||/zdd/blue|the newest ready colour',
    ]);
    const [, , rollback] = stage.decisions.history;
    expect(rollback).toMatchObject({ workers: 1, byWorker: [{ pid: 7, tookMs: 1 }] });
  });
});
