import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule, type Scheduled } from '../../src/health/schedule.ts';
import { firstDelayMs, fractionOf, nextDelayMs } from '../../src/health/timing.ts';

const identities = Array.from(
  { length: 2_000 },
  (_, number) => `pool_80/task.${number} 10.0.0.1:80`,
);

describe('the times of probes', () => {
  it('are the same for the same server on every run', () => {
    expect(fractionOf('a')).toBe(fractionOf('a'));
    expect(fractionOf('a')).not.toBe(fractionOf('b'));
  });

  it('of many newcomers are spread over their interval, no tenth of it twice as full as even', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const identity of identities) {
      const delayMs = firstDelayMs(fractionOf(identity), identities.length, 10_000);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(10_000);
      const tenth = Math.floor(delayMs / 1_000);
      tenths[tenth] = (tenths[tenth] as number) + 1;
    }
    expect(Math.max(...tenths)).toBeLessThan(400);
    expect(Math.min(...tenths)).toBeGreaterThan(100);
  });

  it('of a newcomer alone is at once, of a hundred within a second', () => {
    expect(firstDelayMs(0.99, 1, 60_000)).toBe(0);
    expect(firstDelayMs(0.999, 100, 60_000)).toBeLessThan(1_000);
  });

  const patient = { intervalMs: 60_000, fall: 4 };
  const eager = { intervalMs: 1_000, fall: 4 };
  it.each([
    [patient, 'steady', 57_000, 63_000],
    [patient, 'down', 4_750, 5_250],
    [patient, 'rising', 1_000, 1_000],
    [patient, 'suspect', 200, 200],
    [{ intervalMs: 60_000, fall: 1_000 }, 'suspect', 20, 20],
    [eager, 'steady', 950, 1_050],
    [eager, 'down', 950, 1_050],
    [eager, 'rising', 1_000, 1_000],
    [{ intervalMs: 100, fall: 1 }, 'suspect', 100, 100],
  ] as const)('%j at pace %s are %i to %i ms apart', (spec, pace, least, most) => {
    expect(nextDelayMs(spec, pace, 0)).toBeCloseTo(least, 6);
    expect(nextDelayMs(spec, pace, 1)).toBeCloseTo(most, 6);
  });
});

describe('the schedule', () => {
  interface Item extends Scheduled {
    readonly name: number;
  }
  const items = (count: number): Item[] =>
    Array.from({ length: count }, (_, name) => ({ name, dueTick: 0, place: -1 }));

  it('gives what is put into it by due time, moved and removed as told', () => {
    const actions = fc.array(
      fc.record({
        item: fc.nat(19),
        dueTick: fc.option(fc.nat(50), { nil: null }),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(actions, (list) => {
        const all = items(20);
        const schedule = new Schedule<Item>();
        const expected = new Map<number, number>();
        for (const { item, dueTick } of list) {
          if (dueTick === null) {
            schedule.remove(all[item] as Item);
            expected.delete(item);
          } else {
            schedule.put(all[item] as Item, dueTick);
            expected.set(item, dueTick);
          }
        }
        expect(schedule.size).toBe(expected.size);
        const taken: number[] = [];
        for (let next = schedule.first; next !== undefined; next = schedule.first) {
          expect(next.dueTick).toBe(expected.get(next.name));
          taken.push(next.dueTick);
          schedule.remove(next);
        }
        expect(taken).toEqual([...expected.values()].sort((a, b) => a - b));
      }),
      { numRuns: 300, seed: 20_261_124 },
    );
  });

  it('leaves alone what is not in it', () => {
    const [one] = items(1) as [Item];
    const schedule = new Schedule<Item>();
    schedule.remove(one);
    schedule.put(one, 1);
    schedule.put(one, 2);
    expect(schedule.size).toBe(1);
    expect(schedule.first?.dueTick).toBe(2);
  });
});
