import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rest } from '../../src/proxy/rest.ts';

function textOf({ piece, from, to }: Rest): string {
  return piece?.toString('latin1', from, to) ?? '';
}

describe('what was received and not used up', () => {
  it('stays in order and whole while the buffer it came in is used again', () => {
    const step = fc.record({ text: fc.string({ minLength: 1, maxLength: 50 }), used: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const rest = new Rest();
        const shared = Buffer.alloc(64);
        let expected = '';
        for (const { text, used } of steps) {
          const latin1 = text.replace(/[^\x20-\x7e]/g, '?');
          expected += latin1;
          rest.add(shared, shared.write(latin1, 'latin1'));
          const taken = Math.min(used, rest.size);
          if (taken > 0) rest.consume(taken);
          expected = expected.slice(taken);
          rest.keep();
          shared.fill('!');
          expect(textOf(rest)).toBe(expected);
          expect(rest.size).toBe(expected.length);
        }
      }),
    );
  });

  it('is left where it came in if nothing is to be kept', () => {
    const rest = new Rest();
    const shared = Buffer.from('hello');
    rest.add(shared, 5);
    expect(rest.piece).toBe(shared);
    rest.consume(5);
    rest.keep();
    expect(rest.piece).toBeNull();
  });

  it('is moved seldom when it grows byte by byte', () => {
    const rest = new Rest();
    const buffers = new Set<Buffer>();
    for (let i = 0; i < 10_000; i += 1) {
      rest.add(Buffer.from('x'), 1);
      rest.keep();
      if (rest.piece !== null) buffers.add(rest.piece);
    }
    expect(rest.size).toBe(10_000);
    expect(buffers.size).toBeLessThan(30);
  });
});
