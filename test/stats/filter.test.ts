import { describe, expect, it } from 'vitest';
import {
  EVERYTHING,
  hasPiece,
  readFilter,
  STATS_PREFIX,
  writeUri,
} from '../../src/stats/filter.ts';

describe('the pieces of a stats URI', () => {
  it.each([
    ['', {}],
    [';up', { up: true }],
    [';no-maint;up', { up: true, noMaint: true }],
    [';norefresh;scope=blue;up', { up: true, norefresh: true, scope: 'blue' }],
    ['?scope=blue', { scope: 'blue' }],
    ['&scope=a.b:c-d_e;csv', { scope: 'a.b:c-d_e' }],
    [';csv;nonsense;;=', {}],
    ['=&up=1&scope=green', { up: true, scope: 'green' }],
    [';scope=abcdefghijklmnopqrstuvwxyz', { scope: 'abcdefghijklmnopqrst' }],
    [';scope=blue green', { scope: 'blue' }],
    [';scope=%62lue', { scope: '' }],
    [';scope=<script>', { scope: '' }],
    [';scope=', { scope: '' }],
    [';UP', {}],
  ])('%j', (pieces, expected) => {
    expect(readFilter(pieces)).toEqual({ ...EVERYTHING, ...expected });
  });

  it('are found anywhere, in any order', () => {
    expect(hasPiece(';up;csv', 'csv')).toBe(true);
    expect(hasPiece(';up;no-maint', 'csv')).toBe(false);
  });

  it('are written so that they are read back', () => {
    const filter = { up: true, noMaint: true, scope: 'blue', norefresh: true };
    const uri = writeUri(filter, 'csv');
    expect(uri).toBe('/haproxy?stats;csv;up;no-maint;norefresh;scope=blue');
    expect(readFilter(uri.slice(STATS_PREFIX.length))).toEqual(filter);
    expect(writeUri(EVERYTHING)).toBe(STATS_PREFIX);
  });
});
