// The environment a task is started with: what it is, its ports, then what the app says. Later wins.

import { type AppDefinition, wantedPorts } from './app-definition.ts';

export interface TaskPlace {
  readonly taskId: string;
  readonly hostname: string;
  readonly sandbox: string;
  readonly slaveId: string;
  readonly frameworkId: string;
  /** By the index of the app's ports. */
  readonly ports: readonly number[];
}

type Environment = Record<string, string>;

// Mesos limits what it hands to an executor; Marathon leaves out labels beyond it.
const MAX_LABEL_NAME = 493;
const MAX_LABEL_VALUE = 512;

const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const;

/** The few variables of this process without which programs do not start at all; nothing else leaks into tasks. */
export function inheritedEnvironment(): Readonly<Environment> {
  const found: Environment = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function labelVariables(labels: Readonly<Record<string, string>>): Environment {
  const found: Environment = {};
  const names: string[] = [];
  for (const [label, value] of Object.entries(labels)) {
    if (label.length >= MAX_LABEL_NAME || value.length >= MAX_LABEL_VALUE) continue;
    const name = label.replace(/[^a-zA-Z0-9_]+/g, '_').toUpperCase();
    names.push(name);
    found[`MARATHON_APP_LABEL_${name}`] = value;
  }
  return { MARATHON_APP_LABELS: names.join(' '), ...found };
}

function portVariables(app: AppDefinition, ports: readonly number[]): Environment {
  const found: Environment = {};
  if (ports.length === 0) return found;
  for (const [index, wanted] of wantedPorts(app).entries()) {
    const port = String(ports[index] ?? 0);
    found[`PORT${index}`] = port;
    found[`PORT_${wanted.requested || port}`] = port;
    if (wanted.name !== '') found[`PORT_${wanted.name.toUpperCase()}`] = port;
  }
  found['PORT'] = String(ports[0]);
  found['PORTS'] = ports.join(',');
  return found;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `inherited` is what every task gets, whatever its app says. */
export function taskEnvironment(
  app: AppDefinition,
  place: TaskPlace,
  inherited: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const image = app.container?.docker?.image;
  const own = Object.entries(app.env ?? {}).filter(([, value]) => typeof value === 'string');
  return {
    ...inherited,
    MESOS_TASK_ID: place.taskId,
    MESOS_SANDBOX: place.sandbox,
    MESOS_DIRECTORY: place.sandbox,
    MESOS_EXECUTOR_ID: place.taskId,
    MESOS_FRAMEWORK_ID: place.frameworkId,
    MESOS_SLAVE_ID: place.slaveId,
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: app.version,
    ...(image === undefined ? {} : { MARATHON_APP_DOCKER_IMAGE: image }),
    MARATHON_APP_RESOURCE_CPUS: decimal(app.cpus),
    MARATHON_APP_RESOURCE_MEM: decimal(app.mem),
    MARATHON_APP_RESOURCE_DISK: decimal(app.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.gpus),
    MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
    ...labelVariables(app.labels),
    ...portVariables(app, place.ports),
    HOST: place.hostname,
    ...(Object.fromEntries(own) as Environment),
  };
}
