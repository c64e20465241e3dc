// Formats, made into functions: literal text and what is fetched for each request. What was fetched is
// only ever a value: nothing in it is read as syntax.

import { expanded } from '../../pattern/pattern.ts';
import type { Format } from '../../plan/plan.ts';
import { lastOf, makeFetcher } from './fetch.ts';
import { bytesOf } from './head-text.ts';
import type { Subject } from './subject.ts';

/** `groups` are those of the pattern that matched; `\1` in literal text names them. */
export type Formatter = (subject: Subject, groups?: readonly string[]) => string;

export function makeFormatter(format: Format): Formatter {
  const parts = format.map((part) =>
    typeof part === 'string' ? bytesOf(part) : makeFetcher(part),
  );
  return (subject, groups) => {
    let out = '';
    for (const part of parts) {
      if (typeof part !== 'string') out += lastOf(part(subject));
      else out += groups === undefined ? part : expanded(part, groups);
    }
    return out;
  };
}
