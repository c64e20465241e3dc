import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Claim } from '../../src/catalogue/claim.ts';
import { verdictsOf } from '../../src/catalogue/verdicts.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN } from '../../src/plan/plan.ts';
import { app, labelled, OPTIONS } from './apps.ts';

const VHOST = { HAPROXY_0_VHOST: 'a.test' };

function claimOf(labels: Record<string, string>, templates: Record<string, string> = {}): Claim {
  const one = app({ labels: { HAPROXY_GROUP: 'external', ...labels } });
  const options = { ...OPTIONS, templates: new Map(Object.entries(templates)) };
  return makeCatalogue([one], options).claims[0] as Claim;
}

function set(name: string, value: string) {
  return { when: null, scope: 'everywhere', action: { do: 'set-header', name, value: [value] } };
}

describe('the text of a template', () => {
  const text = 'timeout server 90s\nhttp-request set-header X-A b';
  it('is carried out from a label', () => {
    const { policy } = claimOf({ HAPROXY_0_BACKEND_HTTP_OPTIONS: text });
    expect(policy.timeouts.serverMs).toBe(90_000);
    expect(policy.request).toEqual([set('X-A', 'b')]);
  });

  it('is carried out from the environment, for all apps', () => {
    const { policy } = claimOf({}, { BACKEND_HTTP_OPTIONS: text });
    expect(policy.timeouts.serverMs).toBe(90_000);
    expect(policy.request).toEqual([set('X-A', 'b')]);
  });

  it('from a label wins over the environment', () => {
    const label = { HAPROXY_0_BACKEND_HTTP_OPTIONS: 'http-request set-header X-A c' };
    const { policy } = claimOf(label, { BACKEND_HTTP_OPTIONS: text });
    expect(policy.timeouts.serverMs).toBe(0);
    expect(policy.request).toEqual([set('X-A', 'c')]);
  });

  it('of another template of the environment stays', () => {
    const label = { HAPROXY_0_BACKEND_HTTP_OPTIONS: 'http-request set-header X-A c' };
    const { policy } = claimOf(label, { HEAD: 'defaults\n timeout server 7s' });
    expect(policy.timeouts.serverMs).toBe(7_000);
  });

  it('stands before what labels add', () => {
    const { policy } = claimOf({
      ...VHOST,
      HAPROXY_0_BACKEND_HTTP_OPTIONS: 'http-request set-header X-A b',
      HAPROXY_0_HTTP_BACKEND_PROXYPASS_PATH: '/foo',
    });
    expect(policy.request.map(({ action }) => action.do)).toEqual([
      'set-header',
      'set-header',
      'strip-prefix',
    ]);
  });

  it('of http alone is not used by a tcp service', () => {
    const { policy } = claimOf({ HAPROXY_0_MODE: 'tcp' }, { BACKEND_HTTP_OPTIONS: text });
    expect(policy.request).toEqual([]);
    expect(policy.timeouts.serverMs).toBe(0);
  });

  it('costs one app nothing of what another says', () => {
    const own = app({
      id: '/a',
      labels: { HAPROXY_GROUP: 'external', HAPROXY_0_BACKEND_HEAD: 'timeout server 5s' },
    });
    const options = { ...OPTIONS, templates: new Map([['BACKEND_HEAD', 'timeout server 9s']]) };
    const { claims } = makeCatalogue([own, app({ id: '/b' })], options);
    expect(claims.map(({ policy }) => policy.timeouts.serverMs)).toEqual([5_000, 9_000]);
  });

  it('knows what its placeholders stand for, for each app', () => {
    const templates = {
      BACKEND_HEAD: 'http-request set-header X-Host {hostname}',
    };
    expect(claimOf({ ...VHOST }, templates).policy.request).toEqual([set('X-Host', 'a.test')]);
    const other = { HAPROXY_0_VHOST: 'b.test' };
    expect(claimOf(other, templates).policy.request).toEqual([set('X-Host', 'b.test')]);
  });
});

describe('what templates say beside labels', () => {
  it.each([
    ['BALANCE', { HAPROXY_0_BALANCE: 'leastconn' }, { balance: { algorithm: 'leastconn' } }],
    [
      'a balance of their own',
      { HAPROXY_0_BALANCE: 'leastconn', HAPROXY_0_BACKEND_HEAD: 'balance source' },
      { balance: { algorithm: 'source' } },
    ],
    [
      'words of a server line',
      {
        HAPROXY_0_BACKEND_SERVER_OPTIONS:
          'server {serverName} {host_ipv4}:{port} maxconn 20 slowstart 10s send-proxy-v2',
      },
      { maxConnections: 20, slowStartMs: 10_000, sendProxy: 2 },
    ],
    [
      "Teal's own labels over those",
      {
        HAPROXY_0_BACKEND_SERVER_OPTIONS:
          'server {serverName} {host_ipv4}:{port} maxconn 20 slowstart 10s send-proxy',
        TEAL_0_MAX_CONNECTIONS: '5',
        TEAL_0_SLOW_START_SECONDS: '0',
        TEAL_0_SEND_PROXY: 'v2',
      },
      { maxConnections: 5, slowStartMs: 0, sendProxy: 2 },
    ],
    [
      'words of a bind line',
      { HAPROXY_0_FRONTEND_HEAD: 'frontend {backend}\n bind 127.0.0.1:{servicePort} accept-proxy' },
      { bindAddress: '127.0.0.1', acceptProxy: true },
    ],
    ['a mode', { HAPROXY_0_BACKEND_HEAD: 'mode tcp' }, { mode: 'tcp' }],
  ])('%s', (_title, labels, expected) => {
    expect(claimOf(labels)).toMatchObject(expected);
  });

  it('an empty frontend opens no port, other ways stay', () => {
    const claims = [claimOf({ ...VHOST, HAPROXY_0_FRONTEND_HEAD: '' })];
    const options = { bindAddress: '*', httpPort: 80, httpsPort: 0, appidPort: 0, statsPort: 9090 };
    const shared = { acceptProxy: false, groupHttpsByVhost: false };
    const { plan } = makePlan(claims, { ...options, ...shared }, EMPTY_PLAN, 1);
    expect(plan.listeners.map((one) => one.kind)).toEqual(['http']);
    expect(plan.services).toMatchObject([{ key: '*:10000', routes: [{ hosts: ['a.test'] }] }]);
  });

  it('a label whose template has another text does nothing by itself', () => {
    const labels = {
      ...VHOST,
      HAPROXY_0_USE_HSTS: 'true',
      HAPROXY_0_BACKEND_HSTS_OPTIONS:
        'http-response set-header Strict-Transport-Security max-age=1',
      HAPROXY_0_REDIRECT_TO_HTTPS: 'true',
      HAPROXY_0_BACKEND_REDIRECT_HTTP_TO_HTTPS: 'redirect scheme https code 302 if !{{ ssl_fc }}',
    };
    const { policy, routes } = claimOf(labels);
    expect(policy.response.map(({ action }) => action)).toEqual([
      { do: 'set-header', name: 'Strict-Transport-Security', value: ['max-age=1'] },
    ]);
    expect(routes).toMatchObject([{ redirectsToHttps: false }]);
    expect(policy.request).toMatchObject([
      { action: { do: 'redirect', status: 302 }, scope: 'http' },
    ]);
  });

  it('the text of an unused template is not', () => {
    const labels = { HAPROXY_0_BACKEND_HSTS_OPTIONS: 'http-response set-header X-A b' };
    expect(claimOf(labels).policy.response).toEqual([]);
  });

  it('networks of the template of the label are on its list', () => {
    const labels = {
      HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '10.0.0.0/8',
      HAPROXY_0_HTTP_BACKEND_NETWORK_ALLOWED_ACL:
        'acl network_allowed src {network_allowed} 192.168.0.0/16',
    };
    expect(claimOf(labels).policy.allowedNetworks).toEqual(['10.0.0.0/8', '192.168.0.0/16']);
  });

  it('networks of another list keep out whoever is not in both', () => {
    const text = 'tcp-request content reject if !{{ src 10.1.0.0/16 }}';
    expect(claimOf({ HAPROXY_0_BACKEND_HEAD: text }).policy.allowedNetworks).toEqual([
      '10.1.0.0/16',
    ]);
    const labels = {
      HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '10.0.0.0/8',
      HAPROXY_0_BACKEND_HEAD: text,
    };
    const { policy } = claimOf(labels);
    expect(policy.allowedNetworks).toEqual(['10.0.0.0/8']);
    expect(policy.request).toMatchObject([
      { when: { negated: true, anyOf: [[{ values: ['10.1.0.0/16'] }]] }, action: { do: 'deny' } },
    ]);
    const tcp = claimOf({ ...labels, HAPROXY_0_MODE: 'tcp' });
    expect(tcp.policy).toMatchObject({ allowedNetworks: [], request: [] });
  });
});

describe('servers and their checks by templates', () => {
  const HTTP = 'http 23336 /health';
  it.each([
    ['nothing', {}, HTTP],
    ['a path', { BACKEND_HTTP_OPTIONS: 'option httpchk GET /up' }, 'http 23336 /up'],
    [
      'method, host and statuses',
      {
        BACKEND_HTTP_OPTIONS:
          'option httpchk HEAD /up HTTP/1.1\\r\\nHost:\\ a.test\nhttp-check expect status 204',
      },
      'http 23336 /up HEAD a.test 204-204',
    ],
    [
      'statuses alone',
      { BACKEND_HTTP_OPTIONS: 'http-check expect rstatus ^2' },
      'http 23336 /health GET  200-299',
    ],
    ['a plain connection', { BACKEND_HTTP_HEALTHCHECK_OPTIONS: '# none' }, 'tcp 23336 '],
    [
      'times and another port',
      {
        BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS: ' check inter 3s rise 4 fall 5 port 9000',
      },
      'http 9000 /health 3000/4/5',
    ],
    [
      'a fixed port of the servers',
      {
        BACKEND_SERVER_OPTIONS:
          'server {serverName} {host_ipv4}:80 {cookieOptions}{healthCheckOptions}{otherOptions}',
      },
      'http 80 /health',
    ],
    [
      'TLS to the servers',
      {
        BACKEND_SERVER_OPTIONS:
          'server {serverName} {host_ipv4}:{port} ssl verify none{healthCheckOptions}',
      },
      'https 23336 /health',
    ],
    [
      'no check at all',
      { BACKEND_SERVER_OPTIONS: 'server {serverName} {host_ipv4}:{port}' },
      'none',
    ],
  ])('%s', (_title, templates, expected) => {
    const names = Object.entries(templates).map(([name, text]) => [`HAPROXY_0_${name}`, text]);
    const check = claimOf(Object.fromEntries(names)).candidates[0]?.check;
    if (check === null || check === undefined) {
      expect('none').toBe(expected);
      return;
    }
    const { kind, port, path, asks, intervalMs, rise, fall } = check;
    const times = intervalMs === 60_000 ? '' : ` ${intervalMs}/${rise}/${fall}`;
    const asked =
      asks === undefined
        ? ''
        : ` ${asks.method} ${asks.host} ${asks.statuses.map((range) => range.join('-')).join()}`;
    expect(`${kind} ${port} ${path}${asked}${times}`).toBe(expected);
  });

  it('an app without a check gets none', () => {
    const { claims } = labelled(
      { HAPROXY_0_MODE: 'http', HAPROXY_0_BACKEND_HTTP_OPTIONS: 'option httpchk GET /up' },
      { healthChecks: [] },
    );
    expect(claims[0]?.candidates[0]?.check).toBeNull();
  });

  it('a fixed port is dialled, the name stays that of the task', () => {
    const text = 'server {serverName} {host_ipv4}:80';
    expect(claimOf({ HAPROXY_0_BACKEND_SERVER_OPTIONS: text }).candidates).toMatchObject([
      { name: '10_0_6_25_23336', address: '10.0.6.25', port: 80 },
    ]);
  });

  it('another address is dialled, another name is told', () => {
    const label = (place: string) => ({
      HAPROXY_0_BACKEND_SERVER_OPTIONS: `server {serverName} ${place}`,
    });
    expect(claimOf(label('10.1.2.3:6443')).candidates).toMatchObject([
      { address: '10.1.2.3', port: 6_443 },
    ]);
    expect(claimOf(label('api.test:6443')).candidates).toMatchObject([
      { address: '10.0.6.25', port: 23_336 },
    ]);
    expect(labelled(label('api.test:6443')).problems).toMatchObject([
      { where: 'HAPROXY_0_BACKEND_SERVER_OPTIONS', value: 'api.test' },
    ]);
  });
});

describe('routes by templates', () => {
  it('every name below a host', () => {
    const text = '  acl host_x hdr_end(host) -i .{hostname}\n  use_backend {backend} if host_x';
    expect(claimOf({ ...VHOST, HAPROXY_0_HTTP_FRONTEND_ACL: text }).routes).toMatchObject([
      { hosts: ['*.a.test'], paths: [], weight: 0 },
      // As https goes on to lead there.
      { hosts: ['a.test'], paths: [], weight: 0 },
    ]);
  });

  it('hosts without a good name lead nowhere, not everywhere', () => {
    const text = '  acl host_x hdr(host) -i b_/_d\n  use_backend {backend} if host_x';
    const labels = { HAPROXY_0_HTTP_FRONTEND_ACL: text, HAPROXY_0_HTTPS_FRONTEND_ACL: text };
    expect(claimOf({ ...VHOST, ...labels }).routes).toEqual([]);
  });

  it('keep the password that AUTH asks for', () => {
    const labels = {
      ...VHOST,
      HAPROXY_0_AUTH: 'r:u:ab01FAJS5X1Ww',
      HAPROXY_0_HTTP_FRONTEND_ACL_WITH_AUTH:
        '  acl host_x hdr(host) -i b.test\n  use_backend {backend} if host_x',
    };
    for (const route of claimOf(labels).routes) expect(route.auth?.user).toBe('u');
  });
});

describe('what is told of templates', () => {
  it('a directive that is not understood is ignored, with app, label and directive', () => {
    const { problems } = labelled({
      HAPROXY_0_BACKEND_HTTP_OPTIONS: 'timeout server 1s\nlua-load /x.lua',
    });
    expect(problems).toMatchObject([
      { app: '/zdd/blue', where: 'HAPROXY_0_BACKEND_HTTP_OPTIONS', value: 'lua-load /x.lua' },
    ]);
    expect(problems[0]?.message).toMatch(/^line 2: expected/);
  });

  it.each([
    ['timeout server 1s', 'translated'],
    ['lua-load /x.lua', 'ignored'],
    ['timeout server 1s\nlua-load /x.lua', 'ignored'],
  ])('%j is %s', (text, verdict) => {
    const labels = { HAPROXY_0_BACKEND_HTTP_OPTIONS: text };
    expect(verdictsOf(app({ labels }), OPTIONS)).toMatchObject([{ verdict }]);
  });

  it('a text that nothing makes use of is ignored, quietly', () => {
    const labels = { HAPROXY_0_BACKEND_HSTS_OPTIONS: 'http-response set-header X-A b' };
    expect(verdictsOf(app({ labels }), OPTIONS)).toMatchObject([
      {
        verdict: 'ignored',
        note: 'nothing on this port makes use of this template, it takes HAPROXY_0_USE_HSTS',
      },
    ]);
    expect(labelled(labels).problems).toEqual([]);
  });

  it("the balancer's own texts are told once, and by no app", () => {
    const templates = new Map([['BACKEND_HTTP_OPTIONS', 'lua-load /x.lua']]);
    const { problems } = makeCatalogue([app(), app({ id: '/b' })], { ...OPTIONS, templates });
    expect(problems).toMatchObject([
      { app: null, where: 'HAPROXY_BACKEND_HTTP_OPTIONS', value: 'lua-load /x.lua' },
    ]);
  });
});
