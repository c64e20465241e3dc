// The two events every change of a task gives: first what Mesos said, then what it means for the instance.

import type { Agent } from './agent.ts';
import { AGENT_ADDRESS } from './agent.ts';
import type { EventBus } from './event-bus.ts';
import type { Instance, Task } from './instance.ts';
import { timestamp } from './version-clock.ts';

export class TaskEvents {
  readonly #bus: EventBus;
  readonly #agent: Agent;

  constructor(bus: EventBus, agent: Agent) {
    this.#bus = bus;
    this.#agent = agent;
  }

  /** `status_update_event` and then `instance_changed_event`. */
  updated(instance: Instance, task: Task, message: string): void {
    this.#bus.publish('status_update_event', {
      slaveId: this.#agent.slaveId,
      taskId: task.id,
      taskStatus: task.state,
      message,
      appId: task.app.id,
      host: this.#agent.hostname,
      ipAddresses: [{ ipAddress: AGENT_ADDRESS, protocol: 'IPv4' }],
      ports: task.ports,
      version: task.app.version,
    });
    this.instanceChanged(instance);
  }

  instanceChanged(instance: Instance): void {
    const placed = instance.condition !== 'Scheduled';
    this.#bus.publish('instance_changed_event', {
      instanceId: instance.id,
      condition: instance.condition,
      runSpecId: instance.app.id,
      agentId: placed ? this.#agent.slaveId : null,
      host: placed ? this.#agent.hostname : null,
      runSpecVersion: instance.app.version,
    });
  }

  healthChanged(instance: Instance): void {
    this.#bus.publish('instance_health_changed_event', {
      instanceId: instance.id,
      runSpecId: instance.app.id,
      healthy: instance.healthy,
      runSpecVersion: instance.app.version,
    });
  }

  aliveChanged(instance: Instance, alive: boolean): void {
    this.#bus.publish('health_status_changed_event', {
      appId: instance.app.id,
      instanceId: instance.id,
      version: instance.app.version,
      alive,
    });
  }

  killedUnhealthy(instance: Instance, task: Task, reason: string): void {
    this.#bus.publish('unhealthy_instance_kill_event', {
      appId: instance.app.id,
      taskId: task.id,
      instanceId: instance.id,
      version: instance.app.version,
      reason,
      host: this.#agent.hostname,
      slaveId: this.#agent.slaveId,
    });
  }
}

/** The last failure of any task of an app, as the API shows it. */
export interface TaskFailure {
  readonly appId: string;
  readonly host: string;
  readonly message: string;
  readonly state: string;
  readonly taskId: string;
  readonly timestamp: string;
  readonly version: string;
  readonly slaveId: string;
}

export function failureOf(task: Task, message: string, agent: Agent, nowMs: number): TaskFailure {
  return {
    appId: task.app.id,
    host: agent.hostname,
    message,
    state: task.state,
    taskId: task.id,
    timestamp: timestamp(nowMs),
    version: task.app.version,
    slaveId: agent.slaveId,
  };
}
