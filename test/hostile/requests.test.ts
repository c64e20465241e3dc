// Requests meant to confuse: each is refused with its status and a close, nothing of it is executed,
// and the plane serves the next client.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statusOfFault } from '../../src/proxy/http/request-head.ts';
import { OK, Origin } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { type Outcome, requestOnce, send } from '../support/raw-client.ts';
import {
  REFUSED_FIELDS,
  REFUSED_HOSTS,
  REFUSED_LINES,
  withFields,
  withHost,
  withLine,
} from '../support/refused-requests.ts';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

let origin: Origin;
let plane: TestPlane;

beforeAll(async () => {
  origin = await Origin.answering(OK);
  plane = await startPlane([origin]);
});

/** What the origin had received before the test. */
let before = 0;

beforeEach(() => {
  origin.requests.length = 0;
  before = origin.received.length;
});

afterAll(async () => {
  await plane.close();
  await origin.close();
});

/** Sends `bytes` and a request behind them, as if it belonged to the next client. */
function attack(bytes: string): Promise<Outcome> {
  return send(plane.port, bytes + SMUGGLED);
}

async function expectServing(): Promise<void> {
  const next = await requestOnce(plane.port, 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
  expect([next.status, next.body.toString()]).toEqual([200, 'ok']);
  expect(origin.received.slice(before)).not.toContain('/smuggled');
  expect(origin.requests.map(({ target }) => target)).toEqual(['/next']);
}

describe('a head is refused, the connection closed, and the next client served', () => {
  it.each([
    ...REFUSED_LINES.map(([what, line, fault]) => [what, withLine(line), fault] as const),
    ...REFUSED_FIELDS.map(([what, lines, fault]) => [what, withFields(...lines), fault] as const),
    ...REFUSED_HOSTS.map(([what, host]) => [what, withHost(host), 'bad-host'] as const),
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'no-host'] as const,
    [
      'a space before the first field',
      'GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n',
      'folded-line',
    ] as const,
    [
      'an encoding in HTTP/1.0',
      'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'encoding-in-1.0',
    ] as const,
  ])('%s', async (_what, bytes, fault) => {
    const outcome = await attack(bytes);
    expect(outcome).toMatchObject({ statuses: [statusOfFault(fault)], ending: 'end' });
    await expectServing();
  });

  it.each([
    ['lines that end with LF alone', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a last line that ends with LF alone', 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
    ['LF in front of the empty line', 'GET / HTTP/1.1\r\nHost: a\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an SSH greeting', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['NULs', '\0\0\0\0'],
    ['a PROXY line', 'PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n\r\n'],
    ['many empty lines', '\r\n'.repeat(20)],
  ])('%s', async (_what, bytes) => {
    const outcome = await attack(bytes);
    expect(outcome).toMatchObject({ statuses: [400], ending: 'end' });
    await expectServing();
  });
});

describe('limits of a head', () => {
  it.each([
    ['a target of 70 KiB', `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ['a field of 128 KiB', withFields(`X: ${'a'.repeat(131_072)}`), 431],
    ['a name of 20 KiB', withFields(`${'x'.repeat(20_000)}: a`), 431],
    ['5,000 fields', withFields(...Array.from({ length: 5_000 }, (_, i) => `X-${i}: a`)), 431],
    ['101 fields', withFields(...Array.from({ length: 100 }, () => 'X: a')), 431],
    ['a method of 20 KiB', withLine(`${'G'.repeat(20_000)} / HTTP/1.1`), 414],
  ])('%s: refused', async (_what, bytes, status) => {
    const outcome = await attack(bytes);
    expect(outcome).toMatchObject({ statuses: [status], ending: 'end' });
    await expectServing();
  });
});

const CHUNKED = 'POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a chunked body is refused before its end, the connection closed', () => {
  it.each([
    ['no size', '\r\nabc\r\n0\r\n\r\n'],
    ['a size of letters', 'xyz\r\nabc\r\n0\r\n\r\n'],
    ['a size with a sign', '+3\r\nabc\r\n0\r\n\r\n'],
    ['a negative size', '-1\r\nabc\r\n0\r\n\r\n'],
    ['a size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a space before the size', ' 3\r\nabc\r\n0\r\n\r\n'],
    ['a space after the size', '3 \r\nabc\r\n0\r\n\r\n'],
    ['a tab after the size', '3\t\r\nabc\r\n0\r\n\r\n'],
    ['an underscore in the size', '0_3\r\nabc\r\n0\r\n\r\n'],
    ['a size that overflows 64 bits', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
    ['a size of 20 digits', '00000000000000000003\r\nabc\r\n0\r\n\r\n'],
    ['LF after the size', '3\nabc\r\n0\r\n\r\n'],
    ['CR after the size', '3\rabc\r\n0\r\n\r\n'],
    ['LF after the data', '3\r\nabc\n0\r\n\r\n'],
    ['CR after the data', '3\r\nabc\r0\r\n\r\n'],
    ['more data than said', '3\r\nabcd\r\n0\r\n\r\n'],
    ['other bytes after the data', '3\r\nabcXX0\r\n\r\n'],
    ['another byte for the CR after the data', '3\r\nabcX\n0\r\n\r\n'],
    ['another byte for the LF after the data', '3\r\nabc\rX0\r\n\r\n'],
    ['another byte for the LF after the size', '3\rXabc\r\n0\r\n\r\n'],
    ['another byte for the last LF', '3\r\nabc\r\n0\r\n\rX'],
    ['LF in an extension', '3;a\nb\r\nabc\r\n0\r\n\r\n'],
    ['CR in an extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
    ['a NUL in an extension', '3;a\0\r\nabc\r\n0\r\n\r\n'],
    ['5 KiB of extensions', `3;${'a'.repeat(5_000)}\r\nabc\r\n0\r\n\r\n`],
    ['5 KiB of extensions in many chunks', `${'1;abcdefghij\r\na\r\n'.repeat(500)}0\r\n\r\n`],
    ['LF after the last size', '3\r\nabc\r\n0\n\r\n'],
    ['LF as the last line', '3\r\nabc\r\n0\r\n\n'],
    ['a trailer without a colon', '3\r\nabc\r\n0\r\nX\r\n\r\n'],
    ['a folded trailer', '3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n'],
    ['a space before a trailer’s colon', '3\r\nabc\r\n0\r\nX : a\r\n\r\n'],
    ['LF in a trailer', '3\r\nabc\r\n0\r\nX: a\nY: b\r\n\r\n'],
    ['a NUL in a trailer', '3\r\nabc\r\n0\r\nX: \0\r\n\r\n'],
    ['9 KiB of trailers', `3\r\nabc\r\n0\r\nX: ${'a'.repeat(9_000)}\r\n\r\n`],
  ])('%s', async (_what, body) => {
    const outcome = await attack(CHUNKED + body);
    expect(outcome).toMatchObject({ statuses: [400], ending: 'end' });
    await expectServing();
  });
});

describe('what looks like an attack and is none goes through as one request', () => {
  it.each([['POST'], ['GET'], ['DELETE'], ['OPTIONS']])(
    'a request in the body of a %s',
    async (method) => {
      const head = `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`;
      const outcome = await send(plane.port, head + SMUGGLED, 1);
      expect(outcome).toMatchObject({ statuses: [200], ending: 'open' });
      expect(origin.requests.map(({ target }) => target)).toEqual(['/']);
      expect(origin.requests[0]?.body.toString('latin1')).toBe(SMUGGLED);
    },
  );

  it.each(['DELETE', 'OPTIONS', 'GET', 'HEAD', 'PUT', 'XFOO'])(
    'a chunked %s keeps its framing, and no byte of its body becomes a request',
    async (method) => {
      const size = SMUGGLED.length.toString(16);
      const head = `${method} /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n`;
      const response = await requestOnce(
        plane.port,
        `${head}Connection: close\r\n\r\n${size}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
      );
      expect(response.status).toBe(200);
      expect(origin.requests.map(({ target }) => target)).toEqual(['/c']);
      expect(origin.requests[0]?.body.toString('latin1')).toBe(SMUGGLED);
    },
  );

  it('chunk extensions are dropped, trailers of framing, routing and logins too', async () => {
    const trailers = [
      'X-Sum: 1',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Host: b',
      'Authorization: Basic x',
      'Cookie: a=b',
      'X-Forwarded-For: 1.2.3.4',
      'X-Marathon-App-Id: /a',
      'Connection: close',
      'content_length: 5',
    ];
    const lines = trailers.map((line) => `${line}\r\n`).join('');
    const body = `3;a="b;c"\r\nabc\r\n2;x\r\nde\r\n0;last\r\n${lines}\r\n`;
    expect((await requestOnce(plane.port, CHUNKED + body)).status).toBe(200);
    const [request] = origin.requests;
    expect(request?.body.toString()).toBe('abcde');
    expect(request?.trailers).toEqual([['X-Sum', '1']]);
    expect(origin.received.slice(before)).not.toMatch(/a="b|last/);
  });

  it('a refused request behind a good one does not spoil the good one’s answer', async () => {
    const good = 'GET /good HTTP/1.1\r\nHost: a\r\n\r\n';
    const outcome = await send(plane.port, `${good}GET /bad HTTP/1.1\r\n\r\n${SMUGGLED}`);
    expect(outcome).toMatchObject({ statuses: [200, 400], ending: 'end' });
    expect(origin.requests.map(({ target }) => target)).toEqual(['/good']);
  });
});

describe('fields that break other relays do no harm here', () => {
  it.each([
    ['Trailer on GET', 'Trailer: X'],
    ['Trailer on an upgrade', 'Trailer: X\r\nConnection: Upgrade\r\nUpgrade: websocket'],
    [
      'an upgrade to h2c',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A',
    ],
    ['Expect on GET', 'Expect: 100-continue'],
    [
      'Connection naming everything',
      'Connection: close, Host, X-Forwarded-For, Cookie\r\nCookie: a',
    ],
    ['Proxy-Connection', 'Proxy-Connection: keep-alive'],
    ['a Host field in Connection', 'Connection: host'],
    ['constructor as a name', 'constructor: a\r\n__proto__: b\r\ntoString: c'],
    ['bytes beyond ASCII', 'X: \x80\xff'],
  ])('%s', async (_what, field) => {
    const response = await requestOnce(
      plane.port,
      `GET /next HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`,
    );
    expect(response.status).toBe(200);
    expect(origin.requests).toHaveLength(1);
    expect(origin.requests[0]?.fields).toContainEqual(['Host', 'a']);
    origin.requests.length = 0;
    await expectServing();
  });
});
