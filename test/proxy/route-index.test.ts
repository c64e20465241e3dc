import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteIndex, type RouteKey } from '../../src/proxy/route-index.ts';

/** The order as the contract has it, written down once more and slowly. */
function slowly(routes: readonly RouteKey[], host: string, target: string): RouteKey | null {
  const path = target.startsWith('/') ? (target.split('?')[0] as string) : null;
  const nearness = (pattern: string): number => {
    if (pattern === host) return Number.POSITIVE_INFINITY;
    return pattern.startsWith('*.') && host.endsWith(pattern.slice(1)) ? pattern.length : -1;
  };
  const found = routes.flatMap((route) => {
    const near = route.hosts.length === 0 ? 0 : Math.max(...route.hosts.map(nearness));
    const fold = (text: string) => (route.pathsIgnoreCase ? text.toLowerCase() : text);
    const fits =
      route.paths.length === 0 ||
      (path !== null && route.paths.some((prefix) => fold(path).startsWith(fold(prefix))));
    return near >= 0 && fits ? [{ route, near }] : [];
  });
  found.sort(
    (a, b) =>
      b.route.weight - a.route.weight ||
      (a.near === b.near ? 0 : b.near > a.near ? 1 : -1) ||
      (a.route.appId < b.route.appId ? -1 : 1),
  );
  return found[0]?.route ?? null;
}

const host = fc
  .array(fc.constantFrom('a', 'b', 'www'), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'));
const pattern = fc.oneof(
  host,
  host.map((name) => `*.${name}`),
);
const path = fc
  .array(fc.constantFrom('x', 'Y', '/', 'xy'), { maxLength: 4 })
  .map((parts) => `/${parts.join('')}`);
const routes = fc
  .array(
    fc.record({
      hosts: fc.array(pattern, { maxLength: 3 }),
      paths: fc.array(path, { maxLength: 2 }),
      pathsIgnoreCase: fc.boolean(),
      weight: fc.integer({ min: -1, max: 2 }),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map((one, i) => ({ ...one, appId: `/app${String(i).padStart(2, '0')}`, servicePort: i })),
  );

describe('the index of routes', () => {
  it('finds the route that the order of the contract has first', () => {
    const target = fc.oneof(
      fc.tuple(path, fc.constantFrom('', '?', '?/x')).map((parts) => parts.join('')),
      fc.constant('*'),
    );
    fc.assert(
      fc.property(routes, host, target, (list, name, wanted) => {
        expect(new RouteIndex(list).find(name, wanted)).toBe(slowly(list, name, wanted));
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  it('is not walked for hosts that are not asked for', () => {
    const list = Array.from({ length: 50_000 }, (_, i) => ({
      hosts: [`h${i}.test`],
      paths: [],
      pathsIgnoreCase: false,
      weight: 0,
      appId: `/app${i}`,
      servicePort: i,
    }));
    const index = new RouteIndex(list);
    const startMs = performance.now();
    for (let i = 0; i < 200_000; i += 1) index.find('h49999.test', '/');
    // A walk of all would take minutes.
    expect(performance.now() - startMs).toBeLessThan(8_000);
    expect(index.find('h49999.test', '/')?.appId).toBe('/app49999');
    expect(index.find('h50000.test', '/')).toBeNull();
  });
});
