// Request heads that no relay may pass on: tables for the reader alone and for a whole data plane.

import type { HeadFault } from '../../src/proxy/http/fields.ts';

/** A head of `lines` after a sound request line and Host. */
export function withFields(...lines: string[]): string {
  return `POST /a HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** A request of nothing but its line and a Host. */
export function withLine(line: string): string {
  return `${line}\r\nHost: a\r\n\r\n`;
}

/** [what is wrong, request line, fault]. */
export const REFUSED_LINES: readonly (readonly [string, string, HeadFault])[] = [
  ['nothing', '', 'bad-method'],
  ['a leading space', ' GET / HTTP/1.1', 'bad-method'],
  ['a tab after the method', 'GET\t/ HTTP/1.1', 'bad-request-line'],
  ['two spaces after the method', 'GET  / HTTP/1.1', 'bad-target'],
  ['two spaces before the version', 'GET /  HTTP/1.1', 'bad-target'],
  ['a space at the end', 'GET / HTTP/1.1 ', 'bad-target'],
  ['a space in the target', 'GET /a b HTTP/1.1', 'bad-target'],
  ['no target', 'GET HTTP/1.1', 'bad-request-line'],
  ['an empty target', 'GET  HTTP/1.1', 'bad-request-line'],
  ['no version (HTTP/0.9)', 'GET /', 'bad-request-line'],
  ['a method with a colon', 'GE:T / HTTP/1.1', 'bad-request-line'],
  ['a method with a NUL', 'GE\0T / HTTP/1.1', 'bad-request-line'],
  ['a method beyond ASCII', 'G\xc9T / HTTP/1.1', 'bad-request-line'],
  ['a method in brackets', '{GET} / HTTP/1.1', 'bad-method'],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1', 'method-refused'],
  ['TRACE', 'TRACE / HTTP/1.1', 'method-refused'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0', 'bad-version'],
  ['version 0.9', 'GET / HTTP/0.9', 'bad-version'],
  ['version 1.2', 'GET / HTTP/1.2', 'bad-version'],
  ['version 2.0', 'GET / HTTP/2.0', 'bad-version'],
  ['version 1.10', 'GET / HTTP/1.10', 'bad-target'],
  ['version 1,1', 'GET / HTTP/1,1', 'bad-request-line'],
  ['a version of letters', 'GET / HTTP/x.y', 'bad-request-line'],
  ['a lower-case version', 'GET / http/1.1', 'bad-request-line'],
  ['another protocol', 'GET / ICAP/1.0', 'bad-request-line'],
  ['a relative target', 'GET a HTTP/1.1', 'bad-target'],
  ['a bare authority', 'GET a:80 HTTP/1.1', 'bad-target'],
  ['an asterisk without OPTIONS', 'GET * HTTP/1.1', 'bad-target'],
  ['an asterisk with more', 'OPTIONS *a HTTP/1.1', 'bad-target'],
  ['another scheme', 'GET ftp://a/ HTTP/1.1', 'bad-target'],
  ['a scheme without authority', 'GET http:///a HTTP/1.1', 'bad-target'],
  ['a scheme with one slash', 'GET http:/a HTTP/1.1', 'bad-target'],
  ['user information in the target', 'GET http://u@a/ HTTP/1.1', 'bad-target'],
  ['user and password in the target', 'GET http://u:p@a/ HTTP/1.1', 'bad-target'],
  ['a backslash in the authority', 'GET http://a\\@b/ HTTP/1.1', 'bad-target'],
  ['a comma in the authority', 'GET http://a,b/ HTTP/1.1', 'bad-target'],
  ['a fragment', 'GET /a#b HTTP/1.1', 'bad-target'],
  ['a fragment of an absolute target', 'GET http://a#b HTTP/1.1', 'bad-target'],
  ['a NUL in the target', 'GET /\0 HTTP/1.1', 'bad-target'],
  ['a tab in the target', 'GET /\t HTTP/1.1', 'bad-target'],
  ['DEL in the target', 'GET /\x7f HTTP/1.1', 'bad-target'],
  ['raw UTF-8 in the target', 'GET /\xc3\xa9 HTTP/1.1', 'bad-target'],
  ['a bare CR in the target', 'GET /\ra HTTP/1.1', 'bad-target'],
  ['a bare CR before the version', 'GET /\rHTTP/1.1', 'bad-request-line'],
  ['a bare LF in the target', 'GET /\na HTTP/1.1', 'bad-target'],
  ['a bare LF after the version', 'GET / HTTP/1.1\nX: y', 'bad-target'],
  ['a bare CR after the version', 'GET / HTTP/1.1\r', 'bad-target'],
  ['another host than the target', 'GET http://b/ HTTP/1.1', 'host-against-target'],
  ['another port than the target', 'GET http://a:81/ HTTP/1.1', 'host-against-target'],
  ['the port of the other scheme', 'GET http://a:443/ HTTP/1.1', 'host-against-target'],
];

/** [what is wrong, fields after the Host, fault]. */
export const REFUSED_FIELDS: readonly (readonly [string, readonly string[], HeadFault])[] = [
  // Lines.
  ['a folded line', ['X: a', ' b'], 'folded-line'],
  ['a line folded by a tab', ['X: a', '\tb'], 'folded-line'],
  ['a folded Content-Length', ['Content-Length:', ' 5'], 'folded-line'],
  ['no colon', ['Xa'], 'no-colon'],
  ['an empty name', [': a'], 'bad-name'],
  ['a space before the colon', ['X : a'], 'space-before-colon'],
  ['a tab before the colon', ['X\t: a'], 'space-before-colon'],
  ['a space in a name', ['X Y: a'], 'space-before-colon'],
  ['Content-Length and a space', ['Content-Length : 5'], 'space-before-colon'],
  ['a parenthesis in a name', ['X(: a'], 'bad-name'],
  ['a NUL in a name', ['X\0: a'], 'bad-name'],
  ['a name beyond ASCII', ['X\xe9: a'], 'bad-name'],
  ['a quoted name', ['"X": a'], 'bad-name'],
  ['a NUL in a value', ['X: a\0b'], 'control-character'],
  ['a BEL in a value', ['X: a\x07'], 'control-character'],
  ['ESC in a value', ['X: \x1b[1m'], 'control-character'],
  ['DEL in a value', ['X: a\x7f'], 'control-character'],
  ['a vertical tab in a value', ['X: a\x0bb'], 'control-character'],
  ['a bare LF in a value', ['X: a\nY: b'], 'bare-line-feed'],
  ['a bare LF that hides a field', ['X: a\nTransfer-Encoding: chunked'], 'bare-line-feed'],
  ['a bare CR in a value', ['X: a\rb'], 'bare-carriage-return'],
  ['a bare CR that hides a field', ['X: a\rTransfer-Encoding: chunked'], 'bare-carriage-return'],
  ['two CRs at the end of a line', ['X: a\r'], 'bare-carriage-return'],
  ['a bare LF in a name', ['X\nY: b'], 'bare-line-feed'],
  ['a bare CR in a name', ['X\rY: b'], 'no-colon'],
  // Host.
  ['a second Host', ['Host: b'], 'two-hosts'],
  ['a second Host that is equal', ['Host: a'], 'two-hosts'],
  ['a second Host in other case', ['hOST: a'], 'two-hosts'],
  // Length and encoding.
  ['an empty length', ['Content-Length:'], 'bad-length'],
  ['a length with a sign', ['Content-Length: +5'], 'bad-length'],
  ['a negative length', ['Content-Length: -5'], 'bad-length'],
  ['a hexadecimal length', ['Content-Length: 0x5'], 'bad-length'],
  ['a length with a fraction', ['Content-Length: 5.0'], 'bad-length'],
  ['a length with an exponent', ['Content-Length: 1e1'], 'bad-length'],
  ['a length with a space inside', ['Content-Length: 5 5'], 'bad-length'],
  ['a list of equal lengths', ['Content-Length: 5, 5'], 'bad-length'],
  ['a length with a no-break space', ['Content-Length: 5\xa0'], 'bad-length'],
  ['a length beyond reason', ['Content-Length: 99999999999999999999'], 'bad-length'],
  ['a length that overflows to 5', ['Content-Length: 18446744073709551621'], 'bad-length'],
  ['a length of letters', ['Content-Length: five'], 'bad-length'],
  ['two lengths', ['Content-Length: 5', 'Content-Length: 6'], 'two-lengths'],
  ['two equal lengths', ['Content-Length: 5', 'Content-Length: 5'], 'two-lengths'],
  ['two zero lengths', ['Content-Length: 0', 'Content-Length: 0'], 'two-lengths'],
  ['a length of 0, then 5', ['Content-Length: 0', 'Content-Length: 5'], 'two-lengths'],
  [
    'a length, then an encoding',
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    'length-and-encoding',
  ],
  [
    'an encoding, then a length',
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    'length-and-encoding',
  ],
  [
    'a length of 0 and an encoding',
    ['Content-Length: 0', 'Transfer-Encoding: chunked'],
    'length-and-encoding',
  ],
  ['an empty encoding', ['Transfer-Encoding:'], 'bad-encoding'],
  ['gzip, then chunked', ['Transfer-Encoding: gzip, chunked'], 'bad-encoding'],
  ['chunked, then gzip', ['Transfer-Encoding: chunked, gzip'], 'bad-encoding'],
  ['chunked twice in a list', ['Transfer-Encoding: chunked, chunked'], 'bad-encoding'],
  ['a list with an empty member', ['Transfer-Encoding: , chunked'], 'bad-encoding'],
  ['identity', ['Transfer-Encoding: identity'], 'bad-encoding'],
  ['gzip', ['Transfer-Encoding: gzip'], 'bad-encoding'],
  ['xchunked', ['Transfer-Encoding: xchunked'], 'bad-encoding'],
  ['chunked with a parameter', ['Transfer-Encoding: chunked;q=1'], 'bad-encoding'],
  ['chunked in quotes', ['Transfer-Encoding: "chunked"'], 'bad-encoding'],
  ['chunked and a no-break space', ['Transfer-Encoding: chunked\xa0'], 'bad-encoding'],
  ['chunked and a vertical tab', ['Transfer-Encoding: \x0bchunked'], 'control-character'],
  ['two words', ['Transfer-Encoding: chunked x'], 'bad-encoding'],
  ['two encodings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'two-encodings'],
  [
    'a second encoding that is none',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    'two-encodings',
  ],
  // The rest.
  ['another expectation', ['Expect: 200-ok'], 'unknown-expectation'],
  ['an empty expectation', ['Expect:'], 'unknown-expectation'],
  ['a list of expectations', ['Expect: 100-continue, x'], 'unknown-expectation'],
  ['two app ids', ['X-Marathon-App-Id: /a', 'X-Marathon-App-Id: /b'], 'two-app-ids'],
];

/** A request with this Host. */
export function withHost(host: string): string {
  return `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** [what is wrong, Host]; the fault is `bad-host`. */
export const REFUSED_HOSTS: readonly (readonly [string, string])[] = [
  ['user information', 'u@a'],
  ['a space', 'a b'],
  ['a comma', 'a, b'],
  ['a slash', 'a/b'],
  ['a whole URI', 'http://a'],
  ['non-ASCII letters', 'caf\xe9.test'],
  ['a port of letters', 'a:http'],
  ['a port alone', ':80'],
  ['two ports', 'a:80:80'],
  ['a port too long', 'a:123456'],
  ['an unclosed bracket', '[::1'],
  ['text after the bracket', '[::1]x'],
  ['a query', 'a?b'],
  ['a backslash', 'a\\b'],
  ['a quote', 'a"b'],
  ['more than any host has', 'a'.repeat(301)],
];
