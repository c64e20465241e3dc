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
  const label = asObject(json['labels'])['HAPROXY_0_PORT'];
  const { docker, portMappings } = asObject(json['container']);
  const candidates = [
    label,
    firstOf(asObject(docker)['portMappings'])['servicePort'],
    firstOf(portMappings)['servicePort'],
    firstOf(json['portDefinitions'])['port'],
    Array.isArray(json['ports']) ? json['ports'][0] : undefined,
  ];
  const found = candidates.map(Number).find((port) => Number.isInteger(port) && port > 0);
  return found === undefined || found > 65_535 ? null : found;
}

/** Service ports are Marathon's to give, one to each colour: clients use the label's. */
function withoutPort(json: Json): Json {
  const container = asObject(json['container']);
  const docker = asObject(container['docker']);
  const given = {
    ...container,
    ...('docker' in container ? { docker: mapped(docker, 'portMappings', 'servicePort') } : {}),
  };
  const definitions =
    json['requirePorts'] === true ? json : mapped(json, 'portDefinitions', 'port');
  return {
    ...definitions,
    ...('container' in json ? { container: mapped(given, 'portMappings', 'servicePort') } : {}),
    ...(Array.isArray(json['ports']) && json['requirePorts'] !== true
      ? { ports: json['ports'].map(() => 0) }
      : {}),
  };
}

/** `json` with `key` of the first element of `list` set to 0, where it has one. */
function mapped(json: Json, list: string, key: string): Json {
  const elements: unknown = json[list];
  if (!Array.isArray(elements) || elements.length === 0) return json;
  const [first, ...others] = elements as readonly unknown[];
  return { ...json, [list]: [{ ...asObject(first), [key]: 0 }, ...others] };
}

function firstOf(list: unknown): Json {
  return Array.isArray(list) ? asObject(list[0]) : {};
}

/** The same text for the same definition, however its keys are ordered. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
