// Labels of one service port, a row for each of contract §2.2: what the plan says then. What comes of it
// on the wire is in the other files of the section.

import { describe, expect, it } from 'vitest';
import { planWith } from './plan-of.ts';

const HASH =
  '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1';

/** Service, colour and listener of the first port. */
function first(labels: Record<string, string>, options = {}, changes = {}) {
  const { services, listeners, problems } = planWith(labels, options, changes);
  const service = services.find(({ servicePort }) => servicePort !== 10_001);
  return {
    service,
    colour: service?.colours[0],
    listener: listeners.find((one) => one.serviceKey === service?.key),
    problems: problems.filter(
      ({ where }) => where.startsWith('HAPROXY') || where.startsWith('TEAL'),
    ),
  };
}

const keys = (labels: Record<string, string>, options = {}): string[] =>
  planWith(labels, options).services.map((service) => service.key);

describe('HAPROXY_{n}_GROUP', () => {
  it('replaces HAPROXY_GROUP for its port', () => {
    expect(keys({ HAPROXY_1_GROUP: 'internal' })).toEqual(['*:10000']);
    expect(keys({ HAPROXY_GROUP: 'internal', HAPROXY_1_GROUP: 'x,external' })).toEqual(['*:10001']);
  });
});

describe('HAPROXY_{n}_ENABLED', () => {
  it.each([
    ['true', ['*:10000', '*:10001']],
    ['TRUE', ['*:10000', '*:10001']],
    ['t', ['*:10000', '*:10001']],
    ['yes', ['*:10000', '*:10001']],
    ['Y', ['*:10000', '*:10001']],
    ['1', ['*:10001']],
    ['on', ['*:10001']],
    ['false', ['*:10001']],
    ['', ['*:10001']],
  ])('%j leaves %j', (value, expected) => {
    expect(keys({ HAPROXY_0_ENABLED: value })).toEqual(expected);
  });

  it('is false by default in strict mode', () => {
    expect(keys({}, { strictMode: true })).toEqual([]);
    expect(keys({ HAPROXY_0_ENABLED: 'true' }, { strictMode: true })).toEqual(['*:10000']);
  });
});

describe('HAPROXY_{n}_VHOST', () => {
  it('names hosts, in any case, without trimming, and sets mode http', () => {
    const { service, problems } = first({ HAPROXY_0_VHOST: 'A.test,b.test' }, {}, TCP_CHECK);
    expect(service).toMatchObject({ mode: 'http', routes: [{ hosts: ['a.test', 'b.test'] }] });
    expect(problems).toEqual([]);
    const spaced = first({ HAPROXY_0_VHOST: 'a.test, b.test' });
    expect(spaced.service?.routes).toMatchObject([{ hosts: ['a.test'] }]);
    expect(spaced.problems).toMatchObject([{ value: ' b.test' }]);
  });

  it('with a scheme never matches, and is told (deviation 8.1, row 22)', () => {
    const { service, problems } = first({ HAPROXY_0_VHOST: 'http://a.test' });
    expect(service).toMatchObject({ mode: 'http', routes: [] });
    expect(problems[0]?.message).toContain("probably 'a.test'");
  });

  it('takes wildcards, which Marathon-LB does not (issue 188)', () => {
    const { service } = first({ HAPROXY_0_VHOST: '*.a.test' });
    expect(service?.routes).toMatchObject([{ hosts: ['*.a.test'] }]);
  });

  it("keeps each port's hosts to that port (deviation 8.1, row 2)", () => {
    const { services } = planWith({
      HAPROXY_0_VHOST: 'a.test,b.test',
      HAPROXY_1_VHOST: 'a.test,c.test',
    });
    expect(services.map(({ routes }) => routes[0]?.hosts)).toEqual([
      ['a.test', 'b.test'],
      ['a.test', 'c.test'],
    ]);
  });
});

const TCP_CHECK = { healthChecks: [{ protocol: 'TCP', portIndex: 0 }] };

describe('HAPROXY_{n}_PATH', () => {
  const VHOST = { HAPROXY_0_VHOST: 'a.test' };
  it('is prefixes, in any case with -i, and lifts the weight from 0 to 1', () => {
    const { service } = first({
      ...VHOST,
      HAPROXY_0_PATH: '-i /multiple /paths',
      HAPROXY_0_BACKEND_WEIGHT: '0',
    });
    expect(service?.routes).toEqual([
      {
        hosts: ['a.test'],
        paths: ['/multiple', '/paths'],
        pathsIgnoreCase: true,
        weight: 1,
        auth: null,
        redirectsToHttps: false,
      },
    ]);
  });

  it('without VHOST is of any host, after all others (issue 472)', () => {
    const { service } = first({ HAPROXY_0_PATH: '/api' });
    expect(service?.routes).toMatchObject([{ hosts: [], paths: ['/api'], weight: -2 }]);
  });
});

describe('HAPROXY_{n}_BACKEND_WEIGHT', () => {
  it.each([
    ['7', 7],
    ['-7', -7],
    ['0', 0],
  ])('%j is the place among rules', (value, weight) => {
    const labels = { HAPROXY_0_VHOST: 'a.test', HAPROXY_0_BACKEND_WEIGHT: value };
    expect(first(labels).service?.routes).toMatchObject([{ weight }]);
  });

  it('is -1 for what is in the map (§3.4)', () => {
    const labels = { HAPROXY_0_VHOST: 'a.test', HAPROXY_0_BACKEND_WEIGHT: '7' };
    const options = { hostMap: true };
    expect(first(labels, options).service?.routes).toMatchObject([{ weight: -1 }]);
    const path = { ...labels, HAPROXY_0_PATH: '/x' };
    expect(first(path, options).service?.routes).toMatchObject([{ weight: 7 }]);
  });
});

describe('HAPROXY_{n}_STICKY', () => {
  it('is a cookie in mode http, and told in mode tcp (deviation 8.1, row 19)', () => {
    expect(first({ HAPROXY_0_STICKY: 'true' }).colour?.balancing.sticky).toBe(true);
    expect(first({ HAPROXY_0_STICKY: '1' }).colour?.balancing.sticky).toBe(false);
    const tcp = first({ HAPROXY_0_STICKY: 'true', HAPROXY_0_MODE: 'tcp' });
    expect(tcp.colour?.balancing.sticky).toBe(false);
    expect(tcp.problems).toMatchObject([{ where: 'HAPROXY_0_STICKY' }]);
  });
});

describe('HAPROXY_{n}_BALANCE', () => {
  it.each([
    ['roundrobin', { algorithm: 'roundrobin' }],
    ['leastconn', { algorithm: 'leastconn' }],
    ['source', { algorithm: 'source' }],
    ['static-rr', { algorithm: 'static-rr' }],
    ['first', { algorithm: 'first' }],
    ['random', { algorithm: 'random', draws: 2 }],
    ['uri depth 2', { algorithm: 'uri', whole: false, depth: 2, length: 0 }],
    ['hdr(x-user)', { algorithm: 'hdr', name: 'x-user' }],
    ['url_param id', { algorithm: 'url_param', name: 'id' }],
  ])('%j', (value, balance) => {
    expect(first({ HAPROXY_0_BALANCE: value }).colour?.balancing.balance).toEqual(balance);
  });
});

describe('HAPROXY_{n}_MODE', () => {
  it.each([
    ['an explicit one wins over the check', { HAPROXY_0_MODE: 'TCP' }, {}, 'tcp'],
    ['an HTTP check makes it http', {}, {}, 'http'],
    ['a VHOST makes it http', { HAPROXY_0_VHOST: 'a.test' }, TCP_CHECK, 'http'],
    ['else it is tcp', {}, TCP_CHECK, 'tcp'],
    [
      'the HTTP check of another port wins over MODE=tcp (issue 575)',
      { HAPROXY_0_MODE: 'tcp', HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '1' },
      { healthChecks: [{ protocol: 'MESOS_HTTPS', path: '/', portIndex: 1 }] },
      'http',
    ],
  ])('%s', (_title, labels, changes, mode) => {
    expect(first(labels, {}, changes).service?.mode).toBe(mode);
  });
});

describe('HAPROXY_{n}_PORT', () => {
  it('is the bound port and the end of the name', () => {
    const { service, listener, colour } = first({ HAPROXY_0_PORT: '8080' });
    expect(service?.key).toBe('*:8080');
    expect(listener?.port).toBe(8_080);
    expect(colour?.name).toBe('shop_web_8080');
  });
});

describe('HAPROXY_{n}_BIND_ADDR', () => {
  it('is the bound address', () => {
    expect(first({ HAPROXY_0_BIND_ADDR: '127.0.0.1' }).listener?.address).toBe('127.0.0.1');
    expect(first({}).listener?.address).toBe('*');
  });
});

describe('HAPROXY_{n}_SSL_CERT and HAPROXY_{n}_BIND_OPTIONS', () => {
  it('are of the service port alone', () => {
    const labels = {
      HAPROXY_0_SSL_CERT: '/etc/ssl/cert.pem',
      HAPROXY_0_BIND_OPTIONS:
        'ciphers AES128+EECDH:AES128+EDH force-tlsv12 no-sslv3 no-tlsv10 accept-proxy',
    };
    const { listeners, problems } = planWith(labels);
    const byKey = new Map(listeners.map((one) => [one.key, one]));
    expect(byKey.get('*:10000')).toMatchObject({
      acceptProxy: true,
      tls: {
        certificates: ['/etc/ssl/cert.pem'],
        ciphers: 'AES128+EECDH:AES128+EDH',
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
      },
    });
    expect(byKey.get('*:443')).toMatchObject({ acceptProxy: false, tls: { certificates: [] } });
    expect(problems.filter(({ where }) => where.includes('BIND'))).toEqual([]);
  });
});

describe('HAPROXY_{n}_REDIRECT_TO_HTTPS', () => {
  it('is of the routes, and needs VHOST', () => {
    const labels = { HAPROXY_0_VHOST: 'a.test', HAPROXY_0_REDIRECT_TO_HTTPS: 'true' };
    expect(first(labels).service?.routes).toMatchObject([{ redirectsToHttps: true }]);
    const bare = first({ HAPROXY_0_REDIRECT_TO_HTTPS: 'true' });
    expect(bare.service?.routes).toEqual([]);
    expect(bare.problems).toMatchObject([{ where: 'HAPROXY_0_REDIRECT_TO_HTTPS' }]);
  });
});

describe('HAPROXY_{n}_USE_HSTS', () => {
  it('adds the header to every response', () => {
    expect(first({ HAPROXY_0_USE_HSTS: 'true' }).colour?.policy.response).toEqual([
      {
        when: null,
        action: {
          do: 'add-header',
          name: 'Strict-Transport-Security',
          value: ['max-age=15768000'],
        },
      },
    ]);
  });
});

describe('HAPROXY_{n}_AUTH', () => {
  const labels = { HAPROXY_0_VHOST: 'a.test', HAPROXY_0_AUTH: `realm:joe:${HASH}` };
  const auth = { realm: 'realm', user: 'joe', hash: HASH };
  it('is asked for on the routes only', () => {
    const { service, colour } = first(labels);
    expect(service?.routes).toMatchObject([{ auth }]);
    expect(colour?.policy.auth).toBeNull();
  });

  it('is asked for on every way in with TEAL_{n}_AUTH_SCOPE=all (deviation 8.3)', () => {
    expect(first({ ...labels, TEAL_0_AUTH_SCOPE: 'all' }).colour?.policy.auth).toEqual(auth);
  });

  it('that cannot be read lets nobody in, where Marathon-LB stops working', () => {
    const { service, problems } = first({ ...labels, HAPROXY_0_AUTH: 'realm:joe' });
    expect(service?.routes).toMatchObject([{ hosts: ['a.test'], auth: { hash: '' } }]);
    expect(problems).toMatchObject([{ value: '(not shown)' }]);
  });
});

describe('HAPROXY_{n}_BACKEND_NETWORK_ALLOWED_ACL', () => {
  it.each(['http', 'tcp'])('is of every way in, in mode %s', (mode) => {
    const labels = {
      HAPROXY_0_MODE: mode,
      HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '127.0.0.1/8 10.1.55.43',
    };
    expect(first(labels).colour?.policy.allowedNetworks).toEqual(['127.0.0.1/8', '10.1.55.43']);
  });

  it('absent, everybody may come', () => {
    expect(first({}).colour?.policy.allowedNetworks).toBeNull();
  });
});

describe('HAPROXY_{n}_HTTP_BACKEND_PROXYPASS_PATH', () => {
  it('sets Host to the first host and strips the prefix (deviation 8.1, row 14)', () => {
    const labels = { HAPROXY_0_HTTP_BACKEND_PROXYPASS_PATH: '/foo' };
    const strip = { do: 'strip-prefix', prefix: '/foo' };
    const actions = (more: Record<string, string>) =>
      first({ ...labels, ...more }).colour?.policy.request.map((rule) => rule.action);
    expect(actions({ HAPROXY_0_VHOST: 'a.test,b.test' })).toEqual([
      { do: 'set-header', name: 'Host', value: ['a.test'] },
      strip,
    ]);
    expect(actions({})).toEqual([strip]);
  });
});

describe('HAPROXY_{n}_HTTP_BACKEND_REVPROXY_PATH', () => {
  it('prefixes Location (deviation 8.1, row 1)', () => {
    const labels = { HAPROXY_0_VHOST: 'a.test', HAPROXY_0_HTTP_BACKEND_REVPROXY_PATH: '/foo' };
    expect(first(labels).colour?.policy.response.map((rule) => rule.action)).toEqual([
      { do: 'prefix-location', prefix: '/foo', hosts: ['a.test'] },
    ]);
  });
});

describe('HAPROXY_{n}_HTTP_BACKEND_REDIR', () => {
  it('leads the root of the host elsewhere with 301', () => {
    const labels = { HAPROXY_0_VHOST: 'a.test', HAPROXY_0_HTTP_BACKEND_REDIR: '/app' };
    expect(first(labels).colour?.policy.request).toMatchObject([
      { action: { do: 'redirect', to: 'location', status: 301, value: ['/app'] } },
    ]);
  });
});

describe('HAPROXY_{n}_BACKEND_HEALTHCHECK_PORT_INDEX', () => {
  it.each([
    ['1', null],
    ['-1', null],
    ['5', 'HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX'],
    ['x', 'HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX'],
  ])('%j is %j', (value, where) => {
    const { problems } = first({ HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: value });
    expect(problems[0]?.where ?? null).toBe(where);
  });
});

describe("Teal's own labels", () => {
  it('set what Marathon-LB has no label for', () => {
    const { colour } = first({
      TEAL_0_SLOW_START_SECONDS: '20',
      TEAL_0_MAX_CONNECTIONS: '50',
      TEAL_0_SEND_PROXY: 'v2',
    });
    expect(colour).toMatchObject({
      sendProxy: 2,
      balancing: { slowStartMs: 20_000, maxConnections: 50 },
    });
  });
});
