// What is accepted, how it is framed and routed, and how it goes upstream, byte for byte.

import { describe, expect, it } from 'vitest';
import { CHUNKED, NO_BODY } from '../../../src/proxy/http/framing.ts';
import { RequestHead } from '../../../src/proxy/http/request-head.ts';

const head = new RequestHead();

function read(...lines: string[]): RequestHead {
  const fault = head.read(`${lines.join('\r\n')}\r\n\r\n`, 100);
  expect(fault).toBeNull();
  return head;
}

function forwarded(...lines: string[]): string[] {
  const text = read(...lines).forward('X-Forwarded-For: 10.0.0.9\r\n');
  expect(text.endsWith('\r\nX-Forwarded-For: 10.0.0.9\r\n\r\n')).toBe(true);
  return text.split('\r\n').slice(0, -3);
}

describe('a request line', () => {
  it.each([
    'GET / HTTP/1.1',
    'GET //a//../b/./%2e%2E/?a=b&c=//&&= HTTP/1.1',
    'GET /?a[]=<>"^`{|}\\ HTTP/1.1',
    'PROPFIND /a HTTP/1.1',
    "!#$%&'*+-.^_`|~ /a HTTP/1.1",
    'get / HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    `GET /${'a'.repeat(4_096)} HTTP/1.1`,
  ])('goes upstream as it came: %s', (line) => {
    expect(forwarded(line, 'Host: a')).toEqual([line, 'Host: a']);
  });

  it.each([
    ['GET http://a HTTP/1.1', 'a', 'GET / HTTP/1.1', 'a'],
    ['GET http://a/b?c HTTP/1.1', 'a', 'GET /b?c HTTP/1.1', 'a'],
    ['GET http://a?c HTTP/1.1', 'a', 'GET /?c HTTP/1.1', 'a'],
    ['GET HTTP://A/b HTTP/1.1', 'a', 'GET /b HTTP/1.1', 'A'],
    ['GET http://a:80/ HTTP/1.1', 'a', 'GET / HTTP/1.1', 'a:80'],
    ['GET http://a/ HTTP/1.1', 'a:80', 'GET / HTTP/1.1', 'a'],
    ['GET https://a:443/ HTTP/1.1', 'a', 'GET / HTTP/1.1', 'a:443'],
    ['GET http://[::1]:8080/ HTTP/1.1', '[::1]:8080', 'GET / HTTP/1.1', '[::1]:8080'],
    ['OPTIONS http://a HTTP/1.1', 'a', 'OPTIONS * HTTP/1.1', 'a'],
    ['OPTIONS http://a/ HTTP/1.1', 'a', 'OPTIONS / HTTP/1.1', 'a'],
    ['OPTIONS http://a?b HTTP/1.1', 'a', 'OPTIONS /?b HTTP/1.1', 'a'],
    ['GET //a/b HTTP/1.1', 'x', 'GET //a/b HTTP/1.1', 'x'],
  ])('%s with Host %s becomes %s with Host %s', (line, host, lineAfter, hostAfter) => {
    expect(forwarded(line, 'A: 1', `Host: ${host}`, 'B: 2')).toEqual([
      lineAfter,
      'A: 1',
      `Host: ${hostAfter}`,
      'B: 2',
    ]);
  });

  it.each([
    ['GET /a HTTP/1.0', ['Host: a'], ['GET /a HTTP/1.1', 'Host: a']],
    ['GET /a HTTP/1.0', ['X: 1'], ['GET /a HTTP/1.1', 'Host:', 'X: 1']],
    ['GET http://b/a HTTP/1.0', ['X: 1'], ['GET /a HTTP/1.1', 'Host: b', 'X: 1']],
    ['GET http://b/a HTTP/1.0', ['Host: b'], ['GET /a HTTP/1.1', 'Host: b']],
  ])('of HTTP/1.0 goes upstream as one of 1.1 with a host: %s %j', (line, fields, expected) => {
    expect(forwarded(line, ...fields)).toEqual(expected);
  });
});

describe('the host name', () => {
  it.each([
    ['Web.Example', 'web.example'],
    ['web.example:8080', 'web.example'],
    ['web.example.', 'web.example'],
    ['web.example.:80', 'web.example'],
    ['web.example:', 'web.example'],
    ['10.0.0.1:80', '10.0.0.1'],
    ['[2001:DB8::1]:80', '[2001:db8::1]'],
    ['[::1]', '[::1]'],
    ['a_b-c~d%20', 'a_b-c~d%20'],
    ['', ''],
  ])('of Host %j is %j', (host, hostname) => {
    expect(read('GET / HTTP/1.1', `Host: ${host}`).hostname).toBe(hostname);
  });

  it('comes from an absolute target, whose authority also is the Host upstream', () => {
    expect(read('GET http://Web.Example:80/ HTTP/1.1', 'Host: web.example').hostname).toBe(
      'web.example',
    );
    expect(read('GET http://Web.Example/ HTTP/1.0').hostname).toBe('web.example');
  });

  it('is empty for HTTP/1.0 without one', () => {
    expect(read('GET / HTTP/1.0').hostname).toBe('');
  });
});

describe('framing', () => {
  it.each([
    [['GET / HTTP/1.1'], NO_BODY, []],
    [['POST / HTTP/1.1'], NO_BODY, []],
    [['POST / HTTP/1.1', 'Content-Length: 0'], NO_BODY, ['Content-Length: 0']],
    [['POST / HTTP/1.1', 'Content-Length: 5'], 5, ['Content-Length: 5']],
    [['POST / HTTP/1.1', 'content-length:5'], 5, ['content-length:5']],
    [['POST / HTTP/1.1', 'Content-Length:\t 5'], 5, ['Content-Length: 5']],
    [['POST / HTTP/1.1', 'content-length: 5\t'], 5, ['Content-Length: 5']],
    [['POST / HTTP/1.1', 'Content-Length: 005'], 5, ['Content-Length: 5']],
    [['POST / HTTP/1.1', 'Content-Length: 00'], NO_BODY, ['Content-Length: 0']],
    [
      ['POST / HTTP/1.1', 'Content-Length: 999999999999999'],
      999_999_999_999_999,
      ['Content-Length: 999999999999999'],
    ],
    [['GET / HTTP/1.1', 'Content-Length: 5'], 5, ['Content-Length: 5']],
    [['DELETE / HTTP/1.1', 'Transfer-Encoding: chunked'], CHUNKED, ['Transfer-Encoding: chunked']],
    [['OPTIONS / HTTP/1.1', 'transfer-encoding: CHUNKED'], CHUNKED, ['Transfer-Encoding: chunked']],
    [['HEAD / HTTP/1.1', 'Content-Length: 5'], 5, ['Content-Length: 5']],
    [['POST / HTTP/1.0', 'Content-Length: 5'], 5, ['Content-Length: 5']],
  ])('of %j is %i and goes upstream as %j', ([line = '', ...fields], framing, expected) => {
    const lines = forwarded(line, 'Host: a', ...fields);
    expect(head.framing).toBe(framing);
    expect(lines.slice(2)).toEqual(expected);
  });

  it('is not changed by fields that some servers read as framing', () => {
    expect(
      forwarded('POST / HTTP/1.1', 'Host: a', 'Content_Length: 5', 'transfer_encoding: chunked'),
    ).toEqual(['POST / HTTP/1.1', 'Host: a']);
    expect(head.framing).toBe(NO_BODY);
  });
});

describe('fields', () => {
  it('go upstream in their order, case and bytes', () => {
    const lines = [
      'GET / HTTP/1.1',
      'x-ODD-case: a',
      'Host: a:8080',
      'X-Bytes: \x80\xff\t"q\\" , ;;',
      'X-Empty:',
      'Cookie: a=1; b=2',
      'X-Spaces:   a  b   ',
      'Cookie: c=3',
      'Accept: */*',
      'Accept: a/b',
      'Via: 1.1 x',
      'Max-Forwards: 0',
      'a_b: 1',
    ];
    expect(forwarded(...lines)).toEqual(lines);
  });

  it.each([
    ['Connection: close'],
    ['Connection: keep-alive', 'Keep-Alive: timeout=5'],
    ['Proxy-Connection: keep-alive'],
    ['Proxy-Authorization: Basic x'],
    ['Upgrade: websocket'],
    ['TE: gzip'],
    ['TE: gzip;q=0.5, deflate'],
    ['HTTP2-Settings: AAMAAABkAAQAAP__', 'Connection: HTTP2-Settings'],
    ['X-Hop: 1', 'Connection: x-hop'],
    ['X-Hop: 1', 'x-hop: 2', 'Connection: a,, X-Hop ,close'],
    ['Connection: X-A', 'Connection: X-B', 'X-A: 1', 'X-B: 1'],
    ['X-Forwarded-For: 1.2.3.4'],
    ['X-Forwarded-Port: 1', 'X-Forwarded-Proto: https'],
    ['X_Forwarded_For: 1.2.3.4', 'X-Forwarded_Proto: https', 'X_Marathon_App_Id: /a'],
    ['X_Forwarded_Host: b', 'x_real_ip: 1.2.3.4'],
    ['Trailer: X-Sum'],
  ])('of this hop go no further: %j, %j', (...fields) => {
    expect(forwarded('GET / HTTP/1.1', 'Host: a', ...fields)).toEqual([
      'GET / HTTP/1.1',
      'Host: a',
    ]);
  });

  it('that frame, route or authenticate survive being named in Connection', () => {
    const fields = [
      'Host: a',
      'Content-Length: 5',
      'Content-Type: a/b',
      'X-Marathon-App-Id: /a',
      'X-Forwarded-Host: b',
      'X-Real-IP: 1.2.3.4',
      'Authorization: Basic x',
      'Cookie: a=1',
    ];
    const named = fields.map((line) => line.slice(0, line.indexOf(':'))).join(', ');
    expect(forwarded('POST / HTTP/1.1', ...fields, `Connection: ${named}`)).toEqual([
      'POST / HTTP/1.1',
      ...fields,
    ]);
  });

  it('X-Forwarded-For is read as one list', () => {
    const fields = ['X-Forwarded-For: 1.1.1.1, 2.2.2.2', 'X-Forwarded-For:', 'x-forwarded-for: 3'];
    expect(read('GET / HTTP/1.1', 'Host: a', ...fields).forwardedFor).toBe('1.1.1.1, 2.2.2.2, 3');
    expect(read('GET / HTTP/1.1', 'Host: a').forwardedFor).toBe('');
  });

  it('the app id is read and forwarded', () => {
    const lines = ['GET / HTTP/1.1', 'Host: a', 'x-marathon-app-id:  /zdd/blue '];
    expect(forwarded(...lines)).toEqual(lines);
    expect(head.appId).toBe('/zdd/blue');
  });

  it('TE passes with trailers alone, once, and says so in Connection', () => {
    expect(
      forwarded('GET / HTTP/1.1', 'Host: a', 'TE: gzip, Trailers', 'TE: trailers', 'X: 1'),
    ).toEqual(['GET / HTTP/1.1', 'Host: a', 'TE: trailers', 'Connection: TE', 'X: 1']);
  });

  it('Trailer passes where a chunked body can bring trailers', () => {
    const lines = ['POST / HTTP/1.1', 'Host: a', 'Trailer: X-Sum', 'Transfer-Encoding: chunked'];
    expect(forwarded(...lines)).toEqual(lines);
  });
});

describe('Expect', () => {
  const lines = ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Expect: 100-Continue'];

  it('is understood and goes upstream', () => {
    expect(forwarded(...lines)).toEqual(lines);
    expect(head.expectsContinue).toBe(true);
  });

  it('holds nothing back where there is no body', () => {
    expect(read('GET / HTTP/1.1', 'Host: a', 'Expect: 100-continue').expectsContinue).toBe(false);
  });

  it('means nothing in HTTP/1.0 and is dropped there', () => {
    expect(
      forwarded('POST / HTTP/1.0', 'Host: a', 'Content-Length: 5', 'Expect: 100-continue'),
    ).toEqual(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 5']);
    expect(head.expectsContinue).toBe(false);
    expect(read('GET / HTTP/1.0', 'Host: a', 'Expect: x').expectsContinue).toBe(false);
  });
});

describe('the client connection', () => {
  it.each([
    ['HTTP/1.1', [], true],
    ['HTTP/1.1', ['Connection: close'], false],
    ['HTTP/1.1', ['Connection: Keep-Alive, CLOSE'], false],
    ['HTTP/1.1', ['Connection: x', 'Connection: close'], false],
    ['HTTP/1.1', ['Connection: closed'], true],
    ['HTTP/1.0', [], false],
    ['HTTP/1.0', ['Connection: keep-alive'], true],
    ['HTTP/1.0', ['Connection: keep-alive, close'], false],
    ['HTTP/1.0', ['Proxy-Connection: keep-alive'], false],
  ])('of %s with %j is kept: %s', (version, fields, kept) => {
    expect(read(`GET / ${version}`, 'Host: a', ...fields).keepAlive).toBe(kept);
  });
});

describe('an upgrade', () => {
  const asked = ['GET / HTTP/1.1', 'Host: a', 'Connection: keep-alive, Upgrade'];

  it.each([
    ['websocket', 'websocket'],
    ['WebSocket', 'WebSocket'],
    ['foo/1', 'foo/1'],
    ['TLS/1.0, foo/1', 'TLS/1.0, foo/1'],
    ['h2c, websocket', 'websocket'],
    ['websocket, H2C', 'websocket'],
  ])('to %s is asked for upstream as %s', (value, passed) => {
    expect(forwarded(...asked, `Upgrade: ${value}`, 'Sec-WebSocket-Key: x')).toEqual([
      'GET / HTTP/1.1',
      'Host: a',
      'Sec-WebSocket-Key: x',
      'Connection: Upgrade',
      `Upgrade: ${passed}`,
    ]);
    expect(head.upgrade).toBe(passed);
    expect(head.replayable).toBe(false);
  });

  it.each([
    ['h2c', 'h2c'],
    ['h2c in capitals', 'H2C'],
    ['h2', 'h2'],
    ['h2c with a draft number', 'h2c-14'],
    ['HTTP/2 by its name', 'HTTP/2.0'],
    ['something malformed', 'h2c;x, websocket'],
    ['something quoted', '"h2c"'],
    ['two words', 'websocket h2c'],
    ['nothing', ''],
  ])('to %s is served plainly', (_what, value) => {
    expect(forwarded(...asked, `Upgrade: ${value}`)).toEqual(['GET / HTTP/1.1', 'Host: a']);
    expect(head.upgrade).toBe('');
  });

  it('over several fields is one list', () => {
    expect(read(...asked, 'Upgrade: a', 'Upgrade: h2c', 'Upgrade: b').upgrade).toBe('a, b');
  });

  it.each([
    ['not named in Connection', ['GET / HTTP/1.1', 'Host: a', 'Upgrade: websocket'], []],
    [
      'with a length',
      ['POST / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: w', 'Content-Length: 1'],
      ['Content-Length: 1'],
    ],
    [
      'with a chunked body',
      [
        'POST / HTTP/1.1',
        'Host: a',
        'Connection: Upgrade',
        'Upgrade: w',
        'Transfer-Encoding: chunked',
      ],
      ['Transfer-Encoding: chunked'],
    ],
    ['of HTTP/1.0', ['GET / HTTP/1.0', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'], []],
  ])('%s is served plainly', (_what, lines, rest) => {
    expect(forwarded(...lines).slice(2)).toEqual(rest);
    expect(head.upgrade).toBe('');
  });

  it('with an explicit length of 0 is one', () => {
    expect(read(...asked, 'Upgrade: websocket', 'Content-Length: 0').upgrade).toBe('websocket');
  });
});

describe('a request may be sent twice', () => {
  it.each([
    ['GET', [], true],
    ['HEAD', [], true],
    ['OPTIONS', ['Content-Length: 0'], true],
    ['GET', ['Content-Length: 1'], false],
    ['GET', ['Transfer-Encoding: chunked'], false],
    ['POST', [], false],
    ['DELETE', [], false],
    ['PUT', ['Content-Length: 0'], false],
    ['get', [], false],
  ])('%s with %j: %s', (method, fields, replayable) => {
    expect(read(`${method} / HTTP/1.1`, 'Host: a', ...fields).replayable).toBe(replayable);
  });
});
