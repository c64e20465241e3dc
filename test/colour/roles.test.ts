import { describe, expect, it } from 'vitest';
import { byAge, rolesOf } from '../../src/colour/roles.ts';
import { side, UNLABELLED } from './deployments.ts';

/** Who is the new one: marathon-lb.md §4.8. */
const ROWS = [
  // title, blue's (instances, scaled at), green's (instances, made at, scaled at), target, new
  ['a deploy begins', [6, 1_000], [1, 2_000, 2_000], 'green'],
  ['it goes on', [3, 2_500], [3, 2_000, 2_400], 'blue'],
  ['new ones are added', [3, 2_500], [4, 2_000, 2_600], 'green'],
  ['it is complete, the old side scaled down last', [2, 9_000], [6, 2_000, 8_000], 'green'],
  ['it is complete, the old side is empty', [0, 9_000], [6, 2_000, 8_000], 'green'],
  ['half way back: the old side scaled up again', [6, 9_000], [3, 2_000, 8_000], 'blue'],
  ['back, and the new side scaled down', [6, 9_000], [2, 2_000, 9_500], 'blue'],
  ['an old side that was complete before', [6, 1_500], [6, 2_000, 2_000], 'green'],
] as const;

describe('the roles of two sides', () => {
  it.each(ROWS)('%s', (_title, [blue, blueScaledAt], [green, madeAt, greenScaledAt], expected) => {
    const roles = rolesOf(
      side('blue', { instances: blue, scaledAt: blueScaledAt }),
      side('green', { instances: green, configuredAt: madeAt, scaledAt: greenScaledAt }),
    );
    expect(roles?.new.appId).toBe(`/nginx-${expected}`);
    expect(roles?.target).toBe(6);
  });

  it('the target is that of the side that is new, else that of the other', () => {
    const old = { targetInstances: 3 };
    const back = { instances: 3, scaledAt: 9_000 };
    const green = side('green', { instances: 2 });
    expect(rolesOf(side('blue', { ...back, deployment: old }), green)?.target).toBe(3);
    expect(rolesOf(side('blue', { instances: 1, deployment: old }), side('green'))?.target).toBe(6);
    const byHand = side('blue', { instances: 6, scaledAt: 9_000, deployment: UNLABELLED });
    expect(rolesOf(byHand, green)).toMatchObject({ new: byHand, target: 6 });
  });

  it('there are none when the younger side is not deployed by instances', () => {
    expect(rolesOf(side('blue'), side('green', { deployment: UNLABELLED }))).toBeNull();
    const canary = side('green', { deployment: { newInstances: null } });
    expect(rolesOf(side('blue'), canary)).toBeNull();
  });

  it('age goes by STARTED_AT, then by the time of the definition, then by app id', () => {
    const at = (startedAtMs: number, configuredAt: number, appId: string) =>
      side('blue', { deployment: { startedAtMs }, configuredAt, claim: { appId } });
    const sorted = [
      at(Number.NEGATIVE_INFINITY, 9, '/z'),
      at(1, 5, '/y'),
      at(1, 6, '/a'),
      at(1, 6, '/b'),
      at(2, 1, '/x'),
    ];
    expect([...sorted].reverse().sort(byAge)).toEqual(sorted);
  });
});
