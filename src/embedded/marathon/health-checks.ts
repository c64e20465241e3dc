// Runs the health checks. Marathon's own kinds: one ticker per app version and check. Those of Mesos: one per task.

import type { Logger } from '../../log/logger.ts';
import { AGENT_ADDRESS } from './agent.ts';
import type { AppDefinition, HealthCheck } from './app-definition.ts';
import { isAlive, type ProbeResult, record } from './check-health.ts';
import type { EventBus } from './event-bus.ts';
import type { Instance, Task } from './instance.ts';
import type { Instances } from './instances.ts';
import { probeHttp, probeTcp } from './probes.ts';
import type { Runner } from './runner.ts';
import type { TaskEvents } from './task-events.ts';

// Marathon's first tick comes early, so that a deployment need not wait for a whole long interval.
const FIRST_TICK_MS = 5000;
// An interval of 0 is allowed; it must not become a busy loop.
const MIN_INTERVAL_MS = 100;

function byMesos(check: HealthCheck): boolean {
  return check.protocol === 'COMMAND' || check.protocol.startsWith('MESOS_');
}

function intervalMs(check: HealthCheck): number {
  return Math.max(check.intervalSeconds * 1000, MIN_INTERVAL_MS);
}

interface Ticker {
  readonly app: AppDefinition;
  readonly timers: Set<NodeJS.Timeout>;
}

export interface HealthChecksOptions {
  readonly instances: Instances;
  readonly runner: Runner;
  readonly bus: EventBus;
  readonly events: TaskEvents;
  readonly log: Logger;
}

export class HealthChecks {
  readonly #options: HealthChecksOptions;
  /** By app id and version. */
  readonly #tickers = new Map<string, Ticker>();
  readonly #ofTasks = new Map<Task, NodeJS.Timeout>();
  readonly #ignoreChanges: () => void;

  constructor(options: HealthChecksOptions) {
    this.#options = options;
    this.#ignoreChanges = options.instances.onChange((appId) => this.#followTasks(appId));
  }

  /** A deployment acts on this version of the app: from now on its tasks are probed. Once per version. */
  register(app: AppDefinition): void {
    const checks = app.healthChecks ?? [];
    const key = `${app.id} ${app.version}`;
    if (checks.length === 0 || this.#tickers.has(key)) return;
    const ticker: Ticker = { app, timers: new Set() };
    this.#tickers.set(key, ticker);
    for (const [index, check] of checks.entries()) {
      this.#options.bus.publish('add_health_check_event', {
        appId: app.id,
        healthCheck: { ...check },
        version: app.version,
      });
      if (byMesos(check)) continue;
      const every = intervalMs(check);
      const first = setTimeout(
        () => {
          ticker.timers.delete(first);
          ticker.timers.add(setInterval(() => this.#tick(app, check, index), every));
          this.#tick(app, check, index);
        },
        Math.min(every, FIRST_TICK_MS),
      );
      ticker.timers.add(first);
    }
    this.#dropSuperseded(app);
  }

  /** The app is gone. */
  unregister(appId: string): void {
    for (const [key, ticker] of this.#tickers) {
      if (ticker.app.id !== appId) continue;
      for (const _check of ticker.app.healthChecks ?? []) {
        this.#options.bus.publish('remove_health_check_event', { appId });
      }
      this.#drop(key, ticker);
    }
  }

  stop(): void {
    this.#ignoreChanges();
    for (const [key, ticker] of this.#tickers) this.#drop(key, ticker);
    for (const timer of this.#ofTasks.values()) clearTimeout(timer);
    this.#ofTasks.clear();
  }

  #drop(key: string, ticker: Ticker): void {
    for (const timer of ticker.timers) clearTimeout(timer);
    ticker.timers.clear();
    this.#tickers.delete(key);
  }

  /** Versions without a task left need no ticker any more. */
  #dropSuperseded(current: AppDefinition): void {
    const inUse = new Set(this.#options.instances.of(current.id).map((one) => one.app.version));
    for (const [key, ticker] of this.#tickers) {
      const { id, version } = ticker.app;
      if (id === current.id && version !== current.version && !inUse.has(version)) {
        this.#drop(key, ticker);
      }
    }
  }

  #tick(app: AppDefinition, check: HealthCheck, index: number): void {
    for (const instance of this.#options.instances.of(app.id)) {
      if (instance.app.version !== app.version || instance.condition !== 'Running') continue;
      if (instance.task !== null) void this.#probe(instance, instance.task, check, index);
    }
  }

  async #probe(instance: Instance, task: Task, check: HealthCheck, index: number): Promise<void> {
    const result = await this.#resultOf(task, check);
    // Meanwhile it may have been killed or replaced: such a result says nothing about what is there now.
    if (instance.task !== task || instance.condition !== 'Running') return;
    this.#note(instance, task, check, index, result);
  }

  #resultOf(task: Task, check: HealthCheck): Promise<ProbeResult> {
    const timeoutMs = check.timeoutSeconds * 1000;
    if (check.protocol === 'COMMAND')
      return this.#command(task, check.command?.value ?? '', timeoutMs);
    const port = check.port ?? task.ports[check.portIndex ?? 0] ?? 0;
    const target = { host: AGENT_ADDRESS, port, timeoutMs };
    if (check.protocol.endsWith('TCP')) return probeTcp(target);
    return probeHttp({
      ...target,
      tls: check.protocol.endsWith('HTTPS'),
      path: check.path ?? '/',
      ignoreHttp1xx: check.ignoreHttp1xx ?? false,
    });
  }

  async #command(task: Task, command: string, timeoutMs: number): Promise<ProbeResult> {
    try {
      const run = this.#options.runner.start(
        ['/bin/sh', '-c', command],
        task.env,
        task.sandbox,
        'health-check-',
      );
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        run.terminate(0);
      }, timeoutMs);
      const { code, signal } = await run.exited;
      clearTimeout(timer);
      if (late) return { outcome: 'failed', cause: `Command did not end within ${timeoutMs} ms` };
      if (code === 0) return { outcome: 'alive' };
      return { outcome: 'failed', cause: `Command exited with status ${code ?? signal}` };
    } catch (error) {
      return { outcome: 'failed', cause: error instanceof Error ? error.message : String(error) };
    }
  }

  #note(
    instance: Instance,
    task: Task,
    check: HealthCheck,
    index: number,
    result: ProbeResult,
  ): void {
    const { instances, events, bus, log } = this.#options;
    const before = instance.health[index] ?? null;
    const wasAlive = before !== null && isAlive(before);
    const wasHealthy = instance.healthy;
    const verdict = record(before, result, check, instance.sinceMs, Date.now());
    instance.health[index] = verdict.health;
    const alive = isAlive(verdict.health);

    if (verdict.failed) {
      const { appId, instanceId } = { appId: instance.app.id, instanceId: instance.id };
      bus.publish('failed_health_check_event', {
        appId,
        healthCheck: { ...check },
        taskId: instanceId,
      });
    }
    if (alive !== wasAlive) events.aliveChanged(instance, alive);
    if (instance.healthy !== wasHealthy) events.healthChanged(instance);
    if (verdict.kill) {
      const reason = verdict.health.lastFailureCause;
      log.warn(
        { app: instance.app.id, task: task.id },
        `a task of ${instance.app.id} is killed: ${verdict.health.consecutiveFailures} health checks in a row failed, last with "${reason}"`,
      );
      events.killedUnhealthy(instance, task, reason);
      instances.kill(instance, 'replace');
    }
    instances.changed(instance.app.id);
  }

  /** Mesos checks each task by itself, from `delaySeconds` after its start. */
  #followTasks(appId: string): void {
    for (const instance of this.#options.instances.of(appId)) {
      const task = instance.task;
      if (task === null || instance.condition !== 'Running' || this.#ofTasks.has(task)) continue;
      const checks = task.app.healthChecks ?? [];
      const index = checks.findIndex(byMesos);
      const check = checks[index];
      if (check !== undefined) this.#again(instance, task, check, index, check.delaySeconds * 1000);
    }
  }

  #again(instance: Instance, task: Task, check: HealthCheck, index: number, waitMs: number): void {
    const timer = setTimeout(async () => {
      await this.#probe(instance, task, check, index);
      const going = instance.task === task && instance.condition === 'Running';
      if (going && this.#ofTasks.has(task)) {
        this.#again(instance, task, check, index, intervalMs(check));
      } else this.#ofTasks.delete(task);
    }, waitMs);
    this.#ofTasks.set(task, timer);
  }
}
