// Fields: lines that are read as more or fewer, and attempts to forge or to strip what servers trust.

import { get, head, post, type RefusedRow, type ServedRow } from './rows.ts';

const CONTROLS = [...'\0\x01\x07\x08\x0b\x0c\x0e\x1b\x1f\x7f'];

function hex(byte: string): string {
  return `0x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

const controls = CONTROLS.flatMap((byte): RefusedRow[] => [
  [`${hex(byte)} in a name`, get(`X${byte}Y: a`), 400],
  [`${hex(byte)} before a name`, get(`${byte}X: a`), 400],
  [`${hex(byte)} before the colon`, get(`X${byte}: a`), 400],
  [`${hex(byte)} first in a value`, get(`X:${byte}a`), 400],
  [`${hex(byte)} in a value`, get(`X: a${byte}b`), 400],
  [`${hex(byte)} last in a value`, get(`X: a${byte}`), 400],
]);

export const REFUSED_FIELDS: readonly RefusedRow[] = [
  ...controls,
  ...[...'"(),/:;<=>?@[\\]{} \x80\xa0\xff'].map(
    (byte): RefusedRow => [`${hex(byte)} as a name`, get(`${byte}: a`), 400],
  ),
  ...[...'"(),/;<=>?@[\\]{} \x80\xa0\xff'].map(
    (byte): RefusedRow => [`${hex(byte)} last in a name`, get(`X${byte}: a`), 400],
  ),
  ['an empty name', get(': a'), 400],
  ['an empty name before a framing one', get(': Transfer-Encoding: chunked'), 400],
  ['a colon alone', get(':'), 400],
  ['a name alone', get('X'), 400],
  ['a space alone', get(' '), 400],
  ['a tab alone', get('\t'), 400],
  ['a folded line', get('X: a', ' b'), 400],
  ['a line folded by a tab', get('X: a', '\tb'), 400],
  ['a folded empty line', get('X: a', ' '), 400],
  ['a folded first line', 'GET /g HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n', 400],
  ['a folded last line', 'GET /g HTTP/1.1\r\nHost: a\r\n \r\n\r\n', 400],
  ['LF in a value', get('X: a\nY: b'), 400],
  ['LF last in a value', get('X: a\n'), 400],
  ['LF first in a value', get('X:\na'), 400],
  ['LF CR in a value', get('X: a\n\rY: b'), 400],
  ['LF LF in a value', get('X: a\n\nY: b'), 400],
  ['an end of the head of LFs', 'GET /g HTTP/1.1\r\nHost: a\n\n', 400],
  ['an end of the head of LF CRLF', 'GET /g HTTP/1.1\r\nHost: a\r\nX: a\n\r\n', 400],
  ['CR in a value', get('X: a\rY: b'), 400],
  ['CR last in a value', get('X: a\r'), 400],
  ['CR first in a value', get('X:\ra'), 400],
  ['CR CR in a value', get('X: a\r\rY: b'), 400],
  ['CR before the colon', get('X\r: a'), 400],
  ['CR in front of a line', get('\rX: a'), 400],
  ['CR and a space', get('X: a\r Y: b'), 400],
  ['an end of the head of CRs', 'GET /g HTTP/1.1\r\nHost: a\r\r\n\r\n', 400],
  ['two app ids', get('X-Marathon-App-Id: /a', 'X-Marathon-App-Id: /b'), 400],
  ['two equal app ids', get('X-Marathon-App-Id: /a', 'x-marathon-app-id: /a'), 400],
  ['an expectation of something', get('Expect: something'), 417],
  ['an expectation of 100', get('Expect: 100'), 417],
  ['an expectation with a parameter', post('Expect: 100-continue;a', 'Content-Length: 5'), 417],
  ['an expectation of two things', post('Expect: 100-continue, x', 'Content-Length: 5'), 417],
  ['an expectation in quotes', post('Expect: "100-continue"', 'Content-Length: 5'), 417],
  [
    'two expectations, one unknown',
    post('Expect: 100-continue', 'Expect: x', 'Content-Length: 5'),
    417,
  ],
];

const XFF = 'X-Forwarded-For: 127.0.0.1';

/** [what, fields sent, fields expected upstream (Host left out)]. */
const FIELD_ROWS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  // Forged.
  ['X-Forwarded-Proto is ours', ['X-Forwarded-Proto: https'], []],
  ['X-Forwarded-Port is ours', ['X-Forwarded-Port: 443'], []],
  ['X-Forwarded-Proto twice is ours', ['X-Forwarded-Proto: https', 'x-forwarded-proto: wss'], []],
  ['X_Forwarded_For is dropped', ['X_Forwarded_For: 10.0.0.1'], []],
  ['X-Forwarded_For is dropped', ['X-Forwarded_For: 10.0.0.1'], []],
  ['x_forwarded-proto is dropped', ['x_forwarded-proto: https'], []],
  ['X_Forwarded_Host is dropped', ['X_Forwarded_Host: b'], []],
  ['X_Real_IP is dropped', ['X_Real_IP: 10.0.0.1'], []],
  ['X_Marathon_App_Id is dropped', ['X_Marathon_App_Id: /b'], []],
  ['Transfer_Encoding is dropped', ['Transfer_Encoding: chunked'], []],
  ['Keep_Alive is dropped', ['Keep_Alive: 5'], []],
  // Stripped by Connection, or not.
  ['Connection naming Host', ['Connection: Host'], []],
  ['Connection naming close and Host', ['Connection: keep-alive, Host'], []],
  [
    'Connection naming X-Forwarded-*',
    ['Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host', 'X-Forwarded-Host: b'],
    ['X-Forwarded-Host: b'],
  ],
  [
    'Connection naming X-Real-IP',
    ['Connection: X-Real-IP', 'X-Real-IP: 1.2.3.4'],
    ['X-Real-IP: 1.2.3.4'],
  ],
  [
    'Connection naming Forwarded',
    ['Connection: Forwarded', 'Forwarded: for=b'],
    ['Forwarded: for=b'],
  ],
  ['Connection naming Via', ['Connection: Via', 'Via: 1.1 b'], ['Via: 1.1 b']],
  ['Connection naming Cookie', ['Connection: cookie', 'Cookie: a=b'], ['Cookie: a=b']],
  [
    'Connection naming Authorization',
    ['Connection: AUTHORIZATION', 'Authorization: Basic x'],
    ['Authorization: Basic x'],
  ],
  [
    'Connection naming Content-Type',
    ['Connection: Content-Type', 'Content-Type: a/b'],
    ['Content-Type: a/b'],
  ],
  [
    'Connection naming the app id',
    ['Connection: X-Marathon-App-Id', 'X-Marathon-App-Id: /b'],
    ['X-Marathon-App-Id: /b'],
  ],
  ['Connection naming any other', ['Connection: X-Hop', 'X-Hop: 1', 'X-Stay: 2'], ['X-Stay: 2']],
  ['Connection naming one that stands before', ['X-Hop: 1', 'Connection: x-hop'], []],
  ['Connection naming one that stands twice', ['X-Hop: 1', 'Connection: X-Hop', 'X-HOP: 2'], []],
  ['Connection in two lines', ['Connection: X-A', 'Connection: X-B', 'X-A: 1', 'X-B: 2'], []],
  ['Connection between commas', ['Connection: ,, X-A ,,', 'X-A: 1'], []],
  ['Connection of commas', ['Connection: ,,,'], []],
  ['an empty Connection', ['Connection:'], []],
  ['Connection naming itself', ['Connection: Connection'], []],
  ['Connection of noise', ['Connection: "a b", \xff, {', 'X: 1'], ['X: 1']],
  ['Connection_ is another field', ['Connection_: close'], ['Connection_: close']],
  // Hop by hop.
  ['Keep-Alive', ['Keep-Alive: timeout=5'], []],
  ['Proxy-Connection', ['Proxy-Connection: keep-alive'], []],
  ['Proxy-Authorization', ['Proxy-Authorization: Basic x'], []],
  ['TE: gzip', ['TE: gzip'], []],
  ['TE: trailers', ['TE: trailers'], ['TE: trailers', 'Connection: TE']],
  ['TE: trailers among others', ['TE: gzip, trailers'], ['TE: trailers', 'Connection: TE']],
  ['TE: trailers twice', ['TE: trailers', 'TE: trailers'], ['TE: trailers', 'Connection: TE']],
  ['Upgrade without Connection', ['Upgrade: websocket'], []],
  [
    'Upgrade to h2c',
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: A'],
    [],
  ],
  ['Upgrade to h2c and more', ['Connection: Upgrade', 'Upgrade: h2c, h2, HTTP/2.0, h3'], []],
  ['Upgrade to H2C in capitals', ['Connection: upgrade', 'Upgrade: H2C'], []],
  ['Upgrade to nonsense', ['Connection: Upgrade', 'Upgrade: web socket'], []],
  ['HTTP2-Settings alone', ['HTTP2-Settings: A'], []],
  ['Trailer without trailers', ['Trailer: Content-Length'], []],
  // Odd but sound.
  ['an empty value', ['X:'], ['X:']],
  ['a value of spaces', ['X:   '], ['X:   ']],
  ['tabs and spaces inside', ['X: a \t b'], ['X: a \t b']],
  ['bytes beyond ASCII', ['X: \x80\xa0\xff'], ['X: \x80\xa0\xff']],
  ['colons', ['X: a: b: c'], ['X: a: b: c']],
  ['escaped line ends', ['X: a%0d%0aY: b'], ['X: a%0d%0aY: b']],
  ['written line ends', ['X: a\\r\\nY: b'], ['X: a\\r\\nY: b']],
  ['UTF-8 that ends in a line end elsewhere', ['X: \xc4\x8d\xc4\x8a'], ['X: \xc4\x8d\xc4\x8a']],
  [
    'names of a prototype',
    ['__proto__: a', 'constructor: b', 'toString: c'],
    ['__proto__: a', 'constructor: b', 'toString: c'],
  ],
  ['a name of punctuation', ["!#$%&'*+-.^_`|~: a"], ["!#$%&'*+-.^_`|~: a"]],
  ['a name of 1,000 letters', [`${'n'.repeat(1_000)}: a`], [`${'n'.repeat(1_000)}: a`]],
  ['90 fields', Array<string>(90).fill('X: a'), Array<string>(90).fill('X: a')],
  [
    'Cookie in three lines',
    ['Cookie: a', 'Cookie: b', 'Cookie: c'],
    ['Cookie: a', 'Cookie: b', 'Cookie: c'],
  ],
  [
    'Range of a thousand parts',
    [`Range: bytes=${'0-,'.repeat(1_000)}`],
    [`Range: bytes=${'0-,'.repeat(1_000)}`],
  ],
  [
    'X-HTTP-Method-Override',
    ['X-HTTP-Method-Override: DELETE'],
    ['X-HTTP-Method-Override: DELETE'],
  ],
  ['Expect without a body', ['Expect: 100-continue'], ['Expect: 100-continue']],
];

/** [what, X-Forwarded-For lines sent, the one expected upstream]. */
const FORWARDED_ROWS: readonly (readonly [string, readonly string[], string])[] = [
  ['one', ['X-Forwarded-For: 10.0.0.1'], 'X-Forwarded-For: 10.0.0.1, 127.0.0.1'],
  ['a list', ['X-Forwarded-For: a, b'], 'X-Forwarded-For: a, b, 127.0.0.1'],
  ['two lines', ['X-Forwarded-For: a', 'X-Forwarded-For: b'], 'X-Forwarded-For: a, b, 127.0.0.1'],
  ['an empty one', ['X-Forwarded-For:'], XFF],
  ['commas', ['X-Forwarded-For: ,'], 'X-Forwarded-For: ,, 127.0.0.1'],
  [
    'named by Connection',
    ['Connection: X-Forwarded-For', 'X-Forwarded-For: a'],
    'X-Forwarded-For: a, 127.0.0.1',
  ],
  ['escaped line ends', ['X-Forwarded-For: a%0d%0ab'], 'X-Forwarded-For: a%0d%0ab, 127.0.0.1'],
  ['a quote left open', ['X-Forwarded-For: "a'], 'X-Forwarded-For: "a, 127.0.0.1'],
  ['8-bit bytes', ['X-Forwarded-For: \xff'], 'X-Forwarded-For: \xff, 127.0.0.1'],
  [
    'a thousand addresses',
    [`X-Forwarded-For: ${Array<string>(1_000).fill('10.0.0.1').join(', ')}`],
    `X-Forwarded-For: ${Array<string>(1_000).fill('10.0.0.1').join(', ')}, 127.0.0.1`,
  ],
];

export const SERVED_FIELDS: readonly ServedRow[] = FIELD_ROWS.map(([what, sent, expected]) => [
  what,
  get(...sent),
  head('GET /g HTTP/1.1', 'Host: a', ...expected),
  '',
]);

/** The head ends with the X-Forwarded-For expected. */
export const SERVED_FORWARDED: readonly ServedRow[] = FORWARDED_ROWS.map(
  ([what, sent, expected]) => [
    what,
    get(...sent),
    head('GET /g HTTP/1.1', 'Host: a', expected),
    '',
  ],
);
