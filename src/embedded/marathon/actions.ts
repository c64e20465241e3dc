// Carries out one action of a deployment: asks the arithmetic for orders after every change of the app's instances,
// gives them, and is done when the arithmetic says so.

import type { AppDefinition } from './app-definition.ts';
import type { Instance } from './instance.ts';
import type { Instances } from './instances.ts';
import type { ReadinessPolls } from './readiness.ts';
import { beginRolling, nextRolling, scaleVictims } from './rolling.ts';
import { type Action, needsNewTasks } from './upgrade.ts';

/** The deployment was told to stop; nothing it did is undone. */
export class Cancelled extends Error {
  constructor() {
    super('The upgrade has been cancelled');
    this.name = 'Cancelled';
  }
}

/** Instances of the app cannot run, and trying again would not help. */
export class Refused extends Error {
  constructor(app: AppDefinition, reason: string) {
    super(`app ${app.id}: ${reason}`);
    this.name = 'Refused';
  }
}

export interface ActionContext {
  readonly instances: Instances;
  readonly readiness: ReadinessPolls;
  readonly signal: AbortSignal;
}

/** Asks `advance` now and after each change of the app's instances until it returns true. */
function until(context: ActionContext, app: AppDefinition, advance: () => boolean): Promise<void> {
  const { instances, readiness, signal } = context;
  return new Promise((resolve, reject) => {
    let advancing = false;
    let again = false;
    let over = false;
    const end = (settle: () => void): void => {
      over = true;
      ignore();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => end(() => reject(new Cancelled()));
    const step = (): void => {
      const fresh = instances
        .of(app.id)
        .filter((one) => !one.leaving && !needsNewTasks(one.app, app));
      const refused = fresh.find((one) => one.refusal !== null);
      for (const instance of fresh) readiness.follow(instance);
      if (refused) end(() => reject(new Refused(app, refused.refusal ?? '')));
      else if (advance()) end(resolve);
    };
    // Orders change instances, which calls back in here: one loop, not a recursion.
    const onChange = (appId: string): void => {
      if (appId !== app.id || over) return;
      again = true;
      if (advancing) return;
      advancing = true;
      while (again && !over) {
        again = false;
        step();
      }
      advancing = false;
    };
    const ignore = instances.onChange(onChange);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else onChange(app.id);
  });
}

function killAll(context: ActionContext, app: AppDefinition, ids: readonly string[]): void {
  for (const instance of context.instances.of(app.id)) {
    if (ids.includes(instance.id)) context.instances.kill(instance, 'leave');
  }
}

function views(context: ActionContext, app: AppDefinition) {
  return context.instances.of(app.id).map((one) => one.view(needsNewTasks(one.app, app)));
}

async function stopApp(context: ActionContext, app: AppDefinition): Promise<void> {
  const { instances } = context;
  for (const instance of instances.of(app.id)) instances.kill(instance, 'leave');
  await until(context, app, () => instances.of(app.id).length === 0);
  instances.forget(app.id);
}

async function scale(context: ActionContext, action: Action): Promise<void> {
  const { app, sentenced } = action;
  const { instances } = context;
  const victims = scaleVictims(views(context, app), app.instances, sentenced, app.killSelection);
  killAll(context, app, victims);
  const gone = (): boolean => !instances.of(app.id).some((one) => victims.includes(one.id));
  await until(context, app, gone);

  const staying = instances.of(app.id).filter((one) => !one.leaving).length;
  const added: readonly Instance[] = instances.launch(app, Math.max(0, app.instances - staying));
  // One that somebody else has removed meanwhile cannot be waited for.
  const wanted = () => added.filter((one) => instances.of(app.id).includes(one) && !one.leaving);
  await until(context, app, () => wanted().every((one) => one.up));
}

async function restart(context: ActionContext, action: Action): Promise<void> {
  const { app } = action;
  const { instances } = context;
  instances.resetDelay(app.id);
  const working = views(context, app).filter((view) => view.old && view.active && !view.leaving);
  const rolling = beginRolling(app.instances, working.length, app.upgradeStrategy);
  await until(context, app, () => {
    const orders = nextRolling(rolling, views(context, app), app.killSelection);
    killAll(context, app, orders.kill);
    if (orders.launch > 0) instances.launch(app, orders.launch);
    return orders.done;
  });
}

/** Resolves when the action is complete; rejects with `Cancelled` or `Refused`. */
export async function carryOut(context: ActionContext, action: Action): Promise<void> {
  switch (action.action) {
    case 'StartApplication':
      return;
    case 'StopApplication':
      return stopApp(context, action.app);
    case 'ScaleApplication':
      return scale(context, action);
    case 'RestartApplication':
      return restart(context, action);
  }
}
