// `http-request …`, `redirect …` and `block …`.

import type { Directive } from './directive.ts';
import { readCount } from './durations.ts';
import { readText } from './formats.ts';
import { readFieldName, readHeaderEdit } from './header-edits.ts';
import type { Logic } from './logic.ts';
import { instead } from './own-fields.ts';
import { literal, placeholderIn } from './placeholders.ts';
import { readRedirect } from './redirects.ts';
import { Refusal, refuse } from './refusal.ts';
import { readTargetEdit } from './target-rules.ts';

/** What each refuses with when nothing else is said, as HAProxy does. */
const REFUSING: Readonly<Record<string, number>> = {
  deny: 403,
  tarpit: 500,
  reject: 403,
  'silent-drop': 403,
};
const NOTES: Readonly<Record<string, string>> = {
  tarpit: 'refused at once: clients are not kept waiting',
  reject: 'answered with 403, not only closed',
  'silent-drop': 'answered with 403, not only closed',
};
const OF_LOGS = ['capture', 'set-log-level'];
const OF_SOCKETS = ['set-nice', 'set-mark', 'set-tos', 'disable-l7-retry', 'strict-mode'];

export function readHttpRequest(
  words: readonly string[],
  directive: Directive,
): string | undefined {
  const rest = words.slice(1);
  const [what = ''] = rest;
  if (OF_LOGS.includes(what)) return "of HAProxy's log; --access-log decides here";
  if (OF_SOCKETS.includes(what)) return 'nothing that Teal has to be told';
  if (what === 'redirect') return readClassicRedirect(rest, directive);
  if (/^track-sc/.test(what)) return readTrack(rest, directive);
  if (Object.hasOwn(REFUSING, what)) return readRefusal(rest, directive);
  if (what === 'allow') {
    directive.allow(directive.condition(rest.slice(1)));
    return undefined;
  }
  if (what === 'return') return readReturn(rest, directive);
  if (what === 'auth') return readAuth(rest);
  if (readTargetEdit(rest, directive)) return undefined;
  return readEdit(rest, directive);
}

/** `redirect …`, which HAProxy evaluates after all `http-request` lines. */
export function readClassicRedirect(words: readonly string[], directive: Directive): undefined {
  const { action, rest } = readRedirect(words.slice(1));
  directive.onRequest(action, directive.condition(rest));
}

/** `block if …`. */
export function readBlock(words: readonly string[], directive: Directive): undefined {
  refuseWith(403, directive.condition(words.slice(1)), directive);
}

/** Refuses whom a condition holds for: a rate in it makes it a limit. */
export function refuseWith(status: number, when: Logic, directive: Directive): void {
  const { rates } = directive.draft;
  const limits = when.map((tests) => rates.limit(tests, status));
  const others = when.filter((_, place) => limits[place] === null);
  directive.onRequest({ do: 'deny', status }, others);
  for (const limit of limits) {
    if (limit !== null) directive.onRequest(limit.action, limit.when);
  }
}

/** What AUTH does by itself. */
function readAuth(words: readonly string[]): string {
  const realm = words[words.indexOf('realm') + 1] ?? '';
  if (placeholderIn(realm) !== 'realm') {
    refuse('expected HAPROXY_{n}_AUTH=realm:user:hash to ask for a password');
  }
  return 'AUTH asks for the password';
}

function readRefusal(words: readonly string[], directive: Directive): string | undefined {
  const [what = '', option, value] = words;
  const says = option === 'deny_status' || option === 'status';
  const status = says ? readCount(value, 200, 599) : (REFUSING[what] as number);
  refuseWith(status, directive.condition(words.slice(says ? 3 : 1)), directive);
  return NOTES[what];
}

/** `track-sc0 KEY if …`. */
export function readTrack(words: readonly string[], directive: Directive): undefined {
  const at = words.findIndex((word) => word === 'if' || word === 'unless');
  const end = at === -1 ? words.length : at;
  const when = directive.asked(directive.condition(words.slice(end)));
  directive.draft.rates.track(words.slice(0, end), when);
}

function readReturn(words: readonly string[], directive: Directive): undefined {
  let status = 200;
  let contentType = 'text/plain';
  let body = '';
  let at = 1;
  for (; at < words.length; at += 2) {
    const word = words[at] as string;
    if (word === 'if' || word === 'unless') break;
    const value = words[at + 1];
    if (word === 'status') status = readCount(value, 200, 599);
    else if (word === 'content-type') contentType = readText(value);
    else if (word === 'string') body = literal(value ?? '');
    else if (word === 'lf-string') body = readText(value);
    else refuse(`expected status, content-type or string in place of ${literal(word)}`);
  }
  const action = { do: 'return', status, contentType, body } as const;
  directive.onRequest(action, directive.condition(words.slice(at)));
}

function readEdit(words: readonly string[], directive: Directive): undefined {
  try {
    const found = readHeaderEdit(words);
    if (found === null) {
      refuse(`expected an action that Teal knows in place of ${literal(words[0] ?? '')}`);
    }
    directive.onRequest(instead(found.edit), directive.condition(words.slice(found.length)));
  } catch (error) {
    if (!(error instanceof Refusal) || words[0] !== 'set-header') throw error;
    refuse(`${error.reason}; ${dropInstead(words, directive)}`);
  }
}

/**
 * A field that cannot be set must not come from the client either: servers believe that it is the
 * balancer's.
 */
function dropInstead(words: readonly string[], directive: Directive): string {
  const unset = 'the field is not set, and stays as clients send it';
  try {
    const name = readFieldName(words[1]);
    if (name.toLowerCase() === 'host') return unset;
    directive.onRequest({ do: 'del-header', name }, directive.condition(words.slice(3)));
    return 'the field is removed instead, no client can set it';
  } catch {
    return unset;
  }
}
