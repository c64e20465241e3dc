// Apps and tasks as the API writes them (Marathon 1.5 and later): names, order and omissions are those of its RAML.

import type { Agent } from './agent.ts';
import { AGENT_ADDRESS } from './agent.ts';
import { type AppDefinition, type AppRequest, servicePorts } from './app-definition.ts';
import { type CheckHealth, isAlive } from './check-health.ts';
import type { Instance, Task } from './instance.ts';
import type { Json, JsonObject } from './json.ts';
import type { TaskFailure } from './task-events.ts';
import { timestamp } from './version-clock.ts';

function without(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

/** The definition without counts; `versionInfo` is absent for an app that is only just being accepted. */
export function definitionJson(
  app: AppRequest & Partial<Pick<AppDefinition, 'version' | 'versionInfo'>>,
): JsonObject {
  const { version, versionInfo, user, killSelection, unreachableStrategy, ...rest } = app;
  const { tty, role, resourceLimits, ...first } = rest;
  return without({
    ...first,
    user,
    version,
    versionInfo,
    killSelection,
    unreachableStrategy,
    tty,
    role,
    resourceLimits,
  });
}

function time(ms: number): string | undefined {
  return ms === 0 ? undefined : timestamp(ms);
}

function healthJson(health: CheckHealth, instanceId: string): JsonObject {
  return without({
    alive: isAlive(health),
    consecutiveFailures: health.consecutiveFailures,
    firstSuccess: time(health.firstSuccessMs),
    instanceId,
    lastSuccess: time(health.lastSuccessMs),
    lastFailure: time(health.lastFailureMs),
    lastFailureCause: health.lastFailureCause || undefined,
  });
}

/** `servicePorts` are only told by the lists of tasks, not inside an app. */
export function taskJson(
  instance: Instance,
  task: Task,
  agent: Agent,
  ports: readonly number[] = [],
): JsonObject {
  const running = instance.active ? task : undefined;
  const results = instance.health.filter((health) => health !== null);
  return without({
    appId: task.app.id,
    healthCheckResults: results.map((health) => healthJson(health, instance.id)),
    host: agent.hostname,
    id: task.id,
    ipAddresses: [{ ipAddress: AGENT_ADDRESS, protocol: 'IPv4' }],
    ports: running?.ports ?? [],
    servicePorts: ports,
    slaveId: agent.slaveId,
    state: task.state,
    stagedAt: running && time(running.stagedAtMs),
    startedAt: running && time(running.startedAtMs),
    version: running?.app.version,
    localVolumes: [],
    role: '*',
  });
}

/** All tasks of these instances that have been given to the agent. */
export function taskList(
  instances: readonly Instance[],
  agent: Agent,
): readonly { readonly instance: Instance; readonly task: Task; readonly json: JsonObject }[] {
  return instances.flatMap((instance) => {
    const { task } = instance;
    if (task === null) return [];
    return [{ instance, task, json: taskJson(instance, task, agent, servicePorts(task.app)) }];
  });
}

export interface AppState {
  readonly instances: readonly Instance[];
  readonly deployments: readonly string[];
  readonly lastFailure: TaskFailure | undefined;
}

/** Which parts beside the definition are asked for. */
export interface Embed {
  readonly tasks: boolean;
  readonly counts: boolean;
  readonly deployments: boolean;
  readonly readiness: boolean;
  readonly lastTaskFailure: boolean;
}

function counts(instances: readonly Instance[]): JsonObject {
  const states = instances.map((instance) => (instance.active ? instance.task?.state : undefined));
  const known = instances
    .filter((instance) => instance.active)
    .map((instance) => instance.health.filter((health) => health !== null))
    .filter((results) => results.length > 0);
  const healthy = known.filter((results) => results.every(isAlive)).length;
  return {
    tasksStaged: states.filter((state) => state === 'TASK_STAGING').length,
    tasksRunning: states.filter((state) => state === 'TASK_RUNNING').length,
    tasksHealthy: healthy,
    tasksUnhealthy: known.length - healthy,
  };
}

export function appJson(
  app: AppDefinition,
  state: AppState,
  embed: Embed,
  agent: Agent,
): JsonObject {
  const { instances } = state;
  const readiness = instances.flatMap((one) => (one.readiness ? [{ ...one.readiness }] : []));
  const failure: Json | undefined = state.lastFailure && { ...state.lastFailure };
  return without({
    ...definitionJson(app),
    ...(embed.counts ? counts(instances) : {}),
    deployments: embed.deployments ? state.deployments.map((id) => ({ id })) : undefined,
    readinessCheckResults: embed.readiness ? readiness : undefined,
    tasks: embed.tasks
      ? instances.flatMap((one) => (one.task ? [taskJson(one, one.task, agent)] : []))
      : undefined,
    lastTaskFailure: embed.lastTaskFailure ? failure : undefined,
  });
}
