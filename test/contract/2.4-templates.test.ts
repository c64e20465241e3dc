// What is made of the texts people put into Marathon-LB's template labels (contract §2.4): a row for each
// directive, with everything it changes and nothing else.

import { describe, expect, it } from 'vitest';
import type { Directives } from '../../src/catalogue/directives/directives.ts';
import { readDirectives, readTemplates } from '../../src/catalogue/directives/read.ts';
import { isUsed } from '../../src/catalogue/directives/templates.ts';
import { type Fetch, type Test, USUAL_FORWARDED_FOR } from '../../src/catalogue/policy.ts';

const NOTHING = readTemplates(new Map());

/** What differs from no text at all. */
function changes(directives: Directives): Readonly<Record<string, unknown>> {
  const { understood: _, ...rest } = directives;
  const before: Readonly<Record<string, unknown>> = { ...NOTHING };
  return Object.fromEntries(
    Object.entries(rest).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
    ),
  );
}

const fetch = (from: Fetch['from'], name = ''): Fetch => ({ from, name, converters: [] });
const test = (from: Fetch, match: Test['match'], values: string[] = [], more = {}): Test => ({
  fetch: from,
  match,
  values,
  ignoresCase: false,
  negated: false,
  ...more,
});
const when = (...anyOf: Test[][]) => ({ negated: false, anyOf });
const onRequest = (action: object, condition: object | null = null, scope = 'everywhere') => ({
  request: [{ when: condition, action, scope }],
});
const onResponse = (action: object, condition: object | null = null) => ({
  response: [{ when: condition, action }],
});
const timeouts = (given: object) => ({ timeouts: { ...NOTHING.timeouts, ...given } });
const server = (given: object) => ({ server: { ...NOTHING.server, ...given } });
const check = (given: object) => ({ check: { ...NOTHING.check, ...given } });

const forwarded = (given: object) => ({
  forwardedFor: { ...USUAL_FORWARDED_FOR, ...given },
});

const SRC = fetch('client-address');
const PATH = fetch('path');
const HOST = fetch('request-header', 'host');

interface Row {
  readonly text: string;
  readonly gives: object;
  readonly template?: string;
}

const TIMEOUTS: readonly Row[] = [
  { text: 'timeout connect 10s', gives: timeouts({ connectMs: 10_000 }) },
  { text: 'timeout client 5000', gives: timeouts({ clientMs: 5_000 }) },
  { text: 'timeout server 1000ms', gives: timeouts({ serverMs: 1_000 }) },
  { text: 'timeout tunnel 1d', gives: timeouts({ tunnelMs: 86_400_000 }) },
  { text: 'timeout queue 2m', gives: timeouts({ queueMs: 120_000 }) },
  { text: 'timeout http-request 1h', gives: timeouts({ requestHeadMs: 3_600_000 }) },
  { text: 'timeout http-keep-alive 500us', gives: timeouts({ keepAliveMs: 1 }) },
  { text: 'timeout check 3s', gives: check({ timeoutMs: 3_000 }) },
  { text: 'srvtimeout 7s', gives: timeouts({ serverMs: 7_000 }) },
];

const REQUESTS: readonly Row[] = [
  {
    text: 'http-request set-header X-A 1',
    gives: onRequest({ do: 'set-header', name: 'X-A', value: ['1'] }),
  },
  {
    text: 'http-request add-header X-Client "%ci:%cp via %[dst_port]"',
    gives: onRequest({
      do: 'add-header',
      name: 'X-Client',
      value: [SRC, ':', fetch('client-port'), ' via ', fetch('listener-port')],
    }),
  },
  {
    text: 'http-request set-header X-Host %[req.hdr(Host),lower]',
    gives: onRequest({
      do: 'set-header',
      name: 'X-Host',
      value: [{ ...HOST, converters: ['lower'] }],
    }),
  },
  {
    text: 'http-request set-header X-Path %{+Q}[path]',
    gives: onRequest({ do: 'set-header', name: 'X-Path', value: [PATH] }),
  },
  {
    text: 'http-request set-header X-Backend %b',
    gives: onRequest({ do: 'set-header', name: 'X-Backend', value: [fetch('backend')] }),
  },
  {
    text: 'http-request set-header X-Forwarded-Proto https',
    gives: onRequest({ do: 'set-header', name: 'X-Forwarded-Proto', value: ['https'] }),
  },
  {
    text: 'http-request del-header Proxy',
    gives: onRequest({ do: 'del-header', name: 'Proxy' }),
  },
  {
    text: 'http-request replace-header Cookie foo=([^;]*);(.*) foo=\\1;ip=%bi;\\2',
    gives: {
      ignored: [
        expect.objectContaining({
          reason: 'expected a variable Teal knows in place of %bi',
        }),
      ],
    },
  },
  {
    text: 'http-request replace-header Host ^old(.*) new\\1',
    gives: onRequest({
      do: 'replace-header',
      name: 'Host',
      pattern: '^old(.*)',
      ignoresCase: false,
      value: ['new\\1'],
    }),
  },
  {
    text: 'http-request replace-value X-For ^192 10',
    gives: onRequest({
      do: 'replace-value',
      name: 'X-For',
      pattern: '^192',
      ignoresCase: false,
      value: ['10'],
    }),
  },
  {
    text: 'http-request deny if { path_beg -i /admin /internal }',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([test(PATH, 'prefix', ['/admin', '/internal'], { ignoresCase: true })]),
    ),
  },
  {
    text: 'http-request deny deny_status 429 if METH_POST',
    gives: onRequest({ do: 'deny', status: 429 }, when([test(fetch('method'), 'exact', ['POST'])])),
  },
  {
    text: 'http-request tarpit if { src 192.0.2.0/24 }',
    gives: onRequest({ do: 'deny', status: 500 }, when([test(SRC, 'network', ['192.0.2.0/24'])])),
  },
  {
    text: 'http-request allow if LOCALHOST\nhttp-request deny\nredirect location /',
    gives: {
      request: [
        {
          when: when([test(SRC, 'network', ['127.0.0.0/8', '::1'], { negated: true })]),
          action: { do: 'deny', status: 403 },
          scope: 'everywhere',
        },
        {
          when: null,
          action: { do: 'redirect', to: 'location', status: 302, value: ['/'], dropsQuery: false },
          scope: 'everywhere',
        },
      ],
    },
  },
  {
    text: 'http-request redirect scheme https code 301 unless { ssl_fc }',
    gives: onRequest(
      { do: 'redirect', to: 'scheme', status: 301, value: ['https'], dropsQuery: false },
      when([test(fetch('encrypted'), 'true', [], { negated: true })]),
    ),
  },
  {
    text: 'redirect location /new drop-query if { path /old }',
    gives: onRequest(
      { do: 'redirect', to: 'location', status: 302, value: ['/new'], dropsQuery: true },
      when([test(PATH, 'exact', ['/old'])]),
    ),
  },
  {
    text: 'redirect prefix https://www.example.com code 308',
    gives: onRequest({
      do: 'redirect',
      to: 'prefix',
      status: 308,
      value: ['https://www.example.com'],
      dropsQuery: false,
    }),
  },
  {
    text: 'http-request set-path /app%[path]',
    gives: onRequest({ do: 'set-path', value: ['/app', PATH] }),
  },
  {
    text: 'http-request set-query a=1',
    gives: onRequest({ do: 'set-query', value: ['a=1'] }),
  },
  {
    text: 'http-request set-uri /x?%[query]',
    gives: onRequest({ do: 'set-target', value: ['/x?', fetch('query')] }),
  },
  {
    text: 'http-request set-method GET',
    gives: onRequest({ do: 'set-method', value: ['GET'] }),
  },
  {
    text: 'http-request replace-path ^/v1/(.*) /v2/\\1',
    gives: onRequest({
      do: 'replace-path',
      pattern: '^/v1/(.*)',
      ignoresCase: false,
      value: '/v2/\\1',
    }),
  },
  {
    text: 'http-request replace-uri ^/a(.*) /b\\1',
    gives: onRequest({
      do: 'replace-target',
      pattern: '^/a(.*)',
      ignoresCase: false,
      value: '/b\\1',
    }),
  },
  {
    text: 'http-request return status 404 content-type text/html string "<b>gone</b>" if { path /x }',
    gives: onRequest(
      { do: 'return', status: 404, contentType: 'text/html', body: '<b>gone</b>' },
      when([test(PATH, 'exact', ['/x'])]),
    ),
  },
  {
    text: 'block if { hdr_sub(user-agent) -i curl wget }',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([
        test(fetch('request-header', 'user-agent'), 'substring', ['curl', 'wget'], {
          ignoresCase: true,
        }),
      ]),
    ),
  },
  { text: 'option forwardfor', gives: {} },
  { text: 'option forwardfor header X-Real-IP', gives: forwarded({ header: 'X-Real-IP' }) },
  {
    text: 'option forwardfor except 10.0.0.0/255.0.0.0 if-none',
    gives: forwarded({ except: ['10.0.0.0/8'], ifNone: true }),
  },
  {
    text: 'option forwardfor except 127.0.0.1\noption forwardfor header X-Client',
    gives: forwarded({ header: 'X-Client' }),
  },
  {
    template: 'HEAD',
    text: 'global\ndefaults\n  option forwardfor except 192.0.2.0/24\n',
    gives: forwarded({ except: ['192.0.2.0/24'] }),
  },
  {
    template: 'FRONTEND_HEAD',
    text: 'frontend {backend}\n bind *:{servicePort}\n option forwardfor except ::1 header X-Unused',
    gives: forwarded({ except: ['::1'] }),
  },
];

const RESPONSES: readonly Row[] = [
  {
    text: 'http-response set-header X-Frame-Options "SAMEORIGIN"',
    gives: onResponse({ do: 'set-header', name: 'X-Frame-Options', value: ['SAMEORIGIN'] }),
  },
  {
    text: 'http-response add-header X-Via %[env(HOSTNAME)]',
    gives: onResponse({ do: 'add-header', name: 'X-Via', value: [fetch('balancer-host')] }),
  },
  {
    text: 'http-response set-header X-Served-By %s if { status 200:299 304 }',
    gives: onResponse(
      { do: 'set-header', name: 'X-Served-By', value: [fetch('server')] },
      when([test(fetch('status'), 'range', ['200:299', '304'])]),
    ),
  },
  {
    text: 'http-response del-header Server if { res.hdr(X-Keep) -m found }',
    gives: onResponse(
      { do: 'del-header', name: 'Server' },
      when([test(fetch('response-header', 'x-keep'), 'found')]),
    ),
  },
  {
    text: 'http-response replace-header Set-Cookie (.*) "\\1; Secure"',
    gives: onResponse({
      do: 'replace-header',
      name: 'Set-Cookie',
      pattern: '(.*)',
      ignoresCase: false,
      value: ['\\1; Secure'],
    }),
  },
  {
    text: 'http-response deny if { status 500 }',
    gives: onResponse({ do: 'deny' }, when([test(fetch('status'), 'range', ['500'])])),
  },
  {
    text: 'http-response set-status 503 reason "Slow Down"',
    gives: onResponse({ do: 'set-status', status: 503 }),
  },
];

const REWRITES_OF_1X: readonly Row[] = [
  {
    text: 'rspadd Access-Control-Allow-Methods:\\ GET,\\ POST',
    gives: onResponse({
      do: 'add-header',
      name: 'Access-Control-Allow-Methods',
      value: ['GET, POST'],
    }),
  },
  {
    text: 'rspadd Access-Control-Allow-Origin:\\ *',
    gives: onResponse({ do: 'add-header', name: 'Access-Control-Allow-Origin', value: ['*'] }),
  },
  {
    text: 'reqadd X-Percent:\\ 100%[src]',
    gives: onRequest({ do: 'add-header', name: 'X-Percent', value: ['100%[src]'] }),
  },
  {
    text: 'reqrep ^([^\\ :]*)\\ /foo/(.*) \\1\\ /\\2',
    gives: onRequest({
      do: 'replace-target',
      pattern: '^/foo/(.*)',
      ignoresCase: false,
      value: '/\\1',
    }),
  },
  {
    text: 'reqirep "^([^ ]*) /api/(.*) (HTTP.*)" "\\1 /\\2 \\3"',
    gives: onRequest({
      do: 'replace-target',
      pattern: '^/api/(.*)',
      ignoresCase: true,
      value: '/\\1',
    }),
  },
  {
    text: 'reqrep "^(GET|HEAD) /a(.*)" "\\1 /b\\2"',
    gives: onRequest(
      { do: 'replace-target', pattern: '^/a(.*)', ignoresCase: false, value: '/b\\1' },
      when([test(fetch('method'), 'exact', ['GET', 'HEAD'])]),
    ),
  },
  {
    text: 'reqideny "^([^ ]*) /secret" if { src 10.0.0.1 }',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([
        test(SRC, 'network', ['10.0.0.1']),
        test(fetch('target'), 'regex', ['^/secret'], { ignoresCase: true }),
      ]),
    ),
  },
  {
    text: 'reqirep ^Host:\\ (.*) Host:\\ inside.example.com',
    gives: onRequest({
      do: 'replace-header',
      name: 'Host',
      pattern: '^(.*)',
      ignoresCase: true,
      value: ['inside.example.com'],
    }),
  },
  {
    text: 'rspidel ^Server:.*',
    gives: onResponse({ do: 'del-header', name: 'Server' }),
  },
  {
    text: 'reqidel ^X-Internal:',
    gives: onRequest({ do: 'del-header', name: 'X-Internal' }),
  },
  {
    text: 'reqideny ^User-Agent:.*sqlmap',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([
        test(fetch('request-header', 'user-agent'), 'regex', ['^.*sqlmap'], { ignoresCase: true }),
      ]),
    ),
  },
  {
    text: 'reqdeny "^[A-Z]+ /secret" unless { src 10.0.0.0/8 }',
    gives: {
      ignored: [expect.objectContaining({ reason: expect.stringContaining('NOT restricted') })],
    },
  },
];

const CONDITIONS: readonly Row[] = [
  {
    text: 'acl is_api path_beg /api\nacl inside src 10.0.0.0/8 192.168.0.0/16\nhttp-request deny if is_api !inside',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([
        test(PATH, 'prefix', ['/api']),
        test(SRC, 'network', ['10.0.0.0/8', '192.168.0.0/16'], { negated: true }),
      ]),
    ),
  },
  {
    text: 'acl bad path /a\nacl bad hdr(x-bad) -m found\nhttp-request deny if bad',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([test(PATH, 'exact', ['/a'])], [test(fetch('request-header', 'x-bad'), 'found')]),
    ),
  },
  {
    text: 'http-request deny if { path /a } || { cook(stop) -m found } or { urlp(x) y }',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when(
        [test(PATH, 'exact', ['/a'])],
        [test(fetch('cookie', 'stop'), 'found')],
        [test(fetch('url-parameter', 'x'), 'exact', ['y'])],
      ),
    ),
  },
  {
    text: 'http-request deny unless { src 10.0.0.0/8 } or { path_end .css }',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([
        test(SRC, 'network', ['10.0.0.0/8'], { negated: true }),
        test(PATH, 'suffix', ['.css'], { negated: true }),
      ]),
    ),
  },
  {
    text: 'http-request deny if { path_reg ^/a+$ } { hdr_dom(host) example.com } ! { dst_port 80 }',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([
        test(PATH, 'regex', ['^/a+$']),
        test(HOST, 'domain', ['example.com']),
        test(fetch('listener-port'), 'range', ['80'], { negated: true }),
      ]),
    ),
  },
  { text: 'http-request deny if FALSE', gives: {} },
  { text: 'http-request deny if TRUE', gives: onRequest({ do: 'deny', status: 403 }) },
];

const SERVERS: readonly Row[] = [
  { text: 'balance leastconn', gives: { balance: { algorithm: 'leastconn' } } },
  { text: 'balance uri depth 2', gives: { balance: expect.objectContaining({ depth: 2 }) } },
  { text: 'stick on src', gives: { balance: { algorithm: 'source' } } },
  { text: 'mode tcp', gives: { mode: 'tcp' } },
  { text: 'option httpclose', gives: { closesServers: true } },
  { text: 'option http-server-close', gives: { closesServers: true } },
  { text: 'no option http-keep-alive', gives: { closesServers: true } },
  { text: 'no option http-server-close', gives: { closesServers: false } },
  {
    text: 'default-server inter 5s fall 2 rise 3 maxconn 50 slowstart 30s',
    gives: {
      ...server({ maxConnections: 50, slowStartMs: 30_000 }),
      ...check({ intervalMs: 5_000, fall: 2, rise: 3 }),
    },
  },
  {
    text: 'compression algo gzip\ncompression type text/html Application/JSON',
    gives: { compression: { algorithms: ['gzip'], types: ['text/html', 'application/json'] } },
  },
  {
    text: 'errorfile 503 /etc/errors/503.http',
    gives: { errorFiles: [{ status: 503, path: '/etc/errors/503.http' }] },
  },
  {
    template: 'BACKEND_SERVER_OPTIONS',
    text: '  server {serverName} {host_ipv4}:80{cookieOptions}{healthCheckOptions}{otherOptions}\n',
    gives: server({ port: 80 }),
  },
  {
    template: 'BACKEND_SERVER_OPTIONS',
    text: 'server {serverName} {host_ipv4}:{port}{cookieOptions} ssl verify none sni str(a.b){healthCheckOptions}{otherOptions} maxconn 20 weight 5 send-proxy-v2',
    gives: server({
      maxConnections: 20,
      sendProxy: 2,
      tls: { verifies: false, authorities: '', serverName: 'a.b' },
    }),
  },
  {
    template: 'BACKEND_SERVER_OPTIONS',
    text: 'server {serverName} {host_ipv4}:{port} ssl ca-file /etc/ca.pem check{healthCheckOptions}',
    gives: {
      ...server({ tls: { verifies: true, authorities: '/etc/ca.pem', serverName: '' } }),
      ...check({ encrypted: true }),
    },
  },
  {
    template: 'BACKEND_SERVER_OPTIONS',
    text: '  timeout server 86400s\n  server api api.example.l4lb.thisdcos.directory:6443 ssl verify none\n',
    gives: {
      ...timeouts({ serverMs: 86_400_000 }),
      ...server({
        host: 'api.example.l4lb.thisdcos.directory',
        port: 6443,
        tls: { verifies: false, authorities: '', serverName: '' },
      }),
      ...check({ kind: 'none' }),
    },
  },
];

const CHECKS: readonly Row[] = [
  {
    template: 'BACKEND_HTTP_HEALTHCHECK_OPTIONS',
    text: '  option  httpchk GET {healthCheckPath}\n  timeout check {healthCheckTimeoutSeconds}s\n',
    gives: check({ kind: 'http' }),
  },
  {
    template: 'BACKEND_HTTP_HEALTHCHECK_OPTIONS',
    text: 'option httpchk HEAD /ping HTTP/1.1\\r\\nHost:\\ www.example.com\nhttp-check expect status 200-204',
    gives: check({
      kind: 'http',
      method: 'HEAD',
      path: '/ping',
      host: 'www.example.com',
      statuses: [[200, 204]],
    }),
  },
  {
    template: 'BACKEND_HTTP_HEALTHCHECK_OPTIONS',
    text: 'option httpchk GET {healthCheckPath} HTTP/1.1\\\\r\\\\nHost:\\\\ www\nhttp-check expect rstatus (2|3)[0-9][0-9]',
    gives: check({
      kind: 'http',
      host: 'www',
      statuses: [
        [200, 299],
        [300, 399],
      ],
    }),
  },
  { template: 'BACKEND_HTTP_HEALTHCHECK_OPTIONS', text: '', gives: check({ kind: 'tcp' }) },
  {
    template: 'BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS',
    text: '  check inter {healthCheckIntervalSeconds}s fall {healthCheckFalls}{healthCheckPortOptions}\n',
    gives: {},
  },
  {
    template: 'BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS',
    text: 'check inter 2s fall 4 port 8081',
    gives: check({ intervalMs: 2_000, fall: 4, port: 8_081 }),
  },
  { template: 'BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS', text: '', gives: check({ kind: 'none' }) },
];

const LIMITS: readonly Row[] = [
  {
    text: 'stick-table type ip size 100k expire 30s store http_req_rate(10s)\nhttp-request track-sc0 src\nhttp-request deny deny_status 429 if { sc_http_req_rate(0) gt 20 }',
    gives: onRequest({
      do: 'limit',
      counts: 'requests',
      key: SRC,
      most: 20,
      periodMs: 10_000,
      status: 429,
    }),
  },
  {
    text: 'http-request track-sc1 hdr(x-key) if { path_beg /api }\nhttp-request deny if { sc1_conn_cur ge 6 } { method POST }\nstick-table type string len 64 size 1k store conn_cur',
    gives: onRequest(
      {
        do: 'limit',
        counts: 'open-connections',
        key: fetch('request-header', 'x-key'),
        most: 5,
        periodMs: 0,
        status: 403,
      },
      when([test(PATH, 'prefix', ['/api']), test(fetch('method'), 'exact', ['POST'])]),
    ),
  },
  {
    text: 'stick-table type ip size 1k store http_req_rate(1s)\nhttp-request deny if { src_http_req_rate gt 0 }',
    gives: onRequest({ do: 'deny', status: 403 }),
  },
  {
    text: 'stick-table type ip size 1k store conn_rate(3s)\ntcp-request connection track-sc0 src\ntcp-request content reject if { src_conn_rate gt 10 }',
    gives: onRequest({
      do: 'limit',
      counts: 'connections',
      key: SRC,
      most: 10,
      periodMs: 3_000,
      status: 403,
    }),
  },
];

const ENTRANCES: readonly Row[] = [
  {
    template: 'FRONTEND_HEAD',
    text: '\nfrontend {backend}\n  bind {bindAddr}:{servicePort}{sslCert}{bindOptions} accept-proxy\n  mode {mode}\n  option httplog\n',
    gives: { bindOptions: 'accept-proxy', logged: 'all' },
  },
  {
    template: 'FRONTEND_HEAD',
    text: 'frontend {backend}\n bind 10.1.2.3:{servicePort} ssl crt /c.pem alpn http/1.1 verify required ca-file /ca.pem',
    gives: {
      bindAddress: '10.1.2.3',
      bindOptions: 'ssl crt /c.pem alpn http/1.1 verify required ca-file /ca.pem',
    },
  },
  {
    template: 'FRONTEND_HEAD',
    text: 'frontend {backend}\n http-request deny if {{ src 192.0.2.1 }}',
    gives: onRequest(
      { do: 'deny', status: 403 },
      when([test(SRC, 'network', ['192.0.2.1'])]),
      'entrance',
    ),
  },
  { template: 'FRONTEND_HEAD', text: '', gives: { bindsServicePort: false } },
  {
    template: 'FRONTEND_HEAD',
    text: 'frontend {backend}\n monitor-uri /up\n acl down nbsrv({backend}) lt 1\n monitor fail if down',
    gives: {
      request: [
        expect.objectContaining({ action: expect.objectContaining({ status: 503 }) }),
        expect.objectContaining({ action: expect.objectContaining({ status: 200 }) }),
      ],
    },
  },
  { template: 'FRONTEND_BACKEND_GLUE', text: '  use_backend {backend}\n', gives: {} },
  {
    template: 'FRONTEND_BACKEND_GLUE',
    text: 'use_backend {backend} if {{ src 10.0.0.0/8 }}',
    gives: onRequest(
      { do: 'deny', status: 503 },
      when([test(SRC, 'network', ['10.0.0.0/8'], { negated: true })]),
      'entrance',
    ),
  },
  {
    template: 'BACKEND_HEAD',
    text: 'tcp-request content accept if { src 10.0.0.0/8 192.168.1.1 }\ntcp-request content reject',
    gives: { allowedNetworks: ['10.0.0.0/8', '192.168.1.1'] },
  },
  {
    template: 'BACKEND_HEAD',
    text: 'tcp-request content accept if { src 10.0.0.0/8 }',
    gives: {},
  },
  {
    template: 'BACKEND_HEAD',
    text: 'tcp-request content accept if { src 10.0.0.1 }\ntcp-request content accept if { src 10.0.0.2 }\ntcp-request content reject',
    gives: { allowedNetworks: ['10.0.0.1', '10.0.0.2'] },
  },
  {
    template: 'BACKEND_HEAD',
    text: 'tcp-request content reject if { src 10.0.0.3 }',
    gives: onRequest({ do: 'deny', status: 403 }, when([test(SRC, 'network', ['10.0.0.3'])])),
  },
  {
    template: 'BACKEND_HEAD',
    text: 'tcp-request connection reject if !{ src 10.0.0.0/8 }',
    gives: { allowedNetworks: ['10.0.0.0/8'] },
  },
];

const USUAL = { hosts: ['{hostname}'], paths: ['{path}'] };
const route = (hosts: string[], paths: string[] = []) => ({ routes: [{ hosts, paths }, USUAL] });
const secureRoute = (hosts: string[], paths: string[] = []) => ({
  routes: [USUAL, { hosts, paths }],
});

const ROUTES: readonly Row[] = [
  {
    template: 'HTTP_FRONTEND_ACL',
    text: '  acl host_{cleanedUpHostname} hdr(host) -i {hostname}\n  use_backend {backend} if host_{cleanedUpHostname}\n',
    gives: {},
  },
  {
    template: 'HTTP_FRONTEND_ACL',
    text: 'acl host_{cleanedUpHostname} hdr_end(host) -i {hostname}\nuse_backend {backend} if host_{cleanedUpHostname}',
    gives: route(['{hostname}', '*.{hostname}']),
  },
  {
    template: 'HTTP_FRONTEND_ACL',
    text: 'acl sub hdr_end(host) -i .Example.com\nuse_backend {backend} if sub',
    gives: route(['*.example.com']),
  },
  {
    template: 'HTTPS_FRONTEND_ACL',
    text: 'use_backend {backend} if {{ ssl_fc_sni -m end .{hostname} }}',
    gives: secureRoute(['*.{hostname}']),
  },
  {
    template: 'HTTP_FRONTEND_ACL_ONLY',
    text: 'acl host_{cleanedUpHostname} hdr_end(host) -i {hostname}',
    gives: route(['{hostname}', '*.{hostname}'], ['{path}']),
  },
  {
    template: 'HTTP_FRONTEND_ACL_WITH_PATH',
    text: 'acl path_{backend} path_beg {path}\nuse_backend {backend} if path_{backend}',
    gives: route([], ['{path}']),
  },
  {
    template: 'HTTPS_FRONTEND_ACL_WITH_PATH',
    text: 'use_backend {backend} if path_{backend}',
    gives: secureRoute([], ['{path}']),
  },
  {
    template: 'BACKEND_REDIRECT_HTTP_TO_HTTPS',
    text: 'redirect scheme https code 302 if !{{ ssl_fc }} host_{cleanedUpHostname}',
    gives: {
      ...onRequest(
        { do: 'redirect', to: 'scheme', status: 302, value: ['https'], dropsQuery: false },
        when([test(fetch('encrypted'), 'true', [], { negated: true })]),
        'http',
      ),
      replaced: ['BACKEND_REDIRECT_HTTP_TO_HTTPS'],
    },
  },
  {
    template: 'HTTP_FRONTEND_HEAD',
    text: 'frontend marathon_http_in\n  bind *:80\n  mode http\n  http-request set-header X-In 80',
    gives: onRequest({ do: 'set-header', name: 'X-In', value: ['80'] }, null, 'http'),
  },
];

const UPSTREAM: readonly Row[] = [
  {
    template: 'BACKEND_HEAD',
    text: '\nbackend {backend}\n  balance {balance}\n  mode {mode}\n',
    gives: {},
  },
  {
    text: '  option forwardfor\n  http-request set-header X-Forwarded-Port %[dst_port]\n  http-request add-header X-Forwarded-Proto https if { ssl_fc }\n',
    gives: {},
  },
  {
    template: 'BACKEND_HSTS_OPTIONS',
    text: '  rspadd  Strict-Transport-Security:\\ max-age=15768000\n',
    gives: {},
  },
  {
    template: 'BACKEND_STICKY_OPTIONS',
    text: '  cookie mesosphere_server_id insert indirect nocache\n',
    gives: {},
  },
  {
    template: 'HTTP_BACKEND_NETWORK_ALLOWED_ACL',
    text: '  acl network_allowed src {network_allowed}\n',
    gives: {},
  },
  {
    template: 'HTTP_FRONTEND_APPID_ACL',
    text: '  acl app_{cleanedUpAppId} hdr(x-marathon-app-id) -i {appId}\n  use_backend {backend} if app_{cleanedUpAppId}\n',
    gives: {},
  },
  {
    template: 'HTTPS_FRONTEND_ACL_WITH_AUTH',
    text: 'acl auth_{cleanedUpHostname} http_auth(user_{backend})\nhttp-request auth realm "{realm}" if {{ ssl_fc_sni {hostname} }} !auth_{cleanedUpHostname}\nuse_backend {backend} if {{ ssl_fc_sni {hostname} }}',
    gives: {},
  },
];

describe.each([
  ['timeouts', TIMEOUTS],
  ['requests', REQUESTS],
  ['responses', RESPONSES],
  ['the rewriting of HAProxy 1.x', REWRITES_OF_1X],
  ['conditions', CONDITIONS],
  ['servers', SERVERS],
  ['health checks', CHECKS],
  ['rates', LIMITS],
  ['service ports', ENTRANCES],
  ['shared listeners', ROUTES],
  ["Marathon-LB's own texts", UPSTREAM],
])('§2.4 %s', (_, rows) => {
  it.each(rows)('carries out: $text', ({ template = 'BACKEND_HTTP_OPTIONS', text, gives }) => {
    expect(changes(readDirectives(template, text))).toEqual(gives);
  });
});

describe('§2.4 what is not carried out', () => {
  it.each([
    ['foo bar', 'expected a directive that Teal carries out'],
    [
      'http-request use-service lua.x',
      'expected an action that Teal knows in place of use-service',
    ],
    [
      'http-request deny if nobody',
      'expected an acl nobody before it; access is NOT restricted by it',
    ],
    ['http-request allow if { lua.x }', 'is subject to the rules behind it'],
    ['http-request deny if { lua.x }', 'in place of lua.x; access is NOT restricted by it'],
    ['http-request auth realm x unless { http_auth(u) }', 'access is NOT restricted by it'],
    ['tcp-request content reject if { src nonsense }', 'access is NOT restricted by it'],
    ['stick-table type ip size 1k store gpc0', 'in place of gpc0; access is NOT restricted by it'],
    ['http-request deny if { path_reg (?=a) }', 'without look-around'],
    ['http-request deny if { path_reg ^/(a{1,1000})*$ }', 'expected a smaller regular expression'],
    [
      'http-request deny if { path_reg [[:nonsense:]] }',
      'a regular expression that RE2 understands',
    ],
    ['http-request replace-path (?>a) /b', 'a regular expression that RE2 understands'],
    ['option forwardfor except inside', 'expected an address or network, not inside'],
    ['option forwardfor header Host', 'another field than Host'],
    ['option forwardfor if-some', 'expected except, header or if-none'],
    ['http-request set-header Content-Length 0', 'Content-Length is the relay'],
    ['http-response set-header X "a\\r\\nSet-Cookie: b"', 'a value without line breaks'],
    ['http-request set-header X a b', 'expected if or unless in place of b'],
    ['http-request set-header X %[lua.x]', 'removed instead, no client can set it'],
    ['http-request set-uri http://inside.test/', 'expected a path, which begins with a slash'],
    ['http-request replace-uri a b', 'expected a path, which begins with a slash'],
    ['http-request deny if { req.fhdr(x) -m sub a,b }', 'expected hdr'],
    ['http-request deny if { fhdr_end(x) a }', 'expected hdr'],
    ['default-server weight 0', 'expected a weight above 0'],
    ['timeout server soon', 'expected a time such as 30s'],
    ['timeout server 0', 'nothing waits for ever'],
    ['balance magic', 'expected an algorithm'],
    ['cookie SRV insert', 'by HAPROXY_{n}_STICKY=true'],
    ['errorfile 503 relative.http', 'the absolute path of a file'],
    ['use_backend other if { path /x }', "expected the app's own {backend}"],
    ['compression algo brotli', 'expected gzip or deflate'],
    ['option accept-invalid-http-request', 'expected an option that Teal knows'],
    ['backend another\n  server x 10.0.0.1:80', 'expected no section of its own here'],
  ])('says why: %s', (text, reason) => {
    const { ignored } = readDirectives('BACKEND_HTTP_OPTIONS', text);
    expect(ignored.map((one) => one.reason).join('\n')).toContain(reason);
  });

  it('names template, line and directive, and carries out what stands around it', () => {
    const { ignored, timeouts: given } = readDirectives(
      'BACKEND_HEAD',
      'backend {backend}\n  dispatch   10.0.0.1:80 # later\n  timeout server 1m',
    );
    expect(ignored).toEqual([
      {
        template: 'BACKEND_HEAD',
        line: 2,
        directive: 'dispatch 10.0.0.1:80',
        reason: 'expected a directive that Teal carries out',
      },
    ]);
    expect(given.serverMs).toBe(60_000);
  });

  it('tells of placeholders that Marathon-LB would stop at', () => {
    const { ignored } = readDirectives('BACKEND_HEAD', 'description {nobody}');
    expect(ignored[0]?.reason).toContain('{nobody}');
  });

  it('says that a password of the statistics page protects nothing', () => {
    const { ignored } = readDirectives('HEAD', 'listen stats\n  stats enable\n  stats auth a:b');
    expect(ignored).toHaveLength(1);
    expect(ignored[0]?.reason).toContain('NOT restricted');
  });

  it.each([
    ['retries 5', 'expected the flag --retries'],
    ['maxconn 777', 'expected the flag --max-connections (global)'],
    ['option httplog', 'expected the flag --access-log httplog'],
    ['option dontlog-normal', '--access-log httplog --access-log-which errors'],
    ['ssl-default-bind-options no-tlsv12', 'expected BIND_OPTIONS of each port, or --ssl-certs'],
  ])('asks for the flag that takes the place of HEAD: %s', (text, reason) => {
    const { ignored } = readDirectives('HEAD', `global\n  daemon\ndefaults\n  ${text}`);
    expect(ignored.map((one) => [one.directive, one.reason])).toEqual([
      [text, expect.stringContaining(reason)],
    ]);
  });

  it('passes over the numbers of HEAD that are those of Marathon-LB', () => {
    const text = 'global\n  maxconn 50000\ndefaults\n  retries 3\n  maxconn 10000';
    expect(readDirectives('HEAD', text).ignored).toEqual([]);
  });

  it('asks for the flag where a text is about a listener of all apps', () => {
    const { ignored } = readDirectives(
      'HTTPS_FRONTEND_HEAD',
      'frontend f\n bind *:443 accept-proxy ssl {sslCerts} verify required',
    );
    expect(ignored.map(({ directive }) => directive)).toEqual(['accept-proxy', 'verify required']);
    expect(ignored[1]?.reason).toContain('NOT restricted');
  });
});

describe('§2.4 texts of one port together', () => {
  it('evaluates in the order of HAProxy: frontends first, then requests before redirects', () => {
    const { request } = readTemplates(
      new Map([
        ['BACKEND_HTTP_OPTIONS', 'redirect location /r\nhttp-request set-header B 1'],
        ['FRONTEND_HEAD', 'http-request set-header F 1'],
      ]),
    );
    const names = request.map(({ action }) => ('name' in action ? action.name : action.do));
    expect(names).toEqual(['F', 'B', 'redirect']);
  });

  it('sees the ACLs of a backend in all of its texts, and none of a frontend', () => {
    const texts = new Map([
      ['BACKEND_HEAD', 'acl a path /a'],
      ['FRONTEND_HEAD', 'acl f path /f'],
      ['BACKEND_HTTP_OPTIONS', 'http-request deny if a\nhttp-request deny if f'],
    ]);
    const { request, ignored } = readTemplates(texts);
    expect(request).toHaveLength(1);
    expect(ignored).toHaveLength(1);
  });

  it('lets an allow of a frontend end the rules of that frontend only', () => {
    const { request } = readTemplates(
      new Map([
        ['FRONTEND_HEAD', 'http-request allow\nhttp-request deny'],
        ['BACKEND_HTTP_OPTIONS', 'http-request deny deny_status 410'],
      ]),
    );
    expect(request).toEqual([
      { when: null, action: { do: 'deny', status: 410 }, scope: 'everywhere' },
    ]);
  });

  it('leads from both shared listeners as their texts say', () => {
    const { routes } = readTemplates(
      new Map([
        ['HTTP_FRONTEND_ACL', 'use_backend {backend} if {{ hdr_end(host) .{hostname} }}'],
        ['HTTPS_FRONTEND_ACL', 'use_backend {backend} if {{ ssl_fc_sni -m end .{hostname} }}'],
      ]),
    );
    expect(routes).toEqual([{ hosts: ['*.{hostname}'], paths: [] }]);
  });

  it("keeps the balancer's own fields unless another rule touches them", () => {
    const own = 'http-request add-header X-Forwarded-Proto https if { ssl_fc }';
    const cleared = `http-request del-header X-Forwarded-Proto\n${own}`;
    expect(readDirectives('BACKEND_HTTP_OPTIONS', own).request).toEqual([]);
    expect(readDirectives('BACKEND_HTTP_OPTIONS', cleared).request).toMatchObject([
      { action: { do: 'del-header' } },
      { action: { do: 'set-header' } },
    ]);
  });

  it('fills in placeholders whose value is known', () => {
    const texts = new Map([
      ['HTTP_BACKEND_PROXYPASS_GLUE', 'http-request set-header Host {hostname}'],
    ]);
    const { request, replaced } = readTemplates(texts, { hostname: 'a.test' });
    expect(request[0]?.action).toMatchObject({ value: ['a.test'] });
    expect(replaced).toEqual(['HTTP_BACKEND_PROXYPASS_GLUE']);
  });

  it.each([
    ['BACKEND_HTTP_OPTIONS', 'http', 1, [], true],
    ['BACKEND_HTTP_OPTIONS', 'tcp', 1, [], false],
    ['BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS', 'http', 1, [], false],
    ['BACKEND_HSTS_OPTIONS', 'http', 1, [], false],
    ['BACKEND_HSTS_OPTIONS', 'http', 1, ['USE_HSTS'], true],
    ['HTTP_FRONTEND_ACL', 'http', 0, [], false],
    ['HTTP_FRONTEND_ACL', 'http', 1, [], true],
    ['HTTP_FRONTEND_ACL', 'http', 2, [], false],
    ['HTTP_FRONTEND_ACL_ONLY', 'http', 2, ['PATH'], true],
    ['HTTP_FRONTEND_ACL_WITH_PATH', 'http', 1, ['PATH'], true],
    ['HTTP_FRONTEND_ACL_WITH_PATH', 'http', 1, ['PATH', 'AUTH'], false],
    ['HTTPS_FRONTEND_ACL_WITH_AUTH_AND_PATH', 'http', 3, ['PATH', 'AUTH'], true],
    ['HTTP_FRONTEND_ROUTING_ONLY', 'http', 2, [], true],
    ['MAP_HTTP_FRONTEND_ACL', 'http', 1, [], false],
  ] as const)('uses %s in mode %s with %i hosts and %j: %s', (name, mode, hosts, given, used) => {
    const has = (label: string): boolean => (given as readonly string[]).includes(label);
    expect(isUsed(name, { mode, hosts, has })).toBe(used);
  });
});
