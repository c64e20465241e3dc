import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { CatalogueCache } from '../../src/catalogue/catalogue-cache.ts';
import type { CatalogueOptions } from '../../src/catalogue/catalogue-options.ts';
import { type AppChecks, CheckMemory } from '../../src/catalogue/check-history.ts';
import type { MarathonApp, MarathonTask } from '../../src/marathon/app.ts';
import { app, HTTP_CHECK, OPTIONS, task } from './apps.ts';

const ALL: CatalogueOptions = {
  ...OPTIONS,
  groups: ['*'],
  autoServicePorts: { min: 10_000, max: 10_001 },
};

/** What is to be remembered, worked out of all lists each time. */
function rememberedOf(lists: readonly (readonly MarathonApp[])[]): ReadonlyMap<string, unknown> {
  return lists.reduce<ReadonlyMap<string, AppChecks>>(
    (before, list) =>
      new Map(
        list.map(({ id, version, healthChecks, tasks }) => {
          const known = before.get(id);
          const versions = [version, ...tasks.map((one) => one.version ?? version)];
          const checksOf = (one: string) =>
            one === version ? healthChecks : known?.versions.get(one);
          const verdictsOf = (one: MarathonTask) => one.alive ?? known?.verdicts.get(one.id);
          return [
            id,
            {
              versions: new Map(withValues(versions.map((one) => [one, checksOf(one)]))),
              verdicts: new Map(withValues(tasks.map((one) => [one.id, verdictsOf(one)]))),
            },
          ];
        }),
      ),
    new Map(),
  );
}

function withValues<K, V>(pairs: readonly (readonly [K, V | undefined])[]): (readonly [K, V])[] {
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

describe('a catalogue made with what is known of the last one', () => {
  it('has the same claims for apps that are the same objects', () => {
    const cache = new CatalogueCache();
    const apps = [app({ id: '/a' }), app({ id: '/b' })];
    const first = makeCatalogue(apps, ALL, cache).claims;
    const second = makeCatalogue([...apps].reverse(), { ...ALL }, cache).claims;
    expect(second.every((one, place) => one === first[place])).toBe(true);
    const third = makeCatalogue([apps[0] as MarathonApp, app({ id: '/b' })], ALL, cache).claims;
    expect(third[0]).toBe(first[0]);
    expect(third[1]).not.toBe(first[1]);
  });

  it('makes anew what is on a host with another address, and nothing else', () => {
    const cache = new CatalogueCache();
    const apps = ['h1', 'h2'].map((host) => app({ id: `/${host}`, tasks: [task('t', { host })] }));
    const look = (...addresses: [string, string][]) =>
      makeCatalogue(apps, { ...ALL, addresses: new Map(addresses) }, cache).claims;
    const first = look(['h1', '10.0.0.1'], ['h2', '10.0.0.2']);
    const equal = look(['h1', '10.0.0.1'], ['h2', '10.0.0.2']);
    expect(equal.every((one, place) => one === first[place])).toBe(true);
    const moved = look(['h1', '10.0.0.1'], ['h2', '10.0.0.9']);
    expect(moved[0]).toBe(first[0]);
    expect(moved[1]?.candidates[0]?.address).toBe('10.0.0.9');
    expect(look(['h2', '10.0.0.9'])[0]?.candidates[0]?.usable).toBe(false);
  });

  const anyTask = fc.record({
    host: fc.constantFrom('h1', 'h2', '10.0.0.7'),
    state: fc.constantFrom('TASK_RUNNING', 'TASK_KILLING', 'TASK_UNREACHABLE'),
    alive: fc.constantFrom(null, [], [true], [false]),
    version: fc.constantFrom('v1', 'v2', null),
    containerAddress: fc.constantFrom(null, '10.9.0.1'),
  });
  const anyApp = fc
    .record({
      id: fc.constantFrom('/a', '/b', '/c', '/lb'),
      version: fc.constantFrom('v1', 'v2'),
      networking: fc.constantFrom('host' as const, 'container' as const),
      servicePorts: fc.constantFrom([], [10_000], [10_000, 10_001]),
      containerPorts: fc.constantFrom([], [80], [80, 81]),
      healthChecks: fc.constantFrom([], [HTTP_CHECK]),
      labels: fc.constantFrom({}, { HAPROXY_0_VHOST: 'http://x' }, { HAPROXY_0_MODE: 'odd' }),
      tasks: fc.array(anyTask, { maxLength: 3 }),
    })
    .map(({ tasks, ...changes }) =>
      app({ ...changes, tasks: tasks.map((one, n) => task(`${changes.id}.${n}`, one)) }),
    );
  const anyLook = fc.record({
    apps: fc.array(anyApp, { maxLength: 4 }),
    addresses: fc.constantFrom<[string, string][]>(
      [],
      [['h1', '10.0.0.1']],
      [
        ['h1', '10.0.0.1'],
        ['h2', '10.0.0.2'],
      ],
      [['h1', '10.0.0.3']],
    ),
    keep: fc.boolean(),
  });

  it('equals the one made without, after any changes', () => {
    fc.assert(
      fc.property(fc.array(anyLook, { minLength: 1, maxLength: 8 }), (looks) => {
        const cache = new CatalogueCache();
        let apps = new Map<string, MarathonApp>();
        const memory = new CheckMemory();
        const lists: (readonly MarathonApp[])[] = [];
        for (const look of looks) {
          apps = new Map([
            ...(look.keep ? apps : []),
            ...look.apps.map((one): [string, MarathonApp] => [one.id, one]),
          ]);
          const list = [...apps.values()];
          memory.take(list);
          const checkHistory = memory.history;
          lists.push(list);
          expect(checkHistory).toEqual(rememberedOf(lists));
          const addresses = new Map(look.addresses);
          const options = { ...ALL, addresses, checkHistory, ownAppName: 'lb' };
          expect(makeCatalogue(list, options, cache)).toEqual(makeCatalogue(list, options));
        }
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});
