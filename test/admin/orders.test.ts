import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type OrderDone,
  type OrderRefused,
  type OrderRequest,
  PLAIN_ORDER,
} from '../../src/admin/order-request.ts';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';

const TOKEN = 'a-token-of-tests';
const DONE: OrderDone = {
  epoch: 13,
  tookMs: 2.5,
  workers: [{ pid: 7, epoch: 13, tookMs: 2.5 }],
  service: '*:10080',
  live: '/zdd/blue',
  previous: '/zdd/green',
};

let admin: Admin | null = null;
let taken: OrderRequest[] = [];
let outcome: OrderDone | OrderRefused = DONE;

beforeEach(() => {
  taken = [];
  outcome = DONE;
});
afterEach(() => admin?.close());

async function start(adminToken = ''): Promise<void> {
  admin = await startAdmin({
    address: '127.0.0.1',
    port: 0,
    view: async () => sampleView(),
    config: sampleFacts,
    signals: null,
    orders: {
      adminToken,
      desk: {
        carryOut: async (order) => {
          taken.push(order);
          return outcome;
        },
      },
    },
    log: SILENT,
  });
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(
  body: string,
  { path = '/_teal/orders', method = 'POST', headers = {} }: Asked = {},
) {
  const port = admin?.port ?? 0;
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

const order = (fields: object) => JSON.stringify({ order: 'cutover', service: '10080', ...fields });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('an order', () => {
  it('is answered with what came of it', async () => {
    await start();
    const answer = await ask(order({ colour: 'blue', seconds: 9, by: 'ann', why: null }));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual(DONE);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json',
    });
    expect(taken).toEqual([
      {
        ...PLAIN_ORDER,
        order: 'cutover',
        service: '10080',
        colour: 'blue',
        seconds: 9,
        by: 'ann',
      },
    ]);
  });

  it('that is refused is a 409 with its code', async () => {
    await start();
    outcome = { code: 'not_warm', error: 'no server; scale it up' };
    const answer = await ask(order({ order: 'rollback' }));
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.text)).toEqual(outcome);
  });

  const bodies: readonly [string, string, number, string][] = [
    ['no JSON', '{', 400, 'expected a JSON object'],
    ['nothing', '', 400, 'expected a JSON object'],
    ['a list', '[]', 400, 'must be object'],
    ['no order', '{}', 400, "must have required property 'order'"],
    ['an unknown order', '{"order":"reboot"}', 400, 'expected one of cutover'],
    ['an unknown field', order({ color: 'blue' }), 400, 'unknown field "color"'],
    ['no service', '{"order":"cutover"}', 400, 'expected "service"'],
    ['a split of nothing', order({ order: 'split' }), 400, 'expected "shares"'],
    ['shares of no numbers', order({ order: 'split', shares: { a: '80' } }), 400, 'shares.a'],
    ['half percents', order({ order: 'split', shares: { a: 0.5 } }), 400, 'must be integer'],
    ['a server state', order({ order: 'server', servers: { a: 'off' } }), 400, 'servers.a'],
    ['lines in a reason', order({ why: 'a\nb' }), 400, 'why'],
    ['a long reason', order({ why: 'x'.repeat(501) }), 400, '500'],
    ['negative seconds', order({ seconds: -1 }), 400, 'seconds'],
    ['__proto__', '{"order":"cutover","service":"1","__proto__":{"force":true}}', 400, '__proto__'],
    ['16 KiB and more', order({ why: 'x'.repeat(20_000) }), 413, '16384'],
    ['a megabyte', order({ why: 'x'.repeat(900_000) }), 413, '16384'],
  ];

  it.each(bodies)('with %s is refused in one line, and not carried out', async (...row) => {
    const [, body, status, text] = row;
    await start();
    const answer = await ask(body);
    expect(answer.status).toBe(status);
    const { error } = JSON.parse(answer.text);
    expect(error).toContain(text);
    expect(error).not.toContain('\n');
    expect(taken).toEqual([]);
  });

  it('is a POST, and the paths beside it are what they were', async () => {
    await start();
    const answer = await ask('', { method: 'PUT' });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD, POST');
    const { epoch, orders, leases } = sampleView();
    const there = await ask('', { method: 'GET' });
    expect(JSON.parse(there.text)).toEqual({ epoch, orders, leases });
    expect((await ask('', { path: '/_teal/orders2' })).status).toBe(404);
    expect((await ask('', { path: '/haproxy?stats;csv', method: 'GET' })).status).toBe(200);
  });
});

describe('who may order', () => {
  it('with a token set: who shows it, and nobody else', async () => {
    await start(TOKEN);
    expect((await ask(order({}))).status).toBe(401);
    expect((await ask(order({}), bearer('wrong'))).status).toBe(401);
    expect((await ask(order({}), bearer(''))).status).toBe(401);
    expect((await ask(order({}), bearer(`${TOKEN}x`))).status).toBe(401);
    expect(taken).toEqual([]);
    expect((await ask(order({}), bearer(TOKEN))).status).toBe(200);
    const basic = `Basic ${Buffer.from(`ann:${TOKEN}`).toString('base64')}`;
    expect((await ask(order({}), { headers: { authorization: basic } })).status).toBe(200);
    expect(taken).toHaveLength(2);
  });

  const pages: readonly [string, Readonly<Record<string, string>>, number][] = [
    ['a page of ours', { host: 'localhost:9090', origin: 'http://localhost:9090' }, 200],
    ['a page of another host', { origin: 'http://evil.example' }, 403],
    ['a page of another port', { host: '127.0.0.1:9090', origin: 'http://127.0.0.1:80' }, 403],
    ['a page without a host', { origin: 'null' }, 403],
    ['a page that sends a referer only', { referer: 'http://evil.example/x' }, 403],
    ['a page that the browser calls foreign', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a name that was made to point here', { host: 'evil.example:9090' }, 403],
    [
      'such a name with its own page',
      { host: 'evil.example:9090', origin: 'http://evil.example:9090' },
      403,
    ],
    ['no page at all', {}, 200],
  ];

  it.each(pages)('without a token, from this machine: %s', async (_, headers, status) => {
    await start();
    expect((await ask(order({}), { headers })).status).toBe(status);
    expect(taken).toHaveLength(status === 200 ? 1 : 0);
  });

  it('a foreign page does not get in with a token either', async () => {
    await start(TOKEN);
    const headers = { ...bearer(TOKEN).headers, origin: 'http://evil.example' };
    expect((await ask(order({}), { headers })).status).toBe(403);
  });
});

describe("the form of HAProxy's stats page", () => {
  const server = () => sampleView().plan.services[0]?.colours[1]?.servers[0]?.name ?? '';
  const b = 'zdd_green_10080';
  const rows: readonly [string, () => string, string, string, number][] = [
    ['all found', () => `s=${server()}&action=drain&b=${b}`, '', ';st=DONE', 1],
    ['in any order', () => `b=${b}&action=maint&s=${server()}`, '', ';st=DONE', 1],
    ['some found', () => `s=${server()}&s=x&action=ready&b=${b}`, '', ';st=PART', 1],
    ['none found', () => `s=x&action=ready&b=${b}`, '', ';st=ERRP', 0],
    ['none given', () => `action=ready&b=${b}`, '', ';st=NONE', 0],
    ['an unknown action', () => `s=${server()}&action=boom&b=${b}`, '', ';st=ERRP', 0],
    ['no action', () => `s=${server()}&b=${b}`, '', ';st=ERRP', 0],
    ['an unknown backend', () => `s=${server()}&action=ready&b=x`, '', ';st=ERRP', 0],
    ['too much', () => `s=${'x'.repeat(17_000)}&action=ready&b=${b}`, '', ';st=EXCD', 0],
    [
      'the state of the page',
      () => `s=${server()}&action=ready&b=${b}`,
      ';norefresh;up;scope=zdd',
      ';st=DONE;up;norefresh?scope=zdd',
      1,
    ],
  ];

  it.each(rows)('%s: 303 to the page, which says so', async (_, body, pieces, state, orders) => {
    await start();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(body(), { path: `/haproxy?stats${pieces}`, headers });
    expect(answer.status).toBe(303);
    expect(answer.headers['content-length']).toBe('0');
    expect(answer.headers['location']).toBe(`/haproxy?stats${state}`);
    expect(taken).toHaveLength(orders);
  });

  it('orders by names, and a backend also by its number', async () => {
    await start();
    await ask(`s=${server()}&action=stop&b=${b}`, { path: '/haproxy?stats' });
    expect(taken[0]).toMatchObject({
      order: 'server',
      service: '*:10080',
      colour: '/zdd/green',
      servers: { [server()]: 'drain' },
      by: 'stats page from 127.0.0.1',
    });
    const csv = await ask('', { path: '/haproxy?stats;csv', method: 'GET' });
    const [head = '', ...lines] = csv.text.split('\n');
    const iid = head.split(',').indexOf('iid');
    const number = lines.find((line) => line.startsWith(`${b},`))?.split(',')[iid];
    await ask(`s=${server()}&action=ready&b=%23${number}`, { path: '/haproxy?stats' });
    expect(taken[1]).toMatchObject({ colour: '/zdd/green', servers: { [server()]: 'ready' } });
  });

  it('is denied to whom orders are denied', async () => {
    await start(TOKEN);
    const answer = await ask(`s=${server()}&action=ready&b=${b}`, { path: '/haproxy?stats' });
    expect(answer.headers['location']).toBe('/haproxy?stats;st=DENY');
    expect(taken).toEqual([]);
  });
});
