// The way to a peer, over real sockets: what goes there, what comes back, and what a peer that means harm,
// or is not there, can do to it.

import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
} from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PEER_LIMITS, type PeerLimits } from '../../src/admin/peers/forwarding.ts';
import { PeerProxy } from '../../src/admin/peers/peer-proxy.ts';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';
import { until } from '../support/settle.ts';
import { RoguePeer, say } from './rogue-peer.ts';

const P = '/_teal/peers';
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const FINE = `${OK}content-length: 5\r\n\r\nfine\n`;

let peer: RoguePeer;
let admin: Admin;
let target: Admin;
let orders: { by: string; service: string }[];
/** By name. */
let urls: Record<string, string>;

beforeEach(async () => {
  peer = new RoguePeer();
  await peer.start();
  peer.answer = say(FINE);
  orders = [];
  target = await start('a-token-of-tests');
  urls = { rogue: peer.url, edge: `http://127.0.0.1:${target.port}` };
  admin = await start('', (name) => urls[name] ?? null);
});

afterEach(async () => {
  await Promise.all([admin.close(), target.close(), peer.stop()]);
});

function start(adminToken: string, peerUrl: (name: string) => string | null = () => null) {
  return startAdmin({
    address: '127.0.0.1',
    port: 0,
    view: async () => sampleView(),
    config: sampleFacts,
    signals: null,
    peerUrl,
    orders: {
      adminToken,
      desk: {
        carryOut: async ({ by, service }) => {
          orders.push({ by, service });
          return {
            ...{ epoch: 13, tookMs: 1, workers: [], service: '*:10080' },
            ...{ live: '/zdd/blue', previous: '/zdd/green' },
          };
        },
      },
    },
    log: SILENT,
  });
}

interface Reply {
  /** 0 = it ended before it began. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The answer ended before it was whole. */
  readonly isCut: boolean;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly port?: number;
}

async function ask(
  path: string,
  { method = 'GET', headers = {}, body = '', port = admin.port }: Asked = {},
): Promise<Reply> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  sent.end(body);
  let response: IncomingMessage;
  try {
    [response] = await once(sent, 'response');
  } catch {
    return { status: 0, headers: {}, text: '', isCut: true };
  }
  let text = '';
  let isCut = false;
  try {
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
  } catch {
    isCut = true;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, text, isCut };
}

const JSON_ORDER = JSON.stringify({ order: 'cutover', service: '10080', by: 'ann' });
const json = { 'content-type': 'application/json' };
const withToken = { ...json, authorization: 'Bearer a-token-of-tests' };

describe('the way to a peer', () => {
  it('shows its page, with links that stay below its prefix', async () => {
    const { status, headers, text } = await ask(`${P}/edge/haproxy?stats`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    const links = [...text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, uri]) => uri ?? '');
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => link.startsWith('../'))).toEqual(['../../../haproxy?stats']);
    for (const link of links.filter((one) => !one.startsWith('../'))) {
      const { pathname } = new URL(link, `http://a${P}/edge/haproxy?stats`);
      expect(pathname).toMatch(/^\/_teal\/peers\/edge\//);
    }
  });

  it.each([
    ['/haproxy?stats;csv', 'text/plain', /^# pxname,svname,/],
    ['/haproxy?stats;json', 'application/json', /^\[\[\{"objType"/],
    ['/metrics', 'text/plain; version=0.0.4; charset=utf-8', /^# HELP haproxy_/],
    ['/_teal/status', 'application/json', /^\{"version":"0\.1\.0"/],
    ['/_haproxy_health_check', 'text/html', /200 OK/],
    ['/readyz', 'text/plain', /^/],
    ['/teal.css?x', 'text/css; charset=utf-8', /--bg:/],
  ])('reads %s', async (path, type, body) => {
    const { status, headers, text } = await ask(`${P}/edge${path}`);
    expect([status, headers['content-type']]).toEqual([200, type]);
    expect(text).toMatch(body);
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, text } = await ask(`${P}/edge/_teal/status`, { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(100);
  });

  it('passes events on as they come, and leaves the peer when the reader goes', async () => {
    let isOpen = false;
    peer.answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: view\n');
      isOpen = true;
    };
    const sent = request({ host: '127.0.0.1', port: admin.port, path: `${P}/rogue/_teal/events` });
    sent.end();
    const [response] = await once(sent, 'response');
    const [first] = await once(response, 'data');
    expect(String(first)).toBe('event: view\n');
    expect(response.headers['x-accel-buffering']).toBe('no');
    expect(isOpen).toBe(true);
    response.on('error', () => {});
    sent.destroy();
    await until(() => peer.open.size === 0, 'the connection to the peer is closed');
  });

  it('leaves the peer when the reader goes before there is an answer', async () => {
    peer.answer = () => {};
    const readers = Array.from({ length: 20 }, () =>
      connect(admin.port, '127.0.0.1').on('error', () => {}),
    );
    for (const reader of readers)
      reader.write(`GET ${P}/rogue/metrics HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => peer.open.size === 20, 'twenty questions are open');
    for (const reader of readers) reader.resetAndDestroy();
    await until(() => peer.open.size === 0, 'all of them are closed');
  });

  it('has room for so many readers, and says so to the next', async () => {
    peer.answer = () => {};
    const readers = Array.from({ length: 64 }, () =>
      connect(admin.port, '127.0.0.1').on('error', () => {}),
    );
    for (const reader of readers)
      reader.write(`GET ${P}/rogue/metrics HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => peer.open.size === 64, 'sixty-four questions are open');
    const reply = await ask(`${P}/rogue/metrics`);
    expect([reply.status, reply.text]).toEqual([503, '64 questions to peers are open\n']);
    for (const reader of readers) reader.destroy();
    await until(() => peer.open.size === 0, 'all of them are closed');
    peer.answer = say(FINE);
    expect((await ask(`${P}/rogue/metrics`)).status).toBe(200);
  });

  it('gives the peer what it needs to know of a reader, and nothing else', async () => {
    const headers = {
      accept: 'text/html',
      'user-agent': 'test',
      cookie: 'secret=1',
      authorization: 'Bearer a-token-of-tests',
      'x-forwarded-for': '1.2.3.4',
      'x-teal-preview': 'secret',
      connection: 'x-hop, keep-alive',
      'x-hop': '1',
      expect: '100-continue',
      te: 'trailers',
      'transfer-encoding': 'chunked',
      trailer: 'x-hop',
      'accept-encoding': 'gzip',
      'if-none-match': '*',
      origin: 'http://elsewhere',
    };
    expect((await ask(`${P}/rogue/metrics`, { headers })).text).toBe('fine\n');
    const [line, ...fields] = (peer.asked[0] ?? '').split('\r\n');
    expect(line).toBe('GET /metrics HTTP/1.1');
    expect(fields.filter(Boolean).sort()).toEqual(
      [
        'accept: text/html',
        'connection: close',
        `host: ${new URL(peer.url).host}`,
        'user-agent: test',
        'via: 1.1 teal',
      ].sort(),
    );
  });

  it('reads a body that comes with a question away, and sends none', async () => {
    const reply = await ask(`${P}/rogue/metrics`, {
      headers: { 'transfer-encoding': 'chunked' },
      body: 'GET /_mlb_signal/hup HTTP/1.1\r\n\r\n',
    });
    expect(reply.status).toBe(200);
    expect(peer.asked[0]).toMatch(/^GET \/metrics HTTP\/1\.1\r\n/);
    expect(peer.asked[0]?.split('\r\n\r\n')[1]).toBe('');
  });

  it.each([
    ['a name that nobody has', '/nobody/haproxy?stats', 404],
    ['a URL in place of a name', '/http:%2f%2f127.0.0.1/metrics', 404],
    ['a property of every object', '/__proto__/metrics', 404],
  ])('asks nobody for %s', async (_, path, status) => {
    urls = Object.assign(Object.create(null), urls);
    expect((await ask(`${P}${path}`)).status).toBe(status);
    expect(peer.asked).toEqual([]);
  });

  it('says where absolute-form targets lead as it does for others', async () => {
    const reply = await ask(`http://elsewhere.example${P}/rogue/metrics`);
    expect([reply.status, reply.text]).toEqual([200, 'fine\n']);
  });
});

describe('an order for a peer', () => {
  const path = `${P}/edge/_teal/orders`;

  it('is carried out there with its token', async () => {
    const reply = await ask(path, { method: 'POST', headers: withToken, body: JSON_ORDER });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      200,
      expect.objectContaining({ epoch: 13, live: '/zdd/blue' }),
    ]);
    expect(orders).toEqual([{ by: 'ann', service: '10080' }]);
  });

  it('is refused here without any token, though it comes from this machine', async () => {
    const reply = await ask(path, { method: 'POST', headers: json, body: JSON_ORDER });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      401,
      { error: expect.stringContaining('admin token') },
    ]);
    expect(orders).toEqual([]);
  });

  it('is refused there with a wrong token', async () => {
    const headers = { ...json, authorization: 'Bearer wrong-token-of-tests' };
    const reply = await ask(path, { method: 'POST', headers, body: JSON_ORDER });
    expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer realm="teal"']);
    expect(reply.text).toContain('the admin token is wrong');
    expect(orders).toEqual([]);
  });

  it.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another host', { origin: 'http://evil.example' }],
    ['of nowhere', { origin: 'null' }],
  ])('is refused from a page %s, whatever it can show', async (_, headers) => {
    const sent = { method: 'POST', headers: { ...withToken, ...headers }, body: JSON_ORDER };
    expect((await ask(path, sent)).status).toBe(403);
    expect(orders).toEqual([]);
  });

  it('is taken from our own page', async () => {
    const own = `http://127.0.0.1:${admin.port}`;
    const headers = { ...withToken, origin: own, 'sec-fetch-site': 'same-origin' };
    expect((await ask(path, { method: 'POST', headers, body: JSON_ORDER })).status).toBe(200);
  });

  it.each([
    ['it comes through another instance', '/_teal/peers/open/_teal/orders', {}],
    ['it comes through a proxy', '/_teal/orders', { via: '1.1 some' }],
    ['it comes for somebody else', '/_teal/orders', { 'x-forwarded-for': '10.0.0.9' }],
  ])('is refused by an instance without a token when %s', async (_, path, headers) => {
    const open = await start('');
    urls = { ...urls, open: `http://127.0.0.1:${open.port}` };
    const port = path.startsWith(P) ? admin.port : open.port;
    const sent = { method: 'POST', body: JSON_ORDER, headers: { ...withToken, ...headers } };
    const reply = await ask(path, { ...sent, port });
    const own = await ask('/_teal/orders', { ...sent, headers: json, port: open.port });
    await open.close();
    expect([reply.status, own.status, orders.length]).toEqual([403, 200, 1]);
  });

  it('may come as the form of the page, which leads back below the prefix', async () => {
    const basic = Buffer.from('ann:a-token-of-tests').toString('base64');
    const reply = await ask(`${P}/edge/haproxy?stats;up`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'action=ready&b=zdd_green_10080',
    });
    expect([reply.status, reply.headers.location]).toEqual([
      303,
      `${P}/edge/haproxy?stats;st=NONE;up`,
    ]);
  });

  it('is bounded in size', async () => {
    const sent = { method: 'POST', headers: withToken, body: 'x'.repeat(16_385) };
    expect((await ask(`${P}/rogue/_teal/orders`, sent)).status).toBe(413);
    expect(peer.asked).toEqual([]);
  });

  it('goes on as one body of known length, however it came', async () => {
    peer.answer = say(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    );
    const headers = { ...withToken, 'transfer-encoding': 'chunked' };
    await ask(`${P}/rogue/_teal/orders`, { method: 'POST', headers, body: JSON_ORDER });
    await until(() => peer.asked[0]?.endsWith(JSON_ORDER) === true, 'the order is there');
    expect(peer.asked[0]).toContain(`content-length: ${JSON_ORDER.length}\r\n`);
    expect(peer.asked[0]).not.toMatch(/transfer-encoding/i);
  });
});

describe('a peer that is not there, or means harm', () => {
  it('is a clear line when it refuses connections', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', () => resolve()));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    urls = { gone: `http://127.0.0.1:${port}` };
    const reply = await ask(`${P}/gone/haproxy?stats`);
    expect([reply.status, reply.headers['content-type']]).toEqual([
      502,
      'text/plain; charset=utf-8',
    ]);
    expect(reply.text).toMatch(
      /^gone \(http:\/\/127\.0\.0\.1:\d+\) does not answer \(.*ECONNREFUSED.*\)\n$/,
    );
    const read = await ask(`${P}/gone/_teal/status`);
    expect([read.status, JSON.parse(read.text).error]).toEqual([
      502,
      expect.stringContaining('ECONNREFUSED'),
    ]);
  });

  it.each([
    ['closes at once', ''],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    [
      'switches protocols unasked',
      'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
    ['has a status of its own', 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['has a status beyond all', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['says two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nfine\n`],
    [
      'says a length and chunks',
      `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['encodes its content', `${OK}content-encoding: gzip\r\ncontent-length: 5\r\n\r\nfine\n`],
    [
      'sends what is no page',
      'HTTP/1.1 200 OK\r\ncontent-type: application/wasm\r\ncontent-length: 1\r\n\r\nx',
    ],
    ['sends what is of no type', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'],
    [
      'leads elsewhere',
      'HTTP/1.1 302 Found\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n',
    ],
    [
      'leads elsewhere without a scheme',
      'HTTP/1.1 302 Found\r\nlocation: //evil.example/\r\ncontent-length: 0\r\n\r\n',
    ],
    [
      'sends events for a page',
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: x\n\n',
    ],
    ['promises more than anybody takes', `${OK}content-length: 99999999999\r\n\r\nx`],
    ['has a head without an end', `${OK}${'x-a: b\r\n'.repeat(3_000)}`],
  ])('is answered for with 502 when it %s', async (_, bytes) => {
    peer.answer = say(bytes);
    const { status, text } = await ask(`${P}/rogue/haproxy?stats`);
    expect([status, text.split('\n').length]).toEqual([502, 2]);
    expect(text).toMatch(/^rogue \(http:\/\/127\.0\.0\.1:\d+\) /);
    await until(() => peer.open.size === 0, 'the connection to the peer is closed');
  });

  it.each([
    [
      'a control character in its reason phrase',
      'HTTP/1.1 200 O\u0001K\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nfine\n',
    ],
    ['a length beside a trailer', `${OK}content-length: 5\r\ntrailer: x\r\n\r\nfine\n`],
    ['interim answers first', `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${FINE}`],
    [
      'trailers behind its chunks',
      `${OK}transfer-encoding: chunked\r\n\r\n5\r\nfine\n\r\n0\r\nset-cookie: a=b\r\n\r\n`,
    ],
  ])('is read past %s', async (_, bytes) => {
    peer.answer = say(bytes);
    const reply = await ask(`${P}/rogue/metrics`);
    expect([reply.status, reply.text]).toEqual([200, 'fine\n']);
  });

  it('gives back no cookie, no policy of its own and nothing else that is not meant', async () => {
    const own = [
      'set-cookie: a=b',
      'clear-site-data: "*"',
      'access-control-allow-origin: *',
      'content-security-policy: default-src *',
      'x-frame-options: ALLOW',
      'refresh: 0;url=http://evil.example/',
      'link: <http://evil.example/>; rel=preload',
      'strict-transport-security: max-age=1',
      'www-authenticate: Basic realm="give me your password"',
      'connection: x-hop',
      'x-hop: 1',
    ];
    peer.answer = say(`${OK}content-length: 5\r\n${own.join('\r\n')}\r\n\r\nfine\n`);
    const { headers } = await ask(`${P}/rogue/metrics`);
    expect(Object.keys(headers).sort()).toEqual([
      'connection',
      'content-length',
      'content-security-policy',
      'content-type',
      'date',
      'referrer-policy',
      'x-content-type-options',
      'x-frame-options',
    ]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect([headers['x-frame-options'], headers.connection]).toEqual(['DENY', 'close']);
  });

  it('is cut off, and its reader with it, when it ends within its answer', async () => {
    peer.answer = say(`${OK}content-length: 20\r\n\r\nfi`);
    const reply = await ask(`${P}/rogue/metrics`);
    expect([reply.status, reply.isCut]).toEqual([200, true]);
  });

  it('serves the next question after every harm', async () => {
    peer.answer = (socket) => socket.resetAndDestroy();
    expect((await ask(`${P}/rogue/metrics`)).status).toBe(502);
    peer.answer = say(FINE);
    expect((await ask(`${P}/rogue/metrics`)).text).toBe('fine\n');
  });
});

describe('the bounds of what is passed on', () => {
  const SHORT: PeerLimits = {
    ...PEER_LIMITS,
    headMs: 150,
    wholeMs: 400,
    silenceMs: 150,
    maxBytes: 1_000,
  };
  let server: Server;
  let port = 0;

  beforeEach(async () => {
    const proxy = new PeerProxy((name) => urls[name] ?? null, SHORT);
    server = createHttpServer((incoming, response) => proxy.take(incoming, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    port = (server.address() as { port: number }).port;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('a peer that says nothing is a 504 in time', async () => {
    peer.answer = () => {};
    const reply = await ask(`${P}/rogue/metrics`, { port });
    expect([reply.status, reply.text]).toEqual([
      504,
      expect.stringMatching(/^rogue .* has not answered within 1 s\n$/),
    ]);
    await until(() => peer.open.size === 0, 'the connection to the peer is closed');
  });

  it('a peer that falls silent within its answer is cut', async () => {
    peer.answer = (socket) => void socket.write(`${OK}content-length: 20\r\n\r\nfi`);
    expect((await ask(`${P}/rogue/metrics`, { port })).isCut).toBe(true);
    await until(() => peer.open.size === 0, 'the connection to the peer is closed');
  });

  it('an answer that trickles has an end', async () => {
    peer.answer = (socket) => {
      socket.write(`${OK}\r\n`);
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    };
    expect((await ask(`${P}/rogue/metrics`, { port })).isCut).toBe(true);
    await until(() => peer.open.size === 0, 'the connection to the peer is closed');
  });

  it('an answer that is larger than it may be is cut', async () => {
    peer.answer = say(`${OK}\r\n${'x'.repeat(1_001)}`);
    expect((await ask(`${P}/rogue/metrics`, { port })).isCut).toBe(true);
    peer.answer = say(`${OK}\r\n${'x'.repeat(1_000)}`);
    expect((await ask(`${P}/rogue/metrics`, { port })).text).toHaveLength(1_000);
  });
});
