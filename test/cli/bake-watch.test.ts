import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswerTimes } from '../../src/stats/answer-times.ts';
import { Counters } from '../../src/stats/counters.ts';
import { NO_AVERAGES } from '../../src/stats/row-sum.ts';
import type { Merged } from '../../src/stats/tally.ts';
import { candidates, claim } from '../plan/claims.ts';
import { OrderStage } from './order-stage.ts';

const blue = claim('/zdd/blue', { candidates: candidates('blue', 'healthy') });
const green = claim('/zdd/green', {
  candidates: candidates('green', 'healthy'),
  lastConfigChangeAtMs: 2_000,
  version: '2',
});

/** Requests and 5xx answers of each colour so far. */
function traffic(did: Readonly<Record<string, readonly [number, number]>>): Merged {
  const row = (requests: number, responses5xx: number) => ({
    counters: Object.assign(new Counters(), { requests, responses5xx }),
    sessionRate: 0,
    sessionRateMax: 0,
    requestRate: 0,
    requestRateMax: 0,
    averages: NO_AVERAGES,
  });
  return {
    frontends: [],
    pools: Object.entries(did).map(([appId, [requests, failures]]) => ({
      service: '*:10080',
      appId,
      name: appId,
      frontend: row(0, 0),
      backend: row(requests, failures),
      draining: null,
      answers: new AnswerTimes(),
      servers: [],
      past: [],
    })),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function deployed(bakeMs = 60_000): Promise<OrderStage> {
  const stage = new OrderStage('', { bakeMs });
  await stage.look(blue);
  stage.decisions.tick(traffic({ '/zdd/blue': [1_000, 10] }), stage.plan, Date.now());
  stage.decisions.tick(traffic({ '/zdd/blue': [2_000, 20] }), stage.plan, Date.now());
  await stage.look(blue, green);
  return stage;
}

const bad = traffic({ '/zdd/blue': [2_000, 20], '/zdd/green': [100, 30] });
const good = traffic({ '/zdd/blue': [2_000, 20], '/zdd/green': [100, 1] });

describe('a colour in its bake time', () => {
  it('is left when it does worse than the one before, and its version is not tried again', async () => {
    const stage = await deployed();
    expect(stage.decisions.history[0]).toMatchObject({
      to: '/zdd/green',
      bake: { state: 'baking' },
    });
    stage.decisions.tick(bad, stage.plan, Date.now());
    await settled();
    expect(stage.service.live).toBe('/zdd/blue');
    const [back, there] = stage.decisions.history;
    expect(back).toMatchObject({ order: 'bake', by: '', from: '/zdd/green', bake: null });
    expect(back?.why).toBe(
      '/zdd/green failed its bake time: 30 % of its requests fail, before 1 %',
    );
    expect(there).toMatchObject({
      to: '/zdd/green',
      bake: { state: 'worse', errorPercentBefore: 1, errorPercent: 30 },
    });
    await stage.look(blue, green);
    expect(stage.service.live).toBe('/zdd/blue');
    await stage.look(blue, { ...green, version: '3' });
    expect(stage.service.live).toBe('/zdd/green');
  });

  it('is left although an operator had ordered it', async () => {
    const stage = new OrderStage('', { bakeMs: 60_000 });
    await stage.look(blue, { ...green, lastConfigChangeAtMs: 1 });
    await stage.ordered({ order: 'cutover', colour: 'green' });
    stage.decisions.tick(bad, stage.plan, Date.now());
    await settled();
    expect(stage.service).toMatchObject({ live: '/zdd/blue', rule: 'automatic' });
  });

  it('stays when it does as well, and is not watched past its time', async () => {
    const stage = await deployed();
    stage.decisions.tick(good, stage.plan, Date.now());
    expect(stage.decisions.history[0]?.bake).toMatchObject({ state: 'baking', errorPercent: 1 });
    stage.decisions.tick(good, stage.plan, Date.now() + 60_001);
    expect(stage.decisions.history[0]?.bake).toMatchObject({ state: 'fine' });
    stage.decisions.tick(bad, stage.plan, Date.now() + 60_002);
    await settled();
    expect(stage.service.live).toBe('/zdd/green');
  });

  it('stays when there is nothing to go back to, and that is told', async () => {
    const stage = await deployed();
    await stage.look({ ...blue, candidates: [] }, green);
    stage.decisions.tick(bad, stage.plan, Date.now());
    await settled();
    expect(stage.service.live).toBe('/zdd/green');
    expect(stage.decisions.history[0]?.bake).toMatchObject({ state: 'worse' });
  });

  it('is left once, however often the workers tell their numbers meanwhile', async () => {
    const stage = await deployed();
    for (let second = 0; second < 3; second += 1) {
      stage.decisions.tick(bad, stage.plan, Date.now());
    }
    await settled();
    stage.decisions.tick(bad, stage.plan, Date.now());
    await settled();
    expect(stage.decisions.history.filter(({ order }) => order === 'bake')).toHaveLength(1);
  });

  it('is not watched after the way back, nor when nobody asked for it', async () => {
    const stage = await deployed();
    await stage.ordered({ order: 'rollback' });
    expect(stage.decisions.history[0]).toMatchObject({ to: '/zdd/blue', bake: null });
    const other = await deployed(0);
    expect(other.decisions.history[0]).toMatchObject({ to: '/zdd/green', bake: null });
  });

  it('may do as much worse as its labels say, whatever the options are', async () => {
    const stage = new OrderStage('', { bakeMs: 60_000 });
    await stage.look(blue);
    stage.decisions.tick(traffic({ '/zdd/blue': [1_000, 10] }), stage.plan, Date.now());
    await stage.look(blue, { ...green, bakeLimits: { maxErrorPercent: 50 } });
    stage.decisions.tick(bad, stage.plan, Date.now());
    await settled();
    expect(stage.service.live).toBe('/zdd/green');
    const strict = new OrderStage('', { bakeMs: 60_000, minRequests: 1_000 });
    await strict.look(blue);
    await strict.look(blue, { ...green, bakeLimits: { minRequests: 100 } });
    strict.decisions.tick(bad, strict.plan, Date.now());
    await settled();
    expect(strict.service.live).toBe('/zdd/blue');
  });

  it('has the time of its label before that of the option', async () => {
    const stage = new OrderStage('', { bakeMs: 60_000 });
    await stage.look(blue);
    await stage.look(blue, { ...green, bakeMs: 0 });
    expect(stage.decisions.history[0]).toMatchObject({ to: '/zdd/green', bake: null });
  });
});

describe('a colour in its bake time, when the primary starts again', () => {
  let folder = '';
  const stages: OrderStage[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'teal-bake-'));
  });
  afterEach(async () => {
    // What is still being written would be in the way.
    for (const stage of stages.splice(0)) await stage.decisions.stop();
    await rm(folder, { recursive: true });
  });

  /** Twelve requests of green are in question, six of them before the restart. */
  const half = traffic({ '/zdd/blue': [0, 0], '/zdd/green': [6, 3] });
  const first = (bakeMs = 60_000): OrderStage => {
    const stage = new OrderStage(folder, { bakeMs, minRequests: 10 });
    stages.push(stage);
    return stage;
  };

  async function restarted(bakeMs = 60_000): Promise<OrderStage> {
    const stage = first(bakeMs);
    await stage.look(blue);
    stage.decisions.tick(traffic({ '/zdd/blue': [1_000, 10] }), stage.plan, Date.now());
    stage.decisions.tick(traffic({ '/zdd/blue': [2_000, 20] }), stage.plan, Date.now());
    await stage.look(blue, green);
    stage.decisions.tick(half, stage.plan, Date.now());
    expect(stage.service.live).toBe('/zdd/green');
    await stage.decisions.stop();
    return first(bakeMs);
  }

  it('is judged by what was usual and seen before, and left as it would have been', async () => {
    const stage = await restarted();
    // Nothing is known yet of any service.
    stage.decisions.tick(traffic({}), stage.plan, Date.now());
    await stage.look(blue, green);
    expect(stage.decisions.history[0]).toMatchObject({
      from: '/zdd/blue',
      to: '/zdd/green',
      bake: { state: 'baking', errorPercentBefore: 1 },
    });
    stage.decisions.tick(half, stage.plan, Date.now());
    await settled();
    expect(stage.service.live).toBe('/zdd/blue');
    expect(stage.decisions.history[0]?.why).toBe(
      '/zdd/green failed its bake time: 50 % of its requests fail, before 1 %',
    );
  });

  it('is not held responsible for the version before it', async () => {
    const stage = await restarted();
    await stage.look(blue, { ...green, version: '3' });
    stage.decisions.tick(half, stage.plan, Date.now());
    await settled();
    expect(stage.service.live).toBe('/zdd/green');
  });

  it('is left although the process ended between the verdict and the way back', async () => {
    const stage = await restarted();
    await stage.look(blue, green);
    stage.stalls = true;
    stage.decisions.tick(half, stage.plan, Date.now());
    expect(stage.decisions.history[0]?.bake).toMatchObject({ state: 'worse' });
    await stage.decisions.stop();
    const next = first();
    await next.look(blue, green);
    expect(next.service.live).toBe('/zdd/green');
    next.decisions.tick(traffic({}), next.plan, Date.now());
    await settled();
    expect(next.service.live).toBe('/zdd/blue');
  });

  it('is judged in the end although its service never comes back', async () => {
    const stage = await restarted();
    stage.decisions.tick(traffic({}), stage.plan, Date.now() + 60_001);
    expect(stage.decisions.history[0]?.bake).toMatchObject({
      state: 'unknown',
      why: 'only 6 requests, fewer than 10',
    });
    const { history } = stage.decisions;
    stage.decisions.tick(traffic({}), stage.plan, Date.now() + 60_002);
    expect(stage.decisions.history).toBe(history);
  });

  it('is all that is written of the start: what goes on as it was is no decision', async () => {
    const stage = await restarted();
    const { history } = stage.decisions;
    await stage.look(blue, green);
    expect(stage.decisions.history).toEqual(history);
    // What comes back after it had gone is one.
    await stage.look();
    await stage.look(blue, green);
    expect(stage.decisions.history.slice(0, 2)).toMatchObject([
      { from: null, to: '/zdd/green' },
      { from: '/zdd/green', to: null },
    ]);
  });
});

describe('what was in flight at a cut-over', () => {
  it('is told in the history until it has drained', async () => {
    const stage = await deployed(0);
    const draining = (inFlight: number, cut: number): Merged => ({
      frontends: [],
      pools: traffic({ '/zdd/blue': [0, 0] }).pools.map((pool) => ({
        ...pool,
        draining: { sinceMs: 1, deadlineMs: 2, inFlight, tunnels: 1, cut },
      })),
    });
    const drain = () => stage.decisions.history[0]?.drain;
    stage.decisions.tick(draining(7, 0), stage.plan, 1_000);
    stage.decisions.tick(draining(2, 1), stage.plan, 2_000);
    expect(drain()).toEqual({ inFlight: 7, cut: 1, endedAtMs: 0 });
    stage.decisions.tick(draining(0, 3), stage.plan, 3_000);
    stage.decisions.tick(draining(0, 3), stage.plan, 4_000);
    expect(drain()).toEqual({ inFlight: 7, cut: 3, endedAtMs: 3_000 });
    // Nothing new: nothing is to be written.
    const { history } = stage.decisions;
    stage.decisions.tick(draining(0, 3), stage.plan, 5_000);
    expect(stage.decisions.history).toBe(history);
  });
});

describe('what failed before and after a cut-over', () => {
  const did = (blueDid: readonly [number, number], greenDid: readonly [number, number]) =>
    traffic({ '/zdd/blue': blueDid, '/zdd/green': greenDid });

  it('is in the history, though nobody bakes, for its first minute', async () => {
    const stage = await deployed(0);
    const rates = () => stage.decisions.history[0]?.rates;
    const atMs = stage.decisions.history[0]?.atMs ?? 0;
    expect(rates()).toMatchObject({ requestsBefore: 2_000, errorPercentBefore: 1, requests: 0 });
    stage.decisions.tick(did([2_000, 20], [50, 1]), stage.plan, atMs + 1_000);
    expect(rates()).toMatchObject({ requests: 0, errorPercent: null, watchedMs: 0 });
    stage.decisions.tick(did([2_000, 20], [100, 2]), stage.plan, atMs + 6_000);
    expect(rates()).toMatchObject({ requests: 100, errorPercent: 2, watchedMs: 6_000 });
    stage.decisions.tick(did([2_000, 20], [400, 2]), stage.plan, atMs + 61_000);
    expect(rates()).toMatchObject({ requests: 400, errorPercent: 0.5, watchedMs: 61_000 });
    stage.decisions.tick(did([2_000, 20], [900, 90]), stage.plan, atMs + 90_000);
    expect(rates()).toMatchObject({ requests: 400, errorPercent: 0.5, watchedMs: 61_000 });
  });

  it('of a colour that was live before counts from when it came back', async () => {
    const stage = await deployed(0);
    stage.decisions.tick(did([2_000, 20], [400, 40]), stage.plan, 1_000);
    await stage.ordered({ order: 'rollback' });
    const [back] = stage.decisions.history;
    expect(back?.rates).toMatchObject({ requestsBefore: 400, errorPercentBefore: 10, requests: 0 });
    const backMs = (back?.atMs ?? 0) + 5_000;
    stage.decisions.tick(did([2_010, 20], [400, 40]), stage.plan, backMs);
    expect(stage.decisions.history[0]?.rates).toMatchObject({ requests: 10, errorPercent: 0 });
  });

  it('stays as it was when another process goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'teal-rates-'));
    const stage = new OrderStage(folder);
    await stage.look(blue);
    await stage.look(blue, green);
    const { atMs = 0 } = stage.decisions.history[0] ?? {};
    stage.decisions.tick(did([0, 0], [100, 2]), stage.plan, atMs + 6_000);
    const [told] = stage.decisions.history;
    expect(told?.rates).toMatchObject({ requests: 100, errorPercent: 2 });
    await stage.decisions.stop();
    const next = new OrderStage(folder);
    while (Date.now() <= atMs) await settled();
    await next.look(blue, green);
    next.decisions.tick(did([0, 0], [7, 7]), next.plan, atMs + 12_000);
    expect(next.decisions.history[0]?.rates).toEqual(told?.rates);
    await next.decisions.stop();
    await rm(folder, { recursive: true });
  });

  it('is nothing where nothing changed hands', async () => {
    const stage = await deployed(0);
    await stage.ordered({ order: 'cutover', colour: 'green' });
    expect(stage.decisions.history[0]).not.toHaveProperty('rates');
    expect(stage.decisions.history.at(-1)).not.toHaveProperty('rates');
  });
});
