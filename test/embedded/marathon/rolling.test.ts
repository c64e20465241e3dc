import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginRolling,
  type InstanceView,
  nextRolling,
  type Strategy,
  scaleVictims,
} from '../../../src/embedded/marathon/rolling.ts';

function view(id: string, more: Partial<InstanceView> = {}): InstanceView {
  return {
    id,
    old: false,
    active: true,
    condition: 'Running',
    leaving: false,
    up: true,
    stagedAtMs: 1,
    ...more,
  };
}

const FULL: Strategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1 };

describe('a rolling restart begins', () => {
  it.each([
    ['the default kills none and may double', 4, 4, FULL, 0, 8],
    [
      'half healthy without room above kills half',
      4,
      4,
      { ...FULL, minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      2,
      4,
    ],
    [
      'no room and nothing to spare gets one more place',
      1,
      1,
      { ...FULL, maximumOverCapacity: 0 },
      0,
      2,
    ],
    ['the same with four', 4, 4, { ...FULL, maximumOverCapacity: 0 }, 0, 5],
    [
      'nothing need be healthy: all go at once',
      3,
      3,
      { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      3,
      3,
    ],
    [
      'a quarter each way of four',
      4,
      4,
      { minimumHealthCapacity: 0.25, maximumOverCapacity: 0.25 },
      3,
      5,
    ],
    ['fewer running than must be healthy kills none', 4, 1, FULL, 0, 8],
    ['scaled down at the same time kills the surplus', 1, 4, FULL, 3, 2],
  ])('%s', (_title, instances, running, strategy, killAtOnce, maxCapacity) => {
    const rolling = beginRolling(instances, running, strategy);
    expect([rolling.killAtOnce, rolling.maxCapacity]).toEqual([killAtOnce, maxCapacity]);
  });
});

/** Lets a restart run to its end, things happening in the order `choose` picks them. */
function play(instances: number, running: number, strategy: Strategy, choose: () => number) {
  let views = Array.from({ length: running }, (_, index) => view(`o${index}`, { old: true }));
  const rolling = beginRolling(instances, running, strategy);
  let launched = 0;
  let fewestUp = Number.POSITIVE_INFINITY;
  let mostActive = 0;
  for (let turn = 0; turn < 1000; turn += 1) {
    const orders = nextRolling(rolling, views, 'YOUNGEST_FIRST');
    views = views.map((one) =>
      orders.kill.includes(one.id) ? { ...one, leaving: true, up: false } : one,
    );
    for (let index = 0; index < orders.launch; index += 1) {
      views.push(view(`n${launched}`, { up: false, condition: 'Starting' }));
      launched += 1;
    }
    fewestUp = Math.min(fewestUp, views.filter((one) => one.up).length);
    mostActive = Math.max(mostActive, views.filter((one) => one.active).length);
    if (orders.done) return { views, launched, fewestUp, mostActive, rolling };
    const movable = views.filter((one) => one.leaving || !one.up);
    const chosen = movable[choose() % Math.max(1, movable.length)];
    if (chosen?.leaving) views = views.filter((one) => one !== chosen);
    else if (chosen) {
      views = views.map((one) =>
        one === chosen ? { ...one, up: true, condition: 'Running' } : one,
      );
    }
  }
  throw new Error(`never done: ${JSON.stringify(views)}`);
}

describe('a rolling restart', () => {
  it('ends with exactly the new instances, never below the minimum and never above the capacity', () => {
    const capacity = fc.constantFrom(0, 0.25, 0.5, 0.75, 1);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 8 }),
        capacity,
        capacity,
        fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }),
        (instances, running, minimumHealthCapacity, maximumOverCapacity, choices) => {
          let next = 0;
          const choose = (): number => choices[next++ % choices.length] ?? 0;
          const strategy = { minimumHealthCapacity, maximumOverCapacity };
          const end = play(instances, running, strategy, choose);
          const least = Math.min(running, Math.ceil(instances * minimumHealthCapacity));
          expect(end.views.every((one) => !one.old && one.up)).toBe(true);
          expect(end.views).toHaveLength(instances);
          expect(end.launched).toBe(instances);
          expect(end.fewestUp).toBeGreaterThanOrEqual(least);
          expect(end.mostActive).toBeLessThanOrEqual(Math.max(running, end.rolling.maxCapacity));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('kills unhealthy old instances before healthy ones', () => {
    const rolling = beginRolling(2, 2, { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 });
    const views = [view('good', { old: true }), view('bad', { old: true, up: false })];
    expect(nextRolling(rolling, views, 'YOUNGEST_FIRST').kill).toEqual(['bad']);
  });

  it('removes old instances that have no task without counting them', () => {
    const rolling = beginRolling(2, 1, FULL);
    const waiting = view('w', { old: true, active: false, up: false, condition: 'Scheduled' });
    const orders = nextRolling(rolling, [view('o', { old: true }), waiting], 'YOUNGEST_FIRST');
    expect(orders).toEqual({ kill: ['w'], launch: 2, done: false });
  });

  it('is not done while an old task is still being killed', () => {
    const rolling = beginRolling(1, 1, FULL);
    const dying = view('o', { old: true, leaving: true, condition: 'Killing', up: false });
    expect(nextRolling(rolling, [dying, view('n')], 'YOUNGEST_FIRST').done).toBe(false);
    expect(nextRolling(rolling, [view('n')], 'YOUNGEST_FIRST').done).toBe(true);
  });
});

describe('scaling down', () => {
  const views = [
    view('old', { stagedAtMs: 1 }),
    view('young', { stagedAtMs: 3 }),
    view('middle', { stagedAtMs: 2 }),
    view('starting', { condition: 'Starting', stagedAtMs: 0 }),
    view('gone', { leaving: true }),
  ];
  it.each([
    [
      'takes what is not running yet and then the youngest',
      2,
      [],
      'YOUNGEST_FIRST',
      ['starting', 'young'],
    ],
    ['takes the oldest where the app says so', 2, [], 'OLDEST_FIRST', ['starting', 'old']],
    [
      'kills exactly the sentenced ones when they are as many as the surplus',
      3,
      ['old'],
      'YOUNGEST_FIRST',
      ['old'],
    ],
    ['kills nothing when there is no surplus', 9, [], 'YOUNGEST_FIRST', []],
    ['kills everything for none', 0, [], 'YOUNGEST_FIRST', ['starting', 'young', 'middle', 'old']],
  ] as const)('%s', (_title, instances, sentenced, selection, expected) => {
    expect(scaleVictims(views, instances, sentenced, selection)).toEqual(expected);
  });
});
