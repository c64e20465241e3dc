import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HalfHead } from '../../src/proxy/half-head.ts';

const MOST = 16_385;

/** Adds `text` in pieces that end at these places. */
function gathered(text: string, cuts: readonly number[] = []): HalfHead {
  const half = new HalfHead();
  const bytes = Buffer.from(text, 'latin1');
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    half.add(bytes, from, to, MOST);
    from = to;
  }
  return half;
}

describe('a half-read head', () => {
  it('is the same however it was cut, and ends where its first empty line does', () => {
    const line = fc.constantFrom('a', '\r', '\n', '\r\n', '\xe9');
    const text = fc.array(line, { maxLength: 40 }).map((parts) => parts.join(''));
    const ends = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(text, ends, (whole, places) => {
        const cuts = places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b);
        const end = whole.indexOf('\r\n\r\n');
        const half = new HalfHead();
        const bytes = Buffer.from(whole, 'latin1');
        let from = 0;
        for (const to of [...cuts, whole.length]) {
          // Its reader takes no more once the end is there.
          if (half.end === -1) half.add(bytes, from, to, MOST);
          from = to;
        }
        expect(half.end).toBe(end === -1 ? -1 : end + 4);
        expect(whole.startsWith(half.text(MOST))).toBe(true);
        if (end === -1) {
          expect(half.text(MOST)).toBe(whole);
          expect(half.hasBareLineFeed).toBe(/(^|[^\r])\n/.test(whole));
        }
      }),
    );
  });

  it('is copied into a buffer that doubles, not with every byte', () => {
    const half = new HalfHead();
    const made = new Set<ArrayBufferLike>();
    const letter = Buffer.from('a');
    const take = Buffer.allocUnsafeSlow;
    let bytes = 0;
    Buffer.allocUnsafeSlow = (size) => {
      const buffer = take(size);
      made.add(buffer.buffer);
      bytes += size;
      return buffer;
    };
    try {
      for (let i = 0; i < MOST; i += 1) half.add(letter, 0, 1, MOST);
    } finally {
      Buffer.allocUnsafeSlow = take;
    }
    expect(half.length).toBe(MOST);
    expect(made.size).toBeLessThan(10);
    expect(bytes).toBeLessThan(4 * MOST);
  });

  it('holds nothing once it is cleared', () => {
    const half = gathered('GET / HTTP/1.1\nX');
    expect(half.hasBareLineFeed).toBe(true);
    half.clear();
    expect(half).toMatchObject({ length: 0, end: -1, hasBareLineFeed: false });
    expect(half.text(100)).toBe('');
    half.add(Buffer.from('\r\n\r\n'), 0, 4, MOST);
    expect(half.end).toBe(4);
  });
});
