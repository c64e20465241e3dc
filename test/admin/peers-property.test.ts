// Whatever is asked for, and whatever a peer answers: only listed paths are passed on, and every answer is
// a whole one, a clear line, or cut.

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPeerPath } from '../../src/admin/peers/peer-path.ts';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { budget } from '../property/budget.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';
import { RoguePeer, say } from './rogue-peer.ts';

const { seed, runs } = budget();

const BASES = [
  ...['/haproxy?stats', '/haproxy?stats;csv', '/metrics', '/_teal/orders', '/_teal/events?stats'],
  ...['/_teal/status', '/_teal/services/a', '/_teal/services/a/drained', '/_teal/page/main.js'],
  ...['/_mlb_signal/hup', '/_teal/peers/b/metrics', '/_teal/services/../../_mlb_signal/hup'],
];
const PIECES = [
  ...['/', '//', '.', '..', '/..', '../', '%2e', '%2E%2e', '%2f', '%5c', '\\', '?', '#', ';'],
  ...['%00', '%', '\u00e9', ' ', '\r\n', '/_mlb_signal/hup', '/_teal', '/peers', 'x', 'http://b'],
];
const LISTED =
  /^(?:\/haproxy\?stats.*|\/metrics|\/healthz|\/readyz|\/_haproxy_[a-z_]+|\/teal\.css|\/favicon\.svg|\/_teal(?:\/|\/[a-z]+|\/services\/[^?]+|\/page\/[a-z-]+\.js)?)(?:\?.*)?$/;

const HEADS = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.0 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n',
  'HTTP/1.1 204 No Content\r\n',
  'HTTP/1.1 304 Not Modified\r\n',
  'HTTP/1.1 302 Found\r\nlocation: /x\r\n',
  'HTTP/1.1 099 Odd\r\n',
  'HTTP/1.1 503 \u0001\r\n',
];
const FIELDS = [
  'content-type: text/plain\r\n',
  'content-type: text/html; charset="\u0001"\r\n',
  'content-type: text/event-stream\r\n',
  'content-length: 3\r\n',
  'content-length: 3\r\ncontent-length: 4\r\n',
  'content-length: -1\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: gzip\r\n',
  'trailer: a\r\n',
  'connection: keep-alive\r\n',
  'set-cookie: a=b\r\n',
  'location: //evil.example/\r\n',
  'www-authenticate: Basic\r\n',
  ': x\r\n',
  'a b: c\r\n',
];
const BODIES = [
  '',
  'abc',
  'abcdef',
  '3\r\nabc\r\n0\r\n\r\n',
  '3\r\nabc\r\n0\r\na: b\r\n\r\n',
  'zz\r\n',
];

describe('the way to a peer, whatever comes', () => {
  const peer = new RoguePeer();
  let admin: Admin;

  beforeAll(async () => {
    await peer.start();
    admin = await startAdmin({
      address: '127.0.0.1',
      port: 0,
      view: async () => sampleView(),
      config: sampleFacts,
      signals: null,
      peerUrl: () => peer.url,
      log: SILENT,
    });
  });

  afterAll(async () => {
    await admin?.close();
    await peer.stop();
  });

  it('leads to listed paths only', () => {
    const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 }));
    const insertion = fc.tuple(piece, fc.nat({ max: 40 }));
    const target = fc
      .tuple(fc.constantFrom(...BASES), fc.array(insertion, { maxLength: 2 }))
      .map(([base, insertions]) =>
        insertions.reduce((text, [more, at]) => text.slice(0, at) + more + text.slice(at), base),
      )
      .map((rest) => `/_teal/peers/a${rest}`);
    let passedOn = 0;
    const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS');
    fc.assert(
      fc.property(method, target, (asked, text) => {
        const found = readPeerPath(asked, text);
        if (found === null || 'error' in found) return;
        passedOn += 1;
        expect(['GET', 'HEAD', 'POST']).toContain(asked);
        expect(found.target).toMatch(LISTED);
        const path = decodeURIComponent(found.target.replace(/\?.*$/s, ''));
        expect(path.split(/[/\\]/)).not.toContain('..');
        expect(path).not.toMatch(/^\/+_mlb_signal/);
        expect(found.target.replace(/\?.*$/s, '')).not.toContain('//');
        if (asked === 'POST') expect(found.kind).toBe('order');
      }),
      { seed, numRuns: runs(3_000) },
    );
    expect(passedOn).toBeGreaterThan(300);
  });

  it('ends every question, and serves the next one', async () => {
    const answer = fc
      .tuple(
        fc.constantFrom(...HEADS),
        fc.array(fc.constantFrom(...FIELDS), { maxLength: 5 }),
        fc.constantFrom(...BODIES),
        fc.nat({ max: 200 }),
      )
      .map(([head, fields, body, cut]) =>
        `${head}${fields.join('')}\r\n${body}`.slice(0, cut === 0 ? undefined : cut + 1),
      );
    await fc.assert(
      fc.asyncProperty(answer, async (bytes) => {
        peer.answer = say(bytes);
        const first = await ask('/metrics');
        expect(first === 'cut' || (first.status >= 200 && first.status <= 599)).toBe(true);
        if (first !== 'cut') expect(first.cookie).toBeUndefined();
        peer.answer = say(
          'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nfine\n',
        );
        expect(await ask('/metrics')).toMatchObject({ status: 200, text: 'fine\n' });
      }),
      { seed, numRuns: runs(150) },
    );
  });

  async function ask(path: string) {
    const sent = request({
      ...{ host: '127.0.0.1', port: admin.port, agent: false },
      path: `/_teal/peers/a${path}`,
    });
    sent.end();
    try {
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      return { status: response.statusCode ?? 0, cookie: response.headers['set-cookie'], text };
    } catch {
      return 'cut';
    }
  }
});
