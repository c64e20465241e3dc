// Two readings of one length: encodings and lengths that some server somewhere takes for others. Each
// row is framed so that the reading it tries for would make its body a request.

import { chunks, EMPTY_CHUNKS, head, post, type RefusedRow, type ServedRow } from './rows.ts';

const SPACES: readonly (readonly [string, string])[] = [
  ['a vertical tab', '\x0b'],
  ['a form feed', '\x0c'],
  ['a NUL', '\0'],
  ['a backspace', '\x08'],
  ['a no-break space', '\xa0'],
  ['NEL', '\x85'],
  ['a soft hyphen', '\xad'],
  ['a 0xff', '\xff'],
];

const aroundEncodings = SPACES.flatMap(([name, byte]): RefusedRow[] => [
  [`${name} before chunked`, encoded(`Transfer-Encoding: ${byte}chunked`), 400],
  [`${name} behind chunked`, encoded(`Transfer-Encoding: chunked${byte}`), 400],
  [`${name} in place of the space`, encoded(`Transfer-Encoding:${byte}chunked`), 400],
  [`${name} before the name of an encoding`, encoded(`${byte}Transfer-Encoding: chunked`), 400],
  [`${name} behind the name of an encoding`, encoded(`Transfer-Encoding${byte}: chunked`), 400],
]);

const aroundLengths = SPACES.flatMap(([name, byte]): RefusedRow[] => [
  [`${name} before a length`, sized(`Content-Length: ${byte}5`), 400],
  [`${name} behind a length`, sized(`Content-Length: 5${byte}`), 400],
  [`${name} behind the name of a length`, sized(`Content-Length${byte}: 5`), 400],
]);

/** A chunked body under an encoding that may not be one, with a length for those who ignore it. */
function encoded(...lines: string[]): string {
  return post(...lines, 'Content-Length: 5') + EMPTY_CHUNKS;
}

/** The same without a length. */
function encodedAlone(...lines: string[]): string {
  return post(...lines) + EMPTY_CHUNKS;
}

function sized(...lines: string[]): string {
  return `${post(...lines)}hello`;
}

export const REFUSED_ENCODINGS: readonly RefusedRow[] = [
  ...aroundEncodings,
  ['chunkedchunked', encodedAlone('Transfer-Encoding: chunkedchunked'), 400],
  ['chunke', encodedAlone('Transfer-Encoding: chunke'), 400],
  ['chunked and a dot', encodedAlone('Transfer-Encoding: chunked.'), 400],
  ['chunked and a dash', encodedAlone('Transfer-Encoding: chunked-'), 400],
  ['chunked and a semicolon', encodedAlone('Transfer-Encoding: chunked;'), 400],
  ['chunked and a comma', encodedAlone('Transfer-Encoding: chunked,'), 400],
  ['a comma and chunked', encodedAlone('Transfer-Encoding: ,chunked'), 400],
  ['commas alone', encodedAlone('Transfer-Encoding: ,,'), 400],
  ['a tab inside', encodedAlone('Transfer-Encoding: chun\tked'), 400],
  ['apostrophes', encodedAlone("Transfer-Encoding: 'chunked'"), 400],
  ['brackets', encodedAlone('Transfer-Encoding: [chunked]'), 400],
  ['a backslash', encodedAlone('Transfer-Encoding: \\chunked'), 400],
  ['a percent escape', encodedAlone('Transfer-Encoding: chunke%64'), 400],
  ['a comment', encodedAlone('Transfer-Encoding: chunked (all of it)'), 400],
  ['a colon more', encodedAlone('Transfer-Encoding:: chunked'), 400],
  ['a name in the value', encodedAlone('Transfer-Encoding: Transfer-Encoding: chunked'), 400],
  ['chunked, identity', encodedAlone('Transfer-Encoding: chunked, identity'), 400],
  ['identity, chunked', encodedAlone('Transfer-Encoding: identity, chunked'), 400],
  ['deflate, chunked', encodedAlone('Transfer-Encoding: deflate, chunked'), 400],
  ['chunked, trailers', encodedAlone('Transfer-Encoding: chunked, trailers'), 400],
  ['cow', encodedAlone('Transfer-Encoding: cow'), 400],
  ['a number', encodedAlone('Transfer-Encoding: 5'), 400],
  ['null', encodedAlone('Transfer-Encoding: null'), 400],
  ['chunked, then cow', encodedAlone('Transfer-Encoding: chunked', 'Transfer-encoding: cow'), 400],
  ['cow, then chunked', encodedAlone('Transfer-Encoding: cow', 'Transfer-Encoding: chunked'), 400],
  ['empty, then chunked', encodedAlone('Transfer-Encoding:', 'Transfer-Encoding: chunked'), 400],
  ['chunked, then empty', encodedAlone('Transfer-Encoding: chunked', 'Transfer-Encoding:'), 400],
  [
    'two that differ in case',
    encodedAlone('TRANSFER-ENCODING: chunked', 'transfer-encoding: CHUNKED'),
    400,
  ],
  ['three lines', encodedAlone(...Array<string>(3).fill('Transfer-Encoding: chunked')), 400],
  ['folded before chunked', encodedAlone('Transfer-Encoding:', ' chunked'), 400],
  ['folded by a tab', encodedAlone('Transfer-Encoding:', '\tchunked'), 400],
  ['folded before identity', encodedAlone('Transfer-Encoding: chunked', ' , identity'), 400],
  ['on a folded line of another field', encodedAlone('X: a', ' Transfer-Encoding: chunked'), 400],
  ['behind a bare LF', encodedAlone('X: a\nTransfer-Encoding: chunked'), 400],
  ['behind a bare CR', encodedAlone('X: a\rTransfer-Encoding: chunked'), 400],
  ['behind CR CR LF', encodedAlone('X: a\r\r\nTransfer-Encoding: chunked'), 400],
  ['behind LF CR', encodedAlone('X: a\n\rTransfer-Encoding: chunked'), 400],
  ['behind two spaces and no name', encodedAlone('  Transfer-Encoding: chunked'), 400],
  ['a space inside the name', encodedAlone('Transfer Encoding: chunked'), 400],
  ['no colon', encodedAlone('Transfer-Encoding chunked'), 400],
  ['an equals sign', encodedAlone('Transfer-Encoding=chunked'), 400],
  ['with a length of what it holds', encoded('Transfer-Encoding: chunked'), 400],
  ['identity with a length', encoded('Transfer-Encoding: identity'), 400],
  ['an empty one with a length', encoded('Transfer-Encoding:'), 400],
  [
    'with a length before it',
    post('Content-Length: 5', 'transfer-encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'with a length of 0',
    post('Content-Length: 0', 'Transfer-Encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'on a GET with a length',
    `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${EMPTY_CHUNKS}`,
    400,
  ],
  [
    'in HTTP/1.0',
    `POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${EMPTY_CHUNKS}`,
    400,
  ],
  [
    'in HTTP/1.0 with a length',
    `POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${EMPTY_CHUNKS}`,
    400,
  ],
  [
    'in HTTP/1.0 with keep-alive',
    `POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${EMPTY_CHUNKS}`,
    400,
  ],
  [
    'identity in HTTP/1.0',
    'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n',
    400,
  ],
];

export const REFUSED_LENGTHS: readonly RefusedRow[] = [
  ...aroundLengths,
  ['a plus', sized('Content-Length: +5'), 400],
  ['a minus', sized('Content-Length: -5'), 400],
  ['minus zero', sized('Content-Length: -0'), 400],
  ['plus zero', sized('Content-Length: +0'), 400],
  ['hexadecimal', sized('Content-Length: 0x5'), 400],
  ['octal', sized('Content-Length: 0o5'), 400],
  ['binary', sized('Content-Length: 0b101'), 400],
  ['letters of hexadecimal', sized('Content-Length: a'), 400],
  ['an underscore', sized('Content-Length: 0_5'), 400],
  ['an apostrophe', sized("Content-Length: 0'5"), 400],
  ['a dot', sized('Content-Length: 5.'), 400],
  ['a fraction', sized('Content-Length: 5.5'), 400],
  ['an exponent', sized('Content-Length: 5e0'), 400],
  ['a suffix', sized('Content-Length: 5L'), 400],
  ['a unit', sized('Content-Length: 5 bytes'), 400],
  ['a semicolon', sized('Content-Length: 5;'), 400],
  ['a parameter', sized('Content-Length: 5; a=b'), 400],
  ['a comma', sized('Content-Length: 5,'), 400],
  ['a comma before', sized('Content-Length: ,5'), 400],
  ['a list of equal ones', sized('Content-Length: 5,5'), 400],
  ['a list of different ones', sized('Content-Length: 5, 0'), 400],
  ['a list of three', sized('Content-Length: 5, 5, 5'), 400],
  ['quotes', sized('Content-Length: "5"'), 400],
  ['two numbers', sized('Content-Length: 5 0'), 400],
  ['a tab inside', sized('Content-Length: 0\t5'), 400],
  ['a colon more', sized('Content-Length:: 5'), 400],
  ['Arabic digits', sized('Content-Length: \xd9\xa5'), 400],
  ['fullwidth digits', sized('Content-Length: \xef\xbc\x95'), 400],
  ['superscript', sized('Content-Length: \xb9'), 400],
  ['NaN', sized('Content-Length: NaN'), 400],
  ['Infinity', sized('Content-Length: Infinity'), 400],
  ['nothing', sized('Content-Length: '), 400],
  ['nothing, then five', sized('Content-Length: ', 'Content-Length: 5'), 400],
  ['five, then nothing', sized('Content-Length: 5', 'Content-Length: '), 400],
  ['2^31', sized('Content-Length: 2147483653000000'), 400],
  ['2^53 and more', sized('Content-Length: 9007199254740997'), 400],
  ['2^64 + 5', sized('Content-Length: 18446744073709551621'), 400],
  ['-2^64 + 5', sized('Content-Length: -18446744073709551611'), 400],
  ['a hundred digits', sized(`Content-Length: ${'9'.repeat(100)}`), 400],
  ['a hundred zeros', sized(`Content-Length: ${'0'.repeat(100)}5`), 400],
  ['two equal ones', sized('Content-Length: 5', 'Content-Length: 5'), 400],
  ['two different ones', sized('Content-Length: 5', 'Content-Length: 0'), 400],
  ['two that differ in zeros', sized('Content-Length: 5', 'Content-Length: 05'), 400],
  ['two that differ in case', sized('Content-Length: 5', 'content-length: 0'), 400],
  ['two with a field between', sized('Content-Length: 5', 'X: a', 'Content-Length: 0'), 400],
  ['folded', sized('Content-Length:', ' 5'), 400],
  ['folded to more', sized('Content-Length: 5', ' 0'), 400],
  ['on a folded line of another field', sized('X: a', ' Content-Length: 5'), 400],
  ['behind a bare LF', sized('X: a\nContent-Length: 5'), 400],
  ['behind a bare CR', sized('X: a\rContent-Length: 5'), 400],
  ['a space before the colon', sized('Content-Length : 5'), 400],
  ['a tab before the colon', sized('Content-Length\t: 5'), 400],
  ['a space in the name', sized('Content Length: 5'), 400],
  ['no colon', sized('Content-Length 5'), 400],
  [
    'two on a GET',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n',
    400,
  ],
];

/** What means the same to everybody once Teal has written it anew. */
export const SERVED_FRAMING: readonly ServedRow[] = [
  [
    'zeros before a length',
    sized('Content-Length: 0005'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'a length without a space',
    sized('Content-Length:5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length:5'),
    'hello',
  ],
  [
    'a length behind a tab',
    sized('Content-Length:\t5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'a length before spaces',
    sized('Content-Length: 5  '),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'a length in capitals',
    sized('CONTENT-LENGTH: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'CONTENT-LENGTH: 5'),
    'hello',
  ],
  [
    'a length with an underscore beside it',
    sized('Content_Length: 9', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'a length with an underscore alone',
    post('Content_Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a'),
    '',
  ],
  [
    'a length hidden from Connection',
    sized('Connection: Content-Length', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'a length of a shorter name',
    post('Content-Lengt: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Lengt: 5'),
    '',
  ],
  [
    'a length of a longer name',
    post('Content-Length0: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length0: 5'),
    '',
  ],
  [
    'an encoding in capitals',
    encodedAlone('TRANSFER-ENCODING: CHUNKED'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    '',
  ],
  [
    'an encoding without a space',
    encodedAlone('Transfer-Encoding:chunked'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    '',
  ],
  [
    'an encoding between tabs',
    encodedAlone('Transfer-Encoding:\t\tchunked\t '),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    '',
  ],
  [
    'an encoding with an underscore beside a length',
    sized('Transfer_Encoding: chunked', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'an encoding in underscores and capitals',
    sized('TRANSFER_ENCODING: chunked', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'an encoding hidden from Connection',
    encodedAlone('Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    '',
  ],
  [
    'an encoding in the value of another field',
    post('X: Transfer-Encoding: chunked'),
    head('POST /p HTTP/1.1', 'Host: a', 'X: Transfer-Encoding: chunked'),
    '',
  ],
  [
    'an encoding of a longer name',
    sized('X-Transfer-Encoding: chunked', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'X-Transfer-Encoding: chunked', 'Content-Length: 5'),
    'hello',
  ],
  [
    'Content-Encoding chunked',
    sized('Content-Encoding: chunked', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Encoding: chunked', 'Content-Length: 5'),
    'hello',
  ],
  [
    'TE chunked',
    sized('TE: chunked', 'Content-Length: 5'),
    head('POST /p HTTP/1.1', 'Host: a', 'Content-Length: 5'),
    'hello',
  ],
  [
    'zeros before a chunk’s size',
    chunks('0000005\r\nhello\r\n000\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    'hello',
  ],
  [
    'a chunk’s size in capitals',
    chunks('A\r\n0123456789\r\n0\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    '0123456789',
  ],
  [
    'data that look like chunks',
    chunks('5\r\n0\r\n\r\n\r\n0\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    '0\r\n\r\n',
  ],
  [
    'a quoted extension with a semicolon',
    chunks('5;a="b;c"\r\nhello\r\n0\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    'hello',
  ],
  [
    'an unclosed quote in an extension',
    chunks('5;a="b\r\nhello\r\n0\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    'hello',
  ],
  [
    'an extension without a name',
    chunks('5;\r\nhello\r\n0;\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    'hello',
  ],
  [
    'an extension that looks like a size',
    chunks('5;ff\r\nhello\r\n0;5\r\n\r\n'),
    head('POST /p HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    'hello',
  ],
];
