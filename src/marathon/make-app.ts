// One app of Marathon's JSON → MarathonApp. Old and new formats meet here; which port and address
// belongs to which networking is Marathon-LB's rule, so that no label index moves. Pure.

import type { MarathonApp, MarathonHealthCheck, MarathonTask, Networking } from './app.ts';
import type { RawApp, RawCheck, RawMapping, RawTask } from './raw-app.ts';

const TERMINAL: ReadonlySet<string> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]);

/** True when a task in this state will never run again. */
export function isTerminal(state: string): boolean {
  return TERMINAL.has(state);
}

export function makeApp(raw: RawApp, rawTasks: readonly RawTask[]): MarathonApp {
  const networking = networkingOf(raw);
  const version = raw.version ?? raw.versionInfo?.lastConfigChangeAt ?? '';
  const readiness = new Map<string, boolean>();
  for (const result of raw.readinessCheckResults ?? []) {
    if (result?.taskId && typeof result.ready === 'boolean') {
      readiness.set(result.taskId, result.ready);
    }
  }
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries(raw.labels ?? {})) {
    if (typeof value === 'string') labels[label] = value;
  }
  return {
    id: raw.id,
    version,
    instances: raw.instances ?? 1,
    labels,
    networking,
    ...servicePortsOf(raw, networking),
    containerPorts: containerPortsOf(raw),
    healthChecks: (raw.healthChecks ?? []).map(makeCheck),
    lastConfigChangeAtMs: timeOf(raw.versionInfo?.lastConfigChangeAt ?? version),
    lastScalingAtMs: timeOf(raw.versionInfo?.lastScalingAt ?? version),
    deployments: (raw.deployments ?? []).map((deployment) => deployment.id),
    tasks: rawTasks.map((task) => makeTask(raw, networking, task, readiness.get(task.id) ?? null)),
  };
}

/** Later statements win: `ipAddress`, then Docker's network, then the last of `networks`. */
function networkingOf(raw: RawApp): Networking {
  let networking: Networking = 'host';
  if (raw.ipAddress && Object.keys(raw.ipAddress).length > 0) networking = 'container';
  const docker = raw.container?.docker?.network;
  if (docker === 'USER') networking = 'container';
  if (docker === 'BRIDGE') networking = 'bridge';
  const last = raw.networks?.at(-1);
  if (last === undefined) return networking;
  const mode = last.mode ?? 'container';
  return mode === 'container/bridge' ? 'bridge' : (mode as Networking);
}

/** Docker's own mappings first (before 1.5), then the container's. */
function mappingsOf(raw: RawApp): readonly RawMapping[] {
  const docker = raw.container?.docker?.portMappings ?? [];
  return docker.length > 0 ? docker : (raw.container?.portMappings ?? []);
}

function definitionsOf(raw: RawApp): readonly number[] {
  return portsIn((raw.portDefinitions ?? []).map((one) => one.port));
}

/** Mappings without a service port are left out and shift the index, as Marathon-LB has it. */
function servicePortsOf(
  raw: RawApp,
  networking: Networking,
): Pick<MarathonApp, 'servicePorts' | 'unassignedMappings'> {
  if (networking !== 'host') {
    const mapped = mappingsOf(raw).map((one) => one.servicePort);
    const servicePorts = portsIn(mapped);
    if (servicePorts.length > 0) {
      const unassignedMappings = [...mapped.keys()].filter((place) => mapped[place] == null);
      return { servicePorts, unassignedMappings };
    }
  }
  const defined = definitionsOf(raw);
  return { servicePorts: defined.length > 0 ? defined : (raw.ports ?? []), unassignedMappings: [] };
}

function containerPortsOf(raw: RawApp): readonly number[] {
  const discovered = (raw.ipAddress?.discovery?.ports ?? []).map((one) => one.number);
  if (discovered.length > 0) return discovered;
  return mappingsOf(raw).map((one) => one.containerPort ?? 0);
}

function portsIn(ports: readonly (number | null | undefined)[]): readonly number[] {
  return ports.filter((port) => port !== null && port !== undefined);
}

/** What a task without ports of its own is reached at: definitions, then the container's ports. */
function taskPortsOf(raw: RawApp, networking: Networking, task: RawTask, state: string) {
  const own = task.ports ?? [];
  if (own.length > 0 || networking === 'container' || isTerminal(state)) return own;
  const defined = definitionsOf(raw);
  if (defined.length > 0 || networking === 'host') return defined;
  return mappingsOf(raw).map((one) => one.containerPort ?? 0);
}

function makeTask(
  raw: RawApp,
  networking: Networking,
  task: RawTask,
  ready: boolean | null,
): MarathonTask {
  const startedAtMs = timeOf(task.startedAt ?? '');
  // Marathons that tell no state (before 1.2) tell a waiting task by its missing start.
  const state = task.state ?? (startedAtMs === 0 ? 'TASK_STAGING' : 'TASK_RUNNING');
  return {
    id: task.id,
    host: task.host,
    containerAddress: task.ipAddresses?.[0]?.ipAddress ?? null,
    ports: taskPortsOf(raw, networking, task, state),
    state,
    alive: verdictsOf(task),
    ready,
    version: task.version ?? null,
    startedAtMs,
  };
}

/** Old Marathons list null for a check that has no result yet. */
function verdictsOf(task: RawTask): readonly boolean[] | null {
  if (!task.healthCheckResults) return null;
  return task.healthCheckResults.flatMap((result) =>
    typeof result?.alive === 'boolean' ? [result.alive] : [],
  );
}

function makeCheck(check: RawCheck): MarathonHealthCheck {
  const protocol = check.protocol ?? 'HTTP';
  const port = check.port ?? null;
  // Marathon's own default: a check that names no port means the first one; a command has none.
  const fallback = port === null && protocol !== 'COMMAND' ? 0 : null;
  return {
    protocol,
    portIndex: check.portIndex ?? fallback,
    port,
    path: check.path ?? '/',
    intervalSeconds: check.intervalSeconds ?? 60,
    timeoutSeconds: check.timeoutSeconds ?? 20,
    maxConsecutiveFailures: check.maxConsecutiveFailures ?? 3,
  };
}

/** Ms since 1970; 0 when there is no legible time. */
function timeOf(value: string): number {
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? 0 : ms;
}
