// Requests after which the connection ends: what stands behind them is nobody's request.

import { get, head, line, type ServedRow } from './rows.ts';

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const GET = head('GET /g HTTP/1.1', 'Host: a');

export const SERVED_ONCE: readonly ServedRow[] = [
  ['Connection: close', get('Connection: close'), GET, ''],
  ['Connection: close, keep-alive', get('Connection: close, keep-alive'), GET, ''],
  ['Connection: CLOSE in a second line', get('Connection: a', 'Connection: CLOSE'), GET, ''],
  ['HTTP/1.0', line('GET /g HTTP/1.0'), GET, ''],
  ['HTTP/1.0 without a Host', 'GET /g HTTP/1.0\r\n\r\n', head('GET /g HTTP/1.1', 'Host:'), ''],
  [
    'HTTP/1.0 that wants both',
    'GET /g HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n',
    GET,
    '',
  ],
  [
    'a POST of HTTP/1.0 without a length: the rest is not its body',
    `${line('POST /p HTTP/1.0')}${HIDDEN}`,
    head('POST /p HTTP/1.1', 'Host: a'),
    '',
  ],
  [
    'a request in a body, then a close',
    `POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    head('POST /p HTTP/1.1', 'Host: a', `Content-Length: ${HIDDEN.length}`),
    HIDDEN,
  ],
  [
    'an upgrade that the server does not make',
    get('Connection: Upgrade', 'Upgrade: websocket'),
    head('GET /g HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'),
    '',
  ],
];
