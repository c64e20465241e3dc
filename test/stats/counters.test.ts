import { describe, expect, it } from 'vitest';
import { COUNTER_FIELDS, Counters, fromRow, toRow } from '../../src/stats/counters.ts';
import { RowSum } from '../../src/stats/row-sum.ts';

describe('a row on the wire', () => {
  it('ends with its last number that is not 0, and is whole again at home', () => {
    expect(toRow(new Counters())).toEqual([]);
    COUNTER_FIELDS.forEach((field, place) => {
      const counters = Object.assign(new Counters(), { [field]: 7 });
      const row = toRow(counters);
      expect(row).toHaveLength(place + 1);
      expect(fromRow(row)).toEqual(counters);
    });
  });

  it('adds up whether it is long, short or empty', () => {
    const sum = new RowSum();
    const rowOf = (requests: number, cuts: number) =>
      toRow(Object.assign(new Counters(), { requests, cuts }));
    sum.put(1, []);
    sum.put(2, []);
    sum.tick(1);
    expect(sum.merged()).toEqual({ ...new RowSum().merged() });
    sum.put(1, rowOf(5, 2));
    sum.put(2, rowOf(3, 0));
    expect(sum.merged().counters).toMatchObject({ requests: 8, cuts: 2 });
    // It forgot the row and began anew.
    sum.put(1, []);
    sum.put(1, rowOf(1, 0));
    expect(sum.merged().counters).toMatchObject({ requests: 9, cuts: 2 });
    expect(new RowSum().merged().counters).toEqual(new Counters());
  });
});
