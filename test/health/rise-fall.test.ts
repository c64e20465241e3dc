import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckStatus, Outcome } from '../../src/health/outcome.ts';
import { afterOutcome, type CheckState, newState } from '../../src/health/rise-fall.ts';

const MEANING: Readonly<Record<string, CheckStatus>> = {
  '+': 'L7OK',
  '-': 'L4CON',
  '.': 'SOCKERR',
};

function outcome(sign: string): Outcome {
  return { status: MEANING[sign] as CheckStatus, code: 0, durationMs: 1, text: '' };
}

/** The states after each sign, one second apart from second 1 on. */
function run(signs: string, rise = 2, fall = 4): CheckState[] {
  let state = newState({ rise, fall }, 0);
  return [...signs].map((sign, place) => {
    state = afterOutcome(state, outcome(sign), (place + 1) * 1_000);
    return state;
  });
}

const ups = (states: readonly CheckState[]): string =>
  states.map((state) => (state.up ? 'U' : 'D')).join('');

describe('a server judged by its checks', () => {
  it('is up before the first of them', () => {
    expect(newState({ rise: 2, fall: 4 }, 7)).toMatchObject({
      up: true,
      status: 'INI',
      checkedAtMs: 0,
      sinceMs: 7,
    });
  });

  it.each([
    // rise, fall, outcomes, up or down after each
    [2, 4, '-', 'D'],
    [2, 4, '+---', 'UUUU'],
    [2, 4, '+----', 'UUUUD'],
    [2, 4, '+---+---', 'UUUUUUUU'],
    [2, 4, '-++', 'DDU'],
    [2, 4, '-+-++', 'DDDDU'],
    [2, 4, '-++----', 'DDUUUUD'],
    [2, 1, '+-', 'UD'],
    [1, 1, '-+-+', 'DUDU'],
    [3, 2, '+--+++', 'UUDDDU'],
    [2, 4, '.', 'U'],
    [2, 4, '+---.-', 'UUUUUD'],
    [2, 4, '-.+.+', 'DDDDU'],
    [2, 4, '..-', 'UUD'],
  ])('rise %i, fall %i: %s makes %s', (rise, fall, signs, expected) => {
    expect(ups(run(signs, rise, fall))).toBe(expected);
  });

  it('counts its failures while up, its falls and its time down', () => {
    expect(run('+----+-++--').at(-1)).toMatchObject({
      up: true,
      failures: 6,
      downs: 1,
      sinceMs: 9_000,
      downtimeMs: 4_000,
      health: 3,
      checkedAtMs: 11_000,
    });
  });

  it('has a health from 0 to rise + fall - 1 that says whether it is up, whatever comes', () => {
    const signs = fc.array(fc.constantFrom('+', '-', '.'), { maxLength: 60 });
    const counts = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(signs, counts, counts, (list, rise, fall) => {
        let downs = 0;
        let up = true;
        for (const state of run(list.join(''), rise, fall)) {
          expect(state.health).toBeGreaterThanOrEqual(0);
          expect(state.health).toBeLessThan(rise + fall);
          expect(state.up).toBe(state.health >= rise);
          if (up && !state.up) downs += 1;
          up = state.up;
          expect(state.downs).toBe(downs);
        }
      }),
      { numRuns: 200, seed: 20_261_124 },
    );
  });
});
