// Deployments: one change of the apps each, carried out step by step; at any time an app is in at most one of them.

import { randomUUID } from 'node:crypto';
import type { Logger } from '../../log/logger.ts';
import { Cancelled, carryOut } from './actions.ts';
import { ApiError } from './api-error.ts';
import type { EventBus } from './event-bus.ts';
import type { HealthChecks } from './health-checks.ts';
import { ignoredParts } from './ignored.ts';
import type { Instances } from './instances.ts';
import type { JsonObject } from './json.ts';
import { ReadinessPolls } from './readiness.ts';
import { type Action, type Apps, affectedApps, type Step } from './upgrade.ts';

const MAX_RUNNING = 100;

export interface Deployment {
  readonly id: string;
  readonly version: string;
  readonly original: Apps;
  readonly target: Apps;
  readonly steps: readonly Step[];
  readonly affected: readonly string[];
  /** 1-based; 0 until the first step begins. */
  currentStep: number;
  readonly cancel: AbortController;
  /** Resolves when nothing of it is running any more. */
  ended: Promise<void>;
}

export interface DeploymentsOptions {
  readonly instances: Instances;
  readonly health: HealthChecks;
  readonly bus: EventBus;
  readonly log: Logger;
}

function actionJson(action: Action): JsonObject {
  return { action: action.action, app: action.app.id };
}

export function stepJson(step: Step): JsonObject {
  return { actions: step.map(actionJson) };
}

export class Deployments {
  readonly #options: DeploymentsOptions;
  readonly #running = new Map<string, Deployment>();

  constructor(options: DeploymentsOptions) {
    this.#options = options;
  }

  running(): readonly Deployment[] {
    return [...this.#running.values()];
  }

  get(id: string): Deployment | undefined {
    return this.#running.get(id);
  }

  /** Ids of the deployments that hold the app. */
  on(appId: string): readonly string[] {
    return this.running()
      .filter((deployment) => deployment.affected.includes(appId))
      .map((deployment) => deployment.id);
  }

  /** What is in the way of a change of these apps; throws (409, 403) when that forbids it. */
  conflicts(apps: readonly string[], force: boolean): readonly Deployment[] {
    const locked = this.running().filter((one) => one.affected.some((id) => apps.includes(id)));
    if (locked.length > 0 && !force) {
      throw new ApiError(
        409,
        "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
        { deployments: locked.map(({ id }) => ({ id })) },
      );
    }
    if (this.#running.size - locked.length >= MAX_RUNNING) {
      throw new ApiError(
        403,
        `Max number (${MAX_RUNNING}) of running deployments is achieved. Wait for existing deployments to complete or cancel one.`,
      );
    }
    return locked;
  }

  /** Begins a deployment once those it displaces have ended. */
  start(
    change: Pick<Deployment, 'version' | 'original' | 'target' | 'steps'>,
    displaced: readonly Deployment[],
  ): Deployment {
    const deployment: Deployment = {
      ...change,
      id: randomUUID(),
      affected: affectedApps(change.steps),
      currentStep: 0,
      cancel: new AbortController(),
      ended: Promise.resolve(),
    };
    this.#running.set(deployment.id, deployment);
    for (const other of displaced) other.cancel.abort();
    deployment.ended = this.#run(deployment, displaced);
    return deployment;
  }

  cancel(deployment: Deployment): void {
    deployment.cancel.abort();
  }

  async stop(): Promise<void> {
    const running = this.running();
    for (const deployment of running) deployment.cancel.abort();
    await Promise.all(running.map((deployment) => deployment.ended));
  }

  async #run(deployment: Deployment, displaced: readonly Deployment[]): Promise<void> {
    const { bus, log, instances } = this.#options;
    const { id, cancel } = deployment;
    const plan = this.#planJson(deployment);
    const readiness = new ReadinessPolls(instances);
    await Promise.all(displaced.map((other) => other.ended));
    try {
      for (const step of deployment.steps) {
        if (cancel.signal.aborted) throw new Cancelled();
        deployment.currentStep += 1;
        const currentStep = stepJson(step);
        bus.publish('deployment_info', { plan, currentStep });
        try {
          await this.#step(deployment, step, readiness);
        } catch (error) {
          bus.publish('deployment_step_failure', { plan, currentStep });
          throw error;
        }
        bus.publish('deployment_step_success', { plan, currentStep });
      }
      this.#running.delete(id);
      bus.publish('deployment_success', { id, plan });
    } catch (error) {
      this.#running.delete(id);
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Cancelled)) {
        log.error({ deployment: id, apps: deployment.affected }, `deployment failed: ${reason}`);
      }
      bus.publish('deployment_failed', { id, plan, reason });
    } finally {
      readiness.stop();
    }
  }

  async #step(deployment: Deployment, step: Step, readiness: ReadinessPolls): Promise<void> {
    const { bus, health, instances } = this.#options;
    const { signal } = deployment.cancel;
    this.#warnOfIgnored(step);
    const actions = step.map(async (action) => {
      if (action.action === 'StopApplication') health.unregister(action.app.id);
      else health.register(deployment.target.get(action.app.id) ?? action.app);
      await carryOut({ instances, readiness, signal }, action);
      if (action.action === 'StopApplication') {
        bus.publish('app_terminated_event', { appId: action.app.id });
      }
    });
    // All of them must have ended before the step has, or a failed one would leave the others at work.
    const results = await Promise.allSettled(actions);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #warnOfIgnored(step: Step): void {
    for (const { action, app } of step) {
      if (action !== 'StartApplication' && action !== 'RestartApplication') continue;
      const parts = ignoredParts(app);
      if (parts.length === 0) continue;
      const { log } = this.#options;
      log.warn({ app: app.id }, `app ${app.id}: no effect here have ${parts.join(', ')}`);
    }
  }

  #planJson({ id, steps, version }: Deployment): JsonObject {
    return { id, steps: steps.map(stepJson), version };
  }
}
