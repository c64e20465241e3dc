import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { type Logger, SILENT } from '../../src/log/logger.ts';
import { CSV_COLUMNS } from '../../src/stats/csv-columns.ts';
import { SCRIPT_URI } from '../../src/stats/page.ts';
import { linkTo } from '../../src/stats/page-filter.ts';
import { STYLE, STYLE_URI } from '../../src/stats/page-style.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';

const running: Admin[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((admin) => admin.close()));
});

async function start(
  view: () => Promise<View> = async () => sampleView(),
  log: Logger = SILENT,
): Promise<Admin> {
  const admin = await startAdmin({
    address: '127.0.0.1',
    port: 0,
    view,
    config: sampleFacts,
    signals: null,
    log,
  });
  running.push(admin);
  return admin;
}

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly rawNames: readonly string[];
  readonly body: string;
}

function ask(admin: Admin, path: string, method = 'GET', body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: admin.port, path, method, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawNames: response.rawHeaders.filter((_, place) => place % 2 === 0),
            body: text,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends bytes as they are; resolves with everything that comes until the server closes. */
async function raw(admin: Admin, bytes: string): Promise<string> {
  const socket = connect(admin.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

describe('the other forms of the statistics', () => {
  it.each([
    ['/haproxy?stats;json', 'application/json', /^\[\[\{"objType":"Frontend"/],
    ['/haproxy?stats;json-schema', 'application/json', /^\{"\$schema"/],
    ['/haproxy?stats;typed', 'text/plain', /^F\.1\.0\.0\.pxname\.1:KNS:str:/],
    ['/metrics', 'text/plain; version=0.0.4; charset=utf-8', /^# HELP haproxy_process_nbthread /],
    ['/metrics?scope=teal', 'text/plain; version=0.0.4; charset=utf-8', /^# HELP teal_/],
  ])('%s is answered as %s', async (path, type, body) => {
    const reply = await ask(await start(), path);
    expect([reply.status, reply.headers['content-type']]).toEqual([200, type]);
    expect(reply.body).toMatch(body);
  });

  it('a scope of metrics that there is not is refused', async () => {
    expect((await ask(await start(), '/metrics?scope=x')).status).toBe(400);
  });
});

describe('the admin port', () => {
  it('shows the page under a policy that lets nothing in', async () => {
    const reply = await ask(await start(), '/haproxy?stats');
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';.*frame-ancestors 'none'$/,
      ),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    });
    expect(reply.body).toContain('<!DOCTYPE html>');
    expect(reply.body).toContain(linkTo(STYLE_URI).replaceAll('&', '&amp;'));
  });

  it('gives the CSV as plain text, its modifiers in any order', async () => {
    const admin = await start();
    const reply = await ask(admin, '/haproxy?stats;csv');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/plain');
    expect(reply.headers['cache-control']).toBe('no-cache');
    expect(reply.body.split('\n')[0]).toBe(`# ${CSV_COLUMNS.join(',')},`);
    for (const path of ['/haproxy?stats;up;scope=green;csv', '/haproxy?stats;csv;scope=green;up']) {
      const { body } = await ask(admin, path);
      expect(body.trimEnd().split('\n')).toHaveLength(7);
    }
  });

  it("answers a monitor with HAProxy's 58 bytes and header lines, no other", async () => {
    const reply = await ask(await start(), '/_haproxy_health_check');
    expect(reply.status).toBe(200);
    expect(reply.body).toBe('<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n');
    expect(reply.headers).toEqual({
      'content-length': '58',
      'cache-control': 'no-cache',
      'content-type': 'text/html',
    });
  });

  it('answers a monitor while the numbers cannot be gathered', async () => {
    const admin = await start(() => new Promise(() => {}));
    expect((await ask(admin, '/_haproxy_health_check')).status).toBe(200);
  });

  it('names one process', async () => {
    const reply = await ask(await start(), '/_haproxy_getpids');
    expect(reply.headers['content-type']).toBe('text/plain');
    expect(reply.body).toBe(String(process.pid));
  });

  it('leads from its root to the page', async () => {
    const reply = await ask(await start(), '/');
    expect([reply.status, reply.headers['location']]).toEqual([302, '/haproxy?stats']);
  });

  it('gives the modules of its script, looked at again each time, and says which there is not', async () => {
    const admin = await start();
    const main = await ask(admin, SCRIPT_URI);
    expect([main.status, main.headers['content-type'], main.headers['cache-control']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'no-cache',
    ]);
    for (const [, name] of main.body.matchAll(/from '\.\/([a-z-]+\.js)'/g)) {
      expect((await ask(admin, `/_teal/page/${name}`)).status).toBe(200);
    }
  });

  it.each([
    '/_teal/page/nothing.js',
    '/_teal/eventsomething',
    '/_teal/page/',
    '/_teal/page/..%2fmain.js',
    '/_teal/page/../main.js',
  ])('has nothing but those: %s', async (path) => {
    expect((await ask(await start(), path)).status).toBe(404);
  });

  it('gives its style sheet to be kept, and an icon', async () => {
    const admin = await start();
    const style = await ask(admin, STYLE_URI);
    expect(style.body).toBe(STYLE);
    expect(style.headers['cache-control']).toContain('immutable');
    expect(style.headers['content-type']).toBe('text/css; charset=utf-8');
    expect((await ask(admin, '/favicon.svg')).headers['content-type']).toBe('image/svg+xml');
    expect((await ask(admin, '/favicon.ico')).status).toBe(200);
  });

  it.each([
    '/haproxy',
    '/haproxy?',
    '/haproxy/stats',
    '/metrics/',
    '/__proto__',
    '/constructor',
    '//',
    '/_haproxy_health_check/',
  ])("answers HAProxy's 503 to anything else: %s", async (path) => {
    const reply = await ask(await start(), path);
    expect(reply.status).toBe(503);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html',
      'content-length': '107',
      'cache-control': 'no-cache',
      connection: 'close',
    });
    expect(reply.body).toBe(
      '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
    );
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
    'takes %s for GET, and changes nothing by it',
    async (method) => {
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? 's=x&action=maint' : '';
      const reply = await ask(await start(), '/haproxy?stats;csv', method, body);
      expect(reply.status).toBe(200);
      expect(reply.body).toBe((await ask(await start(), '/haproxy?stats;csv')).body);
    },
  );

  it.each(['/haproxy?stats', '/haproxy?stats;csv', '/_haproxy_health_check', '/nowhere'])(
    'answers HEAD like GET without the body: %s',
    async (path) => {
      const admin = await start();
      const [head, get] = [await ask(admin, path, 'HEAD'), await ask(admin, path)];
      expect([head.status, head.body]).toEqual([get.status, '']);
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.body)));
      expect(head.rawNames).toEqual(get.rawNames);
    },
  );

  it('takes a target in absolute form', async () => {
    const reply = await ask(await start(), 'http://edge.example/haproxy?stats;csv');
    expect(reply.body.startsWith('# pxname,')).toBe(true);
  });

  it('gathers anew for every request', async () => {
    let epoch = 0;
    const admin = await start(async () => {
      epoch += 1;
      return sampleView({ node: `node-${epoch}` });
    });
    expect((await ask(admin, '/haproxy?stats')).body).toContain('Teal on node-1');
    expect((await ask(admin, '/haproxy?stats')).body).toContain('Teal on node-2');
  });

  it('says 500 in one line and logs why when the view fails', async () => {
    const logged: object[] = [];
    const log: Logger = { ...SILENT, error: (fields) => logged.push(fields) };
    const error = new Error('secret detail');
    const admin = await start(() => Promise.reject(error), log);
    const reply = await ask(admin, '/haproxy?stats');
    expect([reply.status, reply.body]).toEqual([
      500,
      'the statistics could not be shown; the log says why\n',
    ]);
    expect(logged).toEqual([{ err: error }]);
  });

  it('says 500 when the view throws at once, and lives on', async () => {
    let broken = true;
    const admin = await start(() => {
      if (broken) throw new Error('at once');
      return Promise.resolve(sampleView());
    });
    expect((await ask(admin, '/haproxy?stats')).status).toBe(500);
    broken = false;
    expect((await ask(admin, '/haproxy?stats')).status).toBe(200);
  });

  it('says 503 with the reason when the numbers come too late', async () => {
    const late = await ask(await start(() => new Promise(() => {})), '/haproxy?stats;csv');
    expect(late.status).toBe(503);
    expect(late.headers['retry-after']).toBe('1');
    expect(late.body).toBe('the workers have not told their numbers in time; try again\n');
  });

  it.each([
    ['nonsense', 'GARBAGE\r\n\r\n'],
    ['a head without end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['two lengths', 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
    ['TLS on a plain port', '\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000'],
  ])('refuses %s and closes', async (_name, bytes) => {
    const admin = await start();
    expect(await raw(admin, bytes)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(admin, '/')).status).toBe(302);
  });

  it('does not use a connection again on which a body was sent', async () => {
    const admin = await start();
    const text = await raw(
      admin,
      'GET /_haproxy_getpids HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello',
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text.toLowerCase()).toContain('connection: close');
  });

  it('rejects with the code when it cannot listen', async () => {
    const admin = await start();
    const again = startAdmin({
      address: '127.0.0.1',
      port: admin.port,
      view: async () => sampleView(),
      config: sampleFacts,
      signals: null,
      log: SILENT,
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('listens on every address for *', async () => {
    const admin = await startAdmin({
      address: '*',
      port: 0,
      view: async () => sampleView(),
      config: sampleFacts,
      signals: null,
      log: SILENT,
    });
    running.push(admin);
    expect((await ask(admin, '/_haproxy_getpids')).status).toBe(200);
  });

  it('closes although a client keeps its connection', async () => {
    const admin = await start();
    const socket = connect(admin.port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.resume();
    await admin.close();
    await closed;
    running.splice(0);
  });
});
