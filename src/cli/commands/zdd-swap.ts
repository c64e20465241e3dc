// One side of a deployment takes over from the other, step by step, by what Marathon and every balancer
// show: looks, acts, waits, until the old side is gone or has what it keeps.

import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceFacts } from '../../admin/api/service-facts.ts';
import { ZDD_EXIT, type ZddOptions } from '../../options/zdd-command.ts';
import type { AdminClient } from './admin-client.ts';
import { findInstances } from './instances.ts';
import { type AppState, type MarathonDesk, MarathonFault } from './marathon-desk.ts';
import { callHook } from './pre-kill-hook.ts';
import type { Questions } from './questions.ts';
import { Stop } from './stop.ts';
import { progressOf } from './warm-up.ts';
import { aimOf, poolOf } from './zdd-definition.ts';
import { nextStep, type PoolServer, type Scene, type Step } from './zdd-step.ts';

/** What the steps work with. */
export interface ZddTools {
  readonly options: ZddOptions;
  readonly client: AdminClient;
  readonly marathon: MarathonDesk;
  readonly questions: Questions;
  readonly tell: (line: string) => void;
}

/** App ids. */
export interface Sides {
  readonly young: string;
  readonly old: string;
}

/** With a step delay of 0, too: looks cost the balancers something. */
const LEAST_DELAY_MS = 250;

/** Throws Stop, also when somebody declines. */
export async function swap(tools: ZddTools, sides: Sides): Promise<void> {
  const { options, tell } = tools;
  for (;;) {
    const { scene, step } = await untilStep(tools, sides);
    const { young, old } = scene;
    if (step.is === 'pair') {
      return tell(
        `${young.id} has ${young.instances} instances and ${old.id} keeps ${old.instances}`,
      );
    }
    tell(`${old.id} has ${old.instances} instances, ${young.id} has ${young.instances}`);
    if (step.kill.length > 0 && options.preKillHook !== '') await askHook(tools, scene, step.kill);
    if (step.is === 'end') {
      await agreed(tools, `${old.id} is about to be deleted. Continue?`);
      await withExit(ZDD_EXIT.remove, () => tools.marathon.remove(old.id, old.deploying));
      return tell(`${old.id} is deleted, ${young.id} has ${young.instances} instances`);
    }
    if (step.kill.length > 0) {
      const list = step.kill.map((task) => `\n  - ${task}`).join('');
      await agreed(tools, `${step.kill.length} tasks are about to be killed:${list}\nContinue?`);
      await withExit(ZDD_EXIT.scale, () => tools.marathon.kill(step.kill));
      tell(`${old.id}: ${step.kill.length} tasks fewer`);
    }
    if (step.grow !== null) {
      const body = { instances: step.grow };
      await withExit(ZDD_EXIT.scale, () => tools.marathon.put(young.id, body));
      tell(`${young.id}: from ${young.instances} to ${step.grow} instances`);
    }
    await pause(delayOf(options));
  }
}

/** What would be done next, in words. */
export async function foresee(tools: ZddTools, sides: Sides): Promise<string> {
  const scene = await lookAt(tools, sides);
  const { young, old } = scene;
  const step = nextStep(scene, aimOf(young, old, tools.options), false);
  switch (step.is) {
    case 'wait':
      return `would wait: ${young.deploying ? progressOf(young) : step.why}`;
    case 'pair':
      return `nothing is left to be done: ${young.id} has ${young.instances} instances, ${old.id} ${old.instances}`;
    case 'end':
      return `would delete ${old.id} with its ${old.instances} instances`;
    case 'move': {
      const kills = `would kill ${step.kill.join(', ') || 'nothing'}`;
      return step.grow === null ? kills : `${kills}, and scale ${young.id} to ${step.grow}`;
    }
  }
}

type Act = Exclude<Step, { readonly is: 'wait' }>;

/**
 * Looks until there is something to do, at most `--max-wait` for what balancers show. That Marathon is
 * changing the new side is waited for as long as it takes, as zdd.py does.
 */
async function untilStep(tools: ZddTools, sides: Sides) {
  const { options, tell } = tools;
  const reasons = new Set<string>();
  const say = (why: string) => {
    if (!reasons.has(why)) tell(`waiting: ${why}`);
    reasons.clear();
    reasons.add(why);
  };
  let since = performance.now();
  let scene = await lookAt(tools, sides);
  for (;;) {
    const isLate = performance.now() - since >= options.maxWaitMs;
    const { young, old } = scene;
    const step: Step = young.deploying
      ? { is: 'wait', why: progressOf(young) }
      : nextStep(scene, aimOf(young, old, options), isLate);
    if (step.is !== 'wait') {
      if (isLate) tell(`${options.maxWaitMs / 1_000} s are over; going on with what has drained`);
      return { scene, step: step satisfies Act };
    }
    say(step.why);
    if (young.deploying || isLate) since = performance.now();
    scene = await nextLook(tools, sides, since, say);
  }
}

/** Whoever is silent for a moment is asked again, until the step is late. */
async function nextLook(
  tools: ZddTools,
  sides: Sides,
  since: number,
  say: (why: string) => void,
): Promise<Scene> {
  for (;;) {
    await pause(delayOf(tools.options));
    try {
      return await lookAt(tools, sides);
    } catch (error) {
      const isLate = performance.now() - since >= tools.options.maxWaitMs;
      if (!(error instanceof Stop) || isLate) throw error;
      say(error.message);
    }
  }
}

/** Throws Stop. */
async function lookAt(tools: ZddTools, sides: Sides): Promise<Scene> {
  const appOf = async (id: string): Promise<AppState> => {
    const app = await withExit(ZDD_EXIT.marathon, () => tools.marathon.app(id));
    if (app === null) throw new Stop(ZDD_EXIT.marathon, `${id} is not in Marathon any more`);
    return app;
  };
  const [young, old] = await Promise.all([appOf(sides.young), appOf(sides.old)]);
  return { young, old, pools: await poolsOf(tools, young) };
}

/** The pool that a side is in, on every balancer. Throws Stop where one of them does not say. */
export async function poolsOf({ options, client }: ZddTools, side: AppState) {
  const found = await findInstances(options.lbs);
  if ('error' in found) throw new Stop(ZDD_EXIT.balancer, found.error);
  const name = poolOf(side);
  const pools = await Promise.all(
    found.instances.map(async (instance): Promise<[string, readonly PoolServer[]]> => {
      const read = await client.read(instance, `/_teal/services/${encodeURIComponent(name)}`);
      if ('error' in read) throw new Stop(ZDD_EXIT.balancer, read.error);
      const { colours = [] } = read.answer as Partial<ServiceFacts>;
      return [instance, colours.find((colour) => colour.name === name)?.servers ?? []];
    }),
  );
  return new Map(pools);
}

async function askHook(
  { options, tell }: ZddTools,
  { young, old }: Scene,
  kill: readonly string[],
): Promise<void> {
  tell(`calling ${options.preKillHook}`);
  const reason = await callHook(options.preKillHook, old, kill, young);
  if (reason === null) return;
  const what = `--pre-kill-hook ${options.preKillHook} did not agree (${reason})`;
  throw new Stop(ZDD_EXIT.fault, what, 'nothing is killed; --resume goes on');
}

/** Throws Stop when somebody declines, or nobody is there to be asked. */
export async function agreed({ options, questions }: ZddTools, question: string): Promise<void> {
  if (options.force) return;
  const answer = await questions.ask(question);
  if (answer === true) return;
  throw answer === false
    ? new Stop(ZDD_EXIT.declined, 'declined; --resume goes on')
    : new Stop(ZDD_EXIT.fault, 'nobody answers; --force goes on without asking');
}

/** zdd.py's exit codes say what was being done. */
export async function withExit<T>(exitCode: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MarathonFault) throw new Stop(exitCode, error.message);
    throw error;
  }
}

function delayOf({ stepDelayMs }: ZddOptions): number {
  return Math.max(LEAST_DELAY_MS, stepDelayMs);
}
