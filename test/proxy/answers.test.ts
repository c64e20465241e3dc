import { afterEach, describe, expect, it } from 'vitest';
import { Origin, refusedPort } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';

let plane: TestPlane | null = null;
let origin: Origin | null = null;

afterEach(async () => {
  await plane?.close();
  await origin?.close();
  plane = null;
  origin = null;
});

const REFUSED = (status: number, reason: string, text: string, length: number) =>
  `HTTP/1.1 ${status} ${reason}\r\nContent-length: ${length}\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n<html><body><h1>${status} ${reason}</h1>\n${text}\n</body></html>\n`;
const FAILED = (status: number, reason: string, text: string, length: number, connection = '') =>
  `HTTP/1.1 ${status} ${reason}\r\ncontent-length: ${length}\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n${connection}\r\n<html><body><h1>${status} ${reason}</h1>\n${text}\n</body></html>\n`;
const BAD = REFUSED(400, 'Bad request', 'Your browser sent an invalid request.', 90);
const LATE = REFUSED(
  408,
  'Request Time-out',
  "Your browser didn't send a complete request in time.",
  110,
);
const NO_SERVER = (connection = '') =>
  FAILED(
    503,
    'Service Unavailable',
    'No server is available to handle this request.',
    107,
    connection,
  );
const BAD_GATEWAY = FAILED(
  502,
  'Bad Gateway',
  'The server returned an invalid or incomplete response.',
  107,
);
const LATE_SERVER = FAILED(504, 'Gateway Time-out', "The server didn't respond in time.", 92);

/** Everything that comes until the end, or until `length` characters are there. */
async function received(client: RawClient, length: number): Promise<string> {
  await client.incoming.take(length);
  return client.received;
}

describe('the answers are HAProxy’s to the byte', () => {
  it('400, and the connection is closed', async () => {
    plane = await startPlane([]);
    const client = await RawClient.connect(plane.port);
    void client.write('GET / HTTP/1.1\r\nHost : a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await client.ended()).toBe('end');
    expect(client.received).toBe(BAD);
  });

  it.each([
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00'],
  ])('400 at once for %s, before any head could be complete', async (_name, bytes) => {
    plane = await startPlane([]);
    const client = await RawClient.connect(plane.port);
    void client.write(bytes);
    expect(await client.ended()).toBe('end');
    expect(client.received).toBe(BAD);
  });

  it('408 for a head that never becomes whole, however it trickles, and for silence', async () => {
    plane = await startPlane([], { settings: { requestHeadTimeoutMs: 300 } });
    const trickling = await RawClient.connect(plane.port);
    const silent = await RawClient.connect(plane.port);
    const timer = setInterval(() => void trickling.write('G'), 50);
    expect(await trickling.ended()).toBe('end');
    clearInterval(timer);
    expect(trickling.received).toBe(LATE);
    expect(await silent.ended()).toBe('end');
    expect(silent.received).toBe(LATE);
  });

  it('503 without a server, on a connection that stays', async () => {
    plane = await startPlane([]);
    const client = await RawClient.connect(plane.port);
    const why = 'x-teal-reason: no usable server\r\n';
    const text = NO_SERVER(why);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await received(client, text.length)).toBe(text);
    void client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc');
    expect(await received(client, text.length)).toBe(text + text);
    void client.write('HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.ended();
    const closing = NO_SERVER(`${why}connection: close\r\n`);
    expect(client.received).toBe(text + text + closing.slice(0, closing.indexOf('<html>')));
    expect(plane.backend('connectErrors')).toBe(3);
    expect(plane.backend('responses5xx')).toBe(3);
    expect(plane.backend('inFlight')).toBe(0);
  });

  it('503 when the connect is refused, after the turn-around', async () => {
    const port = refusedPort();
    plane = await startPlane([{ port }], {
      settings: { connectRetries: 1, connectTimeoutMs: 200 },
    });
    const client = await RawClient.connect(plane.port);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const text = NO_SERVER();
    expect(await received(client, text.length)).toBe(text);
    expect(plane.backend('retries')).toBe(1);
    expect(plane.backend('redispatches')).toBe(0);
    expect(plane.backend('connectErrors')).toBe(1);
    expect(plane.backend('inFlight')).toBe(0);
    client.destroy();
  });

  it.each([
    ['closes without an answer', ''],
    ['sends something else', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['ends lines with bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['frames twice', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['closes within the head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['sends an endless head', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    [
      'switches protocols unasked',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['sends interim responses without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(11)],
  ])('502 when the server %s', async (name, bytes) => {
    origin = await Origin.scripted(async (connection) => {
      await connection.request();
      await connection.write(bytes);
      connection.end();
    });
    plane = await startPlane([origin]);
    const client = await RawClient.connect(plane.port);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.incoming.through(BAD_GATEWAY);
    if (!name.includes('interim')) expect(client.received).toBe(BAD_GATEWAY);
    // The client has done nothing wrong.
    expect(client.closed).toBe(false);
    expect(plane.backend('responseErrors')).toBe(1);
    expect(plane.backend('inFlight')).toBe(0);
    client.destroy();
  });

  it('504 when the server does not answer in time', async () => {
    origin = await Origin.scripted(async (connection) => {
      await connection.request();
    });
    plane = await startPlane([origin], { settings: { serverTimeoutMs: 300 } });
    const client = await RawClient.connect(plane.port);
    void client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await received(client, LATE_SERVER.length)).toBe(LATE_SERVER);
    await (await origin.connection()).ended();
    client.destroy();
  });

  it.each([
    [414, `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [431, `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`],
    [431, `GET / HTTP/1.1\r\nHost: a\r\n${'X-A: 1\r\n'.repeat(500)}\r\n`],
    [405, 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
    [405, 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n'],
    [505, 'GET / HTTP/3.0\r\nHost: a\r\n\r\n'],
    [417, 'POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n'],
  ])('%i in the same form, seen by the client before the close', async (status, bytes) => {
    plane = await startPlane([]);
    const client = await RawClient.connect(plane.port);
    void client.write(bytes);
    const response = await client.response();
    expect(response.status).toBe(status);
    expect(response.head).toContain('Connection: close\r\n');
    expect(response.body.toString()).toMatch(
      new RegExp(`^<html><body><h1>${status} [A-Za-z ]+</h1>\\n.+\\.\\n</body></html>\\n$`),
    );
    expect(await client.ended()).toBe('end');
    client.destroy();
  });

  it('keeps a head of 10 KiB and refuses nothing that fits', async () => {
    origin = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    plane = await startPlane([origin]);
    const head = `GET /${'a'.repeat(4_096)} HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(6_000)}\r\n\r\n`;
    expect((await requestOnce(plane.port, head)).status).toBe(200);
  });
});
