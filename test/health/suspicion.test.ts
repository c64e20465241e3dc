import { describe, expect, it } from 'vitest';
import { Suspicion } from '../../src/health/suspicion.ts';

describe('whom traffic makes suspect', () => {
  it('is who failed since the last look, and nobody twice for the same failure', () => {
    const suspicion = new Suspicion();
    expect(
      suspicion.look([
        { key: 'a', failures: 0 },
        { key: 'b', failures: 2 },
      ]),
    ).toEqual(['b']);
    expect(
      suspicion.look([
        { key: 'a', failures: 1 },
        { key: 'b', failures: 2 },
      ]),
    ).toEqual(['a']);
    expect(suspicion.look([{ key: 'a', failures: 1 }])).toEqual([]);
    expect(
      suspicion.look([
        { key: 'a', failures: 1 },
        { key: 'b', failures: 1 },
      ]),
    ).toEqual(['b']);
  });
});
