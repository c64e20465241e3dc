// `http-request set-path`, `set-query`, `set-uri`, `set-method`, `replace-path` and `replace-uri`.

import type { Format } from '../policy.ts';
import type { Directive } from './directive.ts';
import { readFormat, readText } from './formats.ts';
import { checkPattern } from './patterns.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

const TARGETS: Readonly<Record<string, 'set-method' | 'set-path' | 'set-query' | 'set-target'>> = {
  'set-method': 'set-method',
  'set-path': 'set-path',
  'set-query': 'set-query',
  'set-uri': 'set-target',
};
const REPLACED: Readonly<Record<string, 'replace-path' | 'replace-target'>> = {
  'replace-path': 'replace-path',
  'replace-uri': 'replace-target',
};
/** True if the words are one of them. */
export function readTargetEdit(words: readonly string[], directive: Directive): boolean {
  const [what = '', first, second] = words;
  const target = Object.hasOwn(TARGETS, what) ? TARGETS[what] : undefined;
  if (target !== undefined) {
    const value = readFormat(first);
    if (target === 'set-path' || target === 'set-target') checkStart(value);
    directive.onRequest({ do: target, value }, directive.condition(words.slice(2)));
    return true;
  }
  const replaced = Object.hasOwn(REPLACED, what) ? REPLACED[what] : undefined;
  if (replaced === undefined) return false;
  const pattern = checkPattern(literal(first ?? refuse('expected a pattern and a value')), false);
  const value = readText(second);
  checkStart([value]);
  const action = { do: replaced, pattern, ignoresCase: false, value } as const;
  directive.onRequest(action, directive.condition(words.slice(3)));
  return true;
}

/** The whole is replaced: what does not begin with a slash then is no path. */
function checkStart([start]: Format): void {
  const isPath = typeof start !== 'string' || start.startsWith('/') || /^\\\d/.test(start);
  if (start === undefined || !isPath) refuse('expected a path, which begins with a slash');
}
