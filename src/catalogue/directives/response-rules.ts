// `http-response …`.

import type { Directive } from './directive.ts';
import { readCount } from './durations.ts';
import { readHeaderEdit } from './header-edits.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

export function readHttpResponse(
  words: readonly string[],
  directive: Directive,
): string | undefined {
  const rest = words.slice(1);
  const [what = '', value] = rest;
  if (what === 'capture' || what === 'set-log-level') {
    return "of HAProxy's log; --access-log decides here";
  }
  if (what === 'deny') {
    directive.onResponse({ do: 'deny' }, directive.condition(rest.slice(1)));
  } else if (what === 'set-status') {
    const hasReason = rest[2] === 'reason';
    const action = { do: 'set-status', status: readCount(value, 200, 599) } as const;
    directive.onResponse(action, directive.condition(rest.slice(hasReason ? 4 : 2)));
    return hasReason ? 'with the usual reason of that status' : undefined;
  } else {
    const found = readHeaderEdit(rest);
    if (found === null) refuse(`expected an action that Teal knows in place of ${literal(what)}`);
    directive.onResponse(found.edit, directive.condition(rest.slice(found.length)));
  }
  return undefined;
}
