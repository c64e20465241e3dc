import { describe, expect, it } from 'vitest';
import type { AppState } from '../../../src/cli/commands/marathon-desk.ts';
import type { Aim } from '../../../src/cli/commands/zdd-definition.ts';
import { nextStep, type PoolServer, type Scene } from '../../../src/cli/commands/zdd-step.ts';

function app(id: string, instances: number, changes: Partial<AppState> = {}): AppState {
  const tasks = Array.from({ length: instances }, (_, place) => `${id}.${place}`);
  return {
    ...{ id, instances, tasks, labels: {}, deploying: false, hasHealthChecks: true, json: {} },
    configuredAtMs: 0,
    ...{ tasksRunning: instances, tasksHealthy: instances },
    ...changes,
  };
}

const server = (taskId: string, status = 'UP', inFlight = 0): PoolServer => ({
  taskId,
  status,
  inFlight,
  queued: 0,
});

/** Blue is the old side; its last `maint` tasks are in MAINT on all balancers, with so many in flight. */
function scene(old: number, young: number, maint: number, ...inFlight: readonly number[]): Scene {
  const [blue, green] = [app('blue', old), app('green', young)];
  const servers = [
    ...blue.tasks.map((task, place) => {
      const leaving = place - (old - maint);
      return leaving < 0 ? server(task) : server(task, 'MAINT', inFlight[leaving] ?? 0);
    }),
    ...green.tasks.map((task) => server(task)),
  ];
  return {
    old: blue,
    young: green,
    pools: new Map([
      ['a', servers],
      ['b', servers],
    ]),
  };
}

const ALL: Aim = { goal: 6, target: 6, keeps: null, linearIncrease: 0 };
const PAIR: Aim = { goal: 2, target: 6, keeps: 4, linearIncrease: 0 };

function withPool(before: Scene, balancer: string, servers: readonly PoolServer[]): Scene {
  return { ...before, pools: new Map([...before.pools, [balancer, servers]]) };
}

describe('the next step of a deployment', () => {
  it.each([
    [5, 1, 'kills one and goes from 1 to 2', 6, 1, 1, 2],
    [4, 2, 'goes from 2 to 3', 5, 2, 1, 3],
    [3, 3, 'goes to all of it once it has as much as the old side', 4, 3, 1, 6],
  ])('like that of zdd.py, with %i and %i: %s', (_old, _young, _, old, young, maint, grow) => {
    expect(nextStep(scene(old, young, maint), ALL, false)).toEqual({
      is: 'move',
      kill: [`blue.${old - 1}`],
      grow,
    });
  });

  it('grows in equal steps where that is wanted', () => {
    const aim = { ...ALL, linearIncrease: 3 };
    expect(nextStep(scene(6, 1, 1), aim, false)).toMatchObject({ grow: 4 });
    expect(nextStep(scene(4, 4, 2), aim, false)).toMatchObject({ grow: 6 });
  });

  it('ends the old side once all of it is drained, and kills what is drained of it until then', () => {
    expect(nextStep(scene(3, 6, 3), ALL, false)).toEqual({
      is: 'end',
      kill: ['blue.0', 'blue.1', 'blue.2'],
    });
    expect(nextStep(scene(3, 6, 3, 0, 1), ALL, false)).toEqual({
      is: 'move',
      kill: ['blue.0', 'blue.2'],
      grow: null,
    });
  });

  it('waits for a server that is busy, and kills it when that has been long enough', () => {
    const busy = scene(1, 6, 1, 7);
    expect(nextStep(busy, ALL, false)).toEqual({
      is: 'wait',
      why: 'no server of blue is drained yet: a has 1 in MAINT with 7 in flight, b has 1 in MAINT with 7 in flight',
    });
    expect(nextStep(busy, ALL, true)).toEqual({ is: 'end', kill: ['blue.0'] });
  });

  it('kills what every balancer has drained, not what one of them has', () => {
    const { old, young } = scene(6, 1, 1);
    const others = [...old.tasks, ...young.tasks].map((task) => server(task));
    const apart = withPool(scene(6, 1, 1), 'b', others);
    expect(nextStep(apart, ALL, false)).toMatchObject({ is: 'wait' });
    // However late it is: b still sends requests there.
    expect(nextStep(apart, ALL, true)).toEqual({ is: 'move', kill: [], grow: 2 });
  });

  it.each<[string, Scene, string]>([
    ['a balancer has not all servers', withPool(scene(6, 1, 1), 'b', []), 'b has 0 servers'],
    [
      'a balancer has servers of killed tasks: as many, but not the same',
      withPool(
        scene(6, 1, 1),
        'b',
        ['0', '1', '2', '3', '4', '5', '9'].map((task) => server(`blue.${task}`)),
      ),
      'b has 7 servers, not yet the 7 of Marathon',
    ],
    [
      'not enough servers are UP',
      withPool(scene(6, 1, 1), 'b', [
        ...['0', '1', '2', '3', '4'].map((task) => server(`blue.${task}`)),
        server('blue.5', 'MAINT'),
        server('green.0', 'DOWN'),
      ]),
      'b: 5 of 6 servers are UP',
    ],
    [
      'Marathon is changing the old side',
      { ...scene(6, 1, 1), old: app('blue', 6, { deploying: true }) },
      'Marathon is changing blue',
    ],
  ])('waits while %s', (_, before, why) => {
    const step = nextStep(before, ALL, false);
    expect(step).toMatchObject({ is: 'wait', why: expect.stringContaining(why) });
  });

  it('does not count servers whose task has left and that finish what they have', () => {
    const before = scene(6, 1, 1);
    const left = [...(before.pools.get('b') ?? []), server('', 'MAINT', 3)];
    expect(nextStep(withPool(before, 'b', left), ALL, false)).toMatchObject({ is: 'move' });
  });

  it('scales up at once where nothing is to drain: the way back of a pair', () => {
    expect(nextStep(scene(2, 4, 0), ALL, false)).toEqual({ is: 'move', kill: [], grow: 6 });
  });

  it('keeps a pair as soon as it is one', () => {
    expect(nextStep(scene(6, 1, 1), PAIR, false)).toEqual({
      is: 'move',
      kill: ['blue.5'],
      grow: 2,
    });
    expect(nextStep(scene(5, 2, 1), PAIR, false)).toMatchObject({ kill: ['blue.4'], grow: null });
    expect(nextStep(scene(4, 2, 0), PAIR, false)).toEqual({ is: 'pair' });
  });

  it('never kills what still gets requests, however late it is', () => {
    const young = app('green', 6, { tasksHealthy: 0 });
    const { old } = scene(6, 6, 0);
    const servers = [
      ...old.tasks.map((task) => server(task)),
      ...young.tasks.map((task) => server(task, 'DOWN')),
    ];
    const sick: Scene = { old, young, pools: new Map([['a', servers]]) };
    expect(nextStep(sick, ALL, true)).toMatchObject({ is: 'wait' });
  });

  describe('back from a version that is no good, before anything of the other side was killed', () => {
    /** Young is the side that is led back to: whole, and all of it in use. */
    function back(status: string, changes: Partial<AppState> = {}, maint = 0): Scene {
      const [old, young] = [app('green', 1, changes), app('blue', 6)];
      const servers = [
        ...young.tasks.map((task, place) => server(task, place < maint ? 'MAINT' : 'UP')),
        ...old.tasks.map((task) => server(task, status)),
      ];
      return { old, young, pools: new Map([['a', servers]]) };
    }

    it('ends it at once where none of it serves, whatever Marathon is doing to it', () => {
      const sick = back('DOWN', { deploying: true, tasksHealthy: 0 });
      expect(nextStep(sick, ALL, false)).toEqual({ is: 'end', kill: ['green.0'] });
    });

    it('ends it when it is late where it serves and nobody drains it', () => {
      const serving = back('UP', {}, 1);
      expect(nextStep(serving, ALL, false)).toMatchObject({ is: 'wait' });
      expect(nextStep(serving, ALL, true)).toEqual({ is: 'end', kill: ['green.0'] });
    });

    it('does not where the side that is led back to is not whole and healthy everywhere', () => {
      const serving = back('UP', {}, 1);
      const young = app('blue', 6, { tasksHealthy: 5 });
      expect(nextStep({ ...serving, young }, ALL, true)).toMatchObject({ is: 'wait' });
      const down = [...(serving.pools.get('a') ?? [])].map((one, place) =>
        place === 3 ? { ...one, status: 'DOWN' } : one,
      );
      expect(nextStep(withPool(serving, 'a', down), ALL, true)).toMatchObject({ is: 'wait' });
    });
  });
});
