// Which address and which port a task is reached at, in both formats of Marathon: contract §3.7.

import { describe, expect, it } from 'vitest';
import type { CatalogueOptions } from '../../src/catalogue/catalogue-options.ts';
import { rawApp } from '../scenario/raw-apps.ts';
import { planOf } from './plan-of.ts';

const TASK = { id: 't', host: '10.0.0.1', state: 'TASK_RUNNING' };

/** `servicePort → address:port` of the task, for each service. */
function served(
  changes: Record<string, unknown>,
  task: Record<string, unknown> = {},
  options: Partial<CatalogueOptions> = {},
) {
  const app = rawApp('/a', {}, [], {
    healthChecks: [],
    networks: undefined,
    portDefinitions: undefined,
    tasks: [{ ...TASK, ...task }],
    ...changes,
  });
  const { services, problems } = planOf([app], options);
  return {
    served: services.map(({ servicePort, colours }) => {
      const [server] = colours[0]?.servers ?? [];
      return `${servicePort} ${server?.address}:${server?.port}`;
    }),
    problems,
  };
}

const two = (first: object, second: object) => [
  { containerPort: 80, ...first },
  { containerPort: 8_080, ...second },
];
const MAPPED = two({ servicePort: 10_001 }, { servicePort: 10_002 });
const ADDRESS = { ipAddresses: [{ ipAddress: '10.9.0.7', protocol: 'IPv4' }] };

const ROWS: [string, Record<string, unknown>, Record<string, unknown>, string[]][] = [
  [
    'host, new format: the ports of the task, zipped with the definitions',
    { networks: [{ mode: 'host' }], portDefinitions: [{ port: 10_001 }, { port: 10_002 }] },
    { ports: [31_001, 31_002] },
    ['10001 10.0.0.1:31001', '10002 10.0.0.1:31002'],
  ],
  [
    'host, old format',
    { ports: [10_001], portDefinitions: [{ port: 10_001 }] },
    { ports: [31_001] },
    ['10001 10.0.0.1:31001'],
  ],
  [
    'host, oldest format: ports only',
    { ports: [10_001] },
    { ports: [31_001] },
    ['10001 10.0.0.1:31001'],
  ],
  [
    'host, a task without ports: those of the definitions',
    { portDefinitions: [{ port: 10_001 }] },
    { ports: [] },
    ['10001 10.0.0.1:10001'],
  ],
  [
    'bridge, new format',
    { networks: [{ mode: 'container/bridge' }], container: { portMappings: MAPPED } },
    { ports: [31_001, 31_002] },
    ['10001 10.0.0.1:31001', '10002 10.0.0.1:31002'],
  ],
  [
    'bridge, old format: mappings under docker',
    { container: { docker: { network: 'BRIDGE', portMappings: MAPPED } } },
    { ports: [31_001, 31_002] },
    ['10001 10.0.0.1:31001', '10002 10.0.0.1:31002'],
  ],
  [
    "mappings under docker win over the container's",
    {
      container: {
        portMappings: [{ containerPort: 1, servicePort: 1 }],
        docker: { network: 'BRIDGE', portMappings: MAPPED },
      },
    },
    { ports: [31_001, 31_002] },
    ['10001 10.0.0.1:31001', '10002 10.0.0.1:31002'],
  ],
  [
    'bridge, a task without ports: the ports of the containers',
    { networks: [{ mode: 'container/bridge' }], container: { portMappings: MAPPED } },
    {},
    ['10001 10.0.0.1:80', '10002 10.0.0.1:8080'],
  ],
  [
    "container, new format: the container's own address and ports",
    { networks: [{ mode: 'container', name: 'dcos' }], container: { portMappings: MAPPED } },
    { ports: [31_001, 31_002], ...ADDRESS },
    ['10001 10.9.0.7:80', '10002 10.9.0.7:8080'],
  ],
  [
    'container, mode left out',
    { networks: [{ name: 'dcos' }], container: { portMappings: MAPPED } },
    ADDRESS,
    ['10001 10.9.0.7:80', '10002 10.9.0.7:8080'],
  ],
  [
    'container, old format: network USER',
    {
      ipAddress: { networkName: 'dcos' },
      container: { docker: { network: 'USER', portMappings: MAPPED } },
    },
    ADDRESS,
    ['10001 10.9.0.7:80', '10002 10.9.0.7:8080'],
  ],
  [
    'container, old format: IP per task with discovery ports',
    { ipAddress: { discovery: { ports: [{ number: 8_000 }] } }, ports: [10_001] },
    ADDRESS,
    ['10001 10.9.0.7:8000'],
  ],
  [
    'discovery ports win over the mappings',
    {
      ipAddress: { discovery: { ports: [{ number: 8_000 }] } },
      container: { docker: { network: 'USER', portMappings: MAPPED.slice(0, 1) } },
    },
    ADDRESS,
    ['10001 10.9.0.7:8000'],
  ],
  [
    'a mapping without a service port moves the others up, not the ports of the task',
    {
      networks: [{ mode: 'container' }],
      container: { portMappings: two({}, { servicePort: 10_002 }) },
    },
    ADDRESS,
    ['10002 10.9.0.7:80'],
  ],
];

describe('the address and port of a task', () => {
  it.each(ROWS)('%s', (_title, app, task, expected) => {
    expect(served(app, task).served).toEqual(expected);
  });

  it('mappings that have moved up are told', () => {
    const portMappings = two({}, { servicePort: 10_002 });
    const { problems } = served(
      { networks: [{ mode: 'container' }], container: { portMappings } },
      ADDRESS,
    );
    expect(problems).toMatchObject([{ app: '/a', where: 'portMappings', value: '0' }]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a host that does not resolve', { ports: [10_001] }, { host: 'nowhere.test', ports: [1] }],
    [
      'a container without an address',
      { ipAddress: { discovery: { ports: [{ number: 80 }] } }, ports: [10_001] },
      { ports: [1] },
    ],
    ['no port', { ports: [10_001, 10_002] }, { ports: [31_001] }],
  ])('%s: the task is left out, and told', (_title, app, task) => {
    const outcome = served(app, task);
    expect(outcome.served.at(-1)).toMatch(/ undefined:undefined$/);
    expect(outcome.problems).toHaveLength(1);
  });
});

describe('service ports that Marathon does not give', () => {
  const bare = {
    networks: [{ mode: 'container' }],
    container: { portMappings: [{ containerPort: 80 }] },
  };
  const range = (min: number, max: number) => ({ autoServicePorts: { min, max } });

  it('are given by the hash of app id and port', () => {
    // min + int(sha1("/a-80-0")[:8], 16) % 51
    expect(served(bare, ADDRESS, range(10_050, 10_100)).served).toEqual(['10065 10.9.0.7:80']);
  });

  it('are not given when that is off, nor to apps of other networking', () => {
    expect(served(bare, ADDRESS).served).toEqual([]);
    const bridged = { ...bare, networks: [{ mode: 'container/bridge' }] };
    expect(served(bridged, ADDRESS, range(10_050, 10_100)).served).toEqual([]);
  });

  it('are left out, and told, when there are no more', () => {
    const portMappings = two({}, {});
    const outcome = served(
      { ...bare, container: { portMappings } },
      ADDRESS,
      range(10_050, 10_050),
    );
    expect(outcome.served).toEqual(['10050 10.9.0.7:80']);
    expect(outcome.problems).toMatchObject([{ app: '/a', where: 'HAPROXY_1_PORT' }]);
  });
});
