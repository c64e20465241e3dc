// Labels are written by anybody who may start an app: no text of theirs may stop or slow down the reading
// of another's.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../../src/catalogue/directives/lines.ts';
import { readDirectives, readTemplates } from '../../../src/catalogue/directives/read.ts';
import { TEMPLATES } from '../../../src/catalogue/directives/templates.ts';
import { budget } from '../../property/budget.ts';

const { seed, runs } = budget();
const KB_64 = 65_536;
/** A reading of 64 KiB takes some milliseconds; this is for what would take minutes. */
const HANG_MS = 10_000;

const WORDS = [
  ...[
    'acl',
    'http-request',
    'http-response',
    'deny',
    'set-header',
    'if',
    'unless',
    'or',
    '||',
    '!',
  ],
  ...[
    '{',
    '}',
    '{{',
    '}}',
    '{backend}',
    '{hostname}',
    'path_beg',
    'hdr(host)',
    '-i',
    '-m',
    'end',
    'reg',
  ],
  ...[
    'src',
    '10.0.0.0/8',
    'stick-table',
    'store',
    'http_req_rate(10s)',
    'track-sc0',
    'timeout',
    'server',
  ],
  ...[
    '30s',
    '"',
    "'",
    '\\',
    '\\ ',
    '#',
    '%[',
    ']',
    '%[src]',
    '(',
    ')',
    ',',
    '\n',
    '\r\n',
    '\\n',
    'x',
  ],
  ...[
    'reqrep',
    '^([^\\ :]*)\\ /a',
    '\\1\\ /b',
    'use_backend',
    'sc_http_req_rate(0)',
    'gt',
    '__proto__',
  ],
  ...[
    'constructor',
    'option',
    'httpchk',
    'no',
    'bind',
    'listen',
    'backend',
    'tcp-request',
    'content',
  ],
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(' ')),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join('')),
);
const template = fc.constantFrom(...TEMPLATES.keys(), 'UNKNOWN', '__proto__');

describe('any text', () => {
  it('is read without an exception, and to the same result each time', () => {
    fc.assert(
      fc.property(fc.dictionary(template, text, { maxKeys: 4 }), (given) => {
        const texts = new Map(Object.entries(given));
        const first = JSON.stringify(readTemplates(texts));
        expect(JSON.stringify(readTemplates(texts))).toBe(first);
      }),
      { seed, numRuns: runs(1_500) },
    );
  });

  it('leaves nothing in a rule that could begin a line or stand for something else', () => {
    fc.assert(
      fc.property(template, text, (name, given) => {
        const { request, response } = readDirectives(name, given);
        const rules = JSON.stringify([request, response].flat().map(({ action }) => action));
        expect(rules).not.toMatch(/[\uE000\uE001]|"(?:name|value)":"?[^"}]*\\[rn]/);
      }),
      { seed, numRuns: runs(1_500) },
    );
  });

  it('is told of or understood, line by line', () => {
    fc.assert(
      fc.property(text, (given) => {
        const { understood, ignored } = readDirectives('BACKEND_HTTP_OPTIONS', given);
        const lines = new Set([...understood, ...ignored].map((one) => one.line));
        expect(lines).toEqual(new Set(readLines(given).map((line) => line.number)));
      }),
      { seed, numRuns: runs(500) },
    );
  });
});

describe('texts that are left in part', () => {
  it.each([
    ['HTTP_FRONTEND_ACL_ONLY', 'acl host_{cleanedUpHostname} lua.x'],
    ['HTTP_FRONTEND_ACL_ONLY', 'acl host_{cleanedUpHostname} sc_http_req_rate(0) gt 1'],
    ['HTTP_FRONTEND_ACL_ONLY', 'acl path_{backend} src {network_allowed}'],
  ])('%s: %s', (name, given) => {
    expect(
      readDirectives(name, given)
        .ignored.map(({ reason }) => reason)
        .join(),
    ).not.toBe('');
  });

  it('by an allow for a rate, in front of a way to nowhere', () => {
    const texts = new Map([
      ['FRONTEND_HEAD', 'http-request allow if { src_conn_rate gt 1 }'],
      ['FRONTEND_BACKEND_GLUE', ''],
    ]);
    expect(readTemplates(texts).ignored).toHaveLength(1);
  });
});

describe('64 KiB of it', () => {
  const values = '10.0.0.1 '.repeat(3_000);
  it.each([
    ['words', 'a '],
    ['lines', 'a\n'],
    ['braces', '{ '],
    ['formatted braces', '{{'],
    ['open placeholders', '{a'],
    ['brackets', '('],
    ['commas', 'path,'],
    ['quotes', '"\''],
    ['backslashes', '\\'],
    ['escaped breaks', '\\r\\n'],
    ['format brackets', '%['],
    ['negations', '! '],
    ['alternatives', 'http-request deny if { path /a } or { path /b } or { path /c }\n'],
    ['anonymous tests', `http-request deny if${' { path /a }'.repeat(3_000)}\n`],
    ['alternatives in one line', `http-request deny if${' { path /a } or'.repeat(3_000)} TRUE\n`],
    ['lines of one acl', 'acl a path /a\n'],
    ['rules on a long list', `acl a src ${values}\n${'http-request deny if !a\n'.repeat(1_600)}`],
    ['patterns', 'http-request deny if { path_reg (a+)+$ }\n'],
    ['old rewrites', 'reqrep ^([^\\ :]*)\\ /foo/(.*) \\1\\ /\\2\n'],
    ['tables', 'stick-table type ip size 1k store http_req_rate(1s),conn_cur\n'],
    ['server words', `server a b ${'check '.repeat(10_000)}\n`],
    ['routes', 'use_backend {backend} if {{ hdr_end(host) .a }}\n'],
    [
      'different routes',
      Array.from(
        { length: 1_000 },
        (_, n) => `use_backend {backend} if {{ hdr(host) h${n} }}\n`,
      ).join(''),
    ],
  ])('of %s is read at once', (_, piece) => {
    const long = piece.repeat(Math.ceil(KB_64 / piece.length)).slice(0, KB_64);
    const startedAt = performance.now();
    for (const name of ['BACKEND_HTTP_OPTIONS', 'BACKEND_HEAD', 'HTTP_FRONTEND_ACL', 'HEAD']) {
      const directives = readDirectives(name, long);
      // What is made of it travels to each worker.
      expect(JSON.stringify(directives.request).length).toBeLessThan(2_000_000);
    }
    expect(performance.now() - startedAt).toBeLessThan(HANG_MS);
  });

  it('counts to a thousand lines, and says so', () => {
    const { understood, ignored } = readDirectives('BACKEND_HEAD', 'mode tcp\n'.repeat(1_001));
    expect(understood).toHaveLength(1_000);
    expect(ignored.map((one) => one.reason)).toEqual([
      'expected at most 1000 lines; those behind them are ignored',
    ]);
  });

  it('and one character is too much', () => {
    const { ignored, request } = readDirectives('BACKEND_HEAD', ' '.repeat(KB_64 + 1));
    expect(request).toEqual([]);
    expect(ignored[0]?.reason).toContain('at most 65536');
  });
});
