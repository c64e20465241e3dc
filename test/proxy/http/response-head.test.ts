// Responses: what makes a server answered for with 502, how the rest is framed and forwarded.

import { describe, expect, it } from 'vitest';
import { CHUNKED, NO_BODY, UNTIL_CLOSE } from '../../../src/proxy/http/framing.ts';
import {
  BODY_AS_IS,
  BODY_DECODE,
  BODY_ENCODE,
  ResponseHead,
} from '../../../src/proxy/http/response-head.ts';
import { REFUSED_RESPONSES } from '../../support/refused-responses.ts';

const head = new ResponseHead();

function read(lines: readonly string[], method = 'GET'): ResponseHead {
  expect(head.read(`${lines.join('\r\n')}\r\n\r\n`, method, 100)).toBeNull();
  return head;
}

function forwarded(lines: readonly string[], mode = BODY_AS_IS, method = 'GET'): string[] {
  const text = read(lines, method).forward('Connection: close\r\n', mode);
  expect(text.endsWith('\r\nConnection: close\r\n\r\n')).toBe(true);
  return text.split('\r\n').slice(0, -3);
}

const OK = 'HTTP/1.1 200 OK';

describe('a response', () => {
  it.each(REFUSED_RESPONSES)('with %s is refused', (_what, lines, fault) => {
    expect(head.read(`${lines.join('\r\n')}\r\n\r\n`, 'GET', 100)).toBe(fault);
  });

  it('leaves nothing of a refused one for the next', () => {
    for (const [, lines] of REFUSED_RESPONSES) {
      head.read(`${lines.join('\r\n')}\r\n\r\n`, 'GET', 100);
      read([OK, 'Content-Length: 5']);
      expect([head.status, head.framing, head.keepAlive, head.upgrade]).toEqual([200, 5, true, '']);
    }
  });

  it('may have as many fields as allowed and not one more', () => {
    const fields = Array.from({ length: 11 }, () => 'X: a\r\n');
    const text = (count: number): string => `${OK}\r\n${fields.slice(0, count).join('')}\r\n`;
    expect(head.read(text(10), 'GET', 10)).toBeNull();
    expect(head.read(text(11), 'GET', 10)).toBe('too-many-fields');
  });
});

describe('the framing of a response', () => {
  it.each([
    ['a length', 'GET', [OK, 'Content-Length: 5'], 5, true],
    ['a length of 0', 'GET', [OK, 'Content-Length: 0'], NO_BODY, true],
    ['chunks', 'GET', [OK, 'transfer-encoding: Chunked'], CHUNKED, true],
    ['nothing', 'GET', [OK], UNTIL_CLOSE, false],
    ['nothing but keep-alive', 'GET', [OK, 'Connection: keep-alive'], UNTIL_CLOSE, false],
    ['HEAD and a length', 'HEAD', [OK, 'Content-Length: 5'], NO_BODY, true],
    ['HEAD and chunks', 'HEAD', [OK, 'Transfer-Encoding: chunked'], NO_BODY, true],
    ['HEAD and nothing', 'HEAD', [OK], NO_BODY, true],
    ['204', 'GET', ['HTTP/1.1 204 No Content'], NO_BODY, true],
    ['204 and a length of 0', 'GET', ['HTTP/1.1 204 X', 'Content-Length: 0'], NO_BODY, true],
    ['204 and a length', 'GET', ['HTTP/1.1 204 X', 'Content-Length: 5'], NO_BODY, false],
    ['204 and chunks', 'GET', ['HTTP/1.1 204 X', 'Transfer-Encoding: chunked'], NO_BODY, false],
    ['304 and a length', 'GET', ['HTTP/1.1 304 X', 'Content-Length: 5'], NO_BODY, true],
    ['a 1xx', 'GET', ['HTTP/1.1 103 Early Hints', 'Link: a'], NO_BODY, true],
    ['a 205', 'GET', ['HTTP/1.1 205 Reset', 'Content-Length: 0'], NO_BODY, true],
    ['close', 'GET', [OK, 'Content-Length: 5', 'Connection: close'], 5, false],
    ['HTTP/1.0', 'GET', ['HTTP/1.0 200 OK', 'Content-Length: 5'], 5, false],
    [
      'HTTP/1.0 that keeps',
      'GET',
      ['HTTP/1.0 200 OK', 'Content-Length: 5', 'Connection: keep-alive'],
      5,
      true,
    ],
  ])('with %s to %s', (_what, method, lines, framing, keepAlive) => {
    read(lines, method);
    expect([head.framing, head.keepAlive]).toEqual([framing, keepAlive]);
  });
});

describe('a response goes to the client', () => {
  it('in its order, case and bytes', () => {
    const lines = [
      'HTTP/1.1 299 Fine By Me \x80\xff',
      'set-COOKIE: a=1',
      'Set-Cookie: b=2; Path=/',
      'X-M: 1',
      'Date: x',
      'X-M: 2',
      'Server: y',
      'Content-Encoding: gzip',
      'ETag: "a"',
      'Location: http://10.0.0.1:31000/',
      'Content-Length: 5',
      'X-Bytes: \xe9\t "',
    ];
    expect(forwarded(lines)).toEqual(lines);
  });

  it('without the fields of the upstream hop', () => {
    expect(
      forwarded([
        OK,
        'Connection: keep-alive, X-R, Set-Cookie',
        'Keep-Alive: timeout=5',
        'X-R: 1',
        'Proxy-Authenticate: Basic',
        'Proxy-Connection: close',
        'Upgrade: h2,h2c',
        'Content_Length: 7',
        'Set-Cookie: a=1',
        'Trailer: X-Sum',
        'Content-Length: 5',
      ]),
    ).toEqual([OK, 'Set-Cookie: a=1', 'Content-Length: 5']);
  });

  it.each([
    ['HTTP/1.0 200 OK', 'HTTP/1.1 200 OK'],
    ['HTTP/1.0 200', 'HTTP/1.1 200 '],
    ['HTTP/1.1 200', 'HTTP/1.1 200 '],
    ['HTTP/1.1 200 ', 'HTTP/1.1 200 '],
    ['HTTP/1.1 404 Not  There', 'HTTP/1.1 404 Not  There'],
  ])('with its status line: %s becomes %s', (line, expected) => {
    expect(forwarded([line, 'Content-Length: 0'])).toEqual([expected, 'Content-Length: 0']);
  });

  it.each([
    [
      'chunks as they are',
      BODY_AS_IS,
      [OK, 'A: 1', 'Transfer-Encoding: chunked', 'B: 2'],
      [OK, 'A: 1', 'B: 2', 'Transfer-Encoding: chunked'],
    ],
    [
      'chunks with a Trailer',
      BODY_AS_IS,
      [OK, 'Trailer: X', 'Transfer-Encoding: chunked'],
      [OK, 'Trailer: X', 'Transfer-Encoding: chunked'],
    ],
    ['chunks for HTTP/1.0', BODY_DECODE, [OK, 'Trailer: X', 'Transfer-Encoding: chunked'], [OK]],
    [
      'a body that ends by close',
      BODY_ENCODE,
      [OK, 'X: 1'],
      [OK, 'X: 1', 'Transfer-Encoding: chunked'],
    ],
    [
      'a needless zero',
      BODY_AS_IS,
      [OK, 'Content-Length: 05', 'X: 1'],
      [OK, 'Content-Length: 5', 'X: 1'],
    ],
    [
      'a 204',
      BODY_AS_IS,
      ['HTTP/1.1 204 X', 'Content-Length: 00', 'Transfer: a'],
      ['HTTP/1.1 204 X', 'Transfer: a'],
    ],
    [
      'a 204 with chunks',
      BODY_AS_IS,
      ['HTTP/1.1 204 X', 'Transfer-Encoding: chunked'],
      ['HTTP/1.1 204 X'],
    ],
    [
      'a 304',
      BODY_AS_IS,
      ['HTTP/1.1 304 X', 'Content-Length: 5', 'ETag: "a"'],
      ['HTTP/1.1 304 X', 'Content-Length: 5', 'ETag: "a"'],
    ],
    [
      'a 103',
      BODY_AS_IS,
      ['HTTP/1.1 103 Early Hints', 'Link: </a>', 'Content-Length: 5'],
      ['HTTP/1.1 103 Early Hints', 'Link: </a>'],
    ],
    [
      'a 101',
      BODY_AS_IS,
      [
        'HTTP/1.1 101 Switching',
        'upgrade: WebSocket',
        'connection: upgrade',
        'Sec-WebSocket-Accept: x',
      ],
      [
        'HTTP/1.1 101 Switching',
        'Sec-WebSocket-Accept: x',
        'Connection: Upgrade',
        'Upgrade: WebSocket',
      ],
    ],
    [
      'a 426',
      BODY_AS_IS,
      ['HTTP/1.1 426 X', 'Upgrade: foo/1, h2c', 'Content-Length: 0'],
      ['HTTP/1.1 426 X', 'Content-Length: 0', 'Connection: Upgrade', 'Upgrade: foo/1'],
    ],
  ])('framed once: %s', (_what, mode, lines, expected) => {
    expect(forwarded(lines, mode)).toEqual(expected);
  });

  it('of HEAD with the length or the encoding a GET would have', () => {
    const long = [OK, 'Content-Length: 12345'];
    expect(forwarded(long, BODY_AS_IS, 'HEAD')).toEqual(long);
    const chunked = [OK, 'Transfer-Encoding: chunked'];
    expect(forwarded(chunked, BODY_AS_IS, 'HEAD')).toEqual(chunked);
    expect(forwarded(chunked, BODY_DECODE, 'HEAD')).toEqual([OK]);
  });
});
