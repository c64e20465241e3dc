// `teal cutover`, `rollback`, `split`, `release`, `drain`, `server`, `freeze`, `unfreeze`: argv and
// environment → typed options.

import { ADMIN_FLAGS, type AdminAccess, authorOf, readAdminAccess } from './admin-flags.ts';
import { readArguments } from './command-arguments.ts';
import type { Given } from './command-line.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { numberOf } from './flag-values.ts';
import type { Flag } from './flags.ts';
import { type AccessOptions, accessOptionsOf } from './marathon-access.ts';
import { MARATHON_FLAGS, marathonsOf } from './marathon-flags.ts';
import { UsageError } from './usage-error.ts';

export const ORDER_NAMES = [
  'cutover',
  'rollback',
  'split',
  'release',
  'drain',
  'server',
  'freeze',
  'unfreeze',
] as const;

export type OrderName = (typeof ORDER_NAMES)[number];

const SERVER_STATES = ['ready', 'drain', 'maint'] as const;

export type ServerState = (typeof SERVER_STATES)[number];

export interface ScaleUp {
  readonly marathon: readonly string[];
  readonly access: AccessOptions;
  /** 0 = as many as the colour that is live has. */
  readonly instances: number;
  readonly maxWaitMs: number;
}

export interface OrderOptions {
  readonly order: OrderName;
  readonly admin: AdminAccess;
  /** Empty = all, of `freeze` and `unfreeze`. */
  readonly service: string;
  /** Empty = the obvious one. */
  readonly colour: string;
  /** Percents by colour, of `split`. */
  readonly shares: Readonly<Record<string, number>>;
  /** By svname, of `server`. */
  readonly servers: Readonly<Record<string, ServerState>>;
  /** How long what is in flight may go on, or a freeze lasts; null = as the balancers would have it. */
  readonly seconds: number | null;
  readonly force: boolean;
  readonly by: string;
  readonly why: string;
  readonly json: boolean;
  /** Null = a colour without servers is not rolled back to. */
  readonly scaleUp: ScaleUp | null;
}

export const ORDER_FLAGS: readonly Flag[] = [
  ...ADMIN_FLAGS,
  { name: 'by', takes: 'value', hint: 'NAME', help: 'who orders, for the history (who runs this)' },
  { name: 'why', takes: 'value', hint: 'TEXT', help: 'why, for the history' },
  {
    name: 'seconds',
    takes: 'value',
    hint: 'N',
    help: 'cutover, rollback, drain: how long what is in flight may go on; freeze: how long it lasts (3600)',
  },
  { name: 'force', takes: 'nothing', help: 'cutover: to a colour that is not wholly ready, too' },
  {
    name: 'scale-up',
    takes: 'nothing',
    help: 'rollback: scale the old colour up in Marathon first, and wait until it is warm',
  },
  ...MARATHON_FLAGS,
  {
    name: 'instances',
    takes: 'value',
    hint: 'N',
    help: 'with --scale-up: how many (as many as the live colour has)',
  },
  {
    name: 'max-wait',
    takes: 'value',
    hint: 'SECONDS',
    help: 'with --scale-up: until the old colour is warm (300)',
  },
  { name: 'json', takes: 'nothing', help: "every instance's answer, for machines" },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
];

const MAX_SECONDS = 30 * 86_400;

/** `help` when that was asked for. Throws UsageError. */
export function readOrderOptions(
  order: OrderName,
  args: readonly string[],
  env: Environment,
): OrderOptions | 'help' {
  const { given, names } = readArguments(order, args, ORDER_FLAGS);
  if (given.has('help')) return 'help';
  const isOfAll = order === 'freeze' || order === 'unfreeze';
  const [service, ...rest] = isOfAll ? ['', ...names] : names;
  if (service === undefined) {
    throw new UsageError(`${order} needs a service: its port, key, app id or host`);
  }
  const takesColour = order === 'cutover' || order === 'rollback' || order === 'drain';
  const takesList = order === 'split' || order === 'server';
  const surplus = takesList ? undefined : rest[takesColour ? 1 : 0];
  if (surplus !== undefined) throw new UsageError(`${order}: '${surplus}' is not expected here`);
  return {
    order,
    admin: readAdminAccess(given, env),
    service,
    colour: takesColour ? (rest[0] ?? '') : '',
    shares: order === 'split' ? sharesOf(rest) : {},
    servers: order === 'server' ? serversOf(rest) : {},
    seconds: given.has('seconds') ? numberOf(given, 'seconds', 0, 0, MAX_SECONDS) : null,
    force: given.has('force'),
    by: authorOf(given, env, order),
    why: given.get('why')?.[0] ?? '',
    json: given.has('json'),
    scaleUp: order === 'rollback' && given.has('scale-up') ? scaleUpOf(given, env) : null,
  };
}

function sharesOf(words: readonly string[]): Readonly<Record<string, number>> {
  const shares = new Map<string, number>();
  for (const word of words) {
    const [, colour = '', percent = ''] = /^(.+)=(\d{1,3})%?$/.exec(word) ?? [];
    if (colour === '') {
      throw new UsageError(`split: '${word}': expected COLOUR=PERCENT such as blue=80`);
    }
    if (shares.has(colour)) throw new UsageError(`split: ${colour} stands there twice`);
    shares.set(colour, Number(percent));
  }
  const sum = [...shares.values()].reduce((total, percent) => total + percent, 0);
  if (sum !== 100) {
    throw new UsageError(
      `split: the shares are ${sum} together; expected 100 as in blue=80 green=20`,
    );
  }
  return Object.fromEntries(shares);
}

function serversOf(words: readonly string[]): Readonly<Record<string, ServerState>> {
  const state = SERVER_STATES.find((one) => one === words.at(-1));
  const servers = words.slice(0, -1);
  if (state === undefined || servers.length === 0) {
    throw new UsageError(
      `server: expected SERVICE SERVER… ${SERVER_STATES.join('|')}, as in 10080 10_0_6_25_31002 drain`,
    );
  }
  return Object.fromEntries(servers.map((server) => [server, state]));
}

function scaleUpOf(given: Given, env: Environment): ScaleUp {
  return {
    marathon: marathonsOf(given),
    access: accessOptionsOf(given, readEnvironment(env)),
    instances: numberOf(given, 'instances', 0, 1, 10_000),
    maxWaitMs: numberOf(given, 'max-wait', 300, 1, 86_400) * 1_000,
  };
}
