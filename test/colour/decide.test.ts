import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim, TaskStanding } from '../../src/catalogue/claim.ts';
import { decide, isReady, serversOf } from '../../src/colour/decide.ts';
import { candidates, claim } from '../plan/claims.ts';

const blue = (changes: Partial<Claim> = {}) =>
  claim('/zdd/blue', {
    instances: 2,
    candidates: candidates('blue', 'healthy', 'healthy'),
    ...changes,
  });
const green = (changes: Partial<Claim> = {}) =>
  claim('/zdd/green', {
    instances: 2,
    lastConfigChangeAtMs: 2_000,
    candidates: candidates('green', 'healthy', 'healthy'),
    ...changes,
  });
const killing = { candidates: candidates('x', 'killing', 'killing') };
const starting = { candidates: candidates('x', 'starting', 'starting') };

describe('which colour is live', () => {
  const rows: readonly [string, readonly Claim[], string | null, string | null][] = [
    ['one colour serves alone', [blue()], null, '/zdd/blue'],
    ['at the first look the newest ready colour is chosen', [blue(), green()], null, '/zdd/green'],
    ['a newer colour takes over once it is ready', [blue(), green()], '/zdd/blue', '/zdd/green'],
    [
      'the live colour stays while the newer one deploys',
      [blue(), green({ deploying: true })],
      '/zdd/blue',
      '/zdd/blue',
    ],
    [
      'the live colour stays while the newer one lacks instances',
      [blue(), green({ instances: 3 })],
      '/zdd/blue',
      '/zdd/blue',
    ],
    [
      'an older colour that becomes ready does not take over',
      [blue(), green()],
      '/zdd/green',
      '/zdd/green',
    ],
    [
      'a colour whose tasks are being killed gives way at once to one with usable servers',
      [blue({ ...killing, instances: 0 }), green({ deploying: true })],
      '/zdd/blue',
      '/zdd/green',
    ],
    [
      'the old colour takes over again when the new one is scaled away',
      [blue(), green({ ...killing, instances: 0 })],
      '/zdd/green',
      '/zdd/blue',
    ],
    [
      'without any usable server the tasks being killed answer on',
      [blue({ ...killing, instances: 0 }), green(starting)],
      '/zdd/blue',
      '/zdd/blue',
    ],
    [
      'with nothing at all nothing is live',
      [blue({ candidates: [] }), green(starting)],
      '/zdd/blue',
      null,
    ],
    [
      'when none is ready the fullest colour serves',
      [blue({ instances: 9 }), green({ instances: 9, candidates: candidates('g', 'healthy') })],
      null,
      '/zdd/blue',
    ],
  ];
  for (const [promise, colours, previous, expected] of rows) {
    it(promise, () => {
      expect(decide(colours, previous).live).toBe(expected);
      expect(decide([...colours].reverse(), previous).live).toBe(expected);
    });
  }

  it('says why, and marks the last resort', () => {
    expect(decide([blue(), green()], '/zdd/blue')).toMatchObject({
      why: 'the newest ready colour',
      lastResort: false,
    });
    expect(decide([blue(killing)], '/zdd/blue')).toMatchObject({ lastResort: true });
  });

  it('calls a colour ready only at rest, with all its instances usable and at least one', () => {
    expect(isReady(blue())).toBe(true);
    expect(isReady(blue({ deploying: true }))).toBe(false);
    expect(isReady(blue({ instances: 3 }))).toBe(false);
    expect(isReady(blue({ instances: 0, candidates: [] }))).toBe(false);
  });
});

describe('for any colours', () => {
  const standings: readonly TaskStanding[] = [
    'healthy',
    'unhealthy',
    'starting',
    'killing',
    'unchecked',
  ];
  const anyClaim = (appId: string) =>
    fc
      .record({
        standings: fc.array(fc.constantFrom(...standings), { maxLength: 4 }),
        instances: fc.integer({ min: 0, max: 4 }),
        changed: fc.integer({ min: 0, max: 3 }),
        deploying: fc.boolean(),
      })
      .map((one) =>
        claim(appId, {
          instances: one.instances,
          deploying: one.deploying,
          lastConfigChangeAtMs: one.changed,
          candidates: candidates(appId, ...one.standings),
        }),
      );
  const any = fc.record({
    colours: fc.tuple(anyClaim('/a'), anyClaim('/b'), anyClaim('/c')),
    previous: fc.constantFrom(null, '/a', '/b', '/c', '/gone'),
  });

  it('a pool with a usable server is chosen whenever there is one, and the choice is stable', () => {
    fc.assert(
      fc.property(any, ({ colours, previous }) => {
        const decision = decide(colours, previous);
        const usable = colours.filter((one) => one.candidates.some((task) => task.usable));
        if (usable.length > 0) expect(usable.map((one) => one.appId)).toContain(decision.live);
        const live = colours.find((one) => one.appId === decision.live);
        if (live !== undefined) expect(serversOf(live, decision.lastResort)).not.toHaveLength(0);
        const again = decide(colours, decision.live);
        expect(again.live).toBe(decision.live);
      }),
    );
  });
});
