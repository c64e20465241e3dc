import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpLog } from '../../src/log/httplog.ts';
import { lineOf, RECORD, recordOf } from './records.ts';

const line = (record = RECORD): string => lineOf(new HttpLog(), record);

/** Every field of HAProxy's line, in its order. */
const HTTPLOG =
  /^\S+:\d+ \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] \S+ \S+\/\S+ (?:-?\d+\/){4}-?\d+ -?\d+ \d+ \S+ \S+ \S{4} (?:\d+\/){4}\+?\d+ \d+\/\d+ (?:\{[^{}]*\} )?"[^"]*"$/;

describe('the line of httplog', () => {
  it('has the fields of HAProxy in their order', () => {
    expect(line()).toBe(
      '192.0.2.9:40001 [01/Jan/2026:12:30:05.007] marathon_https_in~ zdd_blue_10080/10_0_6_25_23336 ' +
        '1/2/3/4/10 200 345 - - ---- 9/8/7/6/0 0/1 "GET /a?b=c HTTP/1.1"',
    );
  });

  it('names no server and no time that a request did not come to', () => {
    const unread = { method: '', target: '', readMs: -1, responseMs: -1, status: 400 };
    const nowhere = { backend: '', server: '', encrypted: false, queueMs: -1, connectMs: -1 };
    expect(line(recordOf(unread, { ...nowhere, totalMs: 0, termination: 'PR--' }))).toBe(
      '192.0.2.9:40001 [01/Jan/2026:12:30:05.007] marathon_https_in marathon_https_in/<NOSRV> ' +
        '-1/-1/-1/-1/0 400 345 - - PR-- 9/8/7/6/0 0/1 "<BADREQ>"',
    );
  });

  it('marks retries that went to another server, and shows what was captured', () => {
    const written = line(
      recordOf({ captured: ['a|b', ''], isHttp11: false }, { retries: 2, redispatched: true }),
    );
    expect(written).toContain(' 9/8/7/6/+2 0/1 {a#7Cb|} "GET /a?b=c HTTP/1.0"');
  });

  it('is that of tcplog for a connection', () => {
    expect(line({ ...RECORD, request: null, termination: 'CD--', encrypted: false })).toBe(
      '192.0.2.9:40001 [01/Jan/2026:12:30:05.007] marathon_https_in zdd_blue_10080/10_0_6_25_23336 ' +
        '2/3/10 345 CD 9/8/7/6/0 0/1',
    );
  });

  it.each([
    ['a quote that would end the request', '/"x', '/#22x'],
    ['the mark of an escape', '/#', '/#23'],
    ['a line end', '/a\r\nb', '/a#0D#0Ab'],
    ['an escape sequence of a terminal', '/\x1b[2J', '/#1B[2J'],
    ['a byte above ASCII', '/\xe9', '/#E9'],
    ['the delete character', '/\x7f', '/#7F'],
  ])('escapes %s', (_what, target, escaped) => {
    expect(line(recordOf({ target }))).toContain(`"GET ${escaped} HTTP/1.1"`);
  });

  it('cuts what is longer than HAProxy keeps', () => {
    const written = line(recordOf({ target: `/${'x'.repeat(9_000)}` }));
    expect(written.split('"')[1]).toHaveLength(1_024);
  });

  it('stays one line of printable ASCII with all its fields, whatever is received', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, text, (target, backend, server, captured) => {
        const written = line(
          recordOf(
            { target, captured: [captured] },
            { backend: `b${backend}`, server: `s${server}` },
          ),
        );
        expect(written).toMatch(/^[ -~]+$/);
        expect(written).toMatch(HTTPLOG);
      }),
      { numRuns: 300 },
    );
  });
});
