import { describe, expect, it } from 'vitest';
import { readServicesFile } from '../../src/options/services-file.ts';

const read = (...services: unknown[]) => readServicesFile(JSON.stringify({ services }));
const BARE = { name: 'search', port: 9_200, servers: ['10.0.0.1:9200'] };

function faultsOf(...services: unknown[]): readonly string[] {
  const result = read(...services);
  return 'faults' in result ? result.faults : [];
}

describe('a services file', () => {
  it('needs no more than name, port and servers; the rest has defaults', () => {
    expect(read(BARE)).toEqual({
      services: [
        {
          name: 'search',
          port: 9_200,
          bindAddress: '*',
          mode: 'http',
          srv: '',
          servers: [{ address: '10.0.0.1', port: 9_200 }],
          check: null,
          labels: {},
        },
      ],
    });
  });

  it('says all that labels can say', () => {
    const result = read({
      ...BARE,
      name: 'elastic/search',
      bind: '::1',
      srv: '_search._tcp.elastic.mesos',
      servers: ['[fd00::1]:9200'],
      vhosts: ['a.test', 'b.test'],
      paths: ['/x', '/y'],
      balance: 'leastconn',
      sticky: true,
      check: { kind: 'http' },
      labels: { USE_HSTS: 'true', TEAL_0_SEND_PROXY: 'v2' },
    });
    expect(result).toMatchObject({
      services: [
        {
          bindAddress: '::1',
          srv: '_search._tcp.elastic.mesos',
          servers: [{ address: 'fd00::1', port: 9_200 }],
          check: { kind: 'http', path: '/', intervalSeconds: 10, timeoutSeconds: 5, fall: 3 },
          labels: {
            VHOST: 'a.test,b.test',
            PATH: '/x /y',
            BALANCE: 'leastconn',
            STICKY: 'true',
            USE_HSTS: 'true',
            TEAL_0_SEND_PROXY: 'v2',
          },
        },
      ],
    });
  });

  it.each<[string, object, string]>([
    ['a port that is none', { port: 65_536 }, '/services/0/port: must be <= 65535'],
    ['a port as text', { port: '80' }, '/services/0/port: must be integer'],
    ['a field nobody knows', { vhost: 'a' }, "/services/0: 'vhost' is not known here"],
    ['a host name as server', { servers: ['a.test:80'] }, '/services/0/servers/0: expected an IP'],
    ['a server without port', { servers: ['10.0.0.1'] }, '/services/0/servers/0: expected an IP'],
    ['a bare IPv6 server', { servers: ['::1:80'] }, '/services/0/servers/0: expected an IP'],
    ['a mode that is none', { mode: 'udp' }, '/services/0/mode: expected one of http, tcp'],
    ['a name with a slash in front', { name: '/a' }, '/services/0/name: must match pattern'],
    [
      'a bind address that is none',
      { bind: 'eth0' },
      '/services/0/bind: expected an IP address or *',
    ],
    ['a SRV name that is none', { srv: 'x y' }, '/services/0/srv: must match pattern'],
    ['no server at all', { servers: [] }, "/services/0: expected 'srv' or 'servers'"],
    ['hosts of a tcp service', { mode: 'tcp', vhosts: ['a'] }, '/services/0: expected mode http'],
    ['a check without kind', { check: {} }, "/services/0/check: expected a field 'kind'"],
    ['a label that is no text', { labels: { A: 1 } }, '/services/0/labels/A: must be string'],
    ['__proto__ as a name', { name: '__proto__' }, '/services/0/name: must match pattern'],
  ])('is refused for %s, saying where', (_, more, fault) => {
    expect(faultsOf({ ...BARE, ...more })[0]).toContain(fault);
  });

  it('is refused when a name is there twice', () => {
    expect(faultsOf(BARE, BARE)).toEqual([
      "/services/1/name: 'search' is there twice; expected a name of its own",
    ]);
  });

  it.each(['', '{', '[]', '{}', 'null', '{"services":{}}', '{"services":[1]}'])(
    '%j is refused, not thrown',
    (content) => {
      const result = readServicesFile(content);
      expect('faults' in result && result.faults.length).toBeGreaterThan(0);
    },
  );
});
