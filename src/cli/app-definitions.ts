// The JSON people post to Marathon, or get from it → apps: one definition, a list, a group with its
// groups, an answer of /v2/apps or /v2/apps/{id}. What Marathon would fill in is filled in. Pure.

import type { Problem } from '../catalogue/problem.ts';
import type { MarathonApp } from '../marathon/app.ts';
import { readApps } from '../marathon/read-apps.ts';

export interface Definitions {
  readonly apps: readonly MarathonApp[];
  /** Definitions that are none, each with its reason. */
  readonly problems: readonly Problem[];
}

type Json = Readonly<Record<string, unknown>>;

/** PUT /v2/apps/{id} takes a definition without one. */
const UNNAMED = '/unnamed';
const POD = 'expected an app; pods are not served';
const FIRST_ASSIGNED_PORT = 10_000;
const MOST_GROUPS = 10_000;
/** Of an answer of Marathon's: its ports are what they are. */
const OF_ANSWERS = ['version', 'versionInfo', 'tasksRunning'];
const OF_APPS = ['id', 'cmd', 'args', 'container', 'labels', 'instances'];

/** Null if the value is neither a definition nor holds any. */
export function readDefinitions(value: unknown): Definitions | null {
  const found = definitionsIn(value);
  if (found === null) return null;
  const apps: MarathonApp[] = [];
  const problems: Problem[] = [];
  for (const definition of found) {
    if (isRecord(definition) && Array.isArray(definition['containers'])) {
      const app = typeof definition['id'] === 'string' ? definition['id'] : null;
      problems.push({ app, where: '/containers', value: '', message: POD });
      continue;
    }
    // One by one: the same id twice is no fault of a file with several versions of an app.
    const read = readApps({ apps: [asAnswered(definition)] });
    apps.push(...read.apps);
    problems.push(...read.problems);
  }
  return { apps, problems };
}

function definitionsIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return null;
  if (isRecord(value['app'])) return [value['app']];
  if (Array.isArray(value['apps']) || Array.isArray(value['groups'])) return appsOf(value);
  return OF_APPS.some((field) => value[field] !== undefined) ? [value] : null;
}

/** Of a group and all groups in it, in the order they are written. */
function appsOf(group: Json): readonly unknown[] {
  const apps: unknown[] = [];
  const waiting = [{ group, path: '' }];
  for (let read = 0; read < MOST_GROUPS; read += 1) {
    const next = waiting.shift();
    if (next === undefined) break;
    const path = pathOf(next.path, next.group['id']);
    for (const app of listOf(next.group['apps'])) {
      const id = isRecord(app) ? app['id'] : undefined;
      const isNamed = isRecord(app) && typeof id === 'string';
      apps.push(isNamed ? { ...app, id: pathOf(path, id) } : app);
    }
    for (const inner of listOf(next.group['groups'])) {
      if (isRecord(inner)) waiting.push({ group: inner, path });
    }
  }
  return apps;
}

/** Ids that do not begin with a slash are below the group they stand in. */
function pathOf(above: string, id: unknown): string {
  if (typeof id !== 'string' || id === '' || id === '/') return above;
  return id.startsWith('/') ? id : `${above}/${id}`;
}

/** A definition as Marathon would answer with it: an absolute id, and a service port for each port. */
function asAnswered(definition: unknown): unknown {
  if (!isRecord(definition)) return definition;
  const id = definition['id'] ?? UNNAMED;
  const named = { ...definition, id: typeof id === 'string' ? pathOf('', id) : id, tasks: [] };
  return OF_ANSWERS.some((field) => definition[field] !== undefined) ? named : withPorts(named);
}

function withPorts(definition: Json): Json {
  const container = isRecord(definition['container']) ? definition['container'] : {};
  const docker = isRecord(container['docker']) ? container['docker'] : {};
  const mapped = [docker['portMappings'], container['portMappings']].some(Array.isArray);
  const { ports, portDefinitions } = definition;
  const isNamed = Array.isArray(ports) || Array.isArray(portDefinitions);
  // Who says nothing of ports is given one.
  const needsOne = !isNamed && (!mapped || isOnHost(definition, docker));
  return {
    ...definition,
    container: {
      ...container,
      portMappings: assigned(container['portMappings'], 'servicePort'),
      docker: { ...docker, portMappings: assigned(docker['portMappings'], 'servicePort') },
    },
    ports: Array.isArray(ports) ? ports.map((one, place) => one || numbered(place)) : ports,
    portDefinitions: needsOne ? [{ port: numbered(0) }] : assigned(portDefinitions, 'port'),
  };
}

/** As opposed to networks where ports are mapped. */
function isOnHost({ networks, ipAddress }: Json, docker: Json): boolean {
  const last: unknown = listOf(networks).at(-1);
  if (isRecord(last)) return last['mode'] === 'host';
  const network = docker['network'] ?? 'HOST';
  return network === 'HOST' && !isRecord(ipAddress);
}

function assigned(list: unknown, field: string): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((one, place) =>
    isRecord(one) && (one[field] ?? 0) === 0 ? { ...one, [field]: numbered(place) } : one,
  );
}

function numbered(place: number): number {
  return Math.min(FIRST_ASSIGNED_PORT + place, 65_535);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
