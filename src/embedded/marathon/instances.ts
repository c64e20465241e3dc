// All instances and the life of their tasks: scheduled, launched, running, killed, ended, launched again.
// Every transition first changes the state, then publishes the event, then tells the listeners.

import { randomUUID } from 'node:crypto';
import type { Logger } from '../../log/logger.ts';
import type { Agent } from './agent.ts';
import type { AppDefinition } from './app-definition.ts';
import { Backoff } from './backoff.ts';
import type { HostPorts } from './host-ports.ts';
import { type Condition, Instance, type Task, type TaskState } from './instance.ts';
import { commandOf, type Exit, type Runner, type TaskProcess } from './runner.ts';
import { endOf } from './task-end.ts';
import { inheritedEnvironment, taskEnvironment } from './task-environment.ts';
import { failureOf, type TaskEvents, type TaskFailure } from './task-events.ts';

const RETRY_PORTS_MS = 1000;

export interface InstancesOptions {
  readonly agent: Agent;
  readonly runner: Runner;
  readonly ports: HostPorts;
  readonly events: TaskEvents;
  readonly log: Logger;
  readonly killGraceMs: number;
  /** The app as it is wanted now; a relaunch uses it. */
  readonly definition: (appId: string) => AppDefinition | undefined;
}

/** Why a kill happens: `leave` ends the instance, `replace` only its task. */
export type KillIntent = 'leave' | 'replace';

export class Instances {
  readonly #options: InstancesOptions;
  readonly #byApp = new Map<string, Instance[]>();
  readonly #processes = new Map<Instance, TaskProcess>();
  readonly #timers = new Map<Instance, NodeJS.Timeout>();
  readonly #listeners = new Set<(appId: string) => void>();
  readonly #failures = new Map<string, TaskFailure>();
  readonly #inherited = inheritedEnvironment();
  readonly #backoff = new Backoff();
  #stopping = false;

  constructor(options: InstancesOptions) {
    this.#options = options;
  }

  of(appId: string): readonly Instance[] {
    return this.#byApp.get(appId) ?? [];
  }

  all(): readonly Instance[] {
    return [...this.#byApp.values()].flat();
  }

  byTask(taskId: string): Instance | undefined {
    return this.all().find((instance) => instance.task?.id === taskId);
  }

  lastFailure(appId: string): TaskFailure | undefined {
    return this.#failures.get(appId);
  }

  /** `listener` hears the app's id after each change of one of its instances. Returns what ends that. */
  onChange(listener: (appId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners of a change made elsewhere: health, readiness. */
  changed(appId: string): void {
    for (const listener of [...this.#listeners]) listener(appId);
  }

  launch(app: AppDefinition, count: number): readonly Instance[] {
    const added = Array.from({ length: count }, () => new Instance(app, randomUUID(), Date.now()));
    this.#byApp.set(app.id, [...this.of(app.id), ...added]);
    for (const instance of added) this.#options.events.instanceChanged(instance);
    for (const instance of added) void this.#tryLaunch(instance);
    return added;
  }

  kill(instance: Instance, intent: KillIntent): void {
    const { events, killGraceMs } = this.#options;
    const task = instance.task;
    if (intent === 'leave') instance.leaving = true;
    if (!instance.active || instance.condition === 'Provisioned' || task === null) {
      if (intent === 'leave') this.#remove(instance);
      return;
    }
    if (instance.condition === 'Killing') return;
    if (intent === 'leave') events.instanceChanged(instance);
    this.#enter(instance, 'Killing');
    task.state = 'TASK_KILLING';
    events.updated(instance, task, '');
    this.changed(instance.app.id);
    const graceSeconds = task.app.taskKillGracePeriodSeconds;
    const graceMs = graceSeconds === undefined ? killGraceMs : graceSeconds * 1000;
    this.#processes.get(instance)?.terminate(graceMs);
  }

  /** When the app's next launch is due; ms since 1970. */
  launchDueAtMs(app: AppDefinition): number {
    return this.#backoff.allowedAtMs(app, Date.now());
  }

  /** Forgets the delay after failures; what waited for it is launched now. */
  resetDelay(appId: string): void {
    this.#backoff.reset(appId);
    for (const instance of this.of(appId)) {
      if (instance.condition === 'Scheduled' && this.#timers.has(instance)) {
        void this.#tryLaunch(instance);
      }
    }
  }

  /** The app is gone: a later one of the same name begins without its past. */
  forget(appId: string): void {
    this.#backoff.reset(appId);
    this.#failures.delete(appId);
  }

  /** No launch from now on. Killing what runs is the runner's part. */
  stop(): void {
    this.#stopping = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#listeners.clear();
  }

  #enter(instance: Instance, condition: Condition): void {
    instance.condition = condition;
    instance.sinceMs = Date.now();
  }

  #remove(instance: Instance): void {
    clearTimeout(this.#timers.get(instance));
    this.#timers.delete(instance);
    const { id } = instance.app;
    const left = this.of(id).filter((other) => other !== instance);
    if (left.length > 0) this.#byApp.set(id, left);
    else this.#byApp.delete(id);
    this.changed(id);
  }

  #retry(instance: Instance, waitMs: number): void {
    clearTimeout(this.#timers.get(instance));
    this.#timers.set(
      instance,
      setTimeout(() => void this.#tryLaunch(instance), waitMs),
    );
  }

  async #tryLaunch(instance: Instance): Promise<void> {
    const { ports, events, log, definition } = this.#options;
    clearTimeout(this.#timers.get(instance));
    this.#timers.delete(instance);
    if (this.#stopping || !this.of(instance.app.id).includes(instance)) return;
    if (instance.condition !== 'Scheduled') return;
    const app = definition(instance.app.id) ?? instance.app;
    const waitMs = this.#backoff.allowedAtMs(app, Date.now()) - Date.now();
    if (waitMs > 0) return this.#retry(instance, waitMs);

    instance.app = app;
    const command = commandOf(app);
    if (typeof command === 'string') return this.#refuse(instance, command);
    this.#enter(instance, 'Provisioned');
    this.#backoff.launched(app, Date.now());
    events.instanceChanged(instance);
    const reserved = await ports.reserve(app);
    const wanted = !this.#stopping && this.of(app.id).includes(instance);
    if (reserved === null) {
      if (!wanted) return;
      log.warn({ app: app.id }, `app ${app.id}: no free host port for its next task, trying again`);
      this.#enter(instance, 'Scheduled');
      return this.#retry(instance, RETRY_PORTS_MS);
    }
    if (wanted) this.#start(instance, command, reserved);
    else ports.release(reserved);
  }

  #newTask(instance: Instance, ports: readonly number[]): Task {
    const { agent, runner } = this.#options;
    const { app } = instance;
    const id = instance.nextTaskId();
    const sandbox = runner.sandboxOf(id);
    const env = taskEnvironment(app, { ...agent, taskId: id, sandbox, ports }, this.#inherited);
    const stagedAtMs = Date.now();
    return { id, app, ports, env, sandbox, stagedAtMs, startedAtMs: 0, state: 'TASK_STAGING' };
  }

  #start(
    instance: Instance,
    command: ReturnType<typeof commandOf>,
    ports: readonly number[],
  ): void {
    if (typeof command === 'string') return;
    const { runner } = this.#options;
    const task = this.#newTask(instance, ports);
    instance.task = task;
    instance.health = (task.app.healthChecks ?? []).map(() => null);
    instance.readiness = null;
    this.#enter(instance, 'Staging');
    let running: TaskProcess;
    try {
      running = runner.start(command, task.env, task.sandbox);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#ended(instance, task, { code: null, signal: null, error: message });
      return;
    }
    this.#processes.set(instance, running);
    this.changed(task.app.id);
    void running.exited.then((exit) => this.#ended(instance, task, exit));
    // One turn each, as if an executor had reported: the states can be seen from outside.
    setImmediate(() => {
      this.#progress(instance, task, 'Staging', 'Starting', 'TASK_STARTING');
      setImmediate(() => this.#progress(instance, task, 'Starting', 'Running', 'TASK_RUNNING'));
    });
  }

  #progress(
    instance: Instance,
    task: Task,
    from: Condition,
    to: Condition,
    state: TaskState,
  ): void {
    if (instance.task !== task || instance.condition !== from || this.#stopping) return;
    task.state = state;
    if (to === 'Running') task.startedAtMs = Date.now();
    this.#enter(instance, to);
    this.#options.events.updated(instance, task, '');
    this.changed(task.app.id);
  }

  /** The app can never run here: its one failed task says why, and nothing tries again until the app changes. */
  #refuse(instance: Instance, reason: string): void {
    const { agent, events } = this.#options;
    const task = this.#newTask(instance, []);
    task.state = 'TASK_FAILED';
    instance.task = task;
    instance.refusal = reason;
    this.#enter(instance, 'Failed');
    this.#failures.set(task.app.id, failureOf(task, reason, agent, Date.now()));
    events.updated(instance, task, reason);
    this.changed(task.app.id);
  }

  #ended(instance: Instance, task: Task, exit: Exit): void {
    if (this.#stopping) return;
    const { agent, events, log, ports, runner } = this.#options;
    const { id } = task.app;
    const killed = instance.condition === 'Killing';
    const { state, condition, message } = endOf(exit, killed);
    task.state = state;
    this.#processes.delete(instance);
    this.#enter(instance, condition);
    ports.release(task.ports);
    runner.retire(task.sandbox);
    if (!killed) {
      this.#backoff.failed(task.app, Date.now());
      log.warn(
        { app: id, task: task.id, sandbox: task.sandbox },
        `a task of ${id} ended by itself: ${message}`,
      );
    }
    if (state === 'TASK_FAILED') {
      this.#failures.set(id, failureOf(task, message, agent, Date.now()));
    }
    if (instance.leaving) this.#remove(instance);
    events.updated(instance, task, message);
    if (!instance.leaving) {
      this.#enter(instance, 'Scheduled');
      instance.health = [];
      instance.readiness = null;
      events.instanceChanged(instance);
    }
    this.changed(id);
    void this.#tryLaunch(instance);
  }
}
