// `teal deploy`: argv and environment → typed options.

import { ADMIN_FLAGS, type AdminAccess, authorOf, readAdminAccess } from './admin-flags.ts';
import { readArguments } from './command-arguments.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { numberOf } from './flag-values.ts';
import type { Flag } from './flags.ts';
import { type AccessOptions, accessOptionsOf } from './marathon-access.ts';
import { MARATHON_FLAGS, marathonsOf } from './marathon-flags.ts';
import { UsageError } from './usage-error.ts';

export interface DeployOptions {
  /** App definition in JSON; `-` = standard input. */
  readonly file: string;
  readonly marathon: readonly string[];
  readonly marathonAccess: AccessOptions;
  readonly admin: AdminAccess;
  readonly by: string;
  readonly why: string;
  readonly dryRun: boolean;
  /** The new colour's percents in ascending order, each below 100; empty = all at once. */
  readonly canary: readonly number[];
  /** How long each of them lasts. */
  readonly stepMs: number;
  /** How long the new colour is watched once everything goes to it. */
  readonly bakeMs: number;
  /** How long what is in flight on the old colour may go on. */
  readonly drainSeconds: number;
  /** Until the new colour is ready. */
  readonly maxWaitMs: number;
  /** Program that may stop the end of the old colour; empty = none. */
  readonly preKillHook: string;
  readonly oldColour: 'scale to 0' | 'delete' | 'keep';
}

export const DEPLOY_FLAGS: readonly Flag[] = [
  ...MARATHON_FLAGS,
  ...ADMIN_FLAGS,
  {
    name: 'by',
    takes: 'value',
    hint: 'NAME',
    help: 'who deploys, for the history (who runs this)',
  },
  { name: 'why', takes: 'value', hint: 'TEXT', help: 'why, for the history' },
  { name: 'dry-run', short: 'd', takes: 'nothing', help: 'only say what would be done' },
  {
    name: 'canary',
    takes: 'value',
    hint: 'LIST',
    help: 'percents of the requests the new colour gets one after the other (100)',
  },
  {
    name: 'step-seconds',
    takes: 'value',
    hint: 'N',
    help: 'how long each of these steps lasts (60)',
  },
  {
    name: 'bake-seconds',
    takes: 'value',
    hint: 'N',
    help: 'how long the new colour is watched before the old one is ended (30)',
  },
  {
    name: 'drain-seconds',
    takes: 'value',
    hint: 'N',
    help: 'how long what is in flight on the old colour may go on (60)',
  },
  {
    name: 'max-wait',
    takes: 'value',
    hint: 'SECONDS',
    help: 'until the new colour is ready (300)',
  },
  {
    name: 'pre-kill-hook',
    takes: 'value',
    hint: 'PROGRAM',
    help: 'called with the old app, its task ids and the new app in JSON; not 0 keeps the old one',
  },
  { name: 'keep-old', takes: 'nothing', help: 'leave the old colour as it is, warm' },
  { name: 'delete-old', takes: 'nothing', help: 'delete the old colour (scaled to 0)' },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
];

const DAY_SECONDS = 86_400;

/** `help` when that was asked for. Throws UsageError. */
export function readDeployOptions(
  args: readonly string[],
  env: Environment,
): DeployOptions | 'help' {
  const { given, names } = readArguments('deploy', args, DEPLOY_FLAGS);
  if (given.has('help')) return 'help';
  const [file, surplus] = names;
  if (file === undefined) throw new UsageError('deploy needs a file with an app definition');
  if (surplus !== undefined) throw new UsageError(`deploy: '${surplus}' is not expected here`);
  if (given.has('keep-old') && given.has('delete-old')) {
    throw new UsageError('deploy: expected --keep-old or --delete-old, not both');
  }
  const secondsOf = (name: string, fallback: number, least = 0) =>
    numberOf(given, name, fallback, least, DAY_SECONDS);
  return {
    file,
    marathon: marathonsOf(given),
    marathonAccess: accessOptionsOf(given, readEnvironment(env)),
    admin: readAdminAccess(given, env),
    by: authorOf(given, env, 'deploy'),
    why: given.get('why')?.[0] ?? '',
    dryRun: given.has('dry-run'),
    canary: canaryOf(given.get('canary')?.[0] ?? '100'),
    stepMs: secondsOf('step-seconds', 60) * 1_000,
    bakeMs: secondsOf('bake-seconds', 30) * 1_000,
    drainSeconds: secondsOf('drain-seconds', 60),
    maxWaitMs: secondsOf('max-wait', 300, 1) * 1_000,
    preKillHook: given.get('pre-kill-hook')?.[0] ?? '',
    oldColour: given.has('keep-old') ? 'keep' : given.has('delete-old') ? 'delete' : 'scale to 0',
  };
}

function canaryOf(text: string): readonly number[] {
  const percents = text.split(',').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 0));
  const ascends = percents.every((percent, place) => percent > (percents[place - 1] ?? 0));
  if (!ascends || percents.some((percent) => percent > 100)) {
    throw new UsageError(`--canary '${text}': expected ascending percents such as 5,25,50,100`);
  }
  return percents.filter((percent) => percent < 100);
}
