// Regular expressions of operators against input of clients: matched in linear time by RE2's engine, so
// that no pattern and no input can stop a worker. What RE2 cannot do (look-around, references back)
// is not understood.

import { RE2JS } from 're2js';
import { bytesOf } from './head-text.ts';

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

/** Null if it is not understood, or too large. */
export function makePattern(source: string, ignoresCase: boolean): Pattern | null {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(bytesOf(source), ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    return null;
  }
  if (compiled.programSize() > MAX_STEPS) return null;
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
