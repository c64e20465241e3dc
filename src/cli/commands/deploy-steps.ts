// The steps of a deployment, each of which can be done again: what is done already is left as it is.

import { setTimeout as pause } from 'node:timers/promises';
import { poolName } from '../../catalogue/names.ts';
import type { DeployOptions } from '../../options/deploy-command.ts';
import type { AdminClient, Order } from './admin-client.ts';
import { type Definition, DIGEST_LABEL } from './definition.ts';
import { hasFailed, orderOnAll } from './fleet-order.ts';
import type { FleetLease } from './lease.ts';
import type { AppState, MarathonDesk } from './marathon-desk.ts';
import { ORDER_EXIT, untilTaken } from './order.ts';
import { callHook } from './pre-kill-hook.ts';
import { Stop } from './stop.ts';
import { isWarm, untilWarm } from './warm-up.ts';

export const DEPLOY_EXIT = { ...ORDER_EXIT, hook: 5, wentBack: 6 } as const;

/** What the steps work with. */
export interface Tools {
  readonly options: DeployOptions;
  readonly definition: Definition;
  readonly client: AdminClient;
  readonly instances: readonly string[];
  readonly marathon: MarathonDesk;
  readonly lease: FleetLease;
  readonly tell: (line: string) => void;
}

const WATCH_EVERY_MS = 500;
/** Balancers cut what is left at the deadline, and count it a moment later. */
const DRAIN_MARGIN_MS = 5_000;

/** Creates or updates the app, and waits until all of it is usable. */
export async function warmUp(tools: Tools, target: string, deadlineMs: number): Promise<AppState> {
  const { definition, marathon, lease, options, tell } = tools;
  const before = await marathon.app(target);
  if (isMadeFrom(before, definition) && before.instances >= definition.instances) {
    tell(`${target} is in Marathon already, from this very definition`);
  } else {
    tell(`${target}: ${before === null ? 'created' : 'updated'} in Marathon`);
    await marathon.put(target, { ...definition.body, id: target });
  }
  const app = await untilWarm(marathon, target, deadlineMs, tell, () => lease.keep());
  if (app !== null) return app;
  throw new Stop(
    DEPLOY_EXIT.refused,
    `${target} is not ready after ${options.maxWaitMs / 1_000} s; requests go where they went before`,
    `look at its tasks, then run this again, or scale it to 0 in Marathon`,
  );
}

export function isMadeFrom(app: AppState | null, { body }: Definition): app is AppState {
  const digest = Reflect.get(Object(body['labels']), DIGEST_LABEL);
  return app !== null && app.labels[DIGEST_LABEL] === digest;
}

/** Until the balancers know the new service by themselves and serve it. */
export async function firstTime({ lease, options }: Tools, target: string, deadlineMs: number) {
  for (;;) {
    const situation = await lease.take();
    // Held, the balancers would not choose it.
    await lease.end();
    if ('live' in situation && situation.live === target) return;
    if (Date.now() >= deadlineMs) {
      const why = 'errors' in situation ? situation.errors : ['another app is live'];
      const limit = `${options.maxWaitMs / 1_000} s`;
      throw new Stop(DEPLOY_EXIT.refused, ...why, `${target} is not live after ${limit}`);
    }
    await pause(WATCH_EVERY_MS);
  }
}

/** Gives the new colour its shares one after the other. */
export async function canary(tools: Tools, target: string, old: string, deadlineMs: number) {
  const { options, tell } = tools;
  for (const percent of options.canary) {
    const shares = { [target]: percent, [old]: 100 - percent };
    await command(tools, { order: 'split', shares }, deadlineMs);
    tell(`${percent} % of the requests go to ${target}, for ${options.stepMs / 1_000} s`);
    await watch(tools, target, old, options.stepMs, false);
  }
}

export async function cutOver(tools: Tools, target: string, deadlineMs: number): Promise<void> {
  const { options, tell, instances } = tools;
  const order = { order: 'cutover', colour: target, seconds: options.drainSeconds } as const;
  const tookMs = await command(tools, order, deadlineMs);
  tell(`${target} is live on all balancers (${instances.length}), in ${tookMs.toFixed(1)} ms`);
}

export function release(tools: Tools): Promise<number> {
  return command(tools, { order: 'release' }, Date.now());
}

/** For a while: whoever loses all its servers, or is left by a balancer, ends the deployment. */
export async function watch(
  tools: Tools,
  target: string,
  old: string | null,
  ms: number,
  isLive: boolean,
): Promise<void> {
  const { lease, marathon, options } = tools;
  const untilMs = Date.now() + ms;
  while (Date.now() < untilMs) {
    await pause(Math.min(WATCH_EVERY_MS, untilMs - Date.now()));
    const situation = await lease.take();
    if (isLive && 'live' in situation && situation.live !== target) {
      const now = situation.live ?? 'nothing';
      throw new Stop(
        DEPLOY_EXIT.wentBack,
        `${target} is not live any more, ${now} is: the balancers' history says why`,
      );
    }
    const app = await marathon.app(target);
    const usable = app?.hasHealthChecks ? app.tasksHealthy : app?.tasksRunning;
    if (usable) continue;
    if (old === null) throw new Stop(DEPLOY_EXIT.refused, `${target} has lost all its tasks`);
    const colour = { order: 'cutover', colour: old, force: true } as const;
    await command(tools, colour, Date.now() + options.maxWaitMs);
    throw new Stop(DEPLOY_EXIT.wentBack, `${target} has lost all its tasks; ${old} is live again`);
  }
}

/** Until nothing is in flight on the old colour, or the balancers have cut it. */
export async function drained(tools: Tools, old: string): Promise<void> {
  const { client, instances, definition, options, lease, tell } = tools;
  const deadlineMs = Date.now() + options.drainSeconds * 1_000 + DRAIN_MARGIN_MS;
  let told = -1;
  for (;;) {
    const inFlight = await client.inFlight(instances, poolName(old, definition.port));
    if (inFlight === 0) return tell(`${old} is drained`);
    if (Date.now() >= deadlineMs) {
      return tell(`${old}: ${inFlight ?? 'an unknown number'} still in flight, which ends now`);
    }
    if (inFlight !== null && inFlight !== told) tell(`${old}: ${inFlight} in flight`);
    told = inFlight ?? told;
    await lease.keep();
    await pause(WATCH_EVERY_MS);
  }
}

/** The old colour's end, if the hook lets it. */
export async function endOld(tools: Tools, old: AppState, target: string): Promise<void> {
  const { options, marathon, lease, tell } = tools;
  if (options.oldColour === 'keep')
    return tell(`${old.id} is kept, with ${old.instances} instances`);
  if (options.preKillHook !== '') await askHook(tools, old, await marathon.app(target));
  if (options.oldColour === 'delete') {
    await marathon.remove(old.id);
    return tell(`${old.id} is deleted`);
  }
  if (old.instances > 0) await marathon.put(old.id, { instances: 0 });
  const deadlineMs = Date.now() + options.maxWaitMs;
  for (;;) {
    const app = await marathon.app(old.id);
    if (app === null || (app.tasks.length === 0 && isWarm(app))) break;
    if (Date.now() >= deadlineMs) break;
    await lease.keep();
    await pause(WATCH_EVERY_MS);
  }
  tell(`${old.id} is scaled to 0`);
}

async function askHook({ options, tell }: Tools, old: AppState, young: AppState | null) {
  tell(`calling ${options.preKillHook}`);
  const reason = await callHook(options.preKillHook, old, old.tasks, young);
  if (reason === null) return;
  throw new Stop(
    DEPLOY_EXIT.hook,
    `--pre-kill-hook ${options.preKillHook} did not agree (${reason})`,
    `the new colour is live, ${old.id} is kept; run this again to end it`,
  );
}

/** On all balancers; resolves with how long the slowest took, ms. */
async function command(
  { client, instances, lease, options, definition }: Tools,
  order: Omit<Order, 'service' | 'by' | 'why'>,
  deadlineMs: number,
): Promise<number> {
  const { by, why } = options;
  const whole = { ...order, service: String(definition.port), by, why };
  const outcome = await untilTaken(async () => {
    await lease.keep();
    return orderOnAll(client, instances, whole, lease.ids);
  }, deadlineMs);
  if (hasFailed(outcome)) throw new Stop(DEPLOY_EXIT[outcome.kind], ...outcome.errors);
  return Math.max(...outcome.map(({ done }) => done.tookMs));
}
