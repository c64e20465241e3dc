// The fields of Marathon's JSON that are read, of all its generations, as types and as JSON schemas.
// Everything else is let through unread; null counts as absent everywhere, old Marathons write it.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

type Maybe<T> = T | null | undefined;

export interface RawMapping {
  readonly containerPort?: Maybe<number>;
  readonly servicePort?: Maybe<number>;
}

export interface RawCheck {
  readonly protocol?: Maybe<string>;
  readonly portIndex?: Maybe<number>;
  readonly port?: Maybe<number>;
  readonly path?: Maybe<string>;
  readonly intervalSeconds?: Maybe<number>;
  readonly timeoutSeconds?: Maybe<number>;
  readonly maxConsecutiveFailures?: Maybe<number>;
}

export interface RawApp {
  readonly id: string;
  readonly version?: Maybe<string>;
  readonly versionInfo?: Maybe<{
    readonly lastConfigChangeAt?: Maybe<string>;
    readonly lastScalingAt?: Maybe<string>;
  }>;
  readonly instances?: Maybe<number>;
  readonly labels?: Maybe<Readonly<Record<string, Maybe<string>>>>;
  /** Old format: the service ports. */
  readonly ports?: Maybe<readonly number[]>;
  readonly portDefinitions?: Maybe<readonly { readonly port?: Maybe<number> }[]>;
  readonly networks?: Maybe<readonly { readonly mode?: Maybe<string> }[]>;
  /** Old format: an address of its own for each task. */
  readonly ipAddress?: Maybe<{
    readonly discovery?: Maybe<{ readonly ports?: Maybe<readonly { readonly number: number }[]> }>;
  }>;
  readonly container?: Maybe<{
    readonly portMappings?: Maybe<readonly RawMapping[]>;
    readonly docker?: Maybe<{
      readonly network?: Maybe<string>;
      readonly portMappings?: Maybe<readonly RawMapping[]>;
    }>;
  }>;
  readonly healthChecks?: Maybe<readonly RawCheck[]>;
  readonly deployments?: Maybe<readonly { readonly id: string }[]>;
  readonly readinessCheckResults?: Maybe<
    readonly Maybe<{ readonly taskId?: Maybe<string>; readonly ready?: Maybe<boolean> }>[]
  >;
  /** Read one by one with `fitsTask`: a bad task costs that task only. */
  readonly tasks?: Maybe<readonly unknown[]>;
}

export interface RawTask {
  readonly id: string;
  readonly host: string;
  readonly ports?: Maybe<readonly number[]>;
  readonly state?: Maybe<string>;
  readonly version?: Maybe<string>;
  readonly startedAt?: Maybe<string>;
  readonly ipAddresses?: Maybe<readonly { readonly ipAddress?: Maybe<string> }[]>;
  readonly healthCheckResults?: Maybe<readonly Maybe<{ readonly alive?: Maybe<boolean> }>[]>;
}

const ajv = new Ajv({ strict: true, formats: { timestamp: isTimestamp } });

const text = { type: 'string', nullable: true };
const name = { type: 'string', minLength: 1 };
const whole = { type: 'integer', minimum: 0, nullable: true };
const portNumber = { type: 'integer', minimum: 0, maximum: 65_535 };
const port = { ...portNumber, nullable: true };
const seconds = { type: 'number', minimum: 0, nullable: true };
const truth = { type: 'boolean', nullable: true };
const timestamp = { type: 'string', format: 'timestamp', nullable: true };
const mappings = listOf(record({ containerPort: port, servicePort: port }));

const appSchema = record(
  {
    id: { type: 'string', pattern: '^/.' },
    version: timestamp,
    versionInfo: orNull(record({ lastConfigChangeAt: timestamp, lastScalingAt: timestamp })),
    instances: whole,
    labels: { type: 'object', nullable: true, additionalProperties: text },
    ports: listOf(portNumber),
    portDefinitions: listOf(record({ port })),
    networks: listOf(record({ mode: { ...text, pattern: '^(host|container|container/bridge)$' } })),
    ipAddress: orNull(
      record({
        discovery: orNull(record({ ports: listOf(record({ number: portNumber }, 'number')) })),
      }),
    ),
    container: orNull(
      record({
        portMappings: mappings,
        docker: orNull(record({ network: text, portMappings: mappings })),
      }),
    ),
    healthChecks: listOf(
      record({
        protocol: text,
        portIndex: whole,
        port,
        path: text,
        intervalSeconds: seconds,
        timeoutSeconds: seconds,
        maxConsecutiveFailures: whole,
      }),
    ),
    deployments: listOf(record({ id: name }, 'id')),
    readinessCheckResults: listOf(orNull(record({ taskId: text, ready: truth }))),
    tasks: listOf({}),
  },
  'id',
);

const taskSchema = record(
  {
    id: name,
    host: name,
    ports: listOf(portNumber),
    state: { ...text, pattern: '^TASK_[A-Z_]+$' },
    version: text,
    startedAt: text,
    ipAddresses: listOf(record({ ipAddress: text })),
    healthCheckResults: listOf(orNull(record({ alive: truth }))),
  },
  'id',
  'host',
);

/** What does not fit, of the first error found. */
export interface Misfit {
  /** JSON pointer from the app or task; empty for the whole. */
  readonly pointer: string;
  /** One clause: `expected an integer`. */
  readonly expected: string;
}

/** Null when `value` is an app. */
export const misfitOfApp = checker(ajv.compile<RawApp>(appSchema));

/** Null when `value` is a task. */
export const misfitOfTask = checker(ajv.compile<RawTask>(taskSchema));

function checker(validate: ValidateFunction): (value: unknown) => Misfit | null {
  return (value) => {
    if (validate(value)) return null;
    const error = validate.errors?.[0];
    return { pointer: error?.instancePath ?? '', expected: expectationOf(error) };
  };
}

function expectationOf(error: ErrorObject | undefined): string {
  switch (error?.keyword) {
    case 'required':
      return `expected a field '${error.params['missingProperty']}'`;
    case 'type':
      // With `nullable` the type is a pair; null is not worth a mention.
      return `expected ${String(error.params['type']).replace(/,?null,?/, '')}`;
    case 'format':
      return 'expected a timestamp such as 2026-01-31T12:00:00.000Z';
    case 'minLength':
      return 'expected a text that is not empty';
    case 'pattern':
      return `expected a text that matches ${error.params['pattern']}`;
    default:
      return `expected a value that ${error?.message ?? 'fits'}`;
  }
}

function record(properties: Record<string, object>, ...required: string[]) {
  return { type: 'object', properties, required };
}

function listOf(items: object) {
  return { type: 'array', items, nullable: true };
}

function orNull(schema: object) {
  return { ...schema, nullable: true };
}

function isTimestamp(value: string): boolean {
  return !Number.isNaN(Date.parse(value));
}
