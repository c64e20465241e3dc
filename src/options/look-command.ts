// `teal status`, `history`, `explain`: argv and environment → typed options.

import { ADMIN_FLAGS, type AdminAccess, readAdminAccess } from './admin-flags.ts';
import { readArguments } from './command-arguments.ts';
import type { Environment } from './environment.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export type LookName = 'status' | 'history' | 'explain';

export interface LookOptions {
  readonly look: LookName;
  readonly admin: AdminAccess;
  /** URL of `explain`, service key of the others; empty = all services. */
  readonly subject: string;
  /** `Name: value` each. */
  readonly headers: readonly string[];
  readonly json: boolean;
  /** Again and again, until it is ended. */
  readonly watch: boolean;
}

export const LOOK_FLAGS: readonly Flag[] = [
  ...ADMIN_FLAGS,
  {
    name: 'header',
    short: 'H',
    takes: 'each',
    hint: "'NAME: VALUE'",
    help: 'explain: a header of the request',
  },
  { name: 'json', takes: 'nothing', help: "every balancer's answer, for machines" },
  { name: 'watch', short: 'w', takes: 'nothing', help: 'status: again every second' },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
];

/** `help` when that was asked for. Throws UsageError. */
export function readLookOptions(
  look: LookName,
  args: readonly string[],
  env: Environment,
): LookOptions | 'help' {
  const { given, names } = readArguments(look, args, LOOK_FLAGS);
  if (given.has('help')) return 'help';
  const [subject = '', surplus] = names;
  if (surplus !== undefined) throw new UsageError(`${look}: '${surplus}' is not expected here`);
  if (look === 'explain' && subject === '') {
    throw new UsageError('explain needs a URL as it would be asked for, such as http://host/path');
  }
  if (look !== 'explain' && given.has('header')) {
    throw new UsageError(`${look}: --header is for explain only`);
  }
  if (look !== 'status' && given.has('watch')) {
    throw new UsageError(`${look}: --watch is for status only`);
  }
  return {
    look,
    admin: readAdminAccess(given, env),
    subject,
    headers: given.get('header') ?? [],
    json: given.has('json'),
    watch: given.has('watch'),
  };
}
