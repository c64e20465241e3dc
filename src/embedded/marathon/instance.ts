// One instance of an app: it outlives its tasks. Every relaunch is the next incarnation of the same instance.

import type { AppDefinition } from './app-definition.ts';
import { safeId } from './app-path.ts';
import { type CheckHealth, isHealthy } from './check-health.ts';
import type { InstanceView } from './rolling.ts';

export type Condition =
  | 'Scheduled'
  | 'Provisioned'
  | 'Staging'
  | 'Starting'
  | 'Running'
  | 'Killing'
  | 'Killed'
  | 'Finished'
  | 'Failed'
  | 'Error';

export type TaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_KILLED'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_ERROR';

export interface Task {
  readonly id: string;
  readonly app: AppDefinition;
  /** By the index of the app's ports: where the task is reached on the host (or in its container). */
  readonly ports: readonly number[];
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: string;
  readonly stagedAtMs: number;
  /** 0 until it runs. */
  startedAtMs: number;
  state: TaskState;
}

export interface ReadinessResult {
  readonly name: string;
  readonly taskId: string;
  readonly ready: boolean;
  readonly lastResponse?: {
    readonly status: number;
    readonly contentType: string;
    readonly body: string;
  };
}

const ACTIVE: readonly Condition[] = ['Provisioned', 'Staging', 'Starting', 'Running', 'Killing'];

export class Instance {
  readonly id: string;
  /** The definition of the running task, or of the next one while the instance is scheduled. */
  app: AppDefinition;
  condition: Condition = 'Scheduled';
  sinceMs: number;
  incarnation = 0;
  /** The latest task, a terminal one too until the next is launched; null before the first. */
  task: Task | null = null;
  /** By the index of the app's health checks; null = no result yet. */
  health: (CheckHealth | null)[] = [];
  readiness: ReadinessResult | null = null;
  /** Goal Decommissioned: when its task ends the instance is gone. */
  leaving = false;
  /** Why no task of this app can ever run here; null when one can. */
  refusal: string | null = null;

  constructor(app: AppDefinition, uuid: string, nowMs: number) {
    this.id = `${safeId(app.id)}.instance-${uuid}`;
    this.app = app;
    this.sinceMs = nowMs;
  }

  get active(): boolean {
    return ACTIVE.includes(this.condition);
  }

  /** True = every check alive, false = one is not, null = not known yet. */
  get healthy(): boolean | null {
    return isHealthy(this.health, this.app.healthChecks?.length ?? 0);
  }

  /** Running and everything its definition asks of it. Readiness is only ever asked for during a deployment. */
  get up(): boolean {
    if (this.condition !== 'Running') return false;
    if ((this.app.healthChecks?.length ?? 0) > 0 && this.healthy !== true) return false;
    return (this.app.readinessChecks?.length ?? 0) === 0 || this.readiness?.ready === true;
  }

  nextTaskId(): string {
    this.incarnation += 1;
    return `${this.id}._app.${this.incarnation}`;
  }

  view(old: boolean): InstanceView {
    const { id, active, condition, leaving, up } = this;
    return { id, old, active, condition, leaving, up, stagedAtMs: this.task?.stagedAtMs ?? 0 };
  }
}
