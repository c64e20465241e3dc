import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/embedded/marathon/api-error.ts';
import type { AppDefinition } from '../../../src/embedded/marathon/app-definition.ts';
import type { JsonObject } from '../../../src/embedded/marathon/json.ts';
import { normalizeApp, requestOf, withUpdate } from '../../../src/embedded/marathon/normalize.ts';

function refusal(body: JsonObject): JsonObject {
  try {
    normalizeApp(body);
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, ...error.body };
    throw error;
  }
  throw new Error('was accepted');
}

const cmd = { id: '/a', cmd: 'true' };
const docker = (more: JsonObject): JsonObject => ({
  id: '/a',
  container: { type: 'DOCKER', docker: { image: 'i', ...more } },
});

describe('an app as it is written down', () => {
  const rows: readonly [string, JsonObject, JsonObject][] = [
    ['a relative id becomes absolute', { ...cmd, id: 'x/y' }, { id: '/x/y' }],
    ['doubled and trailing slashes go', { ...cmd, id: '//x//y/' }, { id: '/x/y' }],
    [
      'old ports become port definitions without a name',
      { ...cmd, ports: [10000, 0] },
      {
        portDefinitions: [
          { port: 10000, protocol: 'tcp' },
          { port: 0, protocol: 'tcp' },
        ],
      },
    ],
    [
      'no ports at all mean one of any number',
      cmd,
      { portDefinitions: [{ port: 0, name: 'default', protocol: 'tcp' }] },
    ],
    ['an empty list of ports means none', { ...cmd, portDefinitions: [] }, { portDefinitions: [] }],
    ['nulls are absent', { ...cmd, instances: null, portDefinitions: null }, { instances: 1 }],
    ['network HOST of the old API', docker({ network: 'HOST' }), { networks: [{ mode: 'host' }] }],
    [
      'network BRIDGE of the old API, its mappings beside the docker part',
      docker({ network: 'BRIDGE', portMappings: [{ containerPort: 80, servicePort: 10080 }] }),
      {
        networks: [{ mode: 'container/bridge' }],
        container: {
          type: 'DOCKER',
          docker: { forcePullImage: false, image: 'i', parameters: [], privileged: false },
          volumes: [],
          portMappings: [
            { containerPort: 80, hostPort: 0, labels: {}, protocol: 'tcp', servicePort: 10080 },
          ],
        },
      },
    ],
    [
      'ipAddress with discovery becomes a container network with mappings',
      {
        ...cmd,
        ipAddress: {
          networkName: 'dcos',
          discovery: { ports: [{ number: 7777, name: 'p', protocol: 'tcp' }] },
        },
      },
      {
        networks: [{ mode: 'container', name: 'dcos' }],
        container: {
          type: 'MESOS',
          volumes: [],
          portMappings: [
            { containerPort: 7777, labels: {}, name: 'p', protocol: 'tcp', servicePort: 0 },
          ],
        },
      },
    ],
    [
      'uris become files to fetch',
      { ...cmd, uris: ['http://x/a.tar.gz', 'http://x/b'] },
      {
        fetch: [
          { uri: 'http://x/a.tar.gz', extract: true },
          { uri: 'http://x/b', extract: false },
        ],
      },
    ],
    [
      'a health check gets every default, the first port too',
      { ...cmd, healthChecks: [{ protocol: 'HTTP', path: '/health' }] },
      {
        healthChecks: [
          {
            gracePeriodSeconds: 300,
            ignoreHttp1xx: false,
            intervalSeconds: 60,
            ipProtocol: 'IPv4',
            maxConsecutiveFailures: 3,
            path: '/health',
            portIndex: 0,
            protocol: 'HTTP',
            timeoutSeconds: 20,
            delaySeconds: 15,
          },
        ],
      },
    ],
    [
      'a single-instance app is never doubled during an upgrade',
      { ...cmd, labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } },
      { upgradeStrategy: { maximumOverCapacity: 0, minimumHealthCapacity: 0 } },
    ],
    ['unknown fields are ignored', { ...cmd, nonsense: [1] }, { id: '/a' }],
  ];
  it.each(rows)('%s', (_title, body, expected) => {
    expect(normalizeApp(body)).toMatchObject(expected);
  });

  it('carries all defaults of Marathon', () => {
    expect(normalizeApp(cmd)).toEqual({
      id: '/a',
      backoffFactor: 1.15,
      backoffSeconds: 1,
      cmd: 'true',
      cpus: 1,
      disk: 0,
      executor: '',
      instances: 1,
      labels: {},
      maxLaunchDelaySeconds: 300,
      mem: 128,
      gpus: 0,
      networks: [{ mode: 'host' }],
      portDefinitions: [{ port: 0, name: 'default', protocol: 'tcp' }],
      requirePorts: false,
      upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
      killSelection: 'YOUNGEST_FIRST',
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      role: '*',
    });
  });

  it('does not change when it is written down a second time', () => {
    const body = fc.record(
      {
        cmd: fc.string({ minLength: 1 }),
        instances: fc.nat(9),
        ports: fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { maxLength: 3 }),
        labels: fc.dictionary(fc.string(), fc.string()),
        env: fc.dictionary(fc.string(), fc.string()),
        uris: fc.array(fc.webUrl(), { maxLength: 2 }),
        healthChecks: fc.array(
          fc.record({
            protocol: fc.constantFrom('HTTP', 'TCP'),
            port: fc.integer({ min: 1, max: 9 }),
          }),
          { maxLength: 2 },
        ),
        networks: fc.constantFrom(
          [{ mode: 'container/bridge' }],
          [{ mode: 'container', name: 'n' }],
        ),
      },
      { requiredKeys: ['cmd'] },
    );
    fc.assert(
      fc.property(body, (generated) => {
        const once = normalizeApp({ ...generated, id: '/a' });
        const again = normalizeApp(JSON.parse(JSON.stringify(once)));
        expect(again).toEqual(JSON.parse(JSON.stringify(once)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a partial update', () => {
  const version = '2026-01-01T00:00:00.000Z';
  const current: AppDefinition = {
    ...normalizeApp({ ...cmd, ports: [10080], labels: { a: '1' }, env: { X: 'y' }, instances: 4 }),
    version,
    versionInfo: { lastScalingAt: version, lastConfigChangeAt: version },
  };
  const rows: readonly [string, JsonObject, object][] = [
    [
      'keeps everything it does not name',
      { instances: 2 },
      { ...requestOf(current), instances: 2 },
    ],
    ['replaces maps whole', { labels: { b: '2' } }, { ...requestOf(current), labels: { b: '2' } }],
    ['reads null as not named', { labels: null, instances: null }, { ...requestOf(current) }],
    ['never renames', { id: '/other' }, { ...requestOf(current) }],
    [
      'puts old ports in the place of port definitions',
      { ports: [10081] },
      { ...requestOf(current), portDefinitions: [{ port: 10081, protocol: 'tcp' }] },
    ],
  ];
  it.each(rows)('%s', (_title, update, expected) => {
    expect(normalizeApp(withUpdate(current, update))).toEqual(expected);
  });

  it('puts args in the place of cmd', () => {
    const app = normalizeApp(withUpdate(current, { args: ['sleep', '1'] }));
    expect([app.cmd, app.args]).toEqual([undefined, ['sleep', '1']]);
  });
});

describe('an app that cannot be', () => {
  const shapes: readonly [string, JsonObject, string, string][] = [
    ['no id', { cmd: 'true' }, '/id', 'error.path.missing'],
    ['an id that is a number', { ...cmd, id: 5 }, '/id', 'error.expected.jsstring'],
    ['instances as text', { ...cmd, instances: '4' }, '/instances', 'error.expected.jsnumber'],
    ['half an instance', { ...cmd, instances: 1.5 }, '/instances', 'error.expected.jsnumber'],
    ['fewer than no instances', { ...cmd, instances: -1 }, '/instances', 'error.min'],
    [
      'a label that is a number',
      { ...cmd, labels: { a: 1 } },
      '/labels/a',
      'error.expected.jsstring',
    ],
    ['labels as a list', { ...cmd, labels: [] }, '/labels', 'error.expected.jsobject'],
    ['a port beyond 65535', { ...cmd, ports: [1, 70000] }, '/ports(1)', 'error.max'],
    [
      'an unknown protocol',
      { ...cmd, healthChecks: [{ protocol: 'FTP' }] },
      '/healthChecks(0)/protocol',
      'error.unknown.enum.literal',
    ],
    [
      'docker without an image',
      { id: '/a', container: { docker: {} } },
      '/container/docker/image',
      'error.path.missing',
    ],
  ];
  it.each(shapes)('is refused as misshapen: %s', (_title, body, path, error) => {
    expect(refusal(body)).toEqual({
      status: 422,
      message: 'Invalid JSON',
      details: [{ path, errors: [error] }],
    });
  });

  const meanings: readonly [string, JsonObject, string, RegExp][] = [
    ['neither cmd nor args nor container', { id: '/a' }, '/', /must either contain one of 'cmd'/],
    ['both cmd and args', { ...cmd, args: ['x'] }, '/', /must either contain one of 'cmd'/],
    ['the root as id', { ...cmd, id: '/' }, '/id', /must not be the root path/],
    ['capitals in the id', { ...cmd, id: '/Blue' }, '/id', /must fully match regular expression/],
    [
      'an underscore in the id',
      { ...cmd, id: '/a_b' },
      '/id',
      /must fully match regular expression/,
    ],
    ['an id that ends in tasks', { ...cmd, id: '/a/tasks' }, '/id', /must not end with/],
    [
      'the same port twice',
      { ...cmd, ports: [1, 1] },
      '/portDefinitions',
      /^Ports must be unique\.$/,
    ],
    [
      'ports and other port definitions',
      { ...cmd, ports: [1], portDefinitions: [{ port: 2 }] },
      '/',
      /cannot specify both ports and port definitions/,
    ],
    [
      'port definitions in a container network',
      { ...cmd, networks: [{ mode: 'container/bridge' }], portDefinitions: [] },
      '/portDefinitions',
      /only allowed with host-networking/,
    ],
    [
      'a container network without a name',
      { ...cmd, networks: [{ mode: 'container' }] },
      '/networks',
      /Network name must be specified/,
    ],
    [
      'a health check of a port that is not there',
      { ...cmd, healthChecks: [{ portIndex: 1 }] },
      '/healthChecks(0)',
      /must address an element of the ports array/,
    ],
    [
      'more than everything healthy',
      { ...cmd, upgradeStrategy: { minimumHealthCapacity: 1.1 } },
      '/upgradeStrategy/minimumHealthCapacity',
      /^is greater than 1$/,
    ],
    [
      'two instances of a single-instance app',
      { ...cmd, instances: 2, labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } },
      '/instances',
      /^is greater than 1$/,
    ],
    [
      'unreachable tasks expunged before they are inactive',
      { ...cmd, unreachableStrategy: { inactiveAfterSeconds: 2, expungeAfterSeconds: 1 } },
      '/unreachableStrategy',
      /inactiveAfterSeconds \(2\) must be less or equal to expungeAfterSeconds, which is 1/,
    ],
  ];
  it.each(meanings)('is refused as not valid: %s', (_title, body, path, error) => {
    expect(refusal(body)).toEqual({
      status: 422,
      message: 'Object is not valid',
      details: [{ path, errors: [expect.stringMatching(error)] }],
    });
  });

  it('never throws anything but a refusal, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (extra) => {
        const known = [
          'id',
          'ports',
          'container',
          'networks',
          'healthChecks',
          'env',
          'labels',
          'fetch',
        ];
        const values = Object.values(extra);
        const body = Object.fromEntries(known.map((key, index) => [key, values[index]]));
        try {
          normalizeApp({ ...extra, ...body } as JsonObject);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
