import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameWalk, goingAway } from '../../src/proxy/web-socket-frames.ts';

interface Wish {
  readonly opcode: number;
  readonly masked: boolean;
  readonly length: number;
}

function frame({ opcode, masked, length }: Wish): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, mask | length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, mask | 126, length >> 8, length & 0xff])
        : Buffer.from([0x80 | opcode, mask | 127, 0, 0, 0, 0, 0, length >> 16, 0, 0]);
  if (length >= 65_536) head.writeUInt16BE(length & 0xffff, 8);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 0x81), Buffer.alloc(length, 0x88)]);
}

const WISHES = fc.array(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 9, 10),
    masked: fc.boolean(),
    length: fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000)),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('a walk over frames', () => {
  it('is at a boundary after each frame and nowhere within, however the bytes come', () => {
    fc.assert(
      fc.property(
        WISHES,
        fc.oneof(
          fc.integer({ min: 1, max: 20 }),
          fc.nat(9_999).map((size) => size + 1),
        ),
        (wishes, size) => {
          const frames = wishes.map(frame);
          const bytes = Buffer.concat(frames);
          const ends = new Set<number>();
          let end = 0;
          for (const one of frames) {
            end += one.length;
            ends.add(end);
          }
          const walk = new FrameWalk();
          const wrong: number[] = [];
          for (let at = 0; at < bytes.length; at += size) {
            const to = Math.min(at + size, bytes.length);
            const reached = walk.pass(bytes, at, to);
            if (reached !== to || walk.atBoundary !== ends.has(to)) wrong.push(to);
          }
          expect([wrong, walk.closed]).toEqual([[], false]);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('finishes the frame that has begun and goes no further', () => {
    fc.assert(
      fc.property(WISHES, fc.nat(200_000), (wishes, seed) => {
        const frames = wishes.map(frame);
        const bytes = Buffer.concat(frames);
        const from = seed % bytes.length;
        const walk = new FrameWalk();
        walk.pass(bytes, 0, from);
        let end = 0;
        for (const one of frames) if (end < from) end += one.length;
        expect(walk.finish(bytes, from, bytes.length)).toBe(from === 0 ? 0 : end);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('knows when a Close frame has passed', () => {
    for (const masked of [true, false]) {
      const walk = new FrameWalk();
      const close = goingAway(masked);
      walk.pass(close, 0, close.length);
      expect([walk.closed, walk.atBoundary]).toEqual([true, true]);
    }
  });
});

describe('a Close frame of ours', () => {
  it('says 1001, unmasked to a client', () => {
    expect(goingAway(false).toString('hex')).toBe('880203e9');
  });

  it('is masked to a server, by another mask each time', () => {
    const masks = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      const close = goingAway(true);
      expect([close.length, close.toString('hex', 0, 2)]).toEqual([8, '8882']);
      const mask = close.subarray(2, 6);
      masks.add(mask.toString('hex'));
      const code = close.subarray(6).map((byte, place) => byte ^ (mask[place] as number));
      expect(Buffer.from(code).readUInt16BE()).toBe(1_001);
    }
    expect(masks.size).toBeGreaterThan(10);
  });
});
