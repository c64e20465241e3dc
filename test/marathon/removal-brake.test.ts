import { describe, expect, it } from 'vitest';
import type { MarathonApp } from '../../src/marathon/app.ts';
import { readApps } from '../../src/marathon/read-apps.ts';
import { RemovalBrake } from '../../src/marathon/removal-brake.ts';

const CONFIRM_MS = 1_000;
const EMPTY_MS = 10_000;

const brake = (maxShare = 0.5) =>
  new RemovalBrake({ maxShare, confirmMs: CONFIRM_MS, emptyMs: EMPTY_MS });

interface Shape {
  readonly id: string;
  readonly tasks: number;
  readonly instances?: number;
  readonly state?: string;
}

function list(...shapes: readonly Shape[]): readonly MarathonApp[] {
  return readApps({
    apps: shapes.map(({ id, tasks, instances = tasks, state = 'TASK_RUNNING' }) => ({
      id,
      instances,
      tasks: Array.from({ length: tasks }, (_, n) => ({
        id: `${id}.${n}`,
        host: '10.0.0.1',
        state,
      })),
    })),
  }).apps;
}

const FULL = list({ id: '/a', tasks: 60 }, { id: '/b', tasks: 40 });

describe('the brake on mass removal', () => {
  it('holds an empty list back until it has stayed empty for the whole time', () => {
    const one = brake();
    expect(one.accepts([], [], 0)).toBe(true);
    expect(one.accepts([], FULL, 10)).toBe(true);
    expect(one.accepts(FULL, [], 100)).toBe(false);
    expect([one.held, one.untilMs]).toEqual([true, 100 + EMPTY_MS]);
    expect(one.accepts(FULL, [], 99 + EMPTY_MS)).toBe(false);
    expect(one.accepts(FULL, FULL, 99 + EMPTY_MS)).toBe(true);
    expect([one.held, one.untilMs]).toEqual([false, 0]);
    expect(one.accepts(FULL, [], 20_000)).toBe(false);
    expect(one.accepts(FULL, [], 20_000 + EMPTY_MS)).toBe(true);
    expect(one.held).toBe(false);
  });

  it('holds a list that lost most of its tasks, and believes it after a second look', () => {
    const one = brake();
    const less = list({ id: '/b', tasks: 40 });
    expect(one.accepts(FULL, less, 0)).toBe(false);
    expect(one.loss).toEqual({ lost: 60, of: 100 });
    expect(one.accepts(FULL, less, CONFIRM_MS - 1)).toBe(false);
    expect(one.accepts(FULL, less, CONFIRM_MS)).toBe(true);
    expect(one.held).toBe(false);
  });

  it('counts tasks that vanish though their app still wants them', () => {
    const one = brake();
    expect(
      one.accepts(FULL, list({ id: '/a', tasks: 9, instances: 60 }, { id: '/b', tasks: 40 }), 0),
    ).toBe(false);
    expect(one.loss).toEqual({ lost: 51, of: 100 });
  });

  const believed: readonly [string, readonly MarathonApp[], readonly MarathonApp[]][] = [
    [
      'exactly the share',
      list({ id: '/a', tasks: 50 }, { id: '/b', tasks: 50 }),
      list({ id: '/b', tasks: 50 }),
    ],
    ['an app scaled down', FULL, list({ id: '/a', tasks: 0 }, { id: '/b', tasks: 40 })],
    [
      'tasks being killed',
      FULL,
      list({ id: '/a', tasks: 60, state: 'TASK_KILLING' }, { id: '/b', tasks: 40 }),
    ],
    [
      'the end of tasks that were killed before',
      list({ id: '/a', tasks: 60, state: 'TASK_KILLING' }, { id: '/b', tasks: 4 }),
      list({ id: '/b', tasks: 4 }),
    ],
    [
      'a small cluster',
      list({ id: '/a', tasks: 9 }, { id: '/b', tasks: 0 }),
      list({ id: '/b', tasks: 0 }),
    ],
    ['more than before', list({ id: '/b', tasks: 4 }), FULL],
  ];
  it.each(believed)('believes at once: %s', (_title, before, after) => {
    const one = brake();
    expect(one.accepts(before, after, 0)).toBe(true);
    expect(one.held).toBe(false);
  });

  it('never holds for a share of all', () => {
    expect(brake(1).accepts(FULL, list({ id: '/c', tasks: 0 }), 0)).toBe(true);
  });
});
