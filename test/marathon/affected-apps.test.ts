import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affected, affectedApps } from '../../src/marathon/affected-apps.ts';
import { EVENT_TYPES } from '../../src/marathon/event-types.ts';
import { AppPlaces, mergeApps } from '../../src/marathon/merge-apps.ts';
import type { ReadApps } from '../../src/marathon/read-apps.ts';
import { readApps } from '../../src/marathon/read-apps.ts';
import { WantedApps } from '../../src/marathon/wanted-apps.ts';

const KNOWN = readApps({
  apps: [
    { id: '/a', deployments: [{ id: 'd1' }] },
    { id: '/b' },
    { id: '/c/d', deployments: [{ id: 'd1' }] },
  ],
}).apps;

const step = (...apps: unknown[]) => ({
  plan: { id: 'd2' },
  currentStep: { actions: apps.map((app) => ({ action: 'ScaleApplication', app })) },
});

describe('which apps an event concerns', () => {
  const rows: readonly [string, unknown, Affected][] = [
    ['status_update_event', { appId: '/zdd/blue', taskStatus: 'TASK_KILLING' }, ['/zdd/blue']],
    ['health_status_changed_event', { appId: '/a' }, ['/a']],
    ['unhealthy_task_kill_event', { appId: '/a' }, ['/a']],
    ['unhealthy_instance_kill_event', { appId: '/a' }, ['/a']],
    ['instance_changed_event', { runSpecId: '/a' }, ['/a']],
    ['instance_health_changed_event', { runSpecId: '/a' }, ['/a']],
    ['api_post_event', { appDefinition: { id: '/new' } }, ['/new']],
    ['app_terminated_event', { appId: '/a' }, 'all'],
    ['group_change_success', { groupId: '/' }, 'all'],
    ['event_stream_attached', {}, 'all'],
    ['deployment_info', step('/x', '/y', '/x'), ['/x', '/y']],
    ['deployment_step_success', step(undefined, '/x'), ['/x']],
    ['deployment_step_success', step('no id'), 'all'],
    ['deployment_success', { id: 'd1', plan: { id: 'd1' } }, ['/a', '/c/d']],
    ['deployment_failed', { id: 'd9', plan: { id: 'd9' } }, []],
    ['deployment_success', { id: 'd1' }, 'all'],
    ['status_update_event', null, 'all'],
    ['status_update_event', 'text', 'all'],
    ['status_update_event', { appId: 7 }, 'all'],
    ['status_update_event', { appId: '' }, 'all'],
    ['status_update_event', { appId: 'relative' }, 'all'],
    ['status_update_event', { appId: '/a/../../v2/info' }, 'all'],
    ['status_update_event', { appId: '/..' }, 'all'],
    ['status_update_event', { appId: '/a?embed=x' }, 'all'],
    ['status_update_event', { appId: '/a b' }, 'all'],
    ['status_update_event', { appId: `/${'a'.repeat(2_000)}` }, 'all'],
  ];
  it.each(rows)('%s %j → %j', (type, event, affected) => {
    expect(affectedApps(type, event, KNOWN)).toEqual(affected);
  });

  it.each(EVENT_TYPES)('%s without sense concerns all, and throws nothing', (type) => {
    for (const nonsense of [
      null,
      undefined,
      1,
      [],
      { appId: {} },
      { plan: 1 },
      { currentStep: [] },
    ]) {
      expect(affectedApps(type, nonsense, KNOWN)).toBe('all');
    }
  });
});

describe('what the next look reads', () => {
  it('is everything at first, then what events told of, once', () => {
    const wanted = new WantedApps();
    expect(wanted.take(0)).toBe('all');
    expect(wanted.none).toBe(true);
    wanted.add(['/a', '/b']);
    wanted.add(['/a']);
    expect(wanted.none).toBe(false);
    expect(wanted.take(1_000)).toEqual(['/a', '/b']);
    expect(wanted.take(1_000)).toEqual([]);
  });

  it('is everything when many apps, or most of a small list, have changed', () => {
    const wanted = new WantedApps();
    wanted.all();
    wanted.take(0);
    wanted.add(['/a', '/b', '/c', '/d', '/e']);
    expect(wanted.take(1_000)).toBe('all');
    wanted.add(['/a']);
    expect(wanted.take(7)).toBe('all');
    wanted.add(['/a']);
    expect(wanted.take(8)).toEqual(['/a']);
    wanted.add('all');
    wanted.add(['/a']);
    expect(wanted.take(1_000)).toBe('all');
  });
});

describe('one app put into the last list', () => {
  const list = readApps({ apps: [{ id: '/a' }, { id: '/b' }, { id: '/c', tasks: [{ id: 't' }] }] });
  const one = (...apps: object[]): ReadApps => readApps({ apps });

  it('takes the place it had, and the others are the same objects', () => {
    const merged = mergeApps(list, new Map([['/b', one({ id: '/b', instances: 7 })]]));
    expect(merged.apps.map(({ id, instances }) => [id, instances])).toEqual([
      ['/a', 1],
      ['/b', 7],
      ['/c', 1],
    ]);
    expect([merged.apps[0], merged.apps[2]]).toEqual([list.apps[0], list.apps[2]]);
    expect(merged.apps[0]).toBe(list.apps[0]);
    expect(merged.problems).toEqual(list.problems);
  });

  it('that is new comes last; one that cannot be read is left out with its problem', () => {
    const merged = mergeApps(
      list,
      new Map([
        ['/d', one({ id: '/d' })],
        ['/a', one({ id: '/a', instances: 'x' })],
      ]),
    );
    expect(merged.apps.map(({ id }) => id)).toEqual(['/b', '/c', '/d']);
    expect(merged.problems.map(({ app, where }) => [app, where])).toEqual([
      ['/c', '/tasks/0'],
      ['/a', '/instances'],
    ]);
  });

  it('is put where it belongs, list after list', () => {
    const id = fc.constantFrom('/a', '/b', '/c', '/d', '/e');
    const answers = fc.array(fc.tuple(id, fc.boolean()), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(answers, { maxLength: 8 }), (looks) => {
        const places = new AppPlaces();
        let known: ReadApps = list;
        for (const look of looks) {
          const read = look.map(([app, isSound]): [string, ReadApps] => [
            app,
            one({ id: app, instances: isSound ? 3 : 'x' }),
          ]);
          const merged = mergeApps(known, new Map(read), places);
          expect(merged).toEqual(mergeApps(known, new Map(read)));
          expect(new Set(merged.apps.map((app) => app.id)).size).toBe(merged.apps.length);
          // Now and then it is held back.
          if (look.length < 3) known = merged;
        }
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  it('that is well again loses its problems', () => {
    expect(list.problems).toHaveLength(1);
    expect(mergeApps(list, new Map([['/c', one({ id: '/c' })]])).problems).toEqual([]);
  });
});
