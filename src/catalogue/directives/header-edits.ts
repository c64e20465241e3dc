// Edits of header fields, of requests and of responses: names that may be edited, and the words of
// `http-request` and `http-response` for it.

import type { HeaderEdit } from '../policy.ts';
import { readFormat } from './formats.ts';
import { checkPattern } from './patterns.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/;
/** They frame a message or belong to one connection: the relay's own. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A field's name that may be edited, as written. */
export function readFieldName(word: string | undefined): string {
  const name = literal(word ?? '');
  if (!TOKEN.test(name)) refuse('expected the name of a header field');
  if (FRAMING.has(name.toLowerCase())) refuse(`expected another field: ${name} is the relay's own`);
  return name;
}

/** An edit and how many words it takes; null if the word is the name of none. */
export function readHeaderEdit(
  words: readonly string[],
): { readonly edit: HeaderEdit; readonly length: number } | null {
  const [what, name, first, second] = words;
  if (what === 'set-header' || what === 'add-header') {
    return { edit: { do: what, name: readFieldName(name), value: readFormat(first) }, length: 3 };
  }
  if (what === 'del-header') return { edit: { do: what, name: readFieldName(name) }, length: 2 };
  if (what !== 'replace-header' && what !== 'replace-value') return null;
  const pattern = checkPattern(literal(first ?? refuse('expected a pattern and a value')), false);
  const value = readFormat(second);
  const edit = { do: what, name: readFieldName(name), pattern, ignoresCase: false, value } as const;
  return { edit, length: 4 };
}
