import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/catalogue/claim.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import {
  EMPTY_PLAN,
  NO_POLICY,
  PLAIN_ROUTE,
  type Plan,
  type PolicySpec,
  type RequestRule,
  type RouteSpec,
} from '../../src/plan/plan.ts';
import { renderConfig } from '../../src/stats/haproxy-config.ts';
import { renderAppMap, renderVhostMap } from '../../src/stats/haproxy-maps.ts';
import { candidates, claim } from '../plan/claims.ts';
import { sampleFacts } from './sample-facts.ts';

const OPTIONS = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  acceptProxy: false,
  statsPort: 9090,
  groupHttpsByVhost: false,
};

const planOf = (...claims: readonly Claim[]): Plan => makePlan(claims, OPTIONS, EMPTY_PLAN, 0).plan;
const configOf = (...claims: readonly Claim[]): string =>
  renderConfig(sampleFacts(planOf(...claims)));
const route = (changes: Partial<RouteSpec>): RouteSpec => ({ ...PLAIN_ROUTE, ...changes });
const policy = (changes: Partial<PolicySpec>): PolicySpec => ({ ...NO_POLICY, ...changes });
const always = (action: RequestRule['action']): RequestRule => ({
  when: null,
  action,
  scope: 'everywhere',
});

/** Lines of one section, its first included. */
function section(config: string, head: string): readonly string[] {
  const lines = config.split('\n\n').find((text) => text.split('\n')[0] === head) ?? '';
  return lines.split('\n').map((line) => line.trim());
}

describe("the plan in HAProxy's words", () => {
  it('has what scripts cut out of it: the name of the app, then its port', () => {
    const config = configOf(
      claim('/zdd/blue'),
      claim('/b', { servicePort: 10_081, bindAddress: '10.0.0.7' }),
    );
    expect(/zdd_blue(.+?)\n {2}bind .+:(\d+)/.exec(config)?.slice(1)).toEqual(['_10080', '10080']);
    expect(/\bb(_10081)\n {2}bind (.+):\d+/.exec(config)?.[2]).toBe('10.0.0.7');
  });

  it('lists servers by the names and ids of the statistics, and says who gets nothing', () => {
    const blue = claim('/zdd/blue', {
      candidates: [...candidates('blue', 'healthy', 'starting')],
      sticky: true,
      maxConnections: 7,
    });
    const lines = section(configOf(blue), 'backend zdd_blue_10080');
    expect(lines).toContain('cookie mesosphere_server_id insert indirect nocache');
    expect(lines).toContain('server 127_0_0_1_31000 127.0.0.1:31000 id 31001 maxconn 7');
    expect(lines).toContain('# 127_0_0_1_31001 127.0.0.1:31001: starting');
  });

  it('has rules for hosts, paths and app ids, in the order they are tried', () => {
    const config = configOf(
      claim('/a', { routes: [route({ hosts: ['a.test', '*.b.test'] })] }),
      claim('/c', {
        servicePort: 10_081,
        routes: [
          route({ hosts: ['a.test'], paths: ['/x', '/y'], pathsIgnoreCase: true, weight: 1 }),
        ],
      }),
    );
    const rules = section(config, 'frontend marathon_http_in').filter((line) =>
      line.includes('use_'),
    );
    expect(rules).toEqual([
      'use_backend c_10081 if { hdr(host),field(1,:) -i a.test } { path_beg -i /x /y }',
      'use_backend a_10080 if { hdr(host),field(1,:) -i a.test } or { hdr(host),field(1,:) -i -m end .b.test }',
    ]);
    expect(section(config, 'frontend marathon_https_in').join()).toContain(
      '{ ssl_fc_sni -i a.test }',
    );
    expect(section(config, 'frontend marathon_http_appid_in')).toContain(
      'use_backend c_10081 if { hdr(x-marathon-app-id) -i /c }',
    );
  });

  it('tells of a redirect to https on the http listener only', () => {
    const config = configOf(
      claim('/a', { routes: [route({ hosts: ['a.test'], redirectsToHttps: true })] }),
    );
    expect(section(config, 'frontend marathon_http_in').at(-1)).toBe(
      'redirect scheme https code 301 if { hdr(host),field(1,:) -i a.test }',
    );
    expect(section(config, 'frontend marathon_https_in').at(-1)).toContain('use_backend a_10080');
  });

  it('names users, never their passwords', () => {
    const auth = { realm: 'my realm', user: 'joe', hash: '$6$salt$secret' };
    const config = configOf(claim('/a', { routes: [route({ hosts: ['a.test'], auth })] }));
    expect(config).not.toContain('secret');
    expect(section(config, 'userlist user_a_10080')).toContain('user joe password ***');
    expect(config).toContain(
      "http-request auth realm 'my realm' if { hdr(host),field(1,:) -i a.test } !{ http_auth(user_a_10080) }",
    );
  });

  it('asks on every way, and lets nobody in where AUTH cannot be read', () => {
    const hosts = ['a.test', '*.b.test'];
    const auth = { realm: 'r', user: 'joe', hash: '$6$salt$secret' };
    const frontend = (one: typeof auth) =>
      section(
        configOf(claim('/a', { routes: [route({ hosts, auth: one })] })),
        'frontend marathon_http_in',
      );
    expect(frontend(auth)).toContain(
      'http-request auth realm r if { hdr(host),field(1,:) -i a.test } !{ http_auth(user_a_10080) } or { hdr(host),field(1,:) -i -m end .b.test } !{ http_auth(user_a_10080) }',
    );
    expect(frontend({ ...auth, hash: '' })).toContain(
      'http-request deny if { hdr(host),field(1,:) -i a.test } or { hdr(host),field(1,:) -i -m end .b.test }  # AUTH cannot be read',
    );
  });

  const rules: readonly [string, Partial<PolicySpec>, string][] = [
    [
      'who may come in',
      { allowedNetworks: ['10.0.0.0/8', '::1'] },
      'http-request deny unless { src 10.0.0.0/8 ::1 }',
    ],
    ['that nobody may', { allowedNetworks: [] }, 'http-request deny'],
    [
      'a denial',
      { request: [always({ do: 'deny', status: 403 })] },
      'http-request deny deny_status 403',
    ],
    [
      'a field',
      {
        request: [
          always({
            do: 'set-header',
            name: 'x-a',
            value: ['50% of ', { from: 'path', name: '', converters: ['lower'] }],
          }),
        ],
      },
      "http-request set-header x-a '50%% of %[path,lower]'",
    ],
    [
      'a condition',
      {
        request: [
          {
            action: { do: 'del-header', name: 'x-a' },
            when: {
              negated: true,
              anyOf: [
                [
                  {
                    fetch: { from: 'request-header', name: 'x-b', converters: [] },
                    match: 'exact',
                    values: ['a b'],
                    ignoresCase: true,
                    negated: true,
                  },
                ],
              ],
            },
            scope: 'http',
          },
        ],
      },
      "http-request del-header x-a unless !{ req.hdr(x-b) -m str -i 'a b' }  # on the http listener only",
    ],
    [
      'a response',
      {
        response: [
          {
            when: null,
            action: {
              do: 'replace-header',
              name: 'x-a',
              pattern: '^a',
              ignoresCase: true,
              value: ['b'],
            },
          },
        ],
      },
      "http-response replace-header x-a '(?i)^a' b",
    ],
    [
      'timeouts',
      { timeouts: { ...NO_POLICY.timeouts, serverMs: 60_000 } },
      'timeout server 60000ms',
    ],
    [
      'error files',
      { errorFiles: [{ status: 503, path: '/e/503.http' }] },
      'errorfile 503 /e/503.http',
    ],
  ];
  it.each(rules)('tells of %s', (_title, changes, line) => {
    const config = configOf(claim('/a', { policy: policy(changes) }));
    expect(section(config, 'backend a_10080')).toContain(line);
  });

  it('no value of a label begins a line of its own', () => {
    const evil = "x\n\nfrontend evil\r\n  bind :1'\u0085";
    const config = configOf(
      claim('/a', {
        routes: [
          route({ hosts: [evil], paths: [evil], auth: { realm: evil, user: evil, hash: '' } }),
        ],
        policy: policy({
          allowedNetworks: [evil],
          request: [
            always({ do: 'set-header', name: evil, value: [evil] }),
            always({ do: 'return', status: 200, contentType: evil, body: evil }),
          ],
          errorFiles: [{ status: 500, path: evil }],
        }),
      }),
    );
    expect(config).not.toMatch(/^frontend evil/m);
    expect(config).not.toMatch(/^ {2}bind :1/m);
    expect(config).not.toMatch(/[^\n\P{Cc}]/u);
  });

  it('is whole for the plan of a busy morning', () => {
    const config = renderConfig(sampleFacts());
    expect(config).toMatch(/^# What Teal 1\.2\.3 serves/);
    expect(config).toContain('\nlisten stats\n  bind *:9090\n');
    expect(config).toContain('  timeout tunnel 3600000ms\n');
  });
});

describe('the maps', () => {
  const claims = [
    claim('/b', { routes: [route({ hosts: ['z.test', 'a.test'] })] }),
    claim('/a', { servicePort: 10_081, routes: [route({ hosts: ['a.test'] })] }),
    claim('/path', {
      servicePort: 10_082,
      routes: [route({ hosts: ['p.test'], paths: ['/x'], weight: 1 })],
    }),
    claim('/auth', {
      servicePort: 10_083,
      routes: [route({ hosts: ['q.test'], auth: { realm: 'r', user: 'u', hash: '' } })],
    }),
    claim('/none', {
      servicePort: 10_084,
      candidates: candidates('none', 'starting'),
      routes: [route({ hosts: ['n.test'] })],
    }),
    claim('/tcp', { servicePort: 10_085, mode: 'tcp' }),
  ];

  it('lead each host that decides alone to its first backend, sorted', () => {
    expect(renderVhostMap(planOf(...claims))).toBe('a.test a_10081\nz.test b_10080\n');
  });

  it('lead each app with a server to its backend, sorted', () => {
    expect(renderAppMap(planOf(...claims))).toBe(
      '/a a_10081\n/auth auth_10083\n/b b_10080\n/path path_10082\n',
    );
  });

  it('are empty for an empty plan', () => {
    expect([renderVhostMap(EMPTY_PLAN), renderAppMap(EMPTY_PLAN)]).toEqual(['', '']);
  });
});
