// Shape of an app's JSON: which fields must have which type and bounds. Unknown fields pass, as in Marathon.

import type { Violation } from './api-error.ts';
import { isArray, isObject, type JsonObject } from './json.ts';

type Rule = (value: unknown, path: string, found: Violation[]) => void;

const wrong = (kind: string): string => `error.expected.js${kind}`;

function typed(kind: 'string' | 'boolean'): Rule {
  return (value, path, found) => {
    if (typeof value !== kind) found.push({ path, errors: [wrong(kind)] });
  };
}
const string = typed('string');
const boolean = typed('boolean');

function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Rule {
  return (value, path, found) => {
    if (typeof value !== 'number') found.push({ path, errors: [wrong('number')] });
    else if (value < min) found.push({ path, errors: ['error.min'] });
    else if (value > max) found.push({ path, errors: ['error.max'] });
  };
}

function integer(min: number, max = 2_147_483_647): Rule {
  const bounds = number(min, max);
  return (value, path, found) => {
    if (typeof value === 'number' && !Number.isInteger(value)) {
      found.push({ path, errors: ['error.expected.jsnumber'] });
    } else bounds(value, path, found);
  };
}
const port = integer(0, 65_535);

function oneOf(...literals: readonly string[]): Rule {
  return (value, path, found) => {
    if (typeof value !== 'string') found.push({ path, errors: [wrong('string')] });
    else if (!literals.includes(value))
      found.push({ path, errors: ['error.unknown.enum.literal'] });
  };
}

function arrayOf(item: Rule): Rule {
  return (value, path, found) => {
    if (!isArray(value)) {
      found.push({ path, errors: [wrong('array')] });
      return;
    }
    for (const [index, element] of value.entries()) item(element, `${path}(${index})`, found);
  };
}

function mapOf(item: Rule): Rule {
  return (value, path, found) => {
    if (!isObject(value)) found.push({ path, errors: [wrong('object')] });
    else for (const [key, element] of Object.entries(value)) item(element, `${path}/${key}`, found);
  };
}

const anything: Rule = () => {};
const anyObject = mapOf(anything);

function object(fields: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule {
  return (value, path, found) => {
    if (!isObject(value)) {
      found.push({ path: path || '/', errors: [wrong('object')] });
      return;
    }
    for (const key of required) {
      if (value[key] === undefined || value[key] === null) {
        found.push({ path: `${path}/${key}`, errors: ['error.path.missing'] });
      }
    }
    for (const [key, rule] of Object.entries(fields)) {
      const field = value[key];
      if (field !== undefined && field !== null) rule(field, `${path}/${key}`, found);
    }
  };
}

const labels = mapOf(string);
const protocol = oneOf('tcp', 'udp', 'udp,tcp', 'tcp,udp');
const portMapping = object({
  containerPort: port,
  hostPort: port,
  servicePort: port,
  name: string,
  protocol,
  labels,
});
const envVariable: Rule = (value, path, found) => {
  if (typeof value !== 'string' && !isObject(value))
    found.push({ path, errors: [wrong('string')] });
};

const healthCheck = object({
  protocol: oneOf('HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'),
  command: object({ value: string }, ['value']),
  path: string,
  port,
  portIndex: integer(0),
  gracePeriodSeconds: integer(0),
  intervalSeconds: integer(0),
  timeoutSeconds: integer(0),
  maxConsecutiveFailures: integer(0),
  delaySeconds: integer(0),
  ignoreHttp1xx: boolean,
  ipProtocol: oneOf('IPv4', 'IPv6'),
});

const readinessCheck = object({
  name: string,
  protocol: oneOf('HTTP', 'HTTPS'),
  path: string,
  portName: string,
  intervalSeconds: integer(1),
  timeoutSeconds: integer(1),
  httpStatusCodesForReady: arrayOf(integer(100, 999)),
  preserveLastResponse: boolean,
});

const container = object({
  type: oneOf('DOCKER', 'MESOS'),
  volumes: arrayOf(anyObject),
  portMappings: arrayOf(portMapping),
  docker: object(
    {
      image: string,
      network: oneOf('BRIDGE', 'HOST', 'NONE', 'USER'),
      portMappings: arrayOf(portMapping),
      privileged: boolean,
      forcePullImage: boolean,
      parameters: arrayOf(anyObject),
    },
    ['image'],
  ),
});

const app = object({
  id: string,
  acceptedResourceRoles: arrayOf(string),
  args: arrayOf(string),
  backoffFactor: number(1),
  backoffSeconds: number(0),
  cmd: string,
  constraints: arrayOf(arrayOf(string)),
  container,
  cpus: number(0),
  dependencies: arrayOf(string),
  disk: number(0),
  env: mapOf(envVariable),
  executor: string,
  fetch: arrayOf(anyObject),
  uris: arrayOf(string),
  healthChecks: arrayOf(healthCheck),
  check: anyObject,
  instances: integer(0),
  labels,
  maxLaunchDelaySeconds: number(0),
  mem: number(0),
  gpus: integer(0),
  ipAddress: object({
    networkName: string,
    labels,
    discovery: object({ ports: arrayOf(object({ number: port, name: string, protocol: string })) }),
  }),
  networks: arrayOf(
    object({ mode: oneOf('host', 'container', 'container/bridge'), name: string, labels }),
  ),
  ports: arrayOf(port),
  portDefinitions: arrayOf(object({ port, name: string, protocol, labels })),
  readinessChecks: arrayOf(readinessCheck),
  requirePorts: boolean,
  secrets: anyObject,
  taskKillGracePeriodSeconds: number(0),
  upgradeStrategy: object({ maximumOverCapacity: number(), minimumHealthCapacity: number() }),
  user: string,
  version: string,
  killSelection: oneOf('YOUNGEST_FIRST', 'OLDEST_FIRST'),
  tty: boolean,
  role: string,
});

/** Every place where the JSON does not have the shape of an app; empty when it fits. */
export function shapeViolations(body: JsonObject): readonly Violation[] {
  const found: Violation[] = [];
  app(body, '', found);
  return found;
}
