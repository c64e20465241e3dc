import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeptNames, KeptNumbers } from '../../src/log/kept-pieces.ts';
import { LineBuffer } from '../../src/log/line-buffer.ts';

const textOf = ({ bytes, length }: LineBuffer): string => bytes.toString('latin1', 0, length);

describe('the bytes of a line', () => {
  it('hold any integer as it is written in JavaScript, however small the buffer was', () => {
    const integer = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.integer({ min: -2, max: 1_100 }),
    );
    const kept = new KeptNumbers('<', '>');
    fc.assert(
      fc.property(fc.array(integer), (values) => {
        const into = new LineBuffer(1);
        for (const value of values) {
          into.number(value);
          kept.put(into, value);
        }
        expect(textOf(into)).toBe(values.map((value) => `${value}<${value}>`).join(''));
      }),
    );
  });

  it('have three digits for the milliseconds', () => {
    const into = new LineBuffer(1);
    for (const ms of [0, 7, 70, 999]) into.millis(ms);
    expect(textOf(into)).toBe('000007070999');
  });

  it('are made once for a name, and anew when ten thousand others came between', () => {
    let made = 0;
    const names = new KeptNames((name) => {
      made += 1;
      return name;
    });
    for (const name of ['a', 'b', 'a']) names.of(name);
    expect(made).toBe(2);
    for (let i = 0; i < 10_000; i += 1) names.of(`name ${i}`);
    expect(Buffer.from(names.of('a')).toString()).toBe('a');
    expect(made).toBe(10_003);
  });
});
