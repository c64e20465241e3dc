import { describe, expect, it } from 'vitest';
import { logCutOvers } from '../../src/cli/cut-over-log.ts';
import { SILENT } from '../../src/log/logger.ts';
import type { CutOver } from '../../src/stats/view.ts';

const cutOver = (n: number, from: string | null, to: string | null): CutOver => ({
  ...{ service: `*:${n}`, from, to, atMs: 0, epoch: 2, workers: 2, tookMs: 1 },
  ...{ order: '', by: '', why: '', drain: null, bake: null },
});

function told(cutOvers: readonly CutOver[]): [string, Record<string, unknown>][] {
  const lines: [string, Record<string, unknown>][] = [];
  const info = (fields: object, text: string) => void lines.push([text, { ...fields }]);
  logCutOvers({ ...SILENT, info }, cutOvers);
  return lines;
}

const many = (count: number) => Array.from({ length: count }, (_, n) => cutOver(n, null, '/a'));

describe('cut-overs in the log', () => {
  it('are a line each', () => {
    const all = [...many(60), cutOver(60, '/a', null), cutOver(61, '/a', '/b')];
    expect(told(all)).toEqual(all.map((one) => ['cut-over', one]));
    expect(told([])).toEqual([]);
  });

  it('are one line where services come or go in masses, but each change of hands', () => {
    const swap = cutOver(500, '/a', '/b');
    const lines = told([...many(100), swap, cutOver(501, '/a', null)]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toEqual(['cut-over', swap]);
    expect(lines[1]?.[1]).toMatchObject({ epoch: 2, came: 100, went: 1 });
  });
});
