import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarathonApp } from '../../src/marathon/app.ts';
import { keepEqualApps } from '../../src/marathon/kept-apps.ts';
import { app, task } from '../catalogue/apps.ts';

const copyOf = (one: MarathonApp): MarathonApp => structuredClone(one);

describe('apps that did not change', () => {
  it('are the same objects as before, in the order of now', () => {
    const before = [app({ id: '/a' }), app({ id: '/b' }), app({ id: '/gone' })];
    const [a, b] = before as [MarathonApp, MarathonApp, MarathonApp];
    const changed = { ...b, instances: 7 };
    const fresh = app({ id: '/new' });
    const kept = keepEqualApps(before, [fresh, changed, copyOf(a)]);
    expect(kept.map((one) => one.id)).toEqual(['/new', '/b', '/a']);
    expect(kept[0]).toBe(fresh);
    expect(kept[1]).toBe(changed);
    expect(kept[2]).toBe(a);
  });

  it.each<[string, Partial<MarathonApp>]>([
    ['a label more', { labels: { HAPROXY_GROUP: 'external', X: '1' } }],
    ['a label less', { labels: {} }],
    ['a task more', { tasks: [task('zdd_blue.1'), task('zdd_blue.2')] }],
    ['no task', { tasks: [] }],
    ['a verdict', { tasks: [task('zdd_blue.1', { alive: [false] })] }],
    ['no verdicts', { tasks: [task('zdd_blue.1', { alive: null })] }],
    ['an empty list of verdicts', { tasks: [task('zdd_blue.1', { alive: [] })] }],
    ['another state', { tasks: [task('zdd_blue.1', { state: 'TASK_KILLING' })] }],
    ['a deployment', { deployments: ['d'] }],
  ])('%s is a change', (_title, changes) => {
    const changed = app(changes);
    expect(keepEqualApps([app()], [changed])[0]).toBe(changed);
  });

  it('are told from others as node:util tells them', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, false, 0, 1, '', 'a'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', '0', '__proto__'), tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, value, (one, other) => {
        const before = { ...app(), labels: { one } } as unknown as MarathonApp;
        const after = { ...app(), labels: { one: other } } as unknown as MarathonApp;
        const isKept = keepEqualApps([before], [after])[0] === before;
        expect(isKept).toBe(
          isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))),
        );
      }),
      { numRuns: 2_000, seed: 5 },
    );
  });
});
