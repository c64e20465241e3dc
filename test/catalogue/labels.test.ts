import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Claim } from '../../src/catalogue/claim.ts';
import { app, HTTP_CHECK, labelled, OPTIONS } from './apps.ts';

const TUTORIAL_HOST = 'ec2-52-25-126-14.us-west-2.compute.amazonaws.com';

function claimOf(labels: Record<string, string>, changes = {}) {
  const { claims } = labelled(labels, changes);
  return claims[0];
}

function hostsOf(claim: Claim | undefined): readonly string[] | undefined {
  return claim?.routes.flatMap((route) => route.hosts);
}

function messages(labels: Record<string, string>, changes = {}): string[] {
  return labelled(labels, changes).problems.map(
    (one) => `${one.where} '${one.value}' ${one.message}`,
  );
}

describe('the groups an app is shown to', () => {
  it.each([
    ['external', ['external'], 1],
    ['internal,external', ['external'], 1],
    ['internal', ['external'], 0],
    ['internal', ['*'], 1],
    ['*', ['external'], 0],
    ['', ['external'], 0],
    ['internal', ['external', 'internal'], 1],
  ])('HAPROXY_GROUP %j is seen by --group %j in %i claims', (group, groups, count) => {
    const { claims, problems } = makeCatalogue([app({ labels: { HAPROXY_GROUP: group } })], {
      ...OPTIONS,
      groups,
    });
    expect(claims).toHaveLength(count);
    expect(problems).toEqual([]);
  });

  it('an app without the label is shown only to a balancer of every group', () => {
    expect(makeCatalogue([app({ labels: {} })], OPTIONS).claims).toEqual([]);
    expect(makeCatalogue([app({ labels: {} })], { ...OPTIONS, groups: ['*'] }).claims).toHaveLength(
      1,
    );
  });

  it('a port of its own group replaces the group of the app for that port', () => {
    const two = { servicePorts: [10_000, 10_001] };
    const { claims } = labelled({ HAPROXY_0_GROUP: 'internal' }, two);
    expect(claims.map((one) => one.portIndex)).toEqual([1]);
  });

  it('a group that only a space keeps from matching is told', () => {
    expect(messages({ HAPROXY_GROUP: 'internal, external' })).toEqual([
      "HAPROXY_GROUP 'internal, external' expected group names without spaces, 'external' for ' external'; the app is not shown here",
    ]);
  });

  it('labels of apps that are not shown are nobody here concerned with', () => {
    const elsewhere = app({
      labels: { HAPROXY_GROUP: 'internal', HAPROXY_0_PORT: 'x', HAPROXY_X: '' },
    });
    expect(makeCatalogue([elsewhere], OPTIONS)).toEqual({ claims: [], problems: [] });
  });
});

describe('HAPROXY_{n}_ENABLED', () => {
  it.each([
    ['true', 1, 0],
    ['T', 1, 0],
    ['Yes', 1, 0],
    ['y', 1, 0],
    ['false', 0, 0],
    ['no', 0, 0],
    ['1', 0, 1],
    ['on', 0, 1],
    ['', 0, 1],
  ])('%j gives %i claims and %i problems', (value, claims, problems) => {
    const catalogue = labelled({ HAPROXY_0_ENABLED: value });
    expect(catalogue.claims).toHaveLength(claims);
    expect(catalogue.problems).toHaveLength(problems);
  });
});

describe('HAPROXY_{n}_PORT', () => {
  it.each([
    ['10080', 10_080],
    ['1', 1],
    ['65535', 65_535],
    [' 10080 ', 10_080],
  ])('%j is the service port', (value, port) => {
    expect(claimOf({ HAPROXY_0_PORT: value })).toMatchObject({
      servicePort: port,
      name: `zdd_blue_${port}`,
    });
    expect(messages({ HAPROXY_0_PORT: value })).toEqual([]);
  });

  it.each([
    '',
    '0',
    '65536',
    '-1',
    '1e3',
    '0x50',
    '10080/tcp',
    '99999999999999999999',
    '１００８０',
    'NaN',
  ])('%j is told and the port of the definition is used', (value) => {
    expect(claimOf({ HAPROXY_0_PORT: value })?.servicePort).toBe(10_000);
    expect(labelled({ HAPROXY_0_PORT: value }).problems).toEqual([
      {
        app: '/zdd/blue',
        where: 'HAPROXY_0_PORT',
        value,
        message: 'expected a port from 1 to 65535; 10000 of the definition is used',
      },
    ]);
  });

  it('stands in for a service port that Marathon has not assigned', () => {
    expect(claimOf({ HAPROXY_0_PORT: '10080' }, { servicePorts: [0] })?.servicePort).toBe(10_080);
  });

  it('a port without any service port is told and not served, the others are', () => {
    const { claims, problems } = labelled({}, { servicePorts: [0, 10_001] });
    expect(claims.map((one) => one.servicePort)).toEqual([10_001]);
    expect(problems.map((one) => one.where)).toEqual(['HAPROXY_0_PORT', 'task zdd_blue.1']);
  });

  it('an app that asks to be served but has no port is told', () => {
    expect(messages({}, { servicePorts: [] })).toEqual([
      "HAPROXY_GROUP 'external' expected a port in the definition of the app; it has none and is not served",
    ]);
  });
});

describe('the mode of a port', () => {
  const tcpCheck = { ...HTTP_CHECK, protocol: 'TCP' };
  const elsewhere = { ...HTTP_CHECK, portIndex: 1 };
  const literal = { ...HTTP_CHECK, portIndex: null, port: 9_999 };
  it.each([
    ['MODE wins over an HTTP check', { HAPROXY_0_MODE: 'tcp' }, [HTTP_CHECK], 'tcp'],
    ['MODE wins over a TCP check', { HAPROXY_0_MODE: 'HTTP' }, [tcpCheck], 'http'],
    ['an HTTP check makes it http', {}, [HTTP_CHECK], 'http'],
    ['a check with a literal port counts for every port', {}, [literal], 'http'],
    ['a check of another port does not count', {}, [elsewhere], 'tcp'],
    ['HTTPS is not HTTP here', {}, [{ ...HTTP_CHECK, protocol: 'HTTPS' }], 'tcp'],
    ['MESOS_HTTP is not HTTP here', {}, [{ ...HTTP_CHECK, protocol: 'MESOS_HTTP' }], 'tcp'],
    ['a virtual host makes it http', { HAPROXY_0_VHOST: 'a.test' }, [tcpCheck], 'http'],
    ['a bad virtual host does, too', { HAPROXY_0_VHOST: 'http://a.test' }, [], 'http'],
    ['nothing makes it tcp', {}, [], 'tcp'],
    ['a bad MODE counts for nothing', { HAPROXY_0_MODE: 'health' }, [HTTP_CHECK], 'http'],
    [
      "another port's HTTP check forces http over MODE=tcp",
      { HAPROXY_0_MODE: 'tcp', HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '1' },
      [elsewhere],
      'http',
    ],
    [
      'a port index counts from the end when it is negative',
      { HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '-1' },
      [{ ...elsewhere, protocol: 'MESOS_HTTPS' }],
      'http',
    ],
    [
      'a port index out of range counts for nothing',
      { HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '2' },
      [elsewhere],
      'tcp',
    ],
  ])('%s', (_title, labels: Record<string, string>, healthChecks, mode) => {
    const changes = { healthChecks, servicePorts: [10_000, 10_001] };
    expect(claimOf(labels, changes)?.mode).toBe(mode);
  });

  it('a bad MODE is told', () => {
    expect(messages({ HAPROXY_0_MODE: 'health' })).toEqual([
      "HAPROXY_0_MODE 'health' expected http or tcp; the mode is taken from health check and VHOST",
    ]);
  });
});

describe('HAPROXY_{n}_VHOST', () => {
  it.each([
    ['a.test', ['a.test']],
    ['A.Test,b.test', ['a.test', 'b.test']],
    ['a.test,A.TEST', ['a.test']],
    ['10.0.0.1', ['10.0.0.1']],
    ['[::1]', ['[::1]']],
    ['my_service.marathon.mesos', ['my_service.marathon.mesos']],
    ['localhost', ['localhost']],
    ['*.A.test,a.test', ['*.a.test', 'a.test']],
    ['__proto__', ['__proto__']],
  ])('%j leads to %j', (value, hosts) => {
    expect(hostsOf(claimOf({ HAPROXY_0_VHOST: value }))).toEqual(hosts);
    expect(messages({ HAPROXY_0_VHOST: value })).toEqual([]);
  });

  it.each([
    [`http://${TUTORIAL_HOST}`, TUTORIAL_HOST],
    ['https://a.test/', 'a.test'],
    ['a.test/path?x', 'a.test'],
    ['a.test:8080', 'a.test'],
    [' a.test', 'a.test'],
    ['a.test.', 'a.test'],
    ['HTTP://User@A.test:80/x', 'a.test'],
    ['bücher.test', 'xn--bcher-kva.test'],
    ['*.', ''],
    ['*', ''],
    ['a.*.test', ''],
    ['*a.test', ''],
    ['*.*.a.test', ''],
    ['.a.test', '*.a.test'],
    ['https://*.a.test/', '*.a.test'],
    ['a.test\r\nX-Evil: 1', ''],
    ['a.test\u0000', 'a.test'],
    ['__proto__ ', '__proto__'],
    ['', ''],
    ['a..test', ''],
    ['-a.test', ''],
    ['a b', ''],
    ['[::x]', ''],
    ['$HOST', ''],
    [`${'a'.repeat(64)}.test`, ''],
  ])('%j is left out, and told with %j as what it probably means', (value, meant) => {
    const catalogue = labelled({ HAPROXY_0_VHOST: value });
    expect(hostsOf(catalogue.claims[0])).toEqual([]);
    const hint = meant === '' ? '' : `, probably '${meant}'`;
    expect(catalogue.problems).toEqual([
      {
        app: '/zdd/blue',
        where: 'HAPROXY_0_VHOST',
        value,
        message: `expected a bare host name${hint}; this one is left out`,
      },
    ]);
  });

  it('a bad host of a list costs only itself', () => {
    expect(hostsOf(claimOf({ HAPROXY_0_VHOST: 'a.test,http://b.test,c.test' }))).toEqual([
      'a.test',
      'c.test',
    ]);
  });

  it('a huge value is told in a short line', () => {
    const [problem] = labelled({ HAPROXY_0_VHOST: `${'x'.repeat(1e6)}` }).problems;
    expect(problem?.value).toHaveLength(200);
  });
});

describe('HAPROXY_{n}_BIND_ADDR', () => {
  it.each(['*', '127.0.0.1', '0.0.0.0', '::1'])('%j is used', (value) => {
    expect(claimOf({ HAPROXY_0_BIND_ADDR: value })?.bindAddress).toBe(value);
    expect(messages({ HAPROXY_0_BIND_ADDR: value })).toEqual([]);
  });

  it.each([
    ['', '*'],
    ['localhost', '127.0.0.1'],
    ['[::1]', '::1'],
    ['ipv6@::1', '::1'],
    ['ipv6@[::1]', '::1'],
    ['ipv4@10.0.0.1', '10.0.0.1'],
  ])('%j is %j, as for HAProxy', (value, address) => {
    const claim = claimOf({ HAPROXY_0_BIND_ADDR: value });
    expect([claim?.bindAddress, claim?.listens]).toEqual([address, true]);
    expect(messages({ HAPROXY_0_BIND_ADDR: value })).toEqual([]);
  });

  it.each(['eth0', 'lb.example.com', '10.0.0.0/8', '127.0.0.1:80', '[127.0.0.1', '-'])(
    '%j is told, and opens the port nowhere',
    (value) => {
      expect(claimOf({ HAPROXY_0_BIND_ADDR: value })?.listens).toBe(false);
      expect(messages({ HAPROXY_0_BIND_ADDR: value })).toEqual([
        `HAPROXY_0_BIND_ADDR '${value}' expected an IP address or *; nothing listens on the port`,
      ]);
    },
  );

  it('of a template comes first', () => {
    const template = 'frontend {backend}\n bind 10.1.2.3:{servicePort}';
    const claim = claimOf({ HAPROXY_0_BIND_ADDR: 'eth0', HAPROXY_0_FRONTEND_HEAD: template });
    expect([claim?.bindAddress, claim?.listens]).toEqual(['10.1.2.3', true]);
    const unreadable = { HAPROXY_0_FRONTEND_HEAD: template.replace('10.1.2.3', 'eth0') };
    expect(claimOf(unreadable)?.listens).toBe(false);
    expect(messages(unreadable)).toEqual([
      "HAPROXY_0_FRONTEND_HEAD 'eth0' expected an IP address or *; nothing listens on the port",
    ]);
  });
});

describe('HAPROXY_{n}_BALANCE', () => {
  it.each([
    ['roundrobin', { algorithm: 'roundrobin' }],
    ['static-rr', { algorithm: 'static-rr' }],
    [' leastconn ', { algorithm: 'leastconn' }],
    ['first', { algorithm: 'first' }],
    ['source', { algorithm: 'source' }],
    ['random', { algorithm: 'random', draws: 2 }],
    ['random(3)', { algorithm: 'random', draws: 3 }],
    ['uri', { algorithm: 'uri', whole: false, depth: 0, length: 0 }],
    ['uri whole', { algorithm: 'uri', whole: true, depth: 0, length: 0 }],
    ['uri  depth 2 path-only len 64', { algorithm: 'uri', whole: false, depth: 2, length: 64 }],
    ['url_param user_id', { algorithm: 'url_param', name: 'user_id' }],
    ['hdr(X-User)', { algorithm: 'hdr', name: 'x-user' }],
  ])('%j is carried out', (value, balance) => {
    const labels = { HAPROXY_0_BALANCE: value };
    expect(claimOf(labels)?.balance).toEqual(balance);
    expect(messages(labels)).toEqual([]);
  });

  it.each([
    '',
    'rdp-cookie',
    'rdp-cookie(name)',
    'RoundRobin',
    'roundrobin 2',
    'leastcon',
    'random(0)',
    'random()',
    'random(2',
    'random(101)',
    'uri depth',
    'uri depth 0',
    'uri len -1',
    'uri len 1e3',
    'uri all',
    'url_param',
    'url_param a b',
    'url_param a check_post',
    'url_param a=b',
    'hdr',
    'hdr()',
    'hdr(a b)',
    'hdr(a:b)',
    'hdr(host) use_domain_only',
    'source\nserver evil 1.2.3.4:80',
    'hash src',
  ])('%j is told, and round robin used', (value) => {
    const labels = { HAPROXY_0_BALANCE: value };
    expect(claimOf(labels)?.balance).toEqual({ algorithm: 'roundrobin' });
    expect(labelled(labels).problems).toMatchObject([
      { where: 'HAPROXY_0_BALANCE', value, message: expect.stringContaining('roundrobin is used') },
    ]);
  });

  it('what is read from requests is told on a tcp service', () => {
    const tcp = { HAPROXY_0_MODE: 'tcp', HAPROXY_0_BALANCE: 'uri' };
    const unchecked = { healthChecks: [] };
    expect(claimOf(tcp, unchecked)).toMatchObject({
      mode: 'tcp',
      balance: { algorithm: 'roundrobin' },
    });
    expect(messages(tcp, unchecked)).toEqual([
      "HAPROXY_0_BALANCE 'uri' expected mode http, a tcp service has no requests; roundrobin is used",
    ]);
    const source = { HAPROXY_0_MODE: 'tcp', HAPROXY_0_BALANCE: 'source' };
    expect(claimOf(source, unchecked)?.balance).toEqual({ algorithm: 'source' });
  });
});

describe('HAPROXY_{n}_STICKY', () => {
  it.each([
    ['true', true, 0],
    ['Y', true, 0],
    ['false', false, 0],
    ['No', false, 0],
    ['1', false, 1],
    ['', false, 1],
  ])('%j is %j, with %i problems', (value, sticky, problems) => {
    const labels = { HAPROXY_0_STICKY: value };
    expect(claimOf(labels)?.sticky).toBe(sticky);
    expect(messages(labels)).toHaveLength(problems);
  });

  it('is told on a tcp service, which has no cookies', () => {
    const labels = { HAPROXY_0_MODE: 'tcp', HAPROXY_0_STICKY: 'true' };
    expect(claimOf(labels, { healthChecks: [] })?.sticky).toBe(false);
    expect(messages(labels, { healthChecks: [] })).toEqual([
      "HAPROXY_0_STICKY 'true' expected mode http, a tcp service has no cookies; it is ignored",
    ]);
  });
});

describe('HAPROXY_{n}_SSL_CERT and HAPROXY_{n}_BIND_OPTIONS', () => {
  it('say how the listener of their port speaks', () => {
    const { claims, problems } = labelled(
      {
        HAPROXY_0_SSL_CERT: '/etc/ssl/a.pem',
        HAPROXY_0_BIND_OPTIONS: 'accept-proxy no-tlsv12',
      },
      { servicePorts: [10_000, 10_001] },
    );
    expect(problems.filter(({ where }) => where.startsWith('HAPROXY'))).toEqual([]);
    expect(claims).toMatchObject([
      {
        acceptProxy: true,
        tls: { certificates: ['/etc/ssl/a.pem'], minVersion: 'TLSv1.3', authorities: '' },
      },
      { acceptProxy: false, tls: null },
    ]);
  });

  it('are told of by label and word when a word is not understood', () => {
    expect(labelled({ HAPROXY_0_BIND_OPTIONS: 'accept-proxy mss 1400' }).problems).toEqual([
      {
        app: '/zdd/blue',
        where: 'HAPROXY_0_BIND_OPTIONS',
        value: 'mss 1400',
        message: 'expected words of HAProxy for TLS or accept-proxy; the others are ignored',
      },
    ]);
  });
});

describe('labels that nothing is made of', () => {
  it('a label of a port that is shown elsewhere is told there', () => {
    const two = { servicePorts: [10_000, 10_001], tasks: [] };
    expect(messages({ HAPROXY_1_GROUP: 'internal', HAPROXY_1_PATH: '/x' }, two)).toEqual([]);
  });

  it.each([
    ['HAPROXY_0_STICKY', 'false'],
    ['HAPROXY_0_BALANCE', 'roundrobin'],
    ['HAPROXY_0_BACKEND_WEIGHT', '0'],
    ['HAPROXY_0_REDIRECT_TO_HTTPS', 'no'],
    ['HAPROXY_0_USE_HSTS', 'no'],
    ['HAPROXY_DEPLOYMENT_GROUP', 'shop'],
    ['HAPROXY_DEPLOYMENT_COLOUR', 'blue'],
    ['HAPROXY_DEPLOYMENT_STARTED_AT', 'whenever'],
    ['HAPROXY_APP_ID', '/x'],
    ['owner', 'zeus'],
    ['MARATHON_SINGLE_INSTANCE_APP', 'true'],
  ])('%s=%j is quiet: it asks for nothing that is not done', (label, value) => {
    expect(messages({ [label]: value })).toEqual([]);
  });

  it.each([
    ['HAPROXY_0_PROT', 'HAPROXY_0_PORT'],
    ['HAPROXY_PORT', 'HAPROXY_0_PORT'],
    ['HAPROXY_0_VHOSTS', 'HAPROXY_0_VHOST'],
    ['haproxy_0_port', 'HAPROXY_0_PORT'],
    ['HAPROXY_GROUPS', 'HAPROXY_GROUP'],
    ['HAPROXY_01_PORT', 'HAPROXY_0_PORT'],
    ['HAPROXY_2_MODUS', 'HAPROXY_2_MODE'],
  ])('%s is told as unknown, with %s as its nearest', (label, nearest) => {
    expect(messages({ [label]: 'x' })).toEqual([
      `${label} 'x' expected a label that Marathon-LB or Teal knows, perhaps ${nearest}; it is ignored`,
    ]);
  });

  it('a name that resembles nothing is told without a guess', () => {
    expect(messages({ HAPROXY_NONSENSE_OF_ANY_KIND: 'x' })).toEqual([
      "HAPROXY_NONSENSE_OF_ANY_KIND 'x' expected a label that Marathon-LB or Teal knows; it is ignored",
    ]);
  });

  it('an index beyond the ports of the app is told', () => {
    expect(messages({ HAPROXY_1_PORT: '10080' })).toEqual([
      "HAPROXY_1_PORT '10080' expected a port index below 1, as the app has so many service ports; it is ignored",
    ]);
  });

  it('one bad label leaves the rest of the app and every other app as they are', () => {
    const bad = app({
      labels: { HAPROXY_GROUP: 'external', HAPROXY_0_PORT: 'x', HAPROXY_0_VHOST: 'a.test' },
    });
    const other = app({ id: '/other' });
    const { claims } = makeCatalogue([bad, other], OPTIONS);
    expect(claims.map((one) => [one.appId, one.servicePort, hostsOf(one)])).toEqual([
      ['/other', 10_000, []],
      ['/zdd/blue', 10_000, ['a.test']],
    ]);
  });
});
