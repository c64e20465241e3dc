import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Counted } from '../../src/catalogue/counted.ts';
import { listChanges } from '../../src/catalogue/list-changes.ts';

interface Thing {
  readonly name: number;
}

const POOL: readonly Thing[] = Array.from({ length: 12 }, (_, name) => ({ name }));
/** Mostly in their order, as lists of a cluster are; now and then not. */
const anyList = fc
  .tuple(fc.subarray([...POOL]), fc.integer({ min: 0, max: 3 }))
  .chain(([things, shuffled]) =>
    shuffled === 0 ? fc.shuffledSubarray(things) : fc.constant(things),
  );

describe('what changed between two lists', () => {
  it('is what is not in the other, each in the order of its list', () => {
    fc.assert(
      fc.property(anyList, anyList, (before, after) => {
        const { removed, added } = listChanges(before, after);
        expect(removed).toEqual(before.filter((one) => !after.includes(one)));
        expect(added).toEqual(after.filter((one) => !before.includes(one)));
      }),
      { numRuns: 2_000, seed: 5 },
    );
  });

  it('is the same for long lists, whoever asks and how often', () => {
    const things = Array.from({ length: 1_000 }, (_, name) => ({ name }));
    const lists = Array.from({ length: 12 }, (_, n) =>
      things.filter(({ name }) => name % 97 !== n && name < 990 + n),
    );
    const anyPair = fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 11 }));
    fc.assert(
      fc.property(fc.array(anyPair, { maxLength: 20 }), (pairs) => {
        for (const [from, to] of pairs) {
          const [before, after] = [lists[from] ?? [], lists[to] ?? []];
          const { removed, added } = listChanges(before, after);
          expect(removed).toEqual(before.filter((one) => !after.includes(one)));
          expect(added).toEqual(after.filter((one) => !before.includes(one)));
        }
      }),
      { numRuns: 10, seed: 7 },
    );
  });

  it('tells equal objects apart', () => {
    const [old, fresh] = [{ name: 1 }, { name: 1 }];
    expect(listChanges([old], [fresh])).toEqual({ removed: [old], added: [fresh] });
    expect(listChanges([old], [fresh]).added[0]).toBe(fresh);
  });

  it('is enough to count by', () => {
    fc.assert(
      fc.property(fc.array(anyList, { maxLength: 6 }), (lists) => {
        const counted = new Counted<Thing>(({ name }) => name % 3 === 0);
        for (const list of lists) {
          expect(counted.in(list)).toBe(list.filter(({ name }) => name % 3 === 0).length);
        }
      }),
      { numRuns: 500, seed: 6 },
    );
  });
});
