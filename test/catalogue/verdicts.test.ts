import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { verdictsOf } from '../../src/catalogue/verdicts.ts';
import { app, OPTIONS } from './apps.ts';

function verdicts(labels: Record<string, string>, changes = {}) {
  return verdictsOf(app({ labels, ...changes }), OPTIONS);
}

describe('the verdict on a label', () => {
  it.each([
    ['HAPROXY_GROUP', 'external', 'honoured', ''],
    ['HAPROXY_GROUP', 'internal, external', 'wrong', 'HAPROXY_GROUP=internal,external'],
    ['HAPROXY_0_GROUP', ' internal', 'wrong', 'HAPROXY_0_GROUP=internal'],
    ['HAPROXY_0_VHOST', 'a.test', 'honoured', ''],
    ['HAPROXY_0_VHOST', 'http://a.test/,b.test', 'wrong', 'HAPROXY_0_VHOST=a.test,b.test'],
    ['HAPROXY_0_PATH', '-i foo', 'wrong', 'HAPROXY_0_PATH=-i /foo'],
    ['HAPROXY_0_ENABLED', 'false', 'honoured', ''],
    ['HAPROXY_0_ENABLED', '1', 'wrong', 'HAPROXY_0_ENABLED=true'],
    ['HAPROXY_0_STICKY', 'on', 'wrong', 'HAPROXY_0_STICKY=true'],
    ['HAPROXY_0_PORT', '10080', 'honoured', ''],
    ['HAPROXY_0_PORT', 'x', 'wrong', ''],
    ['HAPROXY_0_PROT', '10080', 'wrong', 'HAPROXY_0_PORT=10080'],
    ['HAPROXY_PORT', '10080', 'wrong', 'HAPROXY_0_PORT=10080'],
    ['TEAL_0_AUTHSCOPE', 'all', 'wrong', 'TEAL_0_AUTH_SCOPE=all'],
    ['TEAL_0_SLOW_START_SECONDS', '30', 'honoured', ''],
    ['TEAL_0_PORT', '80', 'wrong', 'HAPROXY_0_PORT=80'],
    ['HAPROXY_NONSENSE_OF_ANY_KIND', 'x', 'ignored', ''],
    ['HAPROXY_1_PORT', '10080', 'wrong', ''],
    ['HAPROXY_0_MAP_HTTP_FRONTEND_ACL', 'x', 'ignored', ''],
    ['HAPROXY_0_HEAD', 'x', 'ignored', ''],
    ['HAPROXY_0_BIND_OPTIONS', 'mss 1400', 'ignored', ''],
    ['HAPROXY_DEPLOYMENT_GROUP', 'shop', 'honoured', ''],
    ['HAPROXY_DEPLOYMENT_GROUP', '', 'wrong', ''],
    ['HAPROXY_APP_ID', '/x', 'honoured', ''],
    ['owner', 'zeus', 'ignored', ''],
  ])('%s=%j is %s, suggestion %j', (label, value, verdict, suggestion) => {
    expect(verdicts({ [label]: value })).toEqual([
      { label, value, verdict, note: expect.any(String), suggestion },
    ]);
  });

  it('says why', () => {
    const [verdict] = verdicts({ HAPROXY_0_VHOST: 'http://a.test,b.test,-' });
    expect(verdict?.note).toBe(
      "'http://a.test': expected a bare host name, probably 'a.test'; this one is left out · '-': expected a bare host name; this one is left out",
    );
  });

  it('is given whatever groups the app is of, and for ports that are switched off', () => {
    const labels = { HAPROXY_GROUP: 'elsewhere', HAPROXY_0_ENABLED: 'no', HAPROXY_0_MODE: 'x' };
    expect(verdicts(labels).map((one) => [one.label, one.verdict])).toEqual([
      ['HAPROXY_0_ENABLED', 'honoured'],
      ['HAPROXY_0_MODE', 'wrong'],
      ['HAPROXY_GROUP', 'honoured'],
    ]);
  });

  it('points out where a password is not asked for', () => {
    const hash = 'ab01FAJS5X1Ww';
    const [auth] = verdicts({ HAPROXY_0_AUTH: `r:u:${hash}`, HAPROXY_0_VHOST: 'a.test' });
    expect(auth).toEqual({
      label: 'HAPROXY_0_AUTH',
      value: '(not shown)',
      verdict: 'honoured',
      note: 'on the http and https ports only: service port and app id port ask nobody; TEAL_0_AUTH_SCOPE=all closes every way',
      suggestion: '',
    });
    expect(verdicts({ HAPROXY_0_AUTH: `r:u:${hash}` })).toMatchObject([
      { verdict: 'ignored', suggestion: 'TEAL_0_AUTH_SCOPE=all' },
    ]);
  });

  it.each([
    ['leastcon', 'HAPROXY_0_BALANCE=leastconn'],
    ['Round-Robin', 'HAPROXY_0_BALANCE=roundrobin'],
    ['magic', ''],
  ])('says what BALANCE %s was probably to be', (value, suggestion) => {
    const [verdict] = verdicts({ HAPROXY_0_BALANCE: value });
    expect(verdict).toMatchObject({ verdict: 'wrong', suggestion });
  });

  it('never shows a password, however the label is misspelt', () => {
    const secrets = {
      HAPROXY_0_AUT: 'r:u:secret',
      HAPROXY_0_AUTHH: 'secret',
      HAPROXY_0_ATUH: 'secret',
    };
    expect(JSON.stringify(verdicts(secrets))).not.toContain('secret');
    const { problems } = makeCatalogue(
      [app({ labels: { HAPROXY_GROUP: 'external', ...secrets } })],
      OPTIONS,
    );
    expect(problems).toHaveLength(3);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('is wrong for labels of an app that has no service port', () => {
    expect(verdicts({ HAPROXY_0_VHOST: 'a.test' }, { servicePorts: [] })).toMatchObject([
      {
        verdict: 'wrong',
        note: 'expected a service port in the definition of the app; it is ignored',
      },
    ]);
  });
});

const NAMES = [
  'HAPROXY_GROUP',
  'HAPROXY_DEPLOYMENT_GROUP',
  ...'GROUP ENABLED PORT MODE VHOST PATH BACKEND_WEIGHT BIND_ADDR SSL_CERT BIND_OPTIONS BALANCE STICKY REDIRECT_TO_HTTPS USE_HSTS AUTH BACKEND_NETWORK_ALLOWED_ACL HTTP_BACKEND_PROXYPASS_PATH HTTP_BACKEND_REVPROXY_PATH HTTP_BACKEND_REDIR BACKEND_HEALTHCHECK_PORT_INDEX BACKEND_HTTP_OPTIONS'
    .split(' ')
    .map((name) => `HAPROXY_0_${name}`),
  ...'AUTH_SCOPE SLOW_START_SECONDS MAX_CONNECTIONS SEND_PROXY DRAIN_SECONDS BAKE_SECONDS BAKE_MAX_ERROR_PERCENT BAKE_MAX_SLOWDOWN_PERCENT BAKE_MIN_REQUESTS SHARE_PERCENT'
    .split(' ')
    .map((name) => `TEAL_0_${name}`),
];

describe('labels of any kind', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      'true',
      '',
      '0',
      '-1',
      'NaN',
      'Infinity',
      '1e9',
      '__proto__',
      'a.test',
      '/x',
      '*',
    ),
    fc.constantFrom('\r\nX-Evil: 1', '\u0000', `${'a'.repeat(200)}!`, '(a+)+$', '$6$x$y', 'r:u:x'),
  );
  const name = fc.oneof(fc.constantFrom(...NAMES), fc.string(), fc.constant('__proto__'));

  it('get one verdict each, and nothing that could end a header field is carried out', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 12 }), (labels) => {
        const all = verdicts(labels);
        expect(all.map((one) => one.label).sort()).toEqual(
          Object.keys(labels)
            .map((label) => label.slice(0, 200))
            .sort(),
        );
        const { claims } = makeCatalogue([app({ labels })], { ...OPTIONS, groups: ['*'] });
        for (const { routes, policy } of claims) {
          expect(JSON.stringify([routes, policy])).not.toMatch(/\\r|\\n|\\u00[01]/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['HAPROXY_0_VHOST', 'a.test,'],
    ['HAPROXY_0_VHOST', 'http://a@b:c/?,'],
    ['HAPROXY_0_VHOST', 'a'],
    ['HAPROXY_0_VHOST', '.'],
    ['HAPROXY_0_VHOST', '@'],
    ['HAPROXY_0_VHOST', ':1'],
    ['HAPROXY_0_PATH', '/a '],
    ['HAPROXY_0_PATH', 'x://'],
    ['HAPROXY_0_PATH', 'a'],
    ['HAPROXY_0_AUTH', ':'],
    ['HAPROXY_0_AUTH', '\\'],
    ['HAPROXY_0_AUTH', '"'],
    ['HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL', '10.0.0.0/8 '],
    ['HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL', '1/'],
    ['HAPROXY_0_HTTP_BACKEND_PROXYPASS_PATH', '/x'],
    ['HAPROXY_0_HTTP_BACKEND_REDIR', 'x'],
    ['HAPROXY_0_BIND_OPTIONS', 'ssl '],
    ['HAPROXY_0_BALANCE', 'uri '],
    ['HAPROXY_0_BACKEND_WEIGHT', '9'],
    ['HAPROXY_GROUP', ' ,'],
    ['TEAL_0_SEND_PROXY', 'v'],
  ])(
    '%s of a megabyte of %j is read at once',
    (label, piece) => {
      const all = verdicts({ [label]: piece.repeat(1_000_000 / piece.length) });
      expect(all).toHaveLength(1);
      expect(JSON.stringify(all).length).toBeLessThan(6_000);
    },
    2_000,
  );

  it('thousands of hosts are as good as one', () => {
    const hosts = Array.from({ length: 5_000 }, (_, place) => `h${place}.test`);
    const { claims, problems } = makeCatalogue(
      [app({ labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: hosts.join(',') } })],
      OPTIONS,
    );
    expect(claims[0]?.routes[0]?.hosts).toEqual(hosts);
    expect(problems).toEqual([]);
  });
});
