// The file given by `--config`: services of other frameworks, and servers with fixed addresses. Its
// text → declared services, or every fault in it. Pure; a file with a fault is refused as a whole.

import { isIP } from 'node:net';
import { Ajv, type ErrorObject } from 'ajv';
import type { DeclaredService } from '../catalogue/declared.ts';

export type ServicesFile =
  | { readonly services: readonly DeclaredService[] }
  /** One line each: where, what was found, what was expected. */
  | { readonly faults: readonly string[] };

/** As it stands in the file: what is absent has its default. */
interface RawService {
  readonly name: string;
  readonly port: number;
  readonly bind?: string;
  readonly mode?: 'http' | 'tcp';
  readonly vhosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly srv?: string;
  readonly servers?: readonly string[];
  readonly balance?: string;
  readonly sticky?: boolean;
  readonly check?: {
    readonly kind: 'http' | 'https' | 'tcp';
    readonly path?: string;
    readonly intervalSeconds?: number;
    readonly timeoutSeconds?: number;
    readonly fall?: number;
  };
  readonly labels?: Readonly<Record<string, string>>;
}

const MAX_FAULTS = 20;
const NAME = '^[a-zA-Z0-9][a-zA-Z0-9_.-]*(/[a-zA-Z0-9][a-zA-Z0-9_.-]*)*$';
const SRV = '^[a-zA-Z0-9_-]{1,63}(\\.[a-zA-Z0-9_-]{1,63})+\\.?$';

const ajv = new Ajv({
  strict: true,
  allErrors: true,
  formats: { address: isAddress, server: isServer },
});
const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text };
const seconds = { type: 'number', exclusiveMinimum: 0, maximum: 86_400 };

const fits = ajv.compile<{ readonly services: readonly RawService[] }>(
  closed(
    {
      services: {
        type: 'array',
        items: closed(
          {
            name: { type: 'string', pattern: NAME, maxLength: 200 },
            port: { type: 'integer', minimum: 1, maximum: 65_535 },
            bind: { type: 'string', format: 'address' },
            mode: { enum: ['http', 'tcp'] },
            vhosts: texts,
            paths: { type: 'array', items: { type: 'string', pattern: '^/[^\\s]*$' } },
            srv: { type: 'string', pattern: SRV, maxLength: 255 },
            servers: { type: 'array', items: { type: 'string', format: 'server' } },
            balance: text,
            sticky: { type: 'boolean' },
            check: closed(
              {
                kind: { enum: ['http', 'https', 'tcp'] },
                path: { type: 'string', pattern: '^/[^\\s]*$' },
                intervalSeconds: seconds,
                timeoutSeconds: seconds,
                fall: { type: 'integer', minimum: 1, maximum: 1_000 },
              },
              'kind',
            ),
            labels: { type: 'object', additionalProperties: { type: 'string' } },
          },
          'name',
          'port',
        ),
      },
    },
    'services',
  ),
);

export function readServicesFile(content: string): ServicesFile {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return { faults: [`expected JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (!fits(value)) return { faults: (fits.errors ?? []).slice(0, MAX_FAULTS).map(faultOf) };
  const faults = [...contradictions(value.services)];
  return faults.length > 0 ? { faults } : { services: value.services.map(serviceOf) };
}

function* contradictions(services: readonly RawService[]): Generator<string> {
  const names = new Set<string>();
  for (const [place, { name, srv, servers = [], vhosts, paths, mode }] of services.entries()) {
    const where = `/services/${place}`;
    if (names.has(name))
      yield `${where}/name: '${name}' is there twice; expected a name of its own`;
    names.add(name);
    if (srv === undefined && servers.length === 0) {
      yield `${where}: expected 'srv' or 'servers', it could never have a server`;
    }
    if (mode === 'tcp' && (vhosts ?? paths) !== undefined) {
      yield `${where}: expected mode http, a tcp service has no vhosts and paths`;
    }
  }
}

function serviceOf(raw: RawService): DeclaredService {
  const { name, port, check } = raw;
  return {
    name,
    port,
    bindAddress: raw.bind ?? '*',
    mode: raw.mode ?? 'http',
    srv: raw.srv ?? '',
    servers: (raw.servers ?? []).map(serverOf),
    check:
      check === undefined
        ? null
        : {
            kind: check.kind,
            path: check.path ?? '/',
            intervalSeconds: check.intervalSeconds ?? 10,
            timeoutSeconds: check.timeoutSeconds ?? 5,
            fall: check.fall ?? 3,
          },
    labels: {
      ...raw.labels,
      ...(raw.vhosts === undefined ? {} : { VHOST: raw.vhosts.join(',') }),
      ...(raw.paths === undefined ? {} : { PATH: raw.paths.join(' ') }),
      ...(raw.balance === undefined ? {} : { BALANCE: raw.balance }),
      ...(raw.sticky === undefined ? {} : { STICKY: String(raw.sticky) }),
    },
  };
}

const SERVER = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;

function isServer(value: string): boolean {
  const [, v6, v4, digits] = SERVER.exec(value) ?? [];
  const port = Number(digits);
  return isIP(v6 ?? '') === 6 || isIP(v4 ?? '') === 4 ? port >= 1 && port <= 65_535 : false;
}

function serverOf(value: string) {
  const [, v6, v4, digits] = SERVER.exec(value) ?? [];
  return { address: v6 ?? v4 ?? '', port: Number(digits) };
}

function isAddress(value: string): boolean {
  return value === '*' || isIP(value) !== 0;
}

function closed(properties: Record<string, object>, ...required: string[]) {
  return { type: 'object', properties, required, additionalProperties: false };
}

function faultOf({ instancePath, keyword, params, message }: ErrorObject): string {
  const where = instancePath === '' ? '/' : instancePath;
  switch (keyword) {
    case 'additionalProperties':
      return `${where}: '${String(params['additionalProperty'])}' is not known here; leave it out or mend its name`;
    case 'required':
      return `${where}: expected a field '${String(params['missingProperty'])}'`;
    case 'enum':
      return `${where}: expected one of ${(params['allowedValues'] as string[]).join(', ')}`;
    case 'format':
      return params['format'] === 'server'
        ? `${where}: expected an IP address and a port, as 10.0.0.1:9200 or [fd00::1]:9200`
        : `${where}: expected an IP address or *`;
    default:
      return `${where}: ${message ?? 'expected something else'}`;
  }
}
