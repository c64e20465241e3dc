import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import type { RouteSpec } from '../../src/catalogue/policy.ts';
import { app, labelled, OPTIONS } from './apps.ts';

/** As `openssl passwd -6 -salt saltsalt secret` makes it. */
const HASH =
  '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1';

const VHOST = { HAPROXY_0_VHOST: 'a.test' };

function routesOf(labels: Record<string, string>): readonly RouteSpec[] {
  return labelled(labels).claims[0]?.routes ?? [];
}

function problemsOf(labels: Record<string, string>): string[] {
  return labelled(labels).problems.map(
    ({ where, value, message }) => `${where} '${value}' ${message}`,
  );
}

describe('HAPROXY_{n}_PATH', () => {
  it.each([
    ['/foo', ['/foo'], false],
    ['/foo /bar', ['/foo', '/bar'], false],
    ['-i /multiple /paths', ['/multiple', '/paths'], true],
    ['-i -- /x', ['/x'], true],
    ['  /a\t/b  /a ', ['/a', '/b'], false],
    ["/a(b)*+$'&;=@%7e~[x]^_`{|}", ["/a(b)*+$'&;=@%7e~[x]^_`{|}"], false],
  ])('%j asks for prefixes %j, any case: %j', (value, paths, pathsIgnoreCase) => {
    const labels = { ...VHOST, HAPROXY_0_PATH: value };
    expect(routesOf(labels)).toEqual([
      { hosts: ['a.test'], paths, pathsIgnoreCase, weight: 1, auth: null, redirectsToHttps: false },
    ]);
    expect(problemsOf(labels)).toEqual([]);
  });

  it.each([
    ['foo', '/foo'],
    ['http://a.test/foo?x', '/foo'],
    ['/foo?x=1', '/foo'],
    ['/foo#top', '/foo'],
    ['/bücher', '/b%C3%BCcher'],
    ['/a"b', '/a%22b'],
    ['-f', ''],
    ['/a\u0001b', '/a%01b'],
    ['http://a.test', ''],
  ])('%j matches nothing, and is told with %j as what it probably means', (value, meant) => {
    const labels = { ...VHOST, HAPROXY_0_PATH: value };
    expect(routesOf(labels)).toEqual([]);
    const hint = meant === '' ? '' : `, probably '${meant}'`;
    expect(problemsOf(labels)).toEqual([
      `HAPROXY_0_PATH '${value}' expected [-i] and prefixes of paths, each from its /${hint}; this one matches nothing`,
    ]);
  });

  it('a word that matches nothing costs only itself', () => {
    expect(routesOf({ ...VHOST, HAPROXY_0_PATH: '/foo -i /bar' })[0]?.paths).toEqual([
      '/foo',
      '/bar',
    ]);
  });

  it.each(['', '   '])('%j is no path at all', (value) => {
    expect(routesOf({ ...VHOST, HAPROXY_0_PATH: value })).toMatchObject([{ paths: [], weight: 0 }]);
  });

  it('leads there from any host where there is no VHOST, after all that name theirs', () => {
    const labels = { HAPROXY_0_PATH: '/api' };
    expect(routesOf(labels)).toMatchObject([{ hosts: [], paths: ['/api'], weight: -2 }]);
    expect(problemsOf(labels)).toEqual([]);
    const heavy = { ...labels, HAPROXY_0_BACKEND_WEIGHT: '3' };
    expect(routesOf(heavy)).toMatchObject([{ hosts: [], weight: 3 }]);
  });

  it('never leads there from any host where VHOST has only bad names', () => {
    expect(routesOf({ HAPROXY_0_VHOST: 'http://a.test', HAPROXY_0_PATH: '/api' })).toEqual([]);
    expect(routesOf({ HAPROXY_0_VHOST: '', HAPROXY_0_PATH: '/api' })).toEqual([]);
  });
});

describe('HAPROXY_{n}_BACKEND_WEIGHT', () => {
  const PATH = { HAPROXY_0_PATH: '/x' };
  it.each([
    ['no label', {}, 0],
    ['5', { HAPROXY_0_BACKEND_WEIGHT: '5' }, 5],
    ['-1', { HAPROXY_0_BACKEND_WEIGHT: '-1' }, -1],
    [' +7 ', { HAPROXY_0_BACKEND_WEIGHT: ' +7 ' }, 7],
    ['-0', { HAPROXY_0_BACKEND_WEIGHT: '-0' }, 0],
    ['a path', PATH, 1],
    ['a path and an explicit 0', { ...PATH, HAPROXY_0_BACKEND_WEIGHT: '0' }, 1],
    ['a path and 5', { ...PATH, HAPROXY_0_BACKEND_WEIGHT: '5' }, 5],
    ['a path and -3', { ...PATH, HAPROXY_0_BACKEND_WEIGHT: '-3' }, -3],
  ])('%s comes to the weight it has in Marathon-LB', (_title, labels, weight) => {
    const [route] = routesOf({ ...VHOST, ...labels });
    expect(route?.weight).toBe(weight);
    expect(problemsOf({ ...VHOST, ...labels })).toEqual([]);
  });

  it.each(['', 'x', '1.5', 'NaN', 'Infinity', '1e9', '99999999999', '0x1', '１'])(
    '%j is told, and counts as 0',
    (value) => {
      const labels = { ...VHOST, HAPROXY_0_BACKEND_WEIGHT: value };
      expect(routesOf(labels)).toMatchObject([{ weight: 0 }]);
      expect(problemsOf(labels)).toEqual([
        `HAPROXY_0_BACKEND_WEIGHT '${value}' expected a whole number from -999999999 to 999999999; 0 is used`,
      ]);
    },
  );
});

describe('with --haproxy-map', () => {
  it.each([
    ['a plain host is looked up after all rules', {}, -1],
    ['whatever its weight', { HAPROXY_0_BACKEND_WEIGHT: '9' }, -1],
    ['and one that redirects', { HAPROXY_0_REDIRECT_TO_HTTPS: 'true' }, -1],
    ['but a path is a rule of its own', { HAPROXY_0_PATH: '/x' }, 1],
    ['and a password, too', { HAPROXY_0_AUTH: `r:u:${HASH}` }, 0],
  ])('%s', (_title, labels, weight) => {
    const one = app({ labels: { HAPROXY_GROUP: 'external', ...VHOST, ...labels } });
    const { claims } = makeCatalogue([one], { ...OPTIONS, hostMap: true });
    expect(claims[0]?.routes).toMatchObject([{ weight }]);
  });
});

describe('HAPROXY_{n}_REDIRECT_TO_HTTPS', () => {
  it.each([
    ['true', true, 0],
    ['YES', true, 0],
    ['t', true, 0],
    ['y', true, 0],
    ['false', false, 0],
    ['1', false, 1],
    ['on', false, 1],
    [' true', false, 1],
    ['', false, 1],
  ])('%j is %j, with %i problems', (value, redirectsToHttps, problems) => {
    const labels = { ...VHOST, HAPROXY_0_REDIRECT_TO_HTTPS: value };
    expect(routesOf(labels)).toMatchObject([{ redirectsToHttps }]);
    expect(problemsOf(labels)).toHaveLength(problems);
  });

  it('is told where there is no VHOST', () => {
    expect(problemsOf({ HAPROXY_0_REDIRECT_TO_HTTPS: 'true' })).toEqual([
      "HAPROXY_0_REDIRECT_TO_HTTPS 'true' expected HAPROXY_0_VHOST; it is ignored",
    ]);
  });
});

describe('ways to a tcp service', () => {
  it('there are none: what asks for them is told', () => {
    const labels = {
      ...VHOST,
      HAPROXY_0_MODE: 'tcp',
      HAPROXY_0_PATH: '/x',
      HAPROXY_0_REDIRECT_TO_HTTPS: 'true',
    };
    expect(routesOf(labels)).toEqual([]);
    expect(problemsOf(labels)).toEqual([
      "HAPROXY_0_PATH '/x' expected mode http; it is ignored",
      "HAPROXY_0_REDIRECT_TO_HTTPS 'true' expected mode http; it is ignored",
      "HAPROXY_0_VHOST 'a.test' expected mode http; it is ignored",
    ]);
  });
});

describe('HAPROXY_{n}_AUTH', () => {
  const MD5 = '$1$saltsalt$9xy1btjgzLYfb7hivXtC//';
  const SHA256 = '$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA';
  it.each([
    [`Realm:joe:${HASH}`, { realm: 'Realm', user: 'joe', hash: HASH }],
    [`My\\ Realm:joe:${SHA256}`, { realm: 'My Realm', user: 'joe', hash: SHA256 }],
    [`"My Realm":joe:${MD5}`, { realm: 'My Realm', user: 'joe', hash: MD5 }],
    ['r:u:ab01FAJS5X1Ww', { realm: 'r', user: 'u', hash: 'ab01FAJS5X1Ww' }],
    [
      `r:u:${HASH.replace('$6$', '$6$rounds=656000$')}`,
      { realm: 'r', user: 'u', hash: HASH.replace('$6$', '$6$rounds=656000$') },
    ],
  ])('%j asks for a password on the routes', (value, auth) => {
    const { claims, problems } = labelled({ ...VHOST, HAPROXY_0_AUTH: value });
    expect(claims[0]?.routes).toMatchObject([{ auth }]);
    expect(claims[0]?.policy.auth).toBeNull();
    expect(problems).toEqual([]);
  });

  it.each([
    ['', 'realm:user:hash'],
    ['realm', 'realm:user:hash'],
    ['realm:user', 'realm:user:hash'],
    ['realm:user:', 'realm:user:hash'],
    [`realm:user:${HASH}:more`, 'realm:user:hash'],
    [`:user:${HASH}`, 'a realm of printable ASCII without quotes'],
    [`a"b:user:${HASH}`, 'a realm of printable ASCII without quotes'],
    [`a\r\nSet-Cookie: x=1:user:${HASH}`, 'realm:user:hash'],
    [`a\r\nX:user:${HASH}`, 'a realm of printable ASCII without quotes'],
    [`réalm:user:${HASH}`, 'a realm of printable ASCII without quotes'],
    [`realm::${HASH}`, 'a user name of printable ASCII'],
    [`realm:us\u0000er:${HASH}`, 'a user name of printable ASCII'],
    ['realm:user:secret', 'a hash of crypt(3) ($6$, $5$, $1$ or DES), not a password'],
    [
      'realm:user:$2y$10$abcdefghijklmnopqrstuv',
      'a hash of crypt(3) ($6$, $5$, $1$ or DES), not a password',
    ],
    ['realm:user:$6$salt$short', 'a hash of crypt(3) ($6$, $5$, $1$ or DES), not a password'],
    [`realm:user:${HASH.replace('$6$', '$6$rounds=999999999$')}`, 'at most 1000000 rounds'],
    [
      `realm:user:${'$6$'.repeat(100_000)}`,
      'a hash of crypt(3) ($6$, $5$, $1$ or DES), not a password',
    ],
  ])('%j lets nobody in, and is told without its value', (value, expected) => {
    const { claims, problems } = labelled({ ...VHOST, HAPROXY_0_AUTH: value });
    const auth = { realm: 'closed', user: '', hash: '' };
    expect(claims[0]?.routes).toMatchObject([{ hosts: ['a.test'], auth }]);
    expect(problems).toEqual([
      {
        app: '/zdd/blue',
        where: 'HAPROXY_0_AUTH',
        value: '(not shown)',
        message: `expected ${expected}; nobody gets in`,
      },
    ]);
  });

  it('is told where it has no effect, for its owner may think that it has', () => {
    expect(problemsOf({ HAPROXY_0_AUTH: `r:u:${HASH}` })).toEqual([
      "HAPROXY_0_AUTH '(not shown)' expected HAPROXY_0_VHOST or TEAL_0_AUTH_SCOPE=all; nobody is asked, access is NOT restricted",
    ]);
    const tcp = labelled({ HAPROXY_0_MODE: 'tcp', HAPROXY_0_AUTH: `r:u:${HASH}` });
    expect(tcp.claims[0]?.policy.allowedNetworks).toBeNull();
    expect(tcp.problems.map((one) => one.message)).toEqual([
      'expected mode http, a tcp service cannot ask; nobody is asked, access is NOT restricted',
    ]);
  });
});

describe('TEAL_{n}_AUTH_SCOPE', () => {
  const AUTH = { HAPROXY_0_AUTH: `r:u:${HASH}` };
  it.each([
    ['all', 0],
    ['ALL ', 0],
    ['everywhere', 1],
    ['', 1],
  ])('%j asks on every way in, with %i problems', (value, problems) => {
    const catalogue = labelled({ ...AUTH, TEAL_0_AUTH_SCOPE: value });
    expect(catalogue.claims[0]?.policy.auth).toEqual({ realm: 'r', user: 'u', hash: HASH });
    expect(catalogue.problems).toHaveLength(problems);
  });

  it('vhost is as without it', () => {
    const { claims } = labelled({ ...VHOST, ...AUTH, TEAL_0_AUTH_SCOPE: 'vhost' });
    expect(claims[0]?.policy.auth).toBeNull();
    expect(claims[0]?.routes).toMatchObject([{ auth: { user: 'u' } }]);
  });

  it('a broken password keeps everybody out of every way', () => {
    const { claims } = labelled({ HAPROXY_0_AUTH: 'broken', TEAL_0_AUTH_SCOPE: 'all' });
    expect(claims[0]?.policy.auth).toEqual({ realm: 'closed', user: '', hash: '' });
  });

  it('a tcp service cannot ask: nobody gets in', () => {
    const { claims } = labelled({ ...AUTH, HAPROXY_0_MODE: 'tcp', TEAL_0_AUTH_SCOPE: 'all' });
    expect(claims[0]?.policy).toMatchObject({ auth: null, allowedNetworks: [] });
  });

  it('is told where there is no AUTH', () => {
    expect(problemsOf({ TEAL_0_AUTH_SCOPE: 'all' })).toEqual([
      "TEAL_0_AUTH_SCOPE 'all' expected HAPROXY_0_AUTH too; nobody is asked",
    ]);
  });
});
