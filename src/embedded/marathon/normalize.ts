// From the JSON of a request to an app in canonical form, and back. Normalising twice changes nothing, so a partial
// update may be laid over the canonical form of the app and normalised again.

import { badShape, notValid, type Violation } from './api-error.ts';
import type {
  AppDefinition,
  AppRequest,
  Container,
  Docker,
  HealthCheck,
  ReadinessCheck,
} from './app-definition.ts';
import { absoluteId } from './app-path.ts';
import { shapeViolations } from './app-shape.ts';
import type { Json, JsonObject } from './json.ts';
import { type Networking, normalizeNetworking } from './normalize-ports.ts';
import {
  child,
  flag,
  items,
  numeric,
  objects,
  present,
  text,
  textMap,
  texts,
  unlessEmpty,
} from './read-json.ts';
import { semanticViolations } from './validate.ts';

function docker(from: JsonObject, type: string): Docker {
  const ofEngine = type === 'DOCKER';
  return present<Docker>({
    forcePullImage: flag(from, 'forcePullImage') ?? false,
    image: text(from, 'image') ?? '',
    parameters: ofEngine ? (items(from, 'parameters') ?? []) : undefined,
    privileged: ofEngine ? (flag(from, 'privileged') ?? false) : undefined,
    pullConfig: child(from, 'pullConfig'),
  });
}

function container(body: JsonObject, networking: Networking): Container | undefined {
  const from = child(body, 'container');
  if (from === undefined && networking.portMappings === undefined) return undefined;
  const dockerPart = child(from ?? {}, 'docker');
  const type = text(from ?? {}, 'type') ?? (dockerPart === undefined ? 'MESOS' : 'DOCKER');
  return present<Container>({
    type,
    docker: dockerPart && docker(dockerPart, type),
    volumes: items(from ?? {}, 'volumes') ?? [],
    portMappings: networking.portMappings,
  });
}

function healthCheck(from: JsonObject, hasPorts: boolean): HealthCheck {
  const protocol = (text(from, 'protocol') ?? 'HTTP') as HealthCheck['protocol'];
  const port = numeric(from, 'port');
  const portIndex = numeric(from, 'portIndex');
  const command = text(child(from, 'command') ?? {}, 'value');
  const implied = protocol !== 'COMMAND' && port === undefined && hasPorts ? 0 : undefined;
  return present<HealthCheck>({
    command: command === undefined ? undefined : { value: command },
    gracePeriodSeconds: numeric(from, 'gracePeriodSeconds') ?? 300,
    ignoreHttp1xx: /^HTTPS?$/.test(protocol) ? (flag(from, 'ignoreHttp1xx') ?? false) : undefined,
    intervalSeconds: numeric(from, 'intervalSeconds') ?? 60,
    ipProtocol: text(from, 'ipProtocol') ?? 'IPv4',
    maxConsecutiveFailures: numeric(from, 'maxConsecutiveFailures') ?? 3,
    path: text(from, 'path'),
    port,
    portIndex: portIndex ?? implied,
    protocol,
    timeoutSeconds: numeric(from, 'timeoutSeconds') ?? 20,
    delaySeconds: numeric(from, 'delaySeconds') ?? 15,
  });
}

function readinessCheck(from: JsonObject): ReadinessCheck {
  const codes = items(from, 'httpStatusCodesForReady')?.filter((code) => typeof code === 'number');
  return {
    name: text(from, 'name') ?? 'readinessCheck',
    protocol: text(from, 'protocol') === 'HTTPS' ? 'HTTPS' : 'HTTP',
    path: text(from, 'path') ?? '/',
    portName: text(from, 'portName') ?? 'http-api',
    intervalSeconds: numeric(from, 'intervalSeconds') ?? 30,
    timeoutSeconds: numeric(from, 'timeoutSeconds') ?? 10,
    httpStatusCodesForReady: codes ?? [200],
    preserveLastResponse: flag(from, 'preserveLastResponse') ?? false,
  };
}

const ARCHIVE = /\.(tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz|zip)$/;

function fetched(body: JsonObject, found: Violation[]): readonly Json[] | undefined {
  const uris = texts(body, 'uris') ?? [];
  const explicit = items(body, 'fetch');
  if (explicit !== undefined && uris.length > 0) {
    found.push({ path: '/', errors: ['must not specify both uris and fetch'] });
  }
  const files = explicit ?? uris.map((uri) => ({ uri, extract: ARCHIVE.test(uri) }));
  return unlessEmpty(files);
}

function resident(body: JsonObject): boolean {
  const volumes = objects(child(body, 'container') ?? {}, 'volumes') ?? [];
  return volumes.some((volume) => child(volume, 'persistent') ?? child(volume, 'external'));
}

function upgradeStrategy(body: JsonObject): AppRequest['upgradeStrategy'] {
  const from = child(body, 'upgradeStrategy') ?? {};
  const single = textMap(body, 'labels')['MARATHON_SINGLE_INSTANCE_APP'] === 'true';
  const [minimum, over] = single ? [0, 0] : resident(body) ? [0.5, 0] : [1, 1];
  return {
    maximumOverCapacity: numeric(from, 'maximumOverCapacity') ?? over,
    minimumHealthCapacity: numeric(from, 'minimumHealthCapacity') ?? minimum,
  };
}

function unreachableStrategy(body: JsonObject): Json {
  const from = child(body, 'unreachableStrategy');
  if (from === undefined) {
    const disabled = body['unreachableStrategy'] === 'disabled' || resident(body);
    return disabled ? 'disabled' : { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 };
  }
  return {
    inactiveAfterSeconds: numeric(from, 'inactiveAfterSeconds') ?? 0,
    expungeAfterSeconds: numeric(from, 'expungeAfterSeconds') ?? 0,
  };
}

/** Canonical form of an app's JSON. Throws an `ApiError` (422) that lists everything wrong with it. */
export function normalizeApp(body: JsonObject, group = '/'): AppRequest {
  const misshapen = shapeViolations(body);
  if (misshapen.length > 0) throw badShape(misshapen);
  const id = text(body, 'id');
  if (id === undefined) throw badShape([{ path: '/id', errors: ['error.path.missing'] }]);

  const found: Violation[] = [];
  const networking = normalizeNetworking(body, found);
  const hasPorts = (networking.portMappings ?? networking.portDefinitions ?? []).length > 0;
  const env = child(body, 'env') ?? {};
  const hostMode = networking.portDefinitions !== undefined;
  const app = present<AppRequest>({
    id: absoluteId(id, group),
    acceptedResourceRoles: unlessEmpty(items(body, 'acceptedResourceRoles')),
    args: unlessEmpty(texts(body, 'args')),
    backoffFactor: numeric(body, 'backoffFactor') ?? 1.15,
    backoffSeconds: numeric(body, 'backoffSeconds') ?? 1,
    cmd: text(body, 'cmd'),
    constraints: unlessEmpty(items(body, 'constraints')),
    container: container(body, networking),
    cpus: numeric(body, 'cpus') ?? 1,
    dependencies: unlessEmpty(texts(body, 'dependencies')?.map((on) => absoluteId(on, group))),
    disk: numeric(body, 'disk') ?? 0,
    env: Object.keys(env).length > 0 ? (env as Readonly<Record<string, Json>>) : undefined,
    executor: text(body, 'executor') ?? '',
    executorResources: child(body, 'executorResources'),
    fetch: fetched(body, found),
    healthChecks: unlessEmpty(objects(body, 'healthChecks')?.map((c) => healthCheck(c, hasPorts))),
    check: child(body, 'check'),
    instances: numeric(body, 'instances') ?? 1,
    labels: textMap(body, 'labels'),
    maxLaunchDelaySeconds: numeric(body, 'maxLaunchDelaySeconds') ?? 300,
    mem: numeric(body, 'mem') ?? 128,
    gpus: numeric(body, 'gpus') ?? 0,
    networks: networking.networks,
    portDefinitions: networking.portDefinitions,
    readinessChecks: unlessEmpty(objects(body, 'readinessChecks')?.map(readinessCheck)),
    residency: child(body, 'residency'),
    requirePorts: hostMode && (flag(body, 'requirePorts') ?? false),
    secrets: child(body, 'secrets'),
    taskKillGracePeriodSeconds: numeric(body, 'taskKillGracePeriodSeconds'),
    upgradeStrategy: upgradeStrategy(body),
    user: text(body, 'user'),
    killSelection:
      text(body, 'killSelection') === 'OLDEST_FIRST' ? 'OLDEST_FIRST' : 'YOUNGEST_FIRST',
    unreachableStrategy: unreachableStrategy(body),
    tty: flag(body, 'tty'),
    role: text(body, 'role') ?? '*',
    resourceLimits: child(body, 'resourceLimits'),
  });
  found.push(...semanticViolations(app));
  if (found.length > 0) throw notValid(found);
  return app;
}

/** The request inside an accepted app: everything but its versions. */
export function requestOf(app: AppDefinition): AppRequest {
  const { version: _version, versionInfo: _versionInfo, ...request } = app;
  return request;
}

/** The app with the fields of a partial update laid over it; absent and null fields keep their value. */
export function withUpdate(app: AppDefinition, update: JsonObject): JsonObject {
  const base: Record<string, unknown> = { ...requestOf(app) };
  const set = new Set(Object.keys(update).filter((key) => (update[key] ?? null) !== null));
  const replaces = (key: string, ...old: readonly string[]): void => {
    if (set.has(key)) for (const name of old) delete base[name];
  };
  const dockerPart = child(child(update, 'container') ?? {}, 'docker') ?? {};
  replaces('cmd', 'args');
  replaces('args', 'cmd');
  replaces('uris', 'fetch');
  replaces('ports', 'portDefinitions');
  replaces('networks', 'portDefinitions');
  replaces('ipAddress', 'networks', 'portDefinitions');
  if (dockerPart['network'] !== undefined) {
    delete base['networks'];
    if (dockerPart['network'] !== 'HOST') delete base['portDefinitions'];
  }
  for (const key of set) base[key] = update[key];
  return { ...(base as JsonObject), id: app.id };
}
