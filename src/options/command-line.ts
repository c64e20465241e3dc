// argv → values by flag, checked against a table of flags. Pure.

import { parseArgs } from 'node:util';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** Values by flag name: absent = not given; a flag that takes nothing has an empty list. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** Reads what follows the command. Throws UsageError for anything that is not in the table. */
export function readCommandLine(args: readonly string[], flags: readonly Flag[]): Given {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      flags.map((flag) => [
        flag.name,
        {
          type: flag.takes === 'nothing' ? ('boolean' as const) : ('string' as const),
          ...(flag.short === undefined ? {} : { short: flag.short }),
        },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  let open: string[] | null = null;
  for (const token of tokens ?? []) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // argparse's nargs=+: `--marathon http://a http://b`.
      if (open === null) throw new UsageError(`'${token.value}' is not expected here`);
      open.push(token.value);
      continue;
    }
    const flag = byName.get(token.name);
    if (flag === undefined) throw new UsageError(unknownFlag(token.rawName, flags));
    if (flag.later) {
      throw new UsageError(
        `${token.rawName} is known from Marathon-LB, but this version of Teal does not carry it out yet; leave it out`,
      );
    }
    if (flag.takes === 'nothing') {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      given.set(flag.name, []);
      open = null;
      continue;
    }
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      throw new UsageError(`${token.rawName} needs a value: ${flag.hint ?? 'VALUE'}`);
    }
    const values = given.get(flag.name) ?? [];
    if (flag.takes === 'list') values.push(token.value);
    else values.splice(0, values.length, token.value);
    given.set(flag.name, values);
    open = flag.takes === 'list' ? values : null;
  }
  return given;
}

/** The flags as `--help` lists them: what is honoured, a line each. */
export function helpOf(flags: readonly Flag[]): string {
  const shown = flags.filter((flag) => flag.help !== '');
  const heads = shown.map((flag) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return `  ${short}--${flag.name}${flag.hint === undefined ? '' : ` ${flag.hint}`}`;
  });
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return heads.map((head, place) => `${head.padEnd(width)}${shown[place]?.help}`).join('\n');
}

function unknownFlag(raw: string, flags: readonly Flag[]): string {
  const wanted = raw.replace(/^-+/, '');
  let nearest = '';
  let least = 4;
  for (const flag of flags) {
    const distance = editDistance(wanted, flag.name);
    if (distance < least) {
      least = distance;
      nearest = flag.name;
    }
  }
  return `unknown flag ${raw}${nearest === '' ? '' : `; did you mean --${nearest}?`}`;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
