// What is said of the health check: `option httpchk`, `http-check`, `timeout check`.

import type { Directive } from './directive.ts';
import { asWritten, literal, placeholderIn } from './placeholders.ts';
import { refuse } from './refusal.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** `[METHOD] [path] [HTTP/1.1\r\nHost:\ name]`. */
export function readHttpCheck(words: readonly string[], directive: Directive): string | undefined {
  const { check } = directive.draft;
  const [first, second, ...version] = words;
  check.kind = 'http';
  if (first === undefined) return undefined;
  const alone = second === undefined && first.startsWith('/');
  const method = alone ? 'GET' : first.toUpperCase();
  const path = alone ? first : (second ?? '/');
  if (!METHODS.includes(method)) {
    refuse(`expected GET, HEAD or OPTIONS in place of ${asWritten(first)}`);
  }
  // What is in place of the check's own path stays so.
  if (placeholderIn(path) === 'healthCheckPath') check.path = '';
  else if (/^\/[\x21-\x7e]{0,2000}$/.test(literal(path))) check.path = path;
  else refuse('expected a path');
  check.method = method === 'GET' ? '' : method;
  return readVersion(version, directive);
}

/** Lines behind the version are header fields, which may have been escaped twice on their way. */
function readVersion(words: readonly string[], directive: Directive): string | undefined {
  const lines = words
    .join(' ')
    .replaceAll(/\\+ /g, ' ')
    .split(/\r?\n|(?:\\r)?\\n/)
    .slice(1)
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w-]+):\\?\s*(.*?)\\?$/.exec(line) ?? [];
    if (name.toLowerCase() === 'host' && /^[\w.:-]{1,255}$/.test(literal(value))) {
      directive.draft.check.host = value;
    } else if (name.toLowerCase() !== 'connection') {
      directive.ignore([line], 'expected no header field but Host in a health check');
    }
  }
  return undefined;
}

/** `http-check expect …`, `http-check send …`. */
export function readHttpCheckRule(
  words: readonly string[],
  directive: Directive,
): string | undefined {
  const [, what = '', ...rest] = words;
  const { check } = directive.draft;
  if (what === 'disable-on-404') return refuse('expected expect status; a 404 is a failed check');
  if (what === 'send-state') return 'servers are not told their state';
  if (what === 'send') return readSend(rest, directive);
  if (what !== 'expect') refuse(`expected expect or send in place of ${literal(what)}`);
  const [kind = '', pattern = '', ...more] = rest;
  if (more.length > 0) refuse('expected status N or rstatus PATTERN');
  if (kind === 'status') check.statuses = readStatuses(literal(pattern));
  else if (kind === 'rstatus') check.statuses = readStatusPattern(literal(pattern));
  else refuse('expected status or rstatus; bodies of health checks are not read');
  return undefined;
}

/** `200`, `200-299`, and lists of them. */
function readStatuses(text: string): readonly (readonly [number, number])[] {
  return text.split(',').map((piece) => {
    const [, low, high] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(piece) ?? [];
    if (low === undefined) refuse('expected a status from 100 to 599');
    return [Number(low), Number(high ?? low)] as const;
  });
}

/** `^2..`, `(2|3)[0-9][0-9]`, `^[23]`: classes of statuses. */
function readStatusPattern(text: string): readonly (readonly [number, number])[] {
  const [, digits] =
    /^\^?[([]?([1-5](?:\|?[1-5])*)[)\]]?(?:(?:\[0-9\]|\.|\\d){0,2}|\.\*|(?:\[0-9\]|\\d)\{2\})\$?$/.exec(
      text,
    ) ?? [];
  if (digits === undefined) {
    refuse('expected classes of statuses such as ^[23] or a list by status');
  }
  return [...digits.replaceAll('|', '')].map(
    (digit) => [Number(digit) * 100, Number(digit) * 100 + 99] as const,
  );
}

/** `send meth GET uri /health ver HTTP/1.1 hdr Host name`. */
function readSend(words: readonly string[], directive: Directive): undefined {
  const { check } = directive.draft;
  check.kind = 'http';
  for (let at = 0; at < words.length; at += 2) {
    const value = literal(words[at + 1] ?? '');
    switch (words[at]) {
      case 'meth':
        check.method = METHODS.includes(value)
          ? value.replace('GET', '')
          : refuse('expected GET, HEAD or OPTIONS');
        break;
      case 'uri':
        check.path = /^\/[\x21-\x7e]{0,2000}$/.test(value) ? value : refuse('expected a path');
        break;
      case 'ver':
        break;
      case 'hdr':
        if (value.toLowerCase() !== 'host') {
          refuse('expected no header field but Host in a health check');
        }
        at += 1;
        check.host = literal(words[at + 1] ?? '');
        break;
      default:
        refuse(`expected meth, uri, ver or hdr in place of ${literal(words[at] ?? '')}`);
    }
  }
}
