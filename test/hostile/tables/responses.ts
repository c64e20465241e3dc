// Responses of servers that are broken, hostile or no HTTP servers at all.

/** [what is wrong, bytes]. Answered for with 502; not a byte of it reaches the client. */
export type BadResponseRow = readonly [what: string, bytes: string];

/** [what is odd, bytes, head as the client sees it, body]. */
export type GoodResponseRow = readonly [what: string, bytes: string, head: string, body: string];

const OK = 'HTTP/1.1 200 OK';
const CONTROLS = [...'\0\x01\x07\x08\x0b\x0c\x0e\x1b\x1f\x7f'];
const SPACES = [...'\x0b\x0c\0\xa0\x85\xff'];

function hex(byte: string): string {
  return `0x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** A head of these lines, and five bytes. */
function answer(...lines: string[]): string {
  return `${lines.map((line) => `${line}\r\n`).join('')}\r\nhello`;
}

/** A whole 200 with these fields. */
function fields(...lines: string[]): string {
  return answer(OK, 'Content-Length: 5', ...lines);
}

/** A chunked 200 with this encoding in place of its own. */
function encoded(...lines: string[]): string {
  return `${OK}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n5\r\nhello\r\n0\r\n\r\n`;
}

function statusLine(line: string): string {
  return answer(line, 'Content-Length: 5');
}

export const BAD_STATUS_LINES: readonly BadResponseRow[] = [
  ...CONTROLS.map(
    (byte): BadResponseRow => [`${hex(byte)} in the reason`, statusLine(`${OK}${byte}`)],
  ),
  ...SPACES.map(
    (byte): BadResponseRow => [
      `${hex(byte)} before the status`,
      statusLine(`HTTP/1.1${byte}200 OK`),
    ],
  ),
  ...SPACES.map(
    (byte): BadResponseRow => [
      `${hex(byte)} behind the status`,
      statusLine(`HTTP/1.1 200${byte}OK`),
    ],
  ),
  ['an empty line before it', `\r\n${statusLine(OK)}`],
  ['LF before it', `\n${statusLine(OK)}`],
  ['a space before it', ` ${statusLine(OK)}`],
  ['a byte order mark before it', `\xef\xbb\xbf${statusLine(OK)}`],
  ['the end of another body before it', `0\r\n\r\n${statusLine(OK)}`],
  ['no status', statusLine('HTTP/1.1')],
  ['a space for a status', statusLine('HTTP/1.1 ')],
  ['a reason for a status', statusLine('HTTP/1.1 OK')],
  ['one digit', statusLine('HTTP/1.1 2 OK')],
  ['two digits', statusLine('HTTP/1.1 20 OK')],
  ['four digits', statusLine('HTTP/1.1 2000 OK')],
  ['three digits and letters', statusLine('HTTP/1.1 200OK')],
  ['three digits and a tab', statusLine('HTTP/1.1 200\tOK')],
  ['a status with a plus', statusLine('HTTP/1.1 +20 OK')],
  ['a status with a minus', statusLine('HTTP/1.1 -20 OK')],
  ['a status with a dot', statusLine('HTTP/1.1 2.0 OK')],
  ['a status in hexadecimal', statusLine('HTTP/1.1 0xc OK')],
  ['a status with a space inside', statusLine('HTTP/1.1 2 0 OK')],
  ['a status of letters', statusLine('HTTP/1.1 abc OK')],
  ['status 000', statusLine('HTTP/1.1 000 OK')],
  ['status 099', statusLine('HTTP/1.1 099 OK')],
  ['status 600', statusLine('HTTP/1.1 600 OK')],
  ['status 999', statusLine('HTTP/1.1 999 OK')],
  ['two spaces before the status', statusLine('HTTP/1.1  200 OK')],
  ['no space before the status', statusLine('HTTP/1.1200 OK')],
  ['version 0.9', statusLine('HTTP/0.9 200 OK')],
  ['version 1', statusLine('HTTP/1 200 OK')],
  ['version 1.', statusLine('HTTP/1. 200 OK')],
  ['version 1.2', statusLine('HTTP/1.2 200 OK')],
  ['version 1.10', statusLine('HTTP/1.10 200 OK')],
  ['version 01.1', statusLine('HTTP/01.1 200 OK')],
  ['version 2', statusLine('HTTP/2 200 OK')],
  ['version 2.0', statusLine('HTTP/2.0 200 OK')],
  ['version 3.0', statusLine('HTTP/3.0 200 OK')],
  ['small letters', statusLine('http/1.1 200 OK')],
  ['a space in the version', statusLine('HTTP /1.1 200 OK')],
  ['a bare LF in the reason', statusLine(`${OK}\nX: y`)],
  ['a bare CR in the reason', statusLine(`${OK}\rX: y`)],
  ['LF at its end', `${OK}\nContent-Length: 5\r\n\r\nhello`],
  ['LF at every end', `${OK}\nContent-Length: 5\n\nhello`],
  ['a reason of 20 KiB', statusLine(`HTTP/1.1 200 ${'x'.repeat(20_000)}`)],
];

export const NOT_HTTP: readonly BadResponseRow[] = [
  ['ICY', 'ICY 200 OK\r\n\r\n'],
  ['SIP', 'SIP/2.0 200 OK\r\n\r\n'],
  ['RTSP', 'RTSP/1.0 200 OK\r\n\r\n'],
  ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['SMTP', '220 mail ESMTP\r\n'],
  ['FTP', '220 ready\r\n'],
  ['POP3', '+OK ready\r\n'],
  ['IMAP', '* OK ready\r\n'],
  ['Redis', "-ERR unknown command 'GET'\r\n"],
  ['memcached', 'ERROR\r\n'],
  ['MySQL', 'J\0\0\0\n8.0.33\0'],
  ['PostgreSQL', 'E\0\0\0\x8bSFATAL\0'],
  ['a TLS alert', '\x15\x03\x01\0\x02\x02\x46'],
  ['a TLS hello', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['frames of HTTP/2', '\0\0\x12\x04\0\0\0\0\0'],
  ['a frame of a WebSocket', '\x81\x05hello'],
  ['a PROXY line', 'PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n'],
  ['gzip', '\x1f\x8b\x08\0\0\0\0\0\0\x03'],
  ['a page', '<html>hello</html>'],
  ['JSON', '{"hello": 1}\r\n\r\n'],
  ['an echo of the request', 'GET /attack HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['NULs', '\0'.repeat(100)],
  ['100 KiB of noise', Buffer.alloc(102_400, 0x80).toString('latin1')],
  ['HTTP and no more than that, and a line end', 'HTTP\r\n'],
];

export const BAD_FIELDS: readonly BadResponseRow[] = [
  ...CONTROLS.flatMap((byte): BadResponseRow[] => [
    [`${hex(byte)} in a name`, fields(`X${byte}Y: a`)],
    [`${hex(byte)} in a value`, fields(`X: a${byte}b`)],
    [`${hex(byte)} last in a value`, fields(`X: a${byte}`)],
  ]),
  ...[...'"(),/;<=>?@[\\]{} \x80\xff'].map(
    (byte): BadResponseRow => [`${hex(byte)} in a name`, fields(`X${byte}Y: a`)],
  ),
  ['an empty name', fields(': a')],
  ['a colon alone', fields(':')],
  ['no colon', fields('X')],
  ['a space before the colon', fields('X : a')],
  ['a tab before the colon', fields('X\t: a')],
  ['a folded line', fields('X: a', ' b')],
  ['a line folded by a tab', fields('X: a', '\tb')],
  ['a folded first line', answer(OK, ' X: a', 'Content-Length: 5')],
  ['a folded Set-Cookie', fields('Set-Cookie: a=b;', ' path=/')],
  ['LF in a value', fields('X: a\nSet-Cookie: b')],
  ['LF LF in a value', fields('X: a\n\n<html>')],
  ['CR in a value', fields('X: a\rSet-Cookie: b')],
  ['CR CR LF', fields('X: a\r')],
  ['CR before the colon', fields('X\r: a')],
  ['CR in front of a line', fields('\rX: a')],
  ['LF before the empty line', `${OK}\r\nContent-Length: 5\n\r\nhello`],
  ['another status line', fields('HTTP/1.1 200 OK')],
  ['101 fields', fields(...Array<string>(100).fill('X: a'))],
  ['10,000 fields', fields(...Array<string>(10_000).fill('X: a'))],
  ['a value of 17 KiB', fields(`X: ${'a'.repeat(17_408)}`)],
  ['a name of 17 KiB', fields(`${'a'.repeat(17_408)}: x`)],
  ['no end, and 64 KiB', `${OK}\r\nX: ${'a'.repeat(65_536)}`],
];

export const BAD_FRAMING: readonly BadResponseRow[] = [
  ...SPACES.flatMap((byte): BadResponseRow[] => [
    [`${hex(byte)} before chunked`, encoded(`Transfer-Encoding: ${byte}chunked`)],
    [`${hex(byte)} behind chunked`, encoded(`Transfer-Encoding: chunked${byte}`)],
    [`${hex(byte)} before a length`, answer(OK, `Content-Length: ${byte}5`)],
    [`${hex(byte)} behind a length`, answer(OK, `Content-Length: 5${byte}`)],
  ]),
  ['a length and an encoding', encoded('Content-Length: 5', 'Transfer-Encoding: chunked')],
  ['an encoding and a length', encoded('Transfer-Encoding: chunked', 'Content-Length: 5')],
  ['a length of 0 and an encoding', encoded('Content-Length: 0', 'Transfer-Encoding: chunked')],
  ['two lengths', answer(OK, 'Content-Length: 5', 'Content-Length: 6')],
  ['two equal lengths', answer(OK, 'Content-Length: 5', 'content-length: 5')],
  ['a list of equal lengths', answer(OK, 'Content-Length: 5, 5')],
  ['a length with a plus', answer(OK, 'Content-Length: +5')],
  ['a negative length', answer(OK, 'Content-Length: -1')],
  ['a length in hexadecimal', answer(OK, 'Content-Length: 0x5')],
  ['a length with a fraction', answer(OK, 'Content-Length: 5.0')],
  ['a length with an exponent', answer(OK, 'Content-Length: 5e0')],
  ['a length in quotes', answer(OK, 'Content-Length: "5"')],
  ['an empty length', answer(OK, 'Content-Length:')],
  ['a length of words', answer(OK, 'Content-Length: unknown')],
  ['a length of 20 digits', answer(OK, 'Content-Length: 18446744073709551621')],
  ['a folded length', answer(OK, 'Content-Length:', ' 5')],
  ['an empty encoding', encoded('Transfer-Encoding:')],
  ['identity', encoded('Transfer-Encoding: identity')],
  ['gzip', encoded('Transfer-Encoding: gzip')],
  ['gzip, chunked', encoded('Transfer-Encoding: gzip, chunked')],
  ['chunked, gzip', encoded('Transfer-Encoding: chunked, gzip')],
  ['chunked, chunked', encoded('Transfer-Encoding: chunked, chunked')],
  ['chunked and a comma', encoded('Transfer-Encoding: chunked,')],
  ['chunked with a parameter', encoded('Transfer-Encoding: chunked;q=1')],
  ['chunked in quotes', encoded('Transfer-Encoding: "chunked"')],
  ['xchunked', encoded('Transfer-Encoding: xchunked')],
  ['two encodings', encoded('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ['two encodings, one unknown', encoded('Transfer-Encoding: chunked', 'Transfer-Encoding: x')],
  ['a folded encoding', encoded('Transfer-Encoding: chunked', ' , identity')],
  ['chunked in HTTP/1.0', encoded('Transfer-Encoding: chunked').replace('/1.1', '/1.0')],
  ['a 204 with two lengths', answer('HTTP/1.1 204 N', 'Content-Length: 1', 'Content-Length: 2')],
  [
    'a 304 with a length and an encoding',
    answer('HTTP/1.1 304 N', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
  ],
];

const EARLY = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';

export const BAD_INTERIM: readonly BadResponseRow[] = [
  [
    'a 101 nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  [
    'a 101 to h2c',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ],
  ['a 101 to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['a 101 with a body', 'HTTP/1.1 101 S\r\nUpgrade: a\r\nContent-Length: 5\r\n\r\nhello'],
];

/** Interim responses go on; what follows them is then answered for with 502. */
export const BAD_AFTER_INTERIM: readonly BadResponseRow[] = [
  ['eleven of them', EARLY.repeat(11) + statusLine(OK)],
  ['a thousand of them', EARLY.repeat(1_000) + statusLine(OK)],
  ['a body of one', `HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello${statusLine(OK)}`],
  ['a bad one', `${EARLY}HTTP/1.1 103 E\r\nX : a\r\n\r\n${statusLine(OK)}`],
  ['garbage', `${EARLY}garbage\r\n\r\n`],
  ['a 101', `${EARLY}HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n`],
  ['an empty line', `${EARLY}\r\n${statusLine(OK)}`],
  ['two lengths', `${EARLY}${answer(OK, 'Content-Length: 5', 'Content-Length: 5')}`],
];

export const GOOD_RESPONSES: readonly GoodResponseRow[] = [
  ['as simple as can be', statusLine(OK), `${OK}\r\nContent-Length: 5\r\n\r\n`, 'hello'],
  ['HTTP/1.0', statusLine('HTTP/1.0 200 OK'), `${OK}\r\nContent-Length: 5\r\n\r\n`, 'hello'],
  ['no reason', statusLine('HTTP/1.1 200'), 'HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n', 'hello'],
  [
    'an empty reason',
    statusLine('HTTP/1.1 200 '),
    'HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n',
    'hello',
  ],
  [
    'two spaces before the reason',
    statusLine('HTTP/1.1 200  OK'),
    'HTTP/1.1 200  OK\r\nContent-Length: 5\r\n\r\n',
    'hello',
  ],
  [
    'a reason that is a status line',
    statusLine(`HTTP/1.1 200 ${OK}`),
    `HTTP/1.1 200 ${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'a reason beyond ASCII',
    statusLine('HTTP/1.1 200 \xe9\xff'),
    'HTTP/1.1 200 \xe9\xff\r\nContent-Length: 5\r\n\r\n',
    'hello',
  ],
  [
    'a tab in the reason',
    statusLine('HTTP/1.1 200 O\tK'),
    'HTTP/1.1 200 O\tK\r\nContent-Length: 5\r\n\r\n',
    'hello',
  ],
  [
    'status 299',
    statusLine('HTTP/1.1 299 X'),
    'HTTP/1.1 299 X\r\nContent-Length: 5\r\n\r\n',
    'hello',
  ],
  [
    'status 599',
    statusLine('HTTP/1.1 599 X'),
    'HTTP/1.1 599 X\r\nContent-Length: 5\r\n\r\n',
    'hello',
  ],
  [
    'zeros before the length',
    answer(OK, 'Content-Length: 0005'),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'a tab before the length',
    answer(OK, 'Content-Length:\t5'),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'Content_Length beside it',
    fields('Content_Length: 9'),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'Transfer_Encoding beside it',
    fields('Transfer_Encoding: chunked'),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'Connection naming its length',
    fields('Connection: Content-Length'),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'Connection naming Set-Cookie',
    fields('Connection: Set-Cookie', 'Set-Cookie: a=b'),
    `${OK}\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\n\r\n`,
    'hello',
  ],
  [
    'Connection naming Location',
    fields('Connection: Location', 'Location: /b'),
    `${OK}\r\nContent-Length: 5\r\nLocation: /b\r\n\r\n`,
    'hello',
  ],
  [
    'Connection naming any other',
    fields('Connection: X-Hop', 'X-Hop: 1', 'X-Stay: 2'),
    `${OK}\r\nContent-Length: 5\r\nX-Stay: 2\r\n\r\n`,
    'hello',
  ],
  [
    'hop-by-hop fields',
    fields(
      'Keep-Alive: timeout=5',
      'Proxy-Connection: close',
      'Proxy-Authenticate: Basic',
      'TE: gzip',
    ),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'an offer to upgrade',
    fields('Connection: Upgrade', 'Upgrade: h2c, foo/1'),
    `${OK}\r\nContent-Length: 5\r\n\r\n`,
    'hello',
  ],
  [
    'a demand to upgrade',
    answer('HTTP/1.1 426 U', 'Content-Length: 5', 'Connection: Upgrade', 'Upgrade: foo/1'),
    'HTTP/1.1 426 U\r\nContent-Length: 5\r\nConnection: Upgrade\r\nUpgrade: foo/1\r\n\r\n',
    'hello',
  ],
  ['Trailer without trailers', fields('Trailer: X'), `${OK}\r\nContent-Length: 5\r\n\r\n`, 'hello'],
  [
    'three cookies',
    fields('Set-Cookie: a', 'Set-Cookie: b', 'set-cookie: c'),
    `${OK}\r\nContent-Length: 5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nset-cookie: c\r\n\r\n`,
    'hello',
  ],
  [
    'bytes beyond ASCII',
    fields('X: \x80\xff'),
    `${OK}\r\nContent-Length: 5\r\nX: \x80\xff\r\n\r\n`,
    'hello',
  ],
  [
    'escaped line ends',
    fields('Location: /%0d%0aSet-Cookie:%20a'),
    `${OK}\r\nContent-Length: 5\r\nLocation: /%0d%0aSet-Cookie:%20a\r\n\r\n`,
    'hello',
  ],
  [
    'UTF-8 that ends in a line end elsewhere',
    fields('X: \xc4\x8d\xc4\x8aY: b'),
    `${OK}\r\nContent-Length: 5\r\nX: \xc4\x8d\xc4\x8aY: b\r\n\r\n`,
    'hello',
  ],
  [
    'names of a prototype',
    fields('__proto__: a', 'constructor: b'),
    `${OK}\r\nContent-Length: 5\r\n__proto__: a\r\nconstructor: b\r\n\r\n`,
    'hello',
  ],
  ['Connection: close', fields('Connection: close'), `${OK}\r\nContent-Length: 5\r\n\r\n`, 'hello'],
  ['a length of 0', `${OK}\r\nContent-Length: 0\r\n\r\n`, `${OK}\r\nContent-Length: 0\r\n\r\n`, ''],
  ['a 204', 'HTTP/1.1 204 N\r\n\r\n', 'HTTP/1.1 204 N\r\n\r\n', ''],
  [
    'a 204 with a length',
    'HTTP/1.1 204 N\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 204 N\r\n\r\n',
    '',
  ],
  [
    'a 204 with a body',
    answer('HTTP/1.1 204 N', 'Content-Length: 5'),
    'HTTP/1.1 204 N\r\n\r\n',
    '',
  ],
  [
    'a 204 with chunks',
    'HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 204 N\r\n\r\n',
    '',
  ],
  [
    'a 304 with a length',
    'HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n',
    '',
  ],
  [
    'a 304 with a body',
    answer('HTTP/1.1 304 N', 'Content-Length: 5'),
    'HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n',
    '',
  ],
  [
    'chunks',
    encoded('Transfer-Encoding: chunked'),
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'chunks in capitals',
    encoded('TRANSFER-ENCODING: CHUNKED'),
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'chunks without a space',
    encoded('Transfer-Encoding:chunked'),
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'chunks with extensions',
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b;c"\r\nhello\r\n0;d\r\n\r\n`,
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'chunks that look like a response',
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n13\r\nHTTP/1.1 200 OK\r\n\r\n\r\n0\r\n\r\n`,
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'HTTP/1.1 200 OK\r\n\r\n',
  ],
];

/** The server closes behind these. */
export const ENDED_RESPONSES: readonly GoodResponseRow[] = [
  [
    'no length, until the close',
    answer(OK),
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'no length and keep-alive, until the close',
    answer(OK, 'Connection: keep-alive'),
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'no length in HTTP/1.0',
    answer('HTTP/1.0 200 OK'),
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'hello',
  ],
  [
    'no length and the look of another response',
    `${OK}\r\n\r\n${statusLine(OK)}`,
    `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    statusLine(OK),
  ],
];
