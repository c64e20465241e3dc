import { describe, expect, it } from 'vitest';
import { findColour, findService } from '../../src/plan/find-service.ts';
import { EMPTY_PLAN, type Plan, type ServiceSpec } from '../../src/plan/plan.ts';
import { colour, service } from '../proxy/plans.ts';

function serviceOf(servicePort: number, ...appIds: string[]): ServiceSpec {
  const colours = appIds.map((appId) => colour(appId, [], servicePort));
  return service(appIds[0] ?? null, colours, { servicePort });
}

function planOf(...services: ServiceSpec[]): Plan {
  return { ...EMPTY_PLAN, services };
}

describe('a colour', () => {
  const rows: [title: string, appIds: string[], name: string, expected: string | undefined][] = [
    ['by its app id', ['/zdd/blue', '/zdd/green'], '/zdd/green', '/zdd/green'],
    ['by its app id without the slash', ['/zdd/blue', '/zdd/green'], 'zdd/green', '/zdd/green'],
    ['by its last segment', ['/zdd/blue', '/zdd/green'], 'green', '/zdd/green'],
    ['by what teal deploy adds to its id', ['/shop-blue', '/shop-green'], 'blue', '/shop-blue'],
    ['by a segment rather than by an ending', ['/a/blue', '/shop-blue'], 'blue', '/a/blue'],
    ['not by an ending that two have', ['/shop-blue', '/web-blue'], 'blue', undefined],
    ['not by a segment that two have', ['/a/blue', '/b/blue', '/c-blue'], 'blue', undefined],
    ['not by nothing', ['/shop-blue', '/shop-green'], '', undefined],
    ['not by another word', ['/shop-blue', '/shop-green'], 'shop', undefined],
  ];

  it.each(rows)('is found %s', (_, appIds, name, expected) => {
    expect(findColour(serviceOf(10_080, ...appIds), name)?.appId).toBe(expected);
  });
});

describe('a service', () => {
  const rows: [title: string, name: string, expected: string][] = [
    ['by the folder of its colours', '/zdd', '*:10080'],
    ['by what the ids of its colours begin with', '/shop', '*:10200'],
    ['by that without the slash', 'shop', '*:10200'],
  ];

  it.each(rows)('is found %s', (_, name, key) => {
    const plan = planOf(
      serviceOf(10_080, '/zdd/blue', '/zdd/green'),
      serviceOf(10_200, '/shop-blue', '/shop-green'),
      serviceOf(10_300, '/lonely-app'),
    );
    expect(findService(plan, name)).toMatchObject({ service: { key } });
  });

  it.each(['', 'lonely', 'sho', '/shop-'])('is not found by %j', (name) => {
    const plan = planOf(
      serviceOf(10_200, '/shop-blue', '/shop-green'),
      serviceOf(10_300, '/lonely-app'),
      serviceOf(10_400, '/a', '/b'),
    );
    expect(findService(plan, name)).toHaveProperty('fault');
  });
});
