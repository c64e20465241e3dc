import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedScanner } from '../../../src/proxy/body/chunked.ts';

interface Scanned {
  readonly out: string;
  readonly done: boolean;
  readonly fault: string | null;
  /** Bytes after the message. */
  readonly left: string;
}

/** Scans `text` in pieces that end at `cuts`. */
function scan(text: string, cuts: readonly number[] = [], decode = false): Scanned {
  const scanner = new ChunkedScanner();
  scanner.begin(decode);
  const whole = Buffer.from(text, 'latin1');
  const ends = [...new Set([...cuts, whole.length])].sort((a, b) => a - b);
  let out = '';
  let from = 0;
  for (const end of ends) {
    const piece = whole.subarray(from, end);
    const used = scanner.scan(piece, 0, piece.length);
    for (let i = 0; i < scanner.ranges.length; i += 2) {
      out += piece.toString('latin1', scanner.ranges[i], scanner.ranges[i + 1]);
    }
    out += scanner.tail;
    from += used;
    if (scanner.done || scanner.fault !== null) break;
  }
  return { out, done: scanner.done, fault: scanner.fault, left: whole.toString('latin1', from) };
}

function everyCut(text: string): number[] {
  return Array.from({ length: text.length }, (_, place) => place);
}

describe('chunked framing that is sound', () => {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['one chunk', '5\r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['no data', '0\r\n\r\n', '0\r\n\r\n', ''],
    [
      'hex in both cases',
      'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
      'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
      '01234567890123456789',
    ],
    ['leading zeros', '0005\r\nhello\r\n000\r\n\r\n', '0005\r\nhello\r\n000\r\n\r\n', 'hello'],
    [
      'data that looks like framing',
      '7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n',
      '7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n',
      '\r\n0\r\n\r\n',
    ],
    [
      'extensions, dropped',
      '5;a=1;b="x;y"\r\nhello\r\n0;last\r\n\r\n',
      '5\r\nhello\r\n0\r\n\r\n',
      'hello',
    ],
    [
      'trailers, kept',
      '1\r\nx\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n',
      '1\r\nx\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n',
      'x',
    ],
    [
      'trailers that decide something, dropped',
      '1\r\nx\r\n0\r\nContent-Length: 5\r\nX-Sum: 1\r\nAuthorization: a\r\nHost: h\r\nSet_Cookie: a\r\n\r\n',
      '1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n',
      'x',
    ],
  ];

  it.each(rows)(
    '%s: goes on whole, in one piece or in single bytes',
    (_name, text, framed, data) => {
      for (const cuts of [[], everyCut(text)]) {
        expect(scan(text, cuts)).toEqual({ out: framed, done: true, fault: null, left: '' });
        expect(scan(text, cuts, true)).toEqual({ out: data, done: true, fault: null, left: '' });
      }
    },
  );

  it('leaves alone what follows the message', () => {
    expect(scan('0\r\n\r\nGET / HTTP/1.1\r\n').left).toBe('GET / HTTP/1.1\r\n');
    expect(scan('0\r\nX-A: 1\r\n\r\nGET').left).toBe('GET');
  });

  it('passes any data in any chunks and pieces, and is not changed by a second reading', () => {
    const chunk = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.boolean());
    const cuts = fc.array(fc.nat(400), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), cuts, (chunks, places) => {
        const data = chunks.map(([bytes]) => Buffer.from(bytes).toString('latin1'));
        const text = `${chunks
          .map(
            ([bytes, extended], i) =>
              `${bytes.length.toString(16)}${extended ? ';e=1' : ''}\r\n${data[i]}\r\n`,
          )
          .join('')}0\r\n\r\n`;
        const inside = places.filter((place) => place < text.length);
        const once = scan(text, inside);
        expect(once.done).toBe(true);
        expect(scan(text, inside, true).out).toBe(data.join(''));
        expect(scan(once.out).out).toBe(once.out);
        expect(once.out).not.toContain(';e=1');
      }),
      { numRuns: 300 },
    );
  });
});

describe('chunked framing that is not sound', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['no size', '\r\nhello', 'bad-chunk-size'],
    ['a sign', '+5\r\nhello', 'bad-chunk-size'],
    ['a prefix', '0x5\r\nhello', 'bad-chunk-size'],
    ['white space before the size', ' 5\r\nhello', 'bad-chunk-size'],
    ['white space after the size', '5 \r\nhello', 'bad-chunk-size'],
    ['a size that is no number', '5g\r\nhello', 'bad-chunk-size'],
    ['a size too long for a number', '00000000000005\r\nhello', 'bad-chunk-size'],
    ['a bare line feed after the size', '5\nhello', 'bad-chunk-size'],
    ['a bare carriage return after the size', '5\rhello', 'bad-chunk-size'],
    ['more data than the size says', '5\r\nhello!\r\n', 'bad-chunk-end'],
    ['a bare line feed after the data', '5\r\nhello\n0', 'bad-chunk-end'],
    ['a bare carriage return after the data', '5\r\nhello\rx', 'bad-chunk-end'],
    ['a line feed in an extension', '5;a\nb\r\nhello', 'bad-chunk-extension'],
    ['a NUL in an extension', '5;a\0b\r\nhello', 'bad-chunk-extension'],
    ['a carriage return in an extension', '5;a\rb\r\nhello', 'bad-chunk-size'],
    ['endless extensions', `5;${'a'.repeat(5_000)}`, 'extensions-too-long'],
    ['a bare line feed at the end', '0\r\n\n', 'bad-trailers'],
    ['a bare carriage return at the end', '0\r\n\rx', 'bad-trailers'],
    ['a trailer without a colon', '0\r\nnothing\r\n\r\n', 'bad-trailers'],
    ['a folded trailer', '0\r\nX-A: 1\r\n 2\r\n\r\n', 'bad-trailers'],
    ['endless trailers', `0\r\n${'X-A: 1\r\n'.repeat(2_000)}`, 'trailers-too-long'],
  ];

  it.each(rows)('%s is a fault, in one piece or in single bytes', (_name, text, fault) => {
    expect(scan(text).fault).toBe(fault);
    expect(scan(text, everyCut(text)).fault).toBe(fault);
    expect(scan(text, [], true).fault).toBe(fault);
  });

  it('never throws and never ends a body early, whatever the bytes', () => {
    const bytes = fc.string({
      unit: fc.constantFrom('0', '1', 'f', ';', 'x', ' ', '\r', '\n', '\0', ':'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60), { maxLength: 5 }), (text, cuts) => {
        const { done, fault } = scan(
          text,
          cuts.filter((cut) => cut < text.length),
        );
        expect(done && fault !== null).toBe(false);
        if (done) expect(text).toMatch(/0\r\n(?:.*\r\n)*\r\n/);
      }),
      { numRuns: 2_000 },
    );
  });
});
