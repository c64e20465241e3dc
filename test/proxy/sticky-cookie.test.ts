import { describe, expect, it } from 'vitest';
import { cookieOf, SERVER_COOKIE, takeCookie, withCookie } from '../../src/proxy/sticky.ts';

const request = (...lines: string[]) =>
  ['GET / HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n');
const response = (status: number, ...lines: string[]) =>
  [`HTTP/1.1 ${status} X`, 'Content-Length: 2', ...lines, '', ''].join('\r\n');

const COOKIE = { name: SERVER_COOKIE, value: 'ab' };

describe('the value of the cookie', () => {
  it('is what Marathon-LB makes of the name of the server', () => {
    // printf 10_0_6_25_23336 | sha1sum
    expect(cookieOf('10_0_6_25_23336')).toBe('60b0c37648');
  });
});

describe('taking the cookie out of a request', () => {
  it.each([
    [['Cookie: mesosphere_server_id=ab'], 'ab', []],
    [['Cookie: a=1; mesosphere_server_id=ab; c=2'], 'ab', ['Cookie: a=1; c=2']],
    [['cookie:mesosphere_server_id=ab;c=2'], 'ab', ['cookie: c=2']],
    [['Cookie: a=1;  mesosphere_server_id=ab  '], 'ab', ['Cookie: a=1']],
    [['Cookie: a=1', 'X: y', 'COOKIE: mesosphere_server_id=ab'], 'ab', ['Cookie: a=1', 'X: y']],
    [['Cookie: mesosphere_server_id=ab; mesosphere_server_id=cd'], 'ab', []],
    [['Cookie: mesosphere_server_id='], '', []],
    [['Cookie: xmesosphere_server_id=ab'], '', ['Cookie: xmesosphere_server_id=ab']],
    [['Cookie: Mesosphere_Server_Id=ab'], '', ['Cookie: Mesosphere_Server_Id=ab']],
    [['X: Cookie: mesosphere_server_id=ab'], '', ['X: Cookie: mesosphere_server_id=ab']],
    [['X-Cookie: mesosphere_server_id=ab'], '', ['X-Cookie: mesosphere_server_id=ab']],
    [
      ['Cookie: q="a; b"; c=mesosphere_server_id=x'],
      '',
      ['Cookie: q="a; b"; c=mesosphere_server_id=x'],
    ],
    [[], '', []],
  ])('%j gives %j and leaves %j', (lines, value, left) => {
    expect(takeCookie(request(...lines), SERVER_COOKIE)).toEqual({ head: request(...left), value });
  });

  it('leaves the request line alone', () => {
    const head = 'GET /?mesosphere_server_id=ab HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(takeCookie(head, SERVER_COOKIE)).toEqual({ head, value: '' });
  });
});

describe('setting the cookie', () => {
  const set = 'Set-Cookie: mesosphere_server_id=ab; path=/';

  it('puts it after the fields of the response', () => {
    expect(withCookie(response(500, 'X: y'), 'GET', 500, COOKIE)).toBe(response(500, 'X: y', set));
  });

  it.each([
    ['GET', 200, [], true],
    ['HEAD', 404, [], true],
    ['OPTIONS', 301, ['Cache-Control: max-age=60'], true],
    ['POST', 200, [], false],
    ['POST', 200, ['Cache-Control: public'], true],
    ['GET', 302, [], false],
    ['GET', 503, [], false],
    ['GET', 302, ['cache-control: PUBLIC, max-age=9'], true],
    ['GET', 200, ['Cache-Control: private'], false],
    ['GET', 200, ['Cache-Control: max-age=60, no-store'], false],
    ['GET', 200, ['cache-control: no-cache'], false],
    ['GET', 200, ['cache-control: max-age=0'], false],
    ['GET', 200, ['cache-control: max-age=01'], true],
    ['GET', 200, ['Pragma: no-cache'], false],
    ['GET', 200, ['X-Cache-Control: private'], true],
  ])('%s %i with %j says private: %j', (method, status, lines, isPrivate) => {
    const control = isPrivate ? ['Cache-control: private'] : [];
    expect(withCookie(response(status, ...lines), method, status, COOKIE)).toBe(
      response(status, ...lines, set, ...control),
    );
  });
});
