// Edits of header fields, made into functions. Fields that say where a message ends or what becomes
// of its connection are the relay's own: an edit of one is not carried out, since with it a request
// could be smuggled (RFC 9112 §11.2).

import { makePattern } from '../../pattern/pattern.ts';
import type { HeaderEdit } from '../../plan/plan.ts';
import { isTokenCode } from '../http/fields.ts';
import { isHostShaped } from '../http/host.ts';
import { type Formatter, makeFormatter } from './format.ts';
import { bytesOf, type HeadText } from './head-text.ts';
import type { Subject } from './subject.ts';

const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export type Edit = (subject: Subject, head: HeadText) => void;

/** The edit, or why there is none: one clause. */
export function makeHeaderEdit(edit: HeaderEdit): Edit | string {
  if (edit.name.toLowerCase() === 'host') return makeHostEdit(edit);
  return nameFault(edit.name) || makePlainEdit(edit, bytesOf(edit.name));
}

/** Why a field of that name cannot be added to; one clause, empty = it can. */
export function nameFault(text: string): string {
  const name = bytesOf(text);
  // Many servers read `_` as `-`.
  const key = name.toLowerCase().replaceAll('_', '-');
  if (!isToken(name)) return `${JSON.stringify(text)} is no header name`;
  if (OWN.has(key)) return `${text} belongs to the connection and cannot be edited`;
  return key === 'host' ? 'a request has one Host' : '';
}

function makePlainEdit(edit: HeaderEdit, name: string): Edit | string {
  const lower = name.toLowerCase();
  if (edit.do === 'del-header') return (_, head) => head.remove(lower);
  const format = makeFormatter(edit.value);
  if ('pattern' in edit) return makeReplacement(edit, lower, format);
  if (edit.do === 'add-header') return (subject, head) => head.add(name, format(subject));
  return (subject, head) => {
    // The value may be made of the field that goes.
    const value = format(subject);
    head.remove(lower);
    head.add(name, value);
  };
}

type Replacement = Extract<HeaderEdit, { readonly pattern: string }>;

function makeReplacement(edit: Replacement, lower: string, format: Formatter): Edit | string {
  const pattern = makePattern(edit.pattern, edit.ignoresCase);
  if (pattern === null)
    return `${JSON.stringify(edit.pattern)} is no pattern that RE2 understands, or too large`;
  const changed = (subject: Subject, value: string): string | null => {
    const groups = pattern.groups(value);
    return groups === null ? null : format(subject, groups);
  };
  if (edit.do === 'replace-header') {
    return (subject, head) => head.rewrite(lower, (value) => changed(subject, value));
  }
  return (subject, head) =>
    head.rewrite(lower, (list) =>
      list
        .split(',')
        .map((part) => changed(subject, part.trim()) ?? part)
        .join(','),
    );
}

/** Host may be another one, but there is always exactly one, and it has the shape of one. */
function makeHostEdit(edit: HeaderEdit): Edit | string {
  if (edit.do === 'del-header' || edit.do === 'add-header') {
    return 'a request has one Host: set-header is possible';
  }
  const made = makePlainEdit(edit, 'Host');
  if (typeof made === 'string') return made;
  return (subject, head) => {
    const before = head.first('host');
    made(subject, head);
    const after = head.first('host') ?? '';
    if (isHostShaped(after)) return;
    head.remove('host');
    head.add('Host', before ?? '');
  };
}

function isToken(name: string): boolean {
  for (let i = 0; i < name.length; i += 1) if (!isTokenCode(name.charCodeAt(i))) return false;
  return name !== '';
}
