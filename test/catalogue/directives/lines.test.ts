import { describe, expect, it } from 'vitest';
import { readLines, readWords } from '../../../src/catalogue/directives/lines.ts';

describe("HAProxy's quoting", () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['a # b', ['a']],
    ['a\\#b', ['a#b']],
    ['a#b', ['a']],
    ['GET,\\ POST', ['GET, POST']],
    ['"a b" \'c d\'', ['a b', 'c d']],
    ['a"b c"d', ['ab cd']],
    ['""', ['']],
    ["'a\\ b'", ['a\\ b']],
    ['"a\\"b"', ['a"b']],
    ['"it\'s"', ["it's"]],
    ['\\1\\ /\\2', ['\\1 /\\2']],
    ['^/a\\.b', ['^/a\\.b']],
    ['a\\\\b', ['a\\b']],
    ['a\\r\\nb', ['a\r\nb']],
    ['\\x41\\x4', ['A\\x4']],
    ['a\\', ['a\\']],
    ['"open', ['open']],
  ])('reads %s', (line, words) => {
    expect(readWords(line)).toEqual(words);
  });

  it('counts lines from 1 and passes over empty ones', () => {
    expect(readLines('\r\na\r\n# b\n  c')).toEqual([
      { number: 2, words: ['a'] },
      { number: 4, words: ['c'] },
    ]);
  });

  it('takes an escaped break with space behind it for a break, and any other for a part of a value', () => {
    const lines = readLines('backend {backend}\\r\\n  mode http\\nmore a\\n');
    expect(lines.map(({ words }) => words)).toEqual([
      ['backend', '{backend}'],
      ['mode', 'http\nmore', 'a'],
    ]);
  });
});
