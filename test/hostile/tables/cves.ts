// Published weaknesses of other servers and relays, one request of each in the shape that worked
// there. The numbers say where to read on.

import {
  chunks,
  EMPTY_CHUNKS,
  get,
  head,
  line,
  post,
  type RefusedRow,
  type ServedRow,
} from './rows.ts';

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';

export const REFUSED_CVES: readonly RefusedRow[] = [
  ['CVE-2013-2028 (nginx): a chunk of 2^64 - 1', chunks('ffffffffffffffff\r\nabc\r\n'), 400],
  ['CVE-2013-4547 (nginx): an unescaped space and a NUL', line('GET /a \0.php HTTP/1.1'), 400],
  ['CVE-2015-3183 (Apache): a chunk size behind spaces', chunks('   5\r\nhello\r\n0\r\n\r\n'), 400],
  ['CVE-2015-8852 (Varnish): a field behind a bare CR', get('X: a\rContent-Length: 5'), 400],
  ['CVE-2016-2086 (Node): two lengths in one', post('Content-Length: 0 44') + HIDDEN, 400],
  ['CVE-2016-8743 (Apache): a vertical tab in the request line', line('GET\x0b/ HTTP/1.1'), 400],
  [
    'CVE-2016-10711 (Pound): a second encoding that is none',
    post('Transfer-Encoding: chunked', 'Transfer-Encoding: x') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2017-2666 (Undertow): a tab in the request line',
    line('GET /?x=\thttp://b/ HTTP/1.1'),
    400,
  ],
  ['CVE-2017-7656 (Jetty): HTTP/0.9 with fields', line('GET /?a=b'), 400],
  [
    'CVE-2017-7657 (Jetty): a chunk size that overflows 32 bits',
    chunks('100000000000005\r\nhello\r\n0\r\n\r\n'),
    400,
  ],
  [
    'CVE-2017-7658 (Jetty): a length and a list of lengths',
    `${post('Content-Length: 5', 'Content-Length: 5, 5')}hello`,
    400,
  ],
  [
    'CVE-2018-8004 (Traffic Server): a space before the colon',
    `GET / HTTP/1.1\r\nHost : a\r\n\r\n`,
    400,
  ],
  [
    'CVE-2018-8004 (Traffic Server): two lengths',
    post('Content-Length: 0', 'Content-Length: 44') + HIDDEN,
    400,
  ],
  ['CVE-2018-1000164 (Gunicorn): LF in a value', get('X: a\nSet-Cookie: b'), 400],
  ['CVE-2019-9900 (Envoy): a NUL in a value', get('X: a\0b'), 400],
  [
    'CVE-2019-15605 (Node): an encoding behind a vertical tab',
    post('Transfer-Encoding: \x0bchunked', 'Content-Length: 5') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2019-15605 (Node): chunked and something',
    post('Transfer-Encoding: chunked, x') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2019-16276 (Go): a space before a colon',
    post('Transfer-Encoding : chunked', 'Content-Length: 5') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2019-16785 (Waitress): lines that end with LF',
    `GET / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello`,
    400,
  ],
  [
    'CVE-2019-16786 (Waitress): chunked, then another',
    post('Transfer-Encoding: chunked, gzip') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2019-16789 (Waitress): a form feed around an encoding',
    post('Transfer-Encoding:\x0cchunked', 'Content-Length: 5') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2019-16792 (Waitress): two lengths',
    `${post('Content-Length: 5', 'Content-Length: 6')}hello`,
    400,
  ],
  [
    'CVE-2019-16869 (Netty): a space before a colon',
    post('Transfer-Encoding : chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2019-18277 (HAProxy): an encoding behind a vertical tab',
    post('Content-Length: 5', 'Transfer-Encoding:\x0bchunked') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2019-18678 (Squid): a space before a colon', get('Connection : close'), 400],
  ['CVE-2019-20444 (Netty): a field without a colon', post('Content-Length 5', 'X: a'), 400],
  [
    'CVE-2019-20445 (Netty): a length and an encoding',
    post('Content-Length: 1', 'Transfer-Encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-1935 (Tomcat): an encoding with a wrong end of line',
    post('Transfer-Encoding: chunked\r') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-7238 (Netty): an encoding behind a space',
    post(' Transfer-Encoding: chunked', 'Content-Length: 5') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-8287 (Node): two encodings',
    post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked-false') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-10108 (Twisted): two lengths',
    `${post('Content-Length: 5', 'Content-Length: 0')}hello`,
    400,
  ],
  [
    'CVE-2020-10109 (Twisted): a length and an encoding',
    post('Transfer-Encoding: chunked', 'Content-Length: 44') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-11076 (Puma): an encoding before a tab',
    post('Transfer-Encoding: chunked\t,') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-15810 (Squid): an encoding with a space inside',
    post('Transfer -Encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2020-15811 (Squid): a list of lengths', `${post('Content-Length: 5,6')}hello`, 400],
  [
    'CVE-2020-25613 (WEBrick): an encoding with junk before it',
    post('Transfer-Encoding: junk chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2020-35884 (tiny_http): a space before the colon',
    post('Transfer-Encoding : chunked') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2021-22959 (Node): a space before a colon', `${post('Content-Length : 5')}hello`, 400],
  ['CVE-2021-22960 (Node): LF in a chunk extension', chunks('5;\n0\r\nhello\r\n0\r\n\r\n'), 400],
  [
    'CVE-2021-32714 (hyper): a chunk size that overflows',
    chunks('f0000000000000003\r\nabc\r\n0\r\n\r\n'),
    400,
  ],
  ['CVE-2021-32715 (hyper): a length with a plus', `${post('Content-Length: +3')}abc`, 400],
  [
    'CVE-2021-33037 (Tomcat): identity',
    `${post('Transfer-Encoding: identity', 'Content-Length: 5')}hello`,
    400,
  ],
  [
    'CVE-2021-33037 (Tomcat): an encoding in HTTP/1.0',
    `POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${EMPTY_CHUNKS}`,
    400,
  ],
  [
    'CVE-2021-37147 (Traffic Server): a line that ends with LF',
    `GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n`,
    400,
  ],
  ['CVE-2021-41136 (Puma): LF in a value', get('X: a\nTransfer-Encoding: chunked'), 400],
  [
    'CVE-2021-43797 (Netty): a control character in a name',
    post('Transfer-Encoding\x01: chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2022-1705 (Go): an encoding that is not known',
    post('Transfer-Encoding: xchunked', 'Content-Length: 5') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2022-24761 (Waitress): a length in hexadecimal',
    `${post('Content-Length: 0x05')}hello`,
    400,
  ],
  ['CVE-2022-24761 (Waitress): a chunk size with a plus', chunks('+5\r\nhello\r\n0\r\n\r\n'), 400],
  ['CVE-2022-24801 (Twisted): a chunk size with 0x', chunks('0x5\r\nhello\r\n0\r\n\r\n'), 400],
  ['CVE-2022-24801 (Twisted): LF for CRLF after a chunk', chunks('5\r\nhello\n0\r\n\r\n'), 400],
  [
    'CVE-2022-26377 (Apache): chunked, identity',
    post('Transfer-Encoding: chunked, identity') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2022-32213 (Node): chunkedchunked',
    post('Transfer-Encoding: chunkedchunked') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2022-32214 (Node): a field behind LF', get('Dummy: x\nContent-Length: 23'), 400],
  [
    'CVE-2022-32215 (Node): an encoding over two lines',
    post('Transfer-Encoding: chunked', ' , identity') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2022-35256 (Node): a field behind CR', get('X: a\rContent-Length: 5'), 400],
  [
    'CVE-2022-36760 (Apache): an encoding with a tab inside',
    post('Transfer-Encoding: chunked\tx') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2022-42252 (Tomcat): a length that is none', `${post('Content-Length: 5x')}hello`, 400],
  [
    'CVE-2023-25690 (Apache): line ends in the target',
    line('GET /a HTTP/1.1\r\nFoo: b\r\n\r\nGET /c HTTP/1.1').replace('Foo: b\r\n', ''),
    400,
  ],
  ['CVE-2023-25725 (HAProxy): an empty name', `${post(': a', 'Content-Length: 5')}hello`, 400],
  [
    'CVE-2023-30589 (Node): a field behind a bare CR',
    post('X: abc\rxTransfer-Encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2023-37276 (aiohttp): a field behind CR', post('Content-Length: 5\rX: a'), 400],
  [
    'CVE-2023-38697 (protocol-http1): LF in a chunk extension',
    chunks('5;a\nb\r\nhello\r\n0\r\n\r\n'),
    400,
  ],
  ['CVE-2023-39326 (Go): a chunk extension without an end', chunks(`1;${'a'.repeat(20_000)}`), 400],
  ['CVE-2023-40167 (Jetty): a length with a plus', `${post('Content-Length: +5')}hello`, 400],
  ['CVE-2023-40175 (Puma): a bad end of a chunk', chunks('5\r\nhelloxx0\r\n\r\n'), 400],
  ['CVE-2023-40225 (HAProxy): an empty length', post('Content-Length:', 'X: a') + HIDDEN, 400],
  [
    'CVE-2023-45539 (HAProxy): a fragment in the target',
    line('GET /index.html#.png HTTP/1.1'),
    400,
  ],
  ['CVE-2023-45648 (Tomcat): a bad trailer', chunks('0\r\nX a\r\n\r\n'), 400],
  [
    'CVE-2023-46589 (Tomcat): a trailer too long',
    chunks(`0\r\nX: ${'a'.repeat(10_000)}\r\n\r\n`),
    400,
  ],
  ['CVE-2023-46846 (Squid): a lenient end of a chunk', chunks('5\r\nhello\r\n0\n\r\n'), 400],
  [
    'CVE-2023-47641 (aiohttp): a length and an encoding',
    post('Content-Length: 5', 'Transfer-Encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2024-1135 (Gunicorn): an encoding that is not known',
    post('Transfer-Encoding: chunked', 'Transfer-Encoding: cow') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2024-6827 (Gunicorn): an encoding in a list',
    post('Transfer-Encoding: chunked,gzip', 'Content-Length: 5') + EMPTY_CHUNKS,
    400,
  ],
  [
    'CVE-2024-21647 (Puma): extensions without an end',
    chunks(`${'1;a\r\nb\r\n'.repeat(5_000)}`),
    400,
  ],
  ['CVE-2024-22019 (Node): an extension without an end', chunks(`1;${'a'.repeat(100_000)}`), 400],
  ['CVE-2024-23829 (aiohttp): a name beyond ASCII', get('X\xc3\xa9: a'), 400],
  ['CVE-2024-27982 (Node): a length behind a space', `${post(' Content-Length: 5')}hello`, 400],
  [
    'CVE-2024-35161 (Traffic Server): a trailer without a colon',
    chunks('0\r\nGET / HTTP/1.1\r\n\r\n'),
    400,
  ],
  [
    'CVE-2024-47220 (WEBrick): a length and an encoding',
    post('Content-Length: 0', 'Transfer-Encoding: chunked') + EMPTY_CHUNKS,
    400,
  ],
  ['CVE-2024-52304 (aiohttp): LF in a chunk extension', chunks('2;\nxx\r\nok\r\n0\r\n\r\n'), 400],
  ['CVE-2024-53868 (Traffic Server): a malformed chunk', chunks('5 \r\nhello\r\n0\r\n\r\n'), 400],
  ['CVE-2025-22871 (Go): LF after a chunk size', chunks('5\nhello\r\n0\r\n\r\n'), 400],
  [
    'CVE-2025-23167 (Node): a head that ends with CRLF CR',
    'GET / HTTP/1.1\r\nHost: a\r\n\rX: GET /hidden HTTP/1.1\r\n\r\n',
    400,
  ],
  [
    'CVE-2025-43859 (h11): other bytes for the end of a chunk',
    chunks('5\r\nhelloXX2\r\n45\r\n0\r\n\r\n'),
    400,
  ],
  [
    'CVE-2025-47905 (Varnish): a CRLF more between chunks',
    chunks('5\r\nhello\r\n\r\n0\r\n\r\n'),
    400,
  ],
  [
    'CVE-2025-55315 (Kestrel): a bare CR in a chunk extension',
    chunks('5;\r0\r\nhello\r\n0\r\n\r\n'),
    400,
  ],
  ['CVE-2025-58056 (Netty): LF as the end of a chunk line', chunks('5;a\nhello\r\n0\r\n\r\n'), 400],
];

export const SERVED_CVES: readonly ServedRow[] = [
  [
    'CVE-2021-40346 (HAProxy): a name of 270 characters that begins as Content-Length',
    post(`Content-Length0${'a'.repeat(255)}:`, 'Content-Length: 60') + 'x'.repeat(60),
    head('POST /p HTTP/1.1', 'Host: a', `Content-Length0${'a'.repeat(255)}:`, 'Content-Length: 60'),
    'x'.repeat(60),
  ],
  [
    'CVE-2021-33197 (Go): Connection cannot strip X-Forwarded-For',
    get('Connection: X-Forwarded-Host', 'X-Forwarded-Host: a'),
    head('GET /g HTTP/1.1', 'Host: a', 'X-Forwarded-Host: a'),
    '',
  ],
  [
    'CVE-2024-45410 (Traefik): Connection cannot strip X-Real-Ip',
    get('Connection: close, X-Real-Ip', 'X-Real-Ip: 1.2.3.4').replace('close, ', ''),
    head('GET /g HTTP/1.1', 'Host: a', 'X-Real-Ip: 1.2.3.4'),
    '',
  ],
  [
    'CVE-2019-9901 (Envoy): the path is routed and forwarded as it came',
    line('GET /public/..%2fadmin HTTP/1.1'),
    head('GET /public/..%2fadmin HTTP/1.1', 'Host: a'),
    '',
  ],
  [
    'CVE-2022-2880 (Go): the query is forwarded as it came',
    line('GET /?a=1;b=2&c=%zz HTTP/1.1'),
    head('GET /?a=1;b=2&c=%zz HTTP/1.1', 'Host: a'),
    '',
  ],
  [
    'CVE-2026-29057 (http-proxy): a chunked DELETE stays framed',
    `DELETE /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
    head('DELETE /d HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    HIDDEN,
  ],
  [
    'CVE-2026-29057 (http-proxy): a chunked OPTIONS stays framed',
    `OPTIONS /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
    head('OPTIONS /d HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'),
    HIDDEN,
  ],
  [
    'CVE-2019-20372 (nginx): a GET with a body that is a request',
    `GET /g HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    head('GET /g HTTP/1.1', 'Host: a', `Content-Length: ${HIDDEN.length}`),
    HIDDEN,
  ],
];
