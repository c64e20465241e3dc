// `teal zdd`: the flags of zdd.py, read as its parser reads them → typed options.

import type { LogLevel } from '../log/logger.ts';
import { statsPortUrl } from './admin-flags.ts';
import { type Given, readCommandLine, withoutEffect } from './command-line.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { logLevelOf, numberOf } from './flag-values.ts';
import type { Flag } from './flags.ts';
import { type AccessOptions, accessOptionsOf } from './marathon-access.ts';
import { MARATHON_FLAGS, marathonsOf } from './marathon-flags.ts';
import { UsageError } from './usage-error.ts';

/** zdd.py's own exit codes; 0 is done. */
export const ZDD_EXIT = {
  done: 0,
  declined: 1,
  /** Wrong usage, a hook that did not agree, a deployment that is going on: whatever has no code. */
  fault: 2,
  /** Flags that do not go together, or with what is deployed. */
  flags: 3,
  /** The definition lacks something. */
  field: 4,
  balancer: 5,
  /** Marathon could not be asked. */
  marathon: 6,
  create: 7,
  remove: 8,
  scale: 9,
} as const;

export interface ZddOptions {
  /** App definition. */
  readonly json: string;
  readonly marathon: readonly string[];
  readonly marathonAccess: AccessOptions;
  /** Base URLs of stats ports; each name may stand for several instances. */
  readonly lbs: readonly string[];
  readonly dryRun: boolean;
  /** Nobody is asked. */
  readonly force: boolean;
  readonly stepDelayMs: number;
  /** A step goes on with what there is then. */
  readonly maxWaitMs: number;
  readonly initialInstances: number;
  /** Instances that each step adds; 0 = half as many again. */
  readonly linearIncrease: number;
  /** Instances of the new app beside the old one's; 0 = it replaces the old one. */
  readonly newInstances: number;
  /** Which side of a pair is to be all of it. */
  readonly complete: 'current' | 'previous' | null;
  readonly resume: boolean;
  /** Empty = none. */
  readonly preKillHook: string;
  readonly logLevel: LogLevel;
  /** What takes the place of flags that were given, a line each. */
  readonly replaced: readonly string[];
}

const value = (name: string, short: string, hint: string, help: string): Flag => ({
  name,
  short,
  takes: 'value',
  hint,
  help,
});
const plain = (name: string, short: string, help: string): Flag => ({
  name,
  short,
  takes: 'nothing',
  help,
});

export const ZDD_FLAGS: readonly Flag[] = [
  ...MARATHON_FLAGS.map(asOfZdd),
  {
    name: 'marathon-lb',
    short: 'l',
    takes: 'each',
    hint: 'URL',
    help: 'stats port of the balancers, every address of its name is one (required)',
  },
  value('json', 'j', 'FILE', 'app definition (required)'),
  plain('dry-run', 'd', 'print the definition and say what would be done'),
  plain(
    'force',
    'f',
    'do not ask before the deployment, before tasks are killed and an app is deleted',
  ),
  value('step-delay', 's', 'SECONDS', 'between two steps, and between two looks (5)'),
  value('max-wait', 'w', 'SECONDS', 'a step waits so long for servers to be UP and drained (300)'),
  value('initial-instances', 'i', 'N', 'instances the new app begins with (1)'),
  {
    name: 'linear-increase',
    takes: 'value',
    hint: 'N',
    help: 'instances added in each step; 0 = half as many again (0)',
  },
  value(
    'new-instances',
    'n',
    'N',
    'stop at so many new instances and keep the rest of the old (0)',
  ),
  plain('complete-cur', 'c', 'of two apps, the newer one is to be all of it'),
  plain('complete-prev', 'p', 'of two apps, the older one is to be all of it'),
  plain('resume', 'r', 'go on with the deployment that two apps are left of'),
  {
    name: 'pre-kill-hook',
    takes: 'value',
    hint: 'PROGRAM',
    help: 'called with the old app, the task ids to be killed and the new app in JSON; not 0 ends it',
  },
  {
    name: 'log-level',
    takes: 'value',
    hint: 'LEVEL',
    help: 'debug, info, warning, error or critical; above info only what is wrong is told (info)',
  },
  {
    name: 'syslog-socket',
    takes: 'value',
    help: '',
    insteadOf: 'what it does goes to standard error',
  },
  { name: 'log-format', takes: 'value', help: '', insteadOf: 'what it does is told line by line' },
  { name: 'longhelp', takes: 'nothing', help: 'this text' },
  plain('help', 'h', 'this text'),
];

const DAY_SECONDS = 86_400;
const MAX_INSTANCES = 1_000_000;

/** zdd.py has no default, and knows nothing of our own flag. */
function asOfZdd(flag: Flag): Flag {
  if (flag.name === 'marathon') {
    return { ...flag, help: 'Marathon, in order of preference (required)' };
  }
  return flag.name === 'marathon-tls-verify' ? { ...flag, ours: true } : flag;
}

/** `help` when that was asked for. Throws UsageError. */
export function readZddOptions(args: readonly string[], env: Environment): ZddOptions | 'help' {
  const given = readCommandLine(args, ZDD_FLAGS);
  if (given.has('help') || given.has('longhelp')) return 'help';
  for (const name of ['marathon', 'marathon-lb', 'json']) {
    if (!given.has(name)) throw new UsageError(`zdd: --${name} is required`);
  }
  const seconds = (name: string, fallback: number) =>
    numberOf(given, name, fallback, 0, DAY_SECONDS) * 1_000;
  const instances = (name: string, fallback: number) =>
    numberOf(given, name, fallback, 0, MAX_INSTANCES);
  return {
    json: given.get('json')?.[0] ?? '',
    marathon: marathonsOf(given),
    marathonAccess: asFault(() => accessOptionsOf(given, readEnvironment(env))),
    lbs: (given.get('marathon-lb') ?? []).map((text) => statsPortUrl('--marathon-lb', text)),
    dryRun: given.has('dry-run'),
    force: given.has('force'),
    stepDelayMs: seconds('step-delay', 5),
    maxWaitMs: seconds('max-wait', 300),
    initialInstances: instances('initial-instances', 1),
    linearIncrease: instances('linear-increase', 0),
    newInstances: instances('new-instances', 0),
    complete: completeOf(given),
    resume: given.has('resume'),
    preKillHook: given.get('pre-kill-hook')?.[0] ?? '',
    logLevel: logLevelOf(given),
    replaced: withoutEffect(given, ZDD_FLAGS),
  };
}

/** Wrong usage has a code of its own here: 1 says that somebody declined. */
export function asFault<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message, ZDD_EXIT.fault);
    throw error;
  }
}

function completeOf(given: Given): ZddOptions['complete'] {
  if (given.has('complete-cur') && given.has('complete-prev')) {
    const text = 'zdd: expected --complete-cur or --complete-prev, not both';
    throw new UsageError(text, ZDD_EXIT.flags);
  }
  if (given.has('complete-cur')) return 'current';
  return given.has('complete-prev') ? 'previous' : null;
}
