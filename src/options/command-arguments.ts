// argv of the commands that order, by a table of flags: flags and names in any order. Pure.

import { parseArgs } from 'node:util';
import { nearestOf } from '../catalogue/nearest.ts';
import type { Given } from './command-line.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export interface Arguments {
  readonly given: Given;
  /** What is no flag and no flag's value. */
  readonly names: readonly string[];
}

/** A flag takes one value a time here, that names may stand behind it. Throws UsageError. */
export function readArguments(
  command: string,
  args: readonly string[],
  flags: readonly Flag[],
): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(flags.map((flag) => [flag.name, optionOf(flag)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const names: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') names.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const flag = flags.find(({ name }) => name === token.name);
    if (flag === undefined) throw unknownFlag(command, rawName, flags);
    if (flag.takes === 'nothing' && value !== undefined) {
      throw new UsageError(`${command}: ${rawName} takes no value`);
    }
    if (flag.takes !== 'nothing' && (value === undefined || value === '')) {
      throw new UsageError(`${command}: ${rawName} needs a value: ${flag.hint ?? 'VALUE'}`);
    }
    const before = flag.takes === 'each' ? (given.get(flag.name) ?? []) : [];
    given.set(flag.name, value === undefined ? [] : [...before, value]);
  }
  return { given, names };
}

function optionOf({ takes, short }: Flag) {
  const type = takes === 'nothing' ? ('boolean' as const) : ('string' as const);
  return short === undefined ? { type } : { type, short };
}

function unknownFlag(command: string, rawName: string, flags: readonly Flag[]): UsageError {
  const nearest = nearestOf(
    rawName.replace(/^-+/, ''),
    flags.map(({ name }) => name),
  );
  const hint = nearest === '' ? '' : `; did you mean --${nearest}?`;
  return new UsageError(`${command}: unknown flag ${rawName}${hint}`);
}
