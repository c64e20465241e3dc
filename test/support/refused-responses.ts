// Response heads that are answered with 502: a table for the reader alone and for a whole data plane.

import type { HeadFault } from '../../src/proxy/http/fields.ts';

const OK = 'HTTP/1.1 200 OK';

/** [what is wrong, lines of the head, fault]. */
export const REFUSED_RESPONSES: readonly (readonly [string, readonly string[], HeadFault])[] = [
  ['nothing', [''], 'bad-status-line'],
  ['garbage', ['hello'], 'bad-status-line'],
  ['a request', ['GET / HTTP/1.1', 'Host: a'], 'bad-status-line'],
  ['another protocol', ['ICY 200 OK'], 'bad-status-line'],
  ['version 2', ['HTTP/2 200'], 'bad-status-line'],
  ['version 1.2', ['HTTP/1.2 200 OK'], 'bad-version'],
  ['a lower-case version', ['http/1.1 200 OK'], 'bad-status-line'],
  ['no status', ['HTTP/1.1 '], 'bad-status-line'],
  ['no status and no space', ['HTTP/1.1'], 'bad-status-line'],
  ['a status of two digits', ['HTTP/1.1 20'], 'bad-status-line'],
  ['a status of four digits', ['HTTP/1.1 2000 OK'], 'bad-status-line'],
  ['status 099', ['HTTP/1.1 099 OK'], 'bad-status-line'],
  ['status 000', ['HTTP/1.1 000 OK'], 'bad-status-line'],
  ['status 600', ['HTTP/1.1 600 OK'], 'bad-status-line'],
  ['a status of letters', ['HTTP/1.1 abc OK'], 'bad-status-line'],
  ['a negative status', ['HTTP/1.1 -20 OK'], 'bad-status-line'],
  ['two spaces before the status', ['HTTP/1.1  200 OK'], 'bad-status-line'],
  ['a tab before the status', ['HTTP/1.1\t200 OK'], 'bad-status-line'],
  ['a NUL in the reason', ['HTTP/1.1 200 O\0K'], 'control-character'],
  ['a BEL in the reason', ['HTTP/1.1 200 \x07'], 'control-character'],
  ['a bare LF in the reason', ['HTTP/1.1 200 OK\nX: y'], 'control-character'],
  ['a bare CR in the reason', ['HTTP/1.1 200 OK\rX: y'], 'control-character'],
  ['a folded line', [OK, 'X: a', ' b'], 'folded-line'],
  ['no colon', [OK, 'Xa'], 'no-colon'],
  ['a space before the colon', [OK, 'X : a'], 'space-before-colon'],
  ['a NUL in a value', [OK, 'X: \0'], 'control-character'],
  ['a bare LF in a value', [OK, 'X: a\nSet-Cookie: b'], 'bare-line-feed'],
  ['a bare CR in a value', [OK, 'X: a\rSet-Cookie: b'], 'bare-carriage-return'],
  ['an empty name', [OK, ': a'], 'bad-name'],
  ['two lengths', [OK, 'Content-Length: 1', 'Content-Length: 2'], 'two-lengths'],
  ['two equal lengths', [OK, 'Content-Length: 1', 'Content-Length: 1'], 'two-lengths'],
  ['a bad length', [OK, 'Content-Length: 1x'], 'bad-length'],
  ['a negative length', [OK, 'Content-Length: -1'], 'bad-length'],
  ['an empty length', [OK, 'Content-Length:'], 'bad-length'],
  [
    'a length and an encoding',
    [OK, 'Content-Length: 1', 'Transfer-Encoding: chunked'],
    'length-and-encoding',
  ],
  ['an empty encoding', [OK, 'Transfer-Encoding:'], 'unknown-encoding'],
  ['gzip, chunked', [OK, 'Transfer-Encoding: gzip, chunked'], 'unknown-encoding'],
  ['identity', [OK, 'Transfer-Encoding: identity'], 'unknown-encoding'],
  [
    'two encodings',
    [OK, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    'two-encodings',
  ],
  ['an encoding in HTTP/1.0', ['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'], 'encoding-in-1.0'],
  ['a 101 to nothing', ['HTTP/1.1 101 S', 'Connection: Upgrade'], 'bad-upgrade'],
  ['a 101 to HTTP/2', ['HTTP/1.1 101 S', 'Upgrade: h2c'], 'bad-upgrade'],
];
