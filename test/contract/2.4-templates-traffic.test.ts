// §2.4: texts of template labels as traffic shows them: what reaches the server, and what the client
// gets. Where HAProxy takes the directive, the row is what its version 2.6.12 did with it.

import { afterEach, describe, expect, it } from 'vitest';
import { valuesOf } from '../support/message.ts';
import { Origin } from '../support/origin.ts';
import { type RawResponse, requestOnce } from '../support/raw-client.ts';
import { Edge, labelled } from './edge.ts';

const leaving: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

const ANSWER =
  'HTTP/1.1 200 OK\r\nServer: origin\r\nSet-Cookie: a=1\r\nX-List: a,b,c\r\nContent-Length: 2\r\n\r\nok';
const FIELDS =
  'Host: a.test\r\nX-List: a,b,c\r\nX-Two: one\r\nX-Two: two\r\nCookie: b=2; c=3\r\nX-Num: 7';

interface Exchange {
  readonly response: RawResponse;
  /** Method and target as the server got them; empty if it got nothing. */
  readonly line: string;
  readonly sent: (name: string) => readonly string[];
}

/** One GET of `target` at the service port (or the listener `at`) of an app with these labels. */
async function exchange(
  labels: Readonly<Record<string, string>>,
  target = '/a/b?x=1',
  at = 10_000,
): Promise<Exchange> {
  const origin = await Origin.answering(ANSWER);
  leaving.push(() => origin.close());
  const app = labelled('/t', 10_000, { '0_VHOST': 'a.test', ...labels }, [origin]);
  const edge = await Edge.open([app]);
  leaving.push(() => edge.close());
  const response = await requestOnce(edge.at(at), `GET ${target} HTTP/1.1\r\n${FIELDS}\r\n\r\n`);
  const [request] = origin.requests;
  return {
    response,
    line: request === undefined ? '' : `${request.method} ${request.target}`,
    sent: (name) => (request === undefined ? [] : valuesOf(request, name)),
  };
}

const options = (text: string) => ({ '0_BACKEND_HTTP_OPTIONS': text });

describe('fields of the request', () => {
  it.each([
    ['set-header X-Two only', 'x-two', ['only']],
    ['add-header X-Two three', 'x-two', ['one', 'two', 'three']],
    ['del-header X-Two', 'x-two', []],
    ['replace-header X-Two ^on(.)$ 1\\1', 'x-two', ['1e', 'two']],
    ['replace-header X-List b B', 'x-list', ['B']],
    ['replace-value X-List b B', 'x-list', ['a,B,c']],
    ['set-header X-New %[hdr(x-two)]', 'x-new', ['two']],
    ['set-header X-New %[cook(c)]-%[urlp(x)]-%[method]%[path]', 'x-new', ['3-1-GET/a/b']],
    ['set-header X-New "%b %[hdr(host),field(1,:)] 100%%"', 'x-new', ['t_10000 a.test 100%']],
    ['set-header Host inside.test', 'host', ['inside.test']],
    ['set-header X-New 1 if { path_beg /a } { hdr_val(x-num) gt 5 }', 'x-new', ['1']],
    ['set-header X-New 1 unless { path_beg /a }', 'x-new', []],
  ])('http-request %s', async (text, name, values) => {
    const { sent } = await exchange(options(`http-request ${text}`));
    expect(sent(name)).toEqual(values);
  });

  it('of HAProxy 1.x are added and rewritten too', async () => {
    const text = 'reqadd X-New:\\ 50%\nreqirep ^Host:\\ A(.*) Host:\\ b\\1\nreqdel ^X-Two:.*';
    const { sent } = await exchange(options(text));
    expect([sent('x-new'), sent('host'), sent('x-two')]).toEqual([['50%'], ['b.test'], []]);
  });

  it('that cannot be set do not come from the client either', async () => {
    const { sent } = await exchange(options('http-request set-header X-Two %[ssl_c_s_dn(cn)]'));
    expect(sent('x-two')).toEqual([]);
  });
});

describe('the target', () => {
  it.each([
    ['http-request set-path /p%[path]', 'GET /p/a/b?x=1'],
    ['http-request set-query q=%[urlp(x)]', 'GET /a/b?q=1'],
    ['http-request set-uri /u?%[query]', 'GET /u?x=1'],
    ['http-request set-method PUT', 'PUT /a/b?x=1'],
    ['http-request replace-path ^/a/(.*) /z/\\1', 'GET /z/b?x=1'],
    ['http-request replace-uri ^/a/(.*) /z/\\1', 'GET /z/b?x=1'],
    ['reqrep ^([^\\ :]*)\\ /a/(.*) \\1\\ /\\2', 'GET /b?x=1'],
  ])('%s', async (text, line) => {
    expect((await exchange(options(text))).line).toBe(line);
  });
});

describe('answers in place of the server', () => {
  it.each([
    ['http-request deny if { path_beg /a }', 403],
    ['http-request deny deny_status 429 if { hdr(x-list) b }', 429],
    ['http-request deny if { hdr(x-list) a,b }', 200],
    ['http-request deny if ! { src 127.0.0.0/8 }', 200],
    ['acl inside src 127.0.0.0/8\nhttp-request allow if inside\nhttp-request deny', 200],
    ['acl inside src 10.0.0.0/8\nhttp-request allow if inside\nhttp-request deny', 403],
    ['http-request deny unless { path /x } or { method POST }', 403],
    ['http-request deny if { nbsrv lt 1 }', 200],
    ['http-request deny if { lua.unknown }', 200],
    ['block if { cook(b) 2 }', 403],
    ['reqideny ^x-two:\\ ONE', 403],
    ['redirect location /r\nhttp-request deny if { path_beg /a }', 403],
    ['http-response deny if { status 200 }', 502],
    ['http-response set-status 418', 418],
  ])('%s', async (text, status) => {
    expect((await exchange(options(text))).response.status).toBe(status);
  });

  it.each([
    ['http-request redirect location /new code 301', '/new'],
    ['http-request redirect prefix https://x.test', 'https://x.test/a/b?x=1'],
    ['http-request redirect prefix https://x.test drop-query', 'https://x.test/a/b'],
    ['redirect scheme https if !{ ssl_fc }', 'https://a.test/a/b?x=1'],
  ])('%s', async (text, location) => {
    const { response, line } = await exchange(options(text));
    expect(valuesOf(response, 'location')).toEqual([location]);
    expect(line).toBe('');
  });

  it('return what a text says', async () => {
    const text = 'http-request return status 404 content-type text/html string "<b>no</b>"';
    const { response } = await exchange(options(text));
    expect([response.status, String(response.body)]).toEqual([404, '<b>no</b>']);
    expect(valuesOf(response, 'content-type')).toEqual(['text/html']);
  });

  it('refuse who asks too often', async () => {
    const text =
      'stick-table type ip size 1k store http_req_rate(1m)\nhttp-request track-sc0 src\nhttp-request deny deny_status 429 if { sc_http_req_rate(0) gt 2 }';
    const origin = await Origin.answering(ANSWER);
    leaving.push(() => origin.close());
    const edge = await Edge.open([labelled('/t', 10_000, options(text), [origin])]);
    leaving.push(() => edge.close());
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      const { status } = await requestOnce(edge.at(10_000), `GET / HTTP/1.1\r\n${FIELDS}\r\n\r\n`);
      statuses.push(status);
    }
    expect(statuses).toEqual([200, 200, 429, 429]);
  });
});

describe('fields of the response', () => {
  it.each([
    ['http-response set-header Server me', 'server', ['me']],
    ['http-response del-header Server', 'server', []],
    ['http-response replace-header Set-Cookie (.*) "\\1; Secure"', 'set-cookie', ['a=1; Secure']],
    ['http-response replace-value X-List b B', 'x-list', ['a,B,c']],
    ['http-response set-header X-New 1 if { status 300:399 }', 'x-new', []],
    ['rspadd Access-Control-Allow-Origin:\\ *', 'access-control-allow-origin', ['*']],
    ['rspidel ^server:.*', 'server', []],
  ])('%s', async (text, name, values) => {
    expect(valuesOf((await exchange(options(text))).response, name)).toEqual(values);
  });
});

describe('the listeners a text is about', () => {
  const entrance = {
    '0_FRONTEND_HEAD':
      'frontend {backend}\n bind {bindAddr}:{servicePort}\n mode {mode}\n monitor-uri /up\n http-request deny if {{ path_beg /a }}',
  };

  it('FRONTEND_HEAD: the service port, not the host', async () => {
    expect((await exchange(entrance)).response.status).toBe(403);
    expect((await exchange(entrance, '/a/b', 80)).response.status).toBe(200);
    const monitored = await exchange(entrance, '/up');
    expect([monitored.response.status, monitored.line]).toEqual([200, '']);
  });

  it('HTTP_FRONTEND_ACL: every name below the host', async () => {
    const labels = {
      '0_VHOST': 'test',
      '0_HTTP_FRONTEND_ACL':
        'acl host_{cleanedUpHostname} hdr_end(host) -i .{hostname}\nuse_backend {backend} if host_{cleanedUpHostname}',
    };
    expect((await exchange(labels, '/', 80)).response.status).toBe(200);
  });

  it('HTTP_FRONTEND_ACL_ONLY: the same for each of several hosts', async () => {
    const labels = {
      '0_VHOST': 'b.test,test',
      '0_HTTP_FRONTEND_ACL_ONLY': 'acl host_{cleanedUpHostname} hdr_end(host) -i {hostname}',
    };
    expect((await exchange(labels, '/', 80)).response.status).toBe(200);
  });

  it('HTTP_FRONTEND_ACL_WITH_PATH: a path on any host', async () => {
    const labels = {
      '0_VHOST': 'other.test',
      '0_PATH': '/a',
      '0_HTTP_FRONTEND_ACL_WITH_PATH':
        'acl path_{backend} path_beg {path}\nuse_backend {backend} if path_{backend}',
    };
    expect((await exchange(labels, '/a/b', 80)).response.status).toBe(200);
    expect((await exchange(labels, '/b', 80)).response.status).toBe(503);
  });
});
