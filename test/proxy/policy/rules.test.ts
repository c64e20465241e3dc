import { afterEach, describe, expect, it } from 'vitest';
import type { PolicySpec, RequestAction, ResponseAction } from '../../../src/plan/plan.ts';
import { NO_CREDENTIALS } from '../../../src/proxy/credentials.ts';
import { oneValue, valuesOf } from '../../support/message.ts';
import { Origin, type OriginRequest } from '../../support/origin.ts';
import { RawClient, type RawResponse, requestOnce } from '../../support/raw-client.ts';
import { expectNothingInFlight } from '../plans.ts';
import { fetch, type PolicedOptions, policed, requests, responses, test } from './policed.ts';

const leaving: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

async function stageOf(
  policy: Partial<PolicySpec>,
  answer: string | ((request: OriginRequest) => string) = OK,
  options: PolicedOptions = {},
) {
  const origin = await Origin.answering(answer);
  leaving.push(() => origin.close());
  const { bench, port } = await policed([origin.port], policy, options);
  leaving.push(() => bench.close());
  return {
    bench,
    origin,
    port,
    ask: (head: string): Promise<RawResponse> => requestOnce(port, `${head}\r\n\r\n`),
    last: () => origin.requests.at(-1) as OriginRequest,
  };
}

const GET = 'GET /a/b?x=1&y=2 HTTP/1.1\r\nHost: a.test:81';
const set = (name: string, ...value: Parameters<typeof formatOf>): RequestAction => ({
  do: 'set-header',
  name,
  value: formatOf(...value),
});
const formatOf = (...parts: (string | ReturnType<typeof fetch>)[]) => parts;

describe('header edits of requests', () => {
  it('set, add, delete and replace, in their order', async () => {
    const { ask, last } = await stageOf(
      requests(
        set('X-One', 'a'),
        { do: 'add-header', name: 'X-One', value: ['b'] },
        { do: 'del-header', name: 'x-gone' },
        set('X-Gone', 'new'),
        {
          do: 'replace-header',
          name: 'X-Two',
          pattern: '^(\\w+)-(\\w+)$',
          ignoresCase: false,
          value: ['\\2 of \\1 \\\\'],
        },
        {
          do: 'replace-value',
          name: 'X-List',
          pattern: '^B$',
          ignoresCase: true,
          value: ['c'],
        },
      ),
    );
    await ask(
      `${GET}\r\nX-One: 1\r\nx-ONE: 2\r\nX-Gone: old\r\nX-Two: so-long\r\nX-Two: as is\r\nX-List: a, b,bb`,
    );
    expect(valuesOf(last(), 'x-one')).toEqual(['a', 'b']);
    expect(valuesOf(last(), 'x-gone')).toEqual(['new']);
    expect(valuesOf(last(), 'x-two')).toEqual(['long of so \\', 'as is']);
    expect(valuesOf(last(), 'x-list')).toEqual(['a,c,bb']);
  });

  it('take values from the request and its connection', async () => {
    const { ask, last } = await stageOf(
      requests(
        set('X-All', fetch('client-address'), ' ', fetch('method'), ' ', fetch('target')),
        set('X-Path', fetch('path'), '|', fetch('query'), '|', fetch('host')),
        set('X-Cookie', fetch('cookie', 'b'), fetch('url-parameter', 'y')),
        set('X-Last', fetch('request-header', 'x-list')),
        set('X-Backend', fetch('backend'), fetch('usable-servers'), fetch('encrypted')),
        set('X-Id', fetch('unique-id')),
        set('X-None', '[', fetch('request-header', 'x-none'), ']'),
        set('X-Lower', { ...fetch('request-header', 'x-up'), converters: ['lower', 'base64'] }),
      ),
    );
    await ask(`${GET}\r\nCookie: a=1; b=2\r\nX-List: a, b\r\nX-List: c\r\nX-Up: UP`);
    const value = (name: string) => oneValue(last(), name);
    expect(value('x-all')).toBe('127.0.0.1 GET /a/b?x=1&y=2');
    expect(value('x-path')).toBe('/a/b|x=1&y=2|a.test');
    expect(value('x-cookie')).toBe('22');
    expect(value('x-last')).toBe('c');
    expect(value('x-backend')).toBe('a_1008010');
    expect(value('x-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(value('x-none')).toBe('[]');
    expect(value('x-lower')).toBe(Buffer.from('up').toString('base64'));
  });

  it('never make two lines of one value, whatever was fetched', async () => {
    const decoded = { ...fetch('url-parameter', 'q'), converters: ['url-decode'] } as const;
    const { ask, last, origin } = await stageOf(requests(set('X-Q', decoded)));
    const evil = '%0d%0aContent-Length:%205%0d%0a%0d%0aGET%20/evil%20HTTP/1.1%00%0a%7f';
    await ask(`GET /?q=a${evil} HTTP/1.1\r\nHost: a`);
    expect(valuesOf(last(), 'content-length')).toEqual([]);
    expect(oneValue(last(), 'x-q')).toBe('aContent-Length: 5GET /evil HTTP/1.1');
    expect(origin.requests).toHaveLength(1);
  });

  it('leave what was fetched alone where it looks like a group', async () => {
    const { ask, last } = await stageOf(
      requests({
        do: 'replace-header',
        name: 'X-Two',
        pattern: '^(.*)$',
        ignoresCase: false,
        value: [fetch('request-header', 'x-evil'), '|\\1'],
      }),
    );
    await ask(`${GET}\r\nX-Evil: \\1\\0\r\nX-Two: two`);
    expect(oneValue(last(), 'x-two')).toBe('\\1\\0|two');
  });

  it.each([
    'Content-Length',
    'content_length',
    'Transfer-Encoding',
    'transfer_encoding',
    'Connection',
    'Upgrade',
    'Keep-Alive',
    'Trailer',
    'TE',
    'Expect',
    'Bad Name',
    'X-A: b\r\nX-B',
    '',
  ])('do not touch what frames a message: %j', async (name) => {
    const { port, origin, last } = await stageOf(
      requests(
        set(name, '3'),
        { do: 'add-header', name, value: ['chunked'] },
        { do: 'replace-header', name, pattern: '.*', ignoresCase: false, value: ['7'] },
        { do: 'del-header', name },
        set('X-Seen', 'yes'),
      ),
    );
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    const chunked =
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
    for (const request of [post, chunked, post]) {
      expect((await client.request(request)).status).toBe(200);
      expect(last().body.toString()).toBe('hello');
      expect(valuesOf(last(), 'x-seen')).toEqual(['yes']);
    }
    expect(origin.requests).toHaveLength(3);
    expect(valuesOf(last(), 'content-length')).toEqual(['5']);
  });

  it('give another Host, never none, two, or one that is no host', async () => {
    const { ask, last } = await stageOf(
      requests(
        { do: 'del-header', name: 'Host' },
        { do: 'add-header', name: 'host', value: ['second.test'] },
        set('HOST', fetch('url-parameter', 'h')),
      ),
    );
    const hostOf = async (h: string) => {
      await ask(`GET /?h=${h} HTTP/1.1\r\nHost: a.test`);
      return valuesOf(last(), 'host');
    };
    expect(await hostOf('b.test:8080')).toEqual(['b.test:8080']);
    expect(await hostOf('b@c')).toEqual(['a.test']);
    expect(await hostOf('a,b')).toEqual(['a.test']);
  });

  it('see what the client sent as X-Forwarded-For, and cannot take its address away', async () => {
    const { ask, last } = await stageOf(
      requests(set('X-Saw', '[', fetch('request-header', 'x-forwarded-for'), ']'), [
        { do: 'del-header', name: 'X-Forwarded-For' },
        test('path', 'exact', '/del'),
      ]),
    );
    const ask2 = async (path: string, field: string) => {
      await ask(`GET ${path} HTTP/1.1\r\nHost: a${field}`);
      return [oneValue(last(), 'x-saw'), ...valuesOf(last(), 'x-forwarded-for')];
    };
    expect(await ask2('/', '')).toEqual(['[]', '127.0.0.1']);
    expect(await ask2('/', '\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2')).toEqual([
      '[2.2.2.2]',
      '1.1.1.1, 2.2.2.2, 127.0.0.1',
    ]);
    expect(await ask2('/del', '\r\nX-Forwarded-For: 1.1.1.1')).toEqual(['[1.1.1.1]', '127.0.0.1']);
  });

  const told = { header: 'X-Forwarded-For', except: [], ifNone: false };
  it.each([
    ['in another field', { header: 'X-Real-IP' }, '1.1.1.1', '2.2.2.2, 127.0.0.1'],
    ['not, where the client is excepted', { except: ['127.0.0.0/8'] }, '1.1.1.1', '2.2.2.2'],
    ['of others than those excepted', { except: ['10.0.0.0/8'] }, '1.1.1.1, 127.0.0.1', '2.2.2.2'],
    ['not, where the field is there', { header: 'X-Real-IP', ifNone: true }, '1.1.1.1', '2.2.2.2'],
    ['only there, where it is not', { header: 'X-New', ifNone: true }, '1.1.1.1', '2.2.2.2'],
    ['as usual in a field of the relay', { header: 'Upgrade' }, '1.1.1.1, 127.0.0.1', '2.2.2.2'],
  ])('tell of the client %s', async (_title, spec, forwarded, real) => {
    const { ask, last } = await stageOf({ forwardedFor: { ...told, ...spec } });
    await ask(`${GET}\r\nX-Forwarded-For: 1.1.1.1\r\nX-Real-IP: 2.2.2.2`);
    expect(oneValue(last(), 'x-forwarded-for')).toBe(forwarded);
    expect(oneValue(last(), 'x-real-ip')).toBe(real);
    expect(valuesOf(last(), 'x-new')).toEqual(
      'header' in spec && spec.header === 'X-New' ? ['127.0.0.1'] : [],
    );
  });

  it('see which HTTP the client speaks', async () => {
    const { ask, last } = await stageOf(requests(set('X-Version', fetch('http-version'))));
    for (const version of ['1.0', '1.1']) {
      await ask(`GET / HTTP/${version}\r\nHost: a`);
      expect(oneValue(last(), 'x-version')).toBe(version);
    }
  });
});

describe('targets and methods', () => {
  it.each<[string, RequestAction, string, string]>([
    ['set-path', { do: 'set-path', value: ['/new', fetch('path')] }, 'GET', '/new/a/b?x=1&y=2'],
    ['set-path without slash', { do: 'set-path', value: ['new'] }, 'GET', '/new?x=1&y=2'],
    ['set-path with a query', { do: 'set-path', value: ['/n?m'] }, 'GET', '/n%3Fm?x=1&y=2'],
    ['set-query', { do: 'set-query', value: ['q=', fetch('host')] }, 'GET', '/a/b?q=a.test'],
    ['set-query to none', { do: 'set-query', value: [''] }, 'GET', '/a/b'],
    ['set-target', { do: 'set-target', value: ['/z?q'] }, 'GET', '/z?q'],
    [
      'set-target with spaces',
      { do: 'set-target', value: ['/z q#é\r\n'] },
      'GET',
      '/z%20q%23%C3%A9%0D%0A',
    ],
    ['set-method', { do: 'set-method', value: ['POST'] }, 'POST', '/a/b?x=1&y=2'],
    ['set-method to HEAD', { do: 'set-method', value: ['HEAD'] }, 'GET', '/a/b?x=1&y=2'],
    ['set-method to CONNECT', { do: 'set-method', value: ['CONNECT'] }, 'GET', '/a/b?x=1&y=2'],
    ['set-method to nonsense', { do: 'set-method', value: ['A B'] }, 'GET', '/a/b?x=1&y=2'],
    [
      'replace-path',
      { do: 'replace-path', pattern: '^/A(.*)', ignoresCase: true, value: '/n\\1' },
      'GET',
      '/n/b?x=1&y=2',
    ],
    [
      'replace-path that does not match',
      { do: 'replace-path', pattern: '^/A(.*)', ignoresCase: false, value: '/n\\1' },
      'GET',
      '/a/b?x=1&y=2',
    ],
    [
      'replace-target',
      { do: 'replace-target', pattern: '^([^?]*)\\?x=(\\d)', ignoresCase: false, value: '\\1/\\2' },
      'GET',
      '/a/b/1',
    ],
  ])('%s', async (_, action, method, target) => {
    const { ask, last } = await stageOf(requests(action));
    expect((await ask(GET)).status).toBe(200);
    expect([last().method, last().target]).toEqual([method, target]);
    expect(last().startLine.endsWith(' HTTP/1.1')).toBe(true);
  });

  it('of HEAD stay, so that nobody waits for a body', async () => {
    const { port, last } = await stageOf(
      requests({ do: 'set-method', value: ['GET'] }),
      (request) =>
        request.method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n' : OK,
    );
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    expect((await client.request('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(200);
    expect(last().method).toBe('HEAD');
    expect((await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).body.toString()).toBe('ok');
  });
});

describe('answers of rules', () => {
  it('are in the words of HAProxy and keep the connection', async () => {
    const { port, origin, bench } = await stageOf(
      requests(
        [{ do: 'deny', status: 403 }, test('path', 'prefix', '/403')],
        [{ do: 'deny', status: 429 }, test('path', 'prefix', '/429')],
        [{ do: 'deny', status: 410 }, test('path', 'prefix', '/410')],
        [
          { do: 'return', status: 200, contentType: 'text/plain', body: 'ü\r\n' },
          test('path', 'exact', '/return'),
        ],
        { do: 'redirect', to: 'prefix', status: 302, value: ['https://x.test'], dropsQuery: true },
      ),
    );
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    const ask = (path: string) => client.request(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await ask('/403')).head).toBe(
      'HTTP/1.1 403 Forbidden\r\ncontent-length: 93\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n\r\n',
    );
    expect((await ask('/429')).body.toString()).toContain('You have sent too many requests');
    expect((await ask('/410')).startLine).toBe('HTTP/1.1 410 Gone');
    const returned = await ask('/return');
    expect(returned.head).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-type: text/plain\r\n\r\n',
    );
    expect(returned.body.toString()).toBe('ü\r\n');
    expect((await ask('/x?y')).head).toBe(
      'HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: https://x.test/x\r\ncache-control: no-cache\r\n\r\n',
    );
    expect(origin.requests).toHaveLength(0);
    expect(bench.frontend('/a')).toMatchObject({ deniedRequests: 3, intercepted: 2, requests: 5 });
    expect(bench.backend('/a')).toMatchObject({ deniedRequests: 3, intercepted: 2 });
    expectNothingInFlight(bench);
  });

  it('cannot be given a second line', async () => {
    const location = { ...fetch('query'), converters: ['url-decode'] } as const;
    const { ask } = await stageOf(
      requests({
        do: 'redirect',
        to: 'location',
        status: 301,
        value: [location],
        dropsQuery: false,
      }),
    );
    const response = await ask('GET /?/x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: a');
    expect(valuesOf(response, 'set-cookie')).toEqual([]);
    expect(oneValue(response, 'location')).toBe('/xSet-Cookie: a=b');
  });

  it('end at `allow`', async () => {
    const { ask } = await stageOf(
      requests([{ do: 'allow' }, test('path', 'exact', '/in')], { do: 'deny', status: 403 }),
    );
    expect((await ask('GET /in HTTP/1.1\r\nHost: a')).status).toBe(200);
    expect((await ask('GET /out HTTP/1.1\r\nHost: a')).status).toBe(403);
  });
});

describe('conditions', () => {
  it.each<[Parameters<typeof test>, string, boolean]>([
    [['path', 'exact', '/a/b'], '', true],
    [['path', 'prefix', '/x', '/a'], '', true],
    [['path', 'suffix', '/b'], '', true],
    [['path', 'suffix', '/a'], '', false],
    [['path', 'substring', 'a/'], '', true],
    [['path', 'directory', 'b'], '', true],
    [['path', 'directory', 'a/b'], '', true],
    [['path', 'directory', 'bb'], '', false],
    [['path', 'regex', '^/[ab]/'], '', true],
    [['path', 'regex', '^/[AB]/'], '', false],
    [['host', 'domain', 'test'], '', true],
    [['host', 'domain', 'tes'], '', false],
    [['method', 'exact', 'POST', 'GET'], '', true],
    [['client-address', 'network', '10.0.0.0/8', '127.0.0.0/8'], '', true],
    [['client-address', 'network', '10.0.0.0/8'], '', false],
    [['listener-port', 'range', '1:65535'], '', true],
    [['listener-port', 'range', ':0'], '', false],
    [['usable-servers', 'range', '1'], '', true],
    [['usable-servers', 'range', '2:'], '', false],
    [['encrypted', 'true'], '', false],
    [[fetch('request-header', 'x-a'), 'found'], '', false],
    [[fetch('request-header', 'x-a'), 'found'], 'X-A: 1', true],
    [[fetch('request-header', 'x-a'), 'exact', 'two'], 'X-A: one, two', true],
    [[fetch('request-header', 'x-a'), 'exact', 'one, two'], 'X-A: one, two', false],
    [[fetch('url-parameter', 'y'), 'exact', '2'], '', true],
    [[fetch('cookie', 'c'), 'exact', '3'], 'Cookie: b=2; c=3', true],
  ])('%j with %j: %s', async (args, field, holds) => {
    const { ask } = await stageOf(requests([{ do: 'deny', status: 403 }, test(...args)]));
    const response = await ask(field === '' ? GET : `${GET}\r\n${field}`);
    expect(response.status).toBe(holds ? 403 : 200);
  });

  it('combine tests with and, or and not', async () => {
    const a = test(fetch('url-parameter', 'a'), 'found');
    const b = test(fetch('url-parameter', 'b'), 'found');
    const notC = { ...test(fetch('url-parameter', 'c'), 'found'), negated: true };
    const when = { negated: true, anyOf: [[a, notC], [b]] };
    const { ask } = await stageOf({
      request: [{ scope: 'everywhere', when, action: { do: 'deny', status: 403 } }],
    });
    const statusOf = async (query: string) =>
      (await ask(`GET /?${query} HTTP/1.1\r\nHost: a`)).status;
    expect(await statusOf('a=')).toBe(200);
    expect(await statusOf('a=&c=')).toBe(403);
    expect(await statusOf('b=&c=')).toBe(200);
    expect(await statusOf('')).toBe(403);
  });

  it('that cannot be understood make a refusal refuse everybody, and drop any other rule', async () => {
    const broken = test('path', 'regex', '(?=x)(');
    const refusing = await stageOf(requests([{ do: 'deny', status: 403 }, broken]));
    expect((await refusing.ask(GET)).status).toBe(403);
    const editing = await stageOf(requests([set('X-A', 'b'), broken]));
    expect((await editing.ask(GET)).status).toBe(200);
    expect(valuesOf(editing.last(), 'x-a')).toEqual([]);
  });

  it('that are too large to be matched are not understood', async () => {
    const huge = test('path', 'regex', '(a{1,1000})*c');
    const { ask } = await stageOf(requests([{ do: 'deny', status: 403 }, huge]));
    expect((await ask(GET)).status).toBe(403);
  });

  it('cost linear time, whatever the pattern and the input', async () => {
    const { ask } = await stageOf(
      requests([
        { do: 'deny', status: 403 },
        test('path', 'regex', '^/(a+)+$', '(x+x+)+y', '(.*)*z'),
      ]),
    );
    const response = await ask(`GET /${'a'.repeat(7_000)}${'x'.repeat(7_000)} HTTP/1.1\r\nHost: a`);
    expect(response.status).toBe(200);
  });
});

describe('limits', () => {
  const limit = (more: Partial<Extract<RequestAction, { do: 'limit' }>>): RequestAction => ({
    do: 'limit',
    counts: 'requests',
    key: fetch('request-header', 'x-user'),
    most: 3,
    periodMs: 60_000,
    status: 429,
    ...more,
  });
  const as = (user: string) => `GET / HTTP/1.1\r\nHost: a\r\nX-User: ${user}`;

  it('refuse who is over them, and nobody else', async () => {
    const { ask } = await stageOf(requests(limit({})));
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await ask(as('bob'))).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await ask(as('eve'))).status).toBe(200);
    expect((await ask('GET / HTTP/1.1\r\nHost: a')).status).toBe(200);
  });

  it('keep what they have counted when the plan changes elsewhere', async () => {
    const { ask, bench } = await stageOf(requests(limit({ most: 1 })));
    expect((await ask(as('bob'))).status).toBe(200);
    const delta = bench.plane.report().epoch;
    bench.publish({});
    expect(bench.plane.report().epoch).toBe(delta + 1);
    expect((await ask(as('bob'))).status).toBe(429);
  });

  it('are shared by the workers', async () => {
    const settings = { workers: 3 };
    const { ask } = await stageOf(requests(limit({ most: 6 })), OK, { settings });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await ask(as('bob'))).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('count connections by their first request', async () => {
    const { port, ask } = await stageOf(requests(limit({ counts: 'connections', most: 1 })));
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    for (let i = 0; i < 4; i += 1) {
      expect((await client.request(`${as('bob')}\r\n\r\n`)).status).toBe(200);
    }
    expect((await ask(as('bob'))).status).toBe(429);
  });

  it('count errors that servers answer', async () => {
    const { ask } = await stageOf(requests(limit({ counts: 'errors', most: 1 })), (request) =>
      request.target === '/bad' ? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n' : OK,
    );
    const bad = as('bob').replace('/', '/bad');
    expect((await ask(as('bob'))).status).toBe(200);
    expect((await ask(bad)).status).toBe(404);
    expect((await ask(bad)).status).toBe(404);
    expect((await ask(as('bob'))).status).toBe(429);
  });

  it('count what is in flight at once, and let go of what is over', async () => {
    const { port, ask, bench } = await stageOf(
      requests(limit({ counts: 'open-connections', most: 1, periodMs: 0 })),
      (request) => (request.target === '/slow' ? '' : OK),
    );
    const slow = await RawClient.connect(port);
    void slow.write(`${as('bob').replace('/', '/slow')}\r\n\r\n`);
    await expect.poll(() => bench.backend('/a').inFlight, { timeout: 8_000 }).toBe(1);
    expect((await ask(as('bob'))).status).toBe(429);
    slow.destroy();
    await expect.poll(() => bench.backend('/a').inFlight, { timeout: 8_000 }).toBe(0);
    expect((await ask(as('bob'))).status).toBe(200);
  });
});

describe('rules for responses', () => {
  const answer =
    'HTTP/1.1 201 Created\r\nServer: secret\r\nX-A: one\r\nX-A: two\r\nContent-Length: 2\r\n\r\nok';

  it('set, add, delete and replace, by what was asked and answered', async () => {
    const policy = responses(
      { do: 'del-header', name: 'Server' },
      { do: 'set-header', name: 'X-Served', value: [fetch('server'), ' ', fetch('status')] },
      { do: 'add-header', name: 'X-Path', value: [fetch('path')] },
      { do: 'replace-header', name: 'X-A', pattern: '^t(.*)', ignoresCase: false, value: ['T\\1'] },
      [{ do: 'set-header', name: 'X-Made', value: ['yes'] }, test('status', 'range', '201')],
      [
        { do: 'set-header', name: 'X-Two', value: ['yes'] },
        test(fetch('response-header', 'x-a'), 'exact', 'Two'),
      ],
      { do: 'set-status', status: 418 },
    );
    const { ask, origin } = await stageOf(policy, answer);
    const response = await ask(GET);
    expect(response.status).toBe(418);
    expect(valuesOf(response, 'server')).toEqual([]);
    expect(valuesOf(response, 'x-served')).toEqual([`server_${origin.port} 201`]);
    expect(valuesOf(response, 'x-path')).toEqual(['/a/b']);
    expect(valuesOf(response, 'x-a')).toEqual(['one', 'Two']);
    expect(valuesOf(response, 'x-made')).toEqual(['yes']);
    expect(valuesOf(response, 'x-two')).toEqual(['yes']);
    expect(response.body.toString()).toBe('ok');
  });

  it('that deny answer 502 and are counted', async () => {
    const { ask, bench } = await stageOf(
      responses([{ do: 'deny' }, test(fetch('response-header', 'x-a'), 'found')]),
      answer,
    );
    expect((await ask(GET)).status).toBe(502);
    expect(bench.backend('/a')).toMatchObject({ deniedResponses: 1 });
    expectNothingInFlight(bench);
  });

  it.each<ResponseAction>([
    { do: 'set-header', name: 'Content-Length', value: ['0'] },
    { do: 'set-header', name: 'Transfer-Encoding', value: ['chunked'] },
    { do: 'del-header', name: 'Content-Length' },
    { do: 'set-header', name: 'Connection', value: ['close'] },
    { do: 'set-status', status: 204 },
    { do: 'set-status', status: 304 },
    { do: 'set-status', status: 100 },
    { do: 'set-status', status: 777 },
  ])('do not change where a response ends: %j', async (action) => {
    const { port } = await stageOf(responses(action), answer);
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    for (let i = 0; i < 3; i += 1) {
      const response = await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect([response.status, response.body.toString()]).toEqual([201, 'ok']);
      expect(valuesOf(response, 'content-length')).toEqual(['2']);
    }
  });

  it('give no body to a response without one', async () => {
    const { port } = await stageOf(responses({ do: 'set-status', status: 200 }), (request) =>
      request.target === '/204' ? 'HTTP/1.1 204 No Content\r\n\r\n' : answer,
    );
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    const ask = (path: string) => client.request(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await ask('/204')).status).toBe(204);
    expect((await ask('/')).body.toString()).toBe('ok');
  });

  it('edit the head that switches protocols', async () => {
    const { port } = await stageOf(
      responses({ do: 'set-header', name: 'X-Edge', value: ['yes'] }),
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhi',
    );
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    void client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    expect(valuesOf(await client.response(), 'x-edge')).toEqual(['yes']);
    expect((await client.incoming.take(2)).toString()).toBe('hi');
  });
});

describe('error files', () => {
  const page =
    'HTTP/1.0 503 Gone fishing\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 99\r\nX-Page: 1\r\n\r\nback at noon\n';

  async function paged(text: string) {
    const { bench, port } = await policed([], {
      errorFiles: [{ status: 503, path: '/503.http' }],
    });
    leaving.push(() => bench.close());
    bench.plane.certify({ ...NO_CREDENTIALS, errorFiles: [{ path: '/503.http', text }] });
    return port;
  }

  it.each([page, page.replaceAll('\r\n', '\n')])(
    'are answered in place of our words',
    async (text) => {
      const client = await RawClient.connect(await paged(text));
      leaving.push(() => client.destroy());
      for (const method of ['GET', 'HEAD', 'GET']) {
        const response = await client.request(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
        expect(response.startLine).toBe('HTTP/1.1 503 Gone fishing');
        expect(valuesOf(response, 'x-page')).toEqual(['1']);
        expect(valuesOf(response, 'content-length')).toEqual(['13']);
        expect(response.body.toString()).toBe(method === 'HEAD' ? '' : 'back at noon\n');
      }
    },
  );

  it.each(['', 'hello', 'HTTP/1.1 204 No\r\n\r\nbody', 'HTTP/1.1 503 X\r\nBad Name: x\r\n\r\n'])(
    'that are no response are not used: %j',
    async (text) => {
      const response = await requestOnce(await paged(text), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(response.startLine).toBe('HTTP/1.1 503 Service Unavailable');
    },
  );
});
