// An app definition → the two colours it can be deployed as, and what Marathon is told. Pure.

import { createHash } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;

export interface Definition {
  /** As the file says it, with its first slash. */
  readonly id: string;
  /** App ids of both colours; a file that names a colour is about that one only. */
  readonly colours: readonly [string, string];
  /** The file's id is one of them. */
  readonly namesColour: boolean;
  /** Service port that clients use: HAPROXY_0_PORT, or else the first of the definition. */
  readonly port: number;
  readonly instances: number;
  /** What Marathon is told, but for the id. */
  readonly body: Json;
}

/** Says of an app which file it was made from: how an interrupted deployment is known again. */
export const DIGEST_LABEL = 'teal.deployment';
const DIGEST_CHARACTERS = 16;

/** zdd.py's pairs share their requests by counts of tasks; here it is orders that decide. */
const PAIR_LABEL = /^HAPROXY_DEPLOYMENT_/;

/** The definition, or one line about what is wrong with it. */
export function readDefinition(text: string): Definition | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return 'expected JSON with an app definition';
  }
  const json = asObject(parsed);
  const { id: written, instances = 1 } = json;
  if (typeof written !== 'string' || !/^\/?[a-z0-9.-]+(\/[a-z0-9.-]+)*$/.test(written)) {
    return "expected an app definition with an 'id' such as /shop";
  }
  if (typeof instances !== 'number' || instances < 1) {
    return "expected 'instances' to be at least 1";
  }
  const labels = Object.entries(asObject(json['labels'])).filter(
    ([name]) => !PAIR_LABEL.test(name),
  );
  const port = portOf(json);
  if (port === null) {
    return 'expected a label HAPROXY_0_PORT, or a service port, that clients use';
  }
  const id = written.startsWith('/') ? written : `/${written}`;
  const digest = createHash('sha256')
    .update(stable(json))
    .digest('hex')
    .slice(0, DIGEST_CHARACTERS);
  const ownLabels = { HAPROXY_0_PORT: String(port), [DIGEST_LABEL]: digest };
  return {
    id,
    ...coloursOf(id),
    port,
    instances,
    body: withoutPort({
      ...json,
      instances,
      labels: { ...Object.fromEntries(labels), ...ownLabels },
    }),
  };
}

/** `/shop` → `/shop-blue`, `/shop-green`; `/zdd/green` → `/zdd/blue`, `/zdd/green`. */
function coloursOf(id: string): Pick<Definition, 'colours' | 'namesColour'> {
  const [, base, named] = /^(.*[-/])(blue|green)$/.exec(id) ?? [];
  const stem = base ?? `${id}-`;
  return { colours: [`${stem}blue`, `${stem}green`], namesColour: named !== undefined };
}

function portOf(json: Json): number | null {
  return asPort(asObject(json['labels'])['HAPROXY_0_PORT']) ?? servicePortOf(json);
}

/** The first service port, wherever it stands; null = there is none. */
export function servicePortOf(json: Json): number | null {
  const { docker, portMappings } = asObject(json['container']);
  const candidates = [
    firstOf(asObject(docker)['portMappings'])['servicePort'],
    firstOf(portMappings)['servicePort'],
    firstOf(json['portDefinitions'])['port'],
    Array.isArray(json['ports']) ? json['ports'][0] : undefined,
  ];
  return candidates.map(asPort).find((port) => port !== null) ?? null;
}

function asPort(value: unknown): number | null {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
}

/** Service ports are Marathon's to give, one to each colour: clients use the label's. */
function withoutPort(json: Json): Json {
  // Required ports are the host's as well.
  const keepsPorts = json['requirePorts'] === true;
  const { ports } = json;
  return {
    ...(keepsPorts ? json : mapped(json, 'portDefinitions', 'port', 0)),
    ...containerWith(json, 0),
    ...(Array.isArray(ports) && !keepsPorts ? { ports: ports.map(() => 0) } : {}),
  };
}

/** The definition with another first service port, wherever it has one. */
export function withServicePort(json: Json, port: number): Json {
  const { ports } = json;
  return {
    ...mapped(json, 'portDefinitions', 'port', port),
    ...containerWith(json, port),
    ...(Array.isArray(ports) && ports.length > 0 ? { ports: [port, ...ports.slice(1)] } : {}),
  };
}

function containerWith(json: Json, port: number): Json {
  if (!('container' in json)) return {};
  const container = asObject(json['container']);
  const docker = mapped(asObject(container['docker']), 'portMappings', 'servicePort', port);
  const given = { ...container, ...('docker' in container ? { docker } : {}) };
  return { container: mapped(given, 'portMappings', 'servicePort', port) };
}

/** `json` with `key` of the first element of `list` set, where it has one. */
function mapped(json: Json, list: string, key: string, value: number): Json {
  const elements: unknown = json[list];
  if (!Array.isArray(elements) || elements.length === 0) return json;
  const [first, ...others] = elements as readonly unknown[];
  return { ...json, [list]: [{ ...asObject(first), [key]: value }, ...others] };
}

function firstOf(list: unknown): Json {
  return Array.isArray(list) ? asObject(list[0]) : {};
}

/** The same text for the same definition, however its keys are ordered. */
export function stable(value: unknown, indent = 0): string {
  const sorted = (_: string, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, sorted, indent);
}

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
