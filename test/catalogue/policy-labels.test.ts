import { describe, expect, it } from 'vitest';
import type { PolicySpec } from '../../src/catalogue/policy.ts';
import { NO_POLICY } from '../../src/catalogue/policy.ts';
import { labelled } from './apps.ts';

const VHOST = { HAPROXY_0_VHOST: 'a.test,*.b.test' };
const TCP = { HAPROXY_0_MODE: 'tcp' };

function policyOf(labels: Record<string, string>): PolicySpec | undefined {
  return labelled(labels).claims[0]?.policy;
}

function problemsOf(labels: Record<string, string>): string[] {
  return labelled(labels).problems.map(
    ({ where, value, message }) => `${where} '${value}' ${message}`,
  );
}

it('an app without such labels has no policy', () => {
  expect(policyOf({})).toEqual(NO_POLICY);
  expect(policyOf({ HAPROXY_0_USE_HSTS: 'false', HAPROXY_0_HTTP_BACKEND_REDIR: '' })).toEqual(
    NO_POLICY,
  );
});

describe('HAPROXY_{n}_BACKEND_NETWORK_ALLOWED_ACL', () => {
  const LABEL = 'HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL';
  it.each([
    ['10.0.0.0/8', ['10.0.0.0/8']],
    [' 127.0.0.1/8\t10.1.55.43 10.1.55.43 ', ['127.0.0.1/8', '10.1.55.43']],
    ['10.0.0.0/255.255.0.0', ['10.0.0.0/16']],
    ['0.0.0.0/0.0.0.0', ['0.0.0.0/0']],
    ['10.0.0.1/255.255.255.255', ['10.0.0.1/32']],
    ['fe80::/10 ::1 ::ffff:10.0.0.1', ['fe80::/10', '::1', '::ffff:10.0.0.1']],
    ['::/0 0.0.0.0/0', ['::/0', '0.0.0.0/0']],
  ])('%j allows %j, in both modes', (value, networks) => {
    expect(policyOf({ [LABEL]: value })?.allowedNetworks).toEqual(networks);
    expect(policyOf({ ...TCP, [LABEL]: value })?.allowedNetworks).toEqual(networks);
    expect(problemsOf({ [LABEL]: value })).toEqual([]);
  });

  it('empty allows all', () => {
    expect(policyOf({ [LABEL]: '' })?.allowedNetworks).toBeNull();
  });

  it.each([
    'x',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.255.0',
    '10.0.0',
    '10.0.0.256',
    '::/129',
    '::/255.0.0.0',
    'fe80::1%eth0',
    '0.0.0.0/0,10.0.0.0/8',
    '!10.0.0.0/8',
    'a.test',
    'NaN',
    '10.0.0.0/1e1',
    '\u0000',
    '__proto__',
  ])('%j alone lets nobody in, and is told', (value) => {
    expect(policyOf({ [LABEL]: value })?.allowedNetworks).toEqual([]);
    expect(problemsOf({ [LABEL]: value })).toEqual([
      `${LABEL} '${value}' expected addresses and networks (10.0.0.0/8); nobody gets in`,
    ]);
  });

  it('blanks alone let nobody in', () => {
    expect(policyOf({ [LABEL]: '  ' })?.allowedNetworks).toEqual([]);
    expect(problemsOf({ [LABEL]: '  ' })).toHaveLength(1);
  });

  it('a bad entry lets nobody in, the good ones stay', () => {
    expect(policyOf({ [LABEL]: '10.0.0.0/8 x' })?.allowedNetworks).toEqual(['10.0.0.0/8']);
    expect(problemsOf({ [LABEL]: '10.0.0.0/8 x' })).toEqual([
      `${LABEL} 'x' expected addresses and networks (10.0.0.0/8); this one lets nobody in`,
    ]);
  });

  it('thousands of bad entries fill neither log nor page', () => {
    const value = 'x,y '.repeat(10_000);
    const problems = problemsOf({ [LABEL]: value });
    expect(problems).toHaveLength(10);
    expect(problems.at(-1)).toContain('; whatever else is wrong with it is not told');
  });
});

describe('HAPROXY_{n}_USE_HSTS', () => {
  it('adds the header to every response', () => {
    expect(policyOf({ HAPROXY_0_USE_HSTS: 'true' })?.response).toEqual([
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

  it('is told on a tcp service', () => {
    const labels = { ...TCP, HAPROXY_0_USE_HSTS: 'true' };
    expect(policyOf(labels)).toEqual(NO_POLICY);
    expect(problemsOf(labels)).toEqual([
      "HAPROXY_0_USE_HSTS 'true' expected mode http; it is ignored",
    ]);
  });
});

describe('HAPROXY_{n}_HTTP_BACKEND_PROXYPASS_PATH', () => {
  const LABEL = 'HAPROXY_0_HTTP_BACKEND_PROXYPASS_PATH';
  const strip = { when: null, scope: 'everywhere', action: { do: 'strip-prefix', prefix: '/foo' } };
  it('sets Host to the first host that is one, and strips the prefix', () => {
    const set = {
      when: null,
      scope: 'everywhere',
      action: { do: 'set-header', name: 'Host', value: ['a.test'] },
    };
    expect(policyOf({ ...VHOST, [LABEL]: '/foo' })?.request).toEqual([set, strip]);
    const wild = { HAPROXY_0_VHOST: '*.b.test,a.test', [LABEL]: '/foo' };
    expect(policyOf(wild)?.request).toEqual([set, strip]);
  });

  it('leaves Host as received without VHOST', () => {
    expect(policyOf({ [LABEL]: ' /foo ' })?.request).toEqual([strip]);
  });
});

describe('HAPROXY_{n}_HTTP_BACKEND_REVPROXY_PATH', () => {
  it('prefixes Location of the hosts of VHOST', () => {
    const labels = { ...VHOST, HAPROXY_0_HTTP_BACKEND_REVPROXY_PATH: '/foo' };
    expect(policyOf(labels)?.response).toEqual([
      {
        when: null,
        action: { do: 'prefix-location', prefix: '/foo', hosts: ['a.test', '*.b.test'] },
      },
    ]);
  });
});

describe('HAPROXY_{n}_HTTP_BACKEND_REDIR', () => {
  const LABEL = 'HAPROXY_0_HTTP_BACKEND_REDIR';
  const isRoot = {
    fetch: { from: 'path', name: '', converters: [] },
    match: 'exact',
    values: ['/'],
    ignoresCase: false,
    negated: false,
  };
  const host = { from: 'request-header', name: 'host', converters: [] };

  it('leads the root of each host to the value', () => {
    expect(policyOf({ ...VHOST, [LABEL]: '/app/' })?.request).toEqual([
      {
        when: {
          negated: false,
          anyOf: [
            [
              {
                fetch: host,
                match: 'exact',
                values: ['a.test'],
                ignoresCase: true,
                negated: false,
              },
              isRoot,
            ],
            [
              {
                fetch: host,
                match: 'suffix',
                values: ['.b.test'],
                ignoresCase: true,
                negated: false,
              },
              isRoot,
            ],
          ],
        },
        action: {
          do: 'redirect',
          to: 'location',
          status: 301,
          value: ['/app/'],
          dropsQuery: false,
        },
        scope: 'everywhere',
      },
    ]);
  });

  it('is told without VHOST', () => {
    expect(policyOf({ [LABEL]: '/app/' })).toEqual(NO_POLICY);
    expect(problemsOf({ [LABEL]: '/app/' })).toEqual([
      `${LABEL} '/app/' expected HAPROXY_0_VHOST; it is ignored`,
    ]);
  });

  it.each(['/a\r\nSet-Cookie: x=1', 'a b', '/\u0000', '/bücher', `/${'x'.repeat(2_001)}`])(
    '%j cannot stand in a header, and is told',
    (value) => {
      expect(policyOf({ ...VHOST, [LABEL]: value })).toEqual(NO_POLICY);
      expect(problemsOf({ ...VHOST, [LABEL]: value })).toEqual([
        `${LABEL} '${value.slice(0, 200)}' expected a URL or path without blanks; it is ignored`,
      ]);
    },
  );
});

describe.each(['HTTP_BACKEND_PROXYPASS_PATH', 'HTTP_BACKEND_REVPROXY_PATH'])(
  'HAPROXY_{n}_%s',
  (name) => {
    const label = `HAPROXY_0_${name}`;
    it.each([
      ['foo', '/foo'],
      ['/a b', '/a%20b'],
      ['/a\r\nX: 1', '/aX:%201'],
      ['/(a+)+$\\', '/(a+)+$/'],
      ['http://a.test/foo', '/foo'],
      ['-i', ''],
    ])('%j is told with %j as what it probably means, and ignored', (value, meant) => {
      expect(policyOf({ [label]: value })).toEqual(NO_POLICY);
      const hint = meant === '' ? '' : `, probably '${meant}'`;
      expect(problemsOf({ [label]: value })).toEqual([
        `${label} '${value}' expected a path from its /${hint}; it is ignored`,
      ]);
    });

    it('is told on a tcp service', () => {
      expect(policyOf({ ...TCP, [label]: '/foo' })).toEqual(NO_POLICY);
      expect(problemsOf({ ...TCP, [label]: '/foo' })).toEqual([
        `${label} '/foo' expected mode http; it is ignored`,
      ]);
    });
  },
);

describe("Teal's own labels of balancing", () => {
  it.each([
    [{ TEAL_0_SLOW_START_SECONDS: '30' }, { slowStartMs: 30_000 }],
    [{ TEAL_0_SLOW_START_SECONDS: '0' }, { slowStartMs: 0 }],
    [{ TEAL_0_MAX_CONNECTIONS: '200' }, { maxConnections: 200 }],
    [{ TEAL_0_SEND_PROXY: 'v1' }, { sendProxy: 1 }],
    [{ TEAL_0_SEND_PROXY: 'V2' }, { sendProxy: 2 }],
    [{ TEAL_0_DRAIN_SECONDS: '600' }, { drainMs: 600_000 }],
    [{ TEAL_0_BAKE_SECONDS: '120' }, { bakeMs: 120_000 }],
    [{ TEAL_0_BAKE_SECONDS: '0' }, { bakeMs: 0 }],
    [{ TEAL_0_BAKE_MAX_ERROR_PERCENT: '0' }, { bakeLimits: { maxErrorPercent: 0 } }],
    [{ TEAL_0_BAKE_MAX_SLOWDOWN_PERCENT: '50' }, { bakeLimits: { maxSlowdownPercent: 50 } }],
    [{ TEAL_0_BAKE_MIN_REQUESTS: '500' }, { bakeLimits: { minRequests: 500 } }],
    [{ TEAL_0_SHARE_PERCENT: '20' }, { sharePercent: 20 }],
    [{}, { slowStartMs: 0, maxConnections: 0, sendProxy: 0 }],
    [{}, { drainMs: 0, bakeMs: null, sharePercent: null }],
  ])('%j are %j', (labels, expected) => {
    expect(labelled(labels).claims[0]).toMatchObject(expected);
    expect(problemsOf(labels)).toEqual([]);
  });

  it.each([
    ['TEAL_0_SLOW_START_SECONDS', '3601'],
    ['TEAL_0_SLOW_START_SECONDS', '-1'],
    ['TEAL_0_SLOW_START_SECONDS', '1.5'],
    ['TEAL_0_MAX_CONNECTIONS', '1e9'],
    ['TEAL_0_MAX_CONNECTIONS', 'Infinity'],
    ['TEAL_0_MAX_CONNECTIONS', ''],
    ['TEAL_0_SEND_PROXY', 'v3'],
    ['TEAL_0_SEND_PROXY', '1'],
    ['TEAL_0_DRAIN_SECONDS', '0'],
    ['TEAL_0_BAKE_SECONDS', '86401'],
    ['TEAL_0_BAKE_MAX_ERROR_PERCENT', '101'],
    ['TEAL_0_BAKE_MAX_SLOWDOWN_PERCENT', '2x'],
    ['TEAL_0_BAKE_MIN_REQUESTS', '0'],
    ['TEAL_0_SHARE_PERCENT', '101'],
    ['TEAL_0_SHARE_PERCENT', '20%'],
  ])('%s=%j is told and counts as absent', (label, value) => {
    const { claims, problems } = labelled({ [label]: value });
    expect(claims[0]).toMatchObject({ slowStartMs: 0, maxConnections: 0, sendProxy: 0 });
    expect(claims[0]).toMatchObject({ drainMs: 0, bakeMs: null, sharePercent: null });
    expect(claims[0]).not.toHaveProperty('bakeLimits');
    expect(problems).toMatchObject([{ where: label, value }]);
  });
});
