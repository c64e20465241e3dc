// argv → values by flag, checked against a table of flags, with the liberties of Python's argparse that
// command lines of Marathon-LB take: abbreviations, `--flag=value`, `-mURL`, lists. Pure.

import { nearestOf } from '../catalogue/nearest.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** Values by flag name: absent = not given; a flag that takes nothing has an empty list. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** Reads what follows the command. Throws UsageError for anything that is not in the table. */
export function readCommandLine(args: readonly string[], flags: readonly Flag[]): Given {
  const given = new Map<string, string[]>();
  /** Values of a list that may go on. */
  let open: string[] | null = null;
  let place = 0;
  while (place < args.length) {
    const arg = args[place] as string;
    place += 1;
    if (!looksLikeFlag(arg)) {
      // argparse's nargs=+: `--marathon http://a http://b`.
      if (open === null) throw new UsageError(`'${arg}' is not expected here`);
      open.push(arg);
      continue;
    }
    open = null;
    for (const { flag, written, inline } of flagsIn(arg, flags)) {
      if (flag.takes === 'nothing') {
        if (inline !== null) throw new UsageError(`${written} takes no value`);
        given.set(flag.name, []);
        continue;
      }
      const value = inline ?? args[place];
      if (value === undefined || (inline === null && looksLikeFlag(value))) {
        throw new UsageError(`${written} needs a value: ${flag.hint ?? 'VALUE'}`);
      }
      if (inline === null) place += 1;
      const values = flag.takes === 'value' ? [value] : [...(given.get(flag.name) ?? []), value];
      given.set(flag.name, values);
      open = flag.takes === 'list' ? values : null;
    }
  }
  return given;
}

interface Found {
  readonly flag: Flag;
  /** For messages: never abbreviated. */
  readonly written: string;
  /** A value in the same word; null = none. */
  readonly inline: string | null;
}

/** argparse's rule: negative numbers and what holds a blank are values. */
function looksLikeFlag(arg: string): boolean {
  return /^-[^ ]+$/.test(arg) && !/^-\d*\.?\d+$/.test(arg);
}

/** One flag, or several short ones in one word (`-sH`). */
function flagsIn(arg: string, flags: readonly Flag[]): readonly Found[] {
  if (arg.startsWith('--')) {
    const [written = '', ...rest] = arg.split('=');
    const inline = rest.length === 0 ? null : rest.join('=');
    const flag = longFlag(written, flags);
    return [{ flag, written: `--${flag.name}`, inline }];
  }
  const found: Found[] = [];
  for (let place = 1; place < arg.length; place += 1) {
    const written = `-${arg[place]}`;
    const flag = flags.find((one) => one.short === arg[place]);
    if (flag === undefined) throw new UsageError(`unknown flag ${written}`);
    const rest = arg.slice(place + 1).replace(/^=/, '');
    const takesRest = flag.takes !== 'nothing' && rest !== '';
    found.push({ flag, written, inline: takesRest ? rest : null });
    if (takesRest) break;
  }
  return found;
}

/** By its name, or the only one of Marathon-LB's that begins so, as argparse takes it. */
function longFlag(written: string, flags: readonly Flag[]): Flag {
  const name = written.slice(2);
  const exact = flags.find((flag) => flag.name === name);
  if (exact !== undefined) return exact;
  const candidates = flags.filter(
    (flag) => flag.ours !== true && name !== '' && flag.name.startsWith(name),
  );
  if (candidates.length > 1) {
    const names = candidates.map((flag) => `--${flag.name}`).join(', ');
    throw new UsageError(`${written} could be ${names}; write it out`);
  }
  if (candidates[0] !== undefined) return candidates[0];
  const nearest = nearestOf(
    name,
    flags.map((flag) => flag.name),
  );
  const hint = nearest === '' ? '' : `; did you mean --${nearest}?`;
  throw new UsageError(`unknown flag ${written}${hint}`);
}

/** What takes the place of flags that are only accepted, a line each. */
export function withoutEffect(given: Given, flags: readonly Flag[]): string[] {
  return flags
    .filter((flag) => flag.insteadOf !== undefined && given.has(flag.name))
    .filter((flag) => flag.name !== 'syslog-socket' || given.get(flag.name)?.[0] !== '/dev/null')
    .map((flag) => `--${flag.name} has no effect: ${flag.insteadOf}`);
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
