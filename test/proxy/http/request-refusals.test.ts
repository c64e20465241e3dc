// What is refused before a byte goes upstream: one row per trick.

import { describe, expect, it } from 'vitest';
import { RequestHead, statusOfFault } from '../../../src/proxy/http/request-head.ts';
import {
  REFUSED_FIELDS,
  REFUSED_HOSTS,
  REFUSED_LINES,
  withFields,
  withHost,
  withLine,
} from '../../support/refused-requests.ts';

const MAX_FIELDS = 100;

const head = new RequestHead();

describe('a request line', () => {
  it.each(REFUSED_LINES)('with %s is refused', (_what, line, fault) => {
    expect(head.read(withLine(line), MAX_FIELDS)).toBe(fault);
  });
});

describe('a request head', () => {
  it.each(REFUSED_FIELDS)('with %s is refused', (_what, lines, fault) => {
    expect(head.read(withFields(...lines), MAX_FIELDS)).toBe(fault);
  });

  it.each(REFUSED_HOSTS)('whose Host has %s is refused', (_what, host) => {
    expect(head.read(withHost(host), MAX_FIELDS)).toBe('bad-host');
  });

  it.each([
    ['a space before its first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 'folded-line'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'no-host'],
    ['an absolute target and no Host', 'GET http://a/ HTTP/1.1\r\n\r\n', 'no-host'],
    [
      'an encoding in HTTP/1.0',
      'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n',
      'encoding-in-1.0',
    ],
    ['an empty line in front', '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-method'],
  ])('with %s is refused', (_what, text, fault) => {
    expect(head.read(text, MAX_FIELDS)).toBe(fault);
  });

  it('may have as many fields as allowed and not one more', () => {
    const fields = Array.from({ length: 9 }, (_, i) => `X-${i}: a`);
    expect(head.read(withFields(...fields), 10)).toBeNull();
    expect(head.read(withFields(...fields, 'X: a'), 10)).toBe('too-many-fields');
  });

  it('never holds more fields than the reader has places, however many are allowed', () => {
    const fields = Array.from({ length: 1_500 }, () => 'X: a');
    expect(head.read(withFields(...fields), 1e9)).toBe('too-many-fields');
  });

  it('leaves nothing of a refused one for the next', () => {
    const sound = withFields('Content-Length: 5');
    for (const [, lines] of REFUSED_FIELDS) {
      head.read(withFields('Content-Length: 5', 'Connection: close, X', ...lines), MAX_FIELDS);
      expect(head.read(sound, MAX_FIELDS)).toBeNull();
      expect([head.framing, head.keepAlive, head.appId, head.upgrade]).toEqual([5, true, '', '']);
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['two-lengths', 400],
    ['bad-encoding', 400],
    ['host-against-target', 400],
    ['bad-version', 505],
    ['method-refused', 405],
    ['unknown-expectation', 417],
    ['too-many-fields', 431],
  ] as const)('for %s has status %i', (fault, status) => {
    expect(statusOfFault(fault)).toBe(status);
  });
});
