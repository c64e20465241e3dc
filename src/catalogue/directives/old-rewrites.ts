// The rewriting of HAProxy 1.x (`reqadd`, `reqrep`, `rspidel` …): regular expressions over the lines of a
// head, of which those that speak of the target or of one named field have a typed equivalent.

import type { HeaderEdit } from '../policy.ts';
import type { Directive } from './directive.ts';
import { readFieldName } from './header-edits.ts';
import { ALWAYS, both, type Logic } from './logic.ts';
import { instead } from './own-fields.ts';
import { checkPattern } from './patterns.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';
import { refuseWith } from './request-rules.ts';
import { textTest } from './tests.ts';

const WORD = /^(req|rsp)(i?)(add|rep|del|deny|tarpit)$/;
/** `^([^ :]*) /old/(.*)`: any method in a group of its own, then the target. */
const REQUEST_LINE =
  /^\^\((?:\[\^[ :]{1,2}\]\*|\[A-Z\]\+|\\w\+|\\S\+|\.\*|([A-Z]+(?:\|[A-Z]+)*))( ?)\)( |\\s|\[ \])?(\/.*|\(\/?.*)$/;
const METHOD_OF_REPLACEMENT = /^\\1 ?(.*)$/;
/** `^Name: value` as a pattern, and as text. */
const FIELD_PATTERN = /^\^?([A-Za-z0-9-]+):(?:\\s[*+]| [*+?]?)?(.*)$/s;
const FIELD_TEXT = /^([A-Za-z0-9-]+):[ \t]*(.*)$/s;

export function isOldRewrite(word: string): boolean {
  return WORD.test(word);
}

/** Reads a line whose first word is one of them. */
export function readOldRewrite(words: readonly string[], directive: Directive): undefined {
  const [, side, caseless, what = ''] = WORD.exec(words[0] ?? '') ?? [];
  const ignoresCase = caseless === 'i';
  const isRequest = side === 'req';
  const takes = what === 'rep' ? 3 : 2;
  const when = directive.condition(words.slice(takes));
  const first =
    words[1] ?? refuse(what === 'add' ? 'expected Name:\\ value' : 'expected a pattern');
  if (what === 'deny' || what === 'tarpit') {
    if (isRequest) readDeny(first, ignoresCase, what === 'deny' ? 403 : 500, when, directive);
    else
      directive.onResponse(
        { do: 'deny' },
        both(when, fieldTest(first, ignoresCase, 'response-header')),
      );
    return;
  }
  if (what === 'rep' && isRequest && readTargetRewrite(words, ignoresCase, when, directive)) return;
  const edit = readEdit(what, words, ignoresCase);
  if (isRequest) directive.onRequest(edit, when);
  else directive.onResponse(edit, when);
}

function readEdit(what: string, words: readonly string[], ignoresCase: boolean): HeaderEdit {
  const isText = what === 'add';
  const { name, rest } = fieldLine(words[1] ?? '', isText ? FIELD_TEXT : FIELD_PATTERN);
  if (isText) return instead({ do: 'add-header', name, value: [plainValue(rest)] });
  if (what === 'del') {
    if (/^(?:\.\*)?\$?$/.test(rest)) return { do: 'del-header', name };
    refuse(`expected ^${name}: alone; fields are not deleted by their value`);
  }
  const text = words[2] ?? refuse('expected a pattern and what replaces it');
  const replacement = fieldLine(text, FIELD_TEXT);
  if (replacement.name.toLowerCase() !== name.toLowerCase()) {
    refuse('expected the same field on both sides, fields are not renamed');
  }
  const pattern = checkPattern(`^${rest}`, ignoresCase);
  return {
    do: 'replace-header',
    name,
    pattern,
    ignoresCase,
    value: [plainValue(replacement.rest)],
  };
}

function readTargetRewrite(
  words: readonly string[],
  ignoresCase: boolean,
  when: Logic,
  directive: Directive,
): boolean {
  const line = requestLine(words[1] ?? '', ignoresCase);
  if (line === null) return false;
  const [, replacement] = METHOD_OF_REPLACEMENT.exec(literal(words[2] ?? '')) ?? [];
  if (replacement === undefined) refuse('expected \\1 and a space in front of the new target');
  const value = renumbered(replacement.split(' ')[0] ?? '');
  const action = { do: 'replace-target', pattern: line.pattern, ignoresCase, value } as const;
  directive.onRequest(action, both(when, line.when));
  return true;
}

/** A pattern over the request line as one over the target; null if it is about something else. */
function requestLine(
  text: string,
  ignoresCase: boolean,
): { readonly pattern: string; readonly when: Logic } | null {
  const [, methods, inside, between, target] = REQUEST_LINE.exec(literal(text)) ?? [];
  if (target === undefined || (inside === '') === (between === undefined)) return null;
  // The version, where somebody matched it too, stays as it is.
  const pattern = checkPattern(`^${target.split(' ')[0]}`, ignoresCase);
  if (methods === undefined) return { pattern, when: ALWAYS };
  const method = { from: 'method', name: '', converters: [] } as const;
  return { pattern, when: [[textTest(method, 'exact', methods.split('|'))]] };
}

/** Groups of the target alone: the method's is gone. */
function renumbered(replacement: string): string {
  return replacement.replaceAll(/\\(\d)/g, (_, digit: string) =>
    Number(digit) > 1 ? `\\${Number(digit) - 1}` : refuse('expected the method only once'),
  );
}

function readDeny(
  pattern: string,
  ignoresCase: boolean,
  status: number,
  when: Logic,
  directive: Directive,
): void {
  const line = requestLine(pattern, ignoresCase);
  if (line !== null) {
    const target = { from: 'target', name: '', converters: [] } as const;
    const test = { ...textTest(target, 'regex', [line.pattern]), ignoresCase };
    refuseWith(status, both(both(when, line.when), [[test]]), directive);
    return;
  }
  refuseWith(status, both(when, fieldTest(pattern, ignoresCase, 'request-header')), directive);
}

function fieldTest(
  pattern: string,
  ignoresCase: boolean,
  from: 'request-header' | 'response-header',
): Logic {
  const [, name, rest] = FIELD_PATTERN.exec(literal(pattern)) ?? [];
  if (name === undefined || rest === undefined) {
    refuse(
      'expected a pattern for one field: ^Name:\\ value, or for the target: ^([^\\ ]*)\\ /path',
    );
  }
  const fetch = { from, name: name.toLowerCase(), converters: [] } as const;
  const shape = { fetch, ignoresCase, negated: false };
  if (/^(?:\.\*)?\$?$/.test(rest)) return [[{ ...shape, match: 'found', values: [] }]];
  return [[{ ...shape, match: 'regex', values: [checkPattern(`^${rest}`, ignoresCase)] }]];
}

function fieldLine(text: string, shape: RegExp): { readonly name: string; readonly rest: string } {
  const [, name, rest] = shape.exec(literal(text)) ?? [];
  if (name === undefined || rest === undefined) {
    refuse(
      'expected the name of one field and a colon; other patterns over lines are not carried out',
    );
  }
  return { name: readFieldName(name), rest };
}

/** No log-format here: percent signs are just that. */
function plainValue(text: string): string {
  return /[\0\r\n]/.test(text) ? refuse('expected a value without line breaks') : text;
}
