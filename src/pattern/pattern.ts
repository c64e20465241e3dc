// Regular expressions of operators against input of clients: matched in linear time by RE2's engine, so
// that no pattern and no input can stop a worker. What RE2 cannot do (look-around, references back)
// is not understood. Whoever reads them from labels and whoever matches by them compile the same way.

import { RE2JS } from 're2js';

export interface Pattern {
  test(text: string): boolean;
  /** The groups of the first match, the whole match first; null = none. Groups that are not in it are empty. */
  groups(text: string): readonly string[] | null;
}

/**
 * Each character costs up to as many steps as the compiled pattern has: a list of fifty words has some
 * 300, counted repetitions like `(a{1,1000})*` thousands, with which one request would take seconds.
 */
const MAX_STEPS = 500;

/** Why it cannot be used, as what is expected in its place; empty = it can. */
export function patternFault(source: string, ignoresCase: boolean): string {
  const compiled = compile(source, ignoresCase);
  return typeof compiled === 'string' ? compiled : '';
}

/** Null if it has a fault. `source` is matched as its UTF-8 bytes, one character each. */
export function makePattern(source: string, ignoresCase: boolean): Pattern | null {
  const compiled = compile(source, ignoresCase);
  if (typeof compiled === 'string') return null;
  return {
    test: (text) => compiled.test(text),
    groups: (text) => {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return null;
      return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? '');
    },
  };
}

/** `text` with `\0` to `\9` as the groups they name and `\\` as a backslash. */
export function expanded(text: string, groups: readonly string[]): string {
  return text.replace(/\\(\d|\\)/g, (_, which: string) =>
    which === '\\' ? '\\' : (groups[Number(which)] ?? ''),
  );
}

function compile(source: string, ignoresCase: boolean): RE2JS | string {
  const bytes = Buffer.from(source, 'utf8').toString('latin1');
  try {
    const compiled = RE2JS.compile(bytes, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
    return compiled.programSize() > MAX_STEPS ? 'a smaller regular expression' : compiled;
  } catch {
    return 'a regular expression that RE2 understands';
  }
}
