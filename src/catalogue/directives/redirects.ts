// `redirect …`, alone or behind `http-request`.

import type { RequestAction } from '../policy.ts';
import { readFormat } from './formats.ts';
import { asWritten } from './placeholders.ts';
import { refuse } from './refusal.ts';

type Redirect = Extract<RequestAction, { readonly do: 'redirect' }>;

const STATUSES = [301, 302, 303, 307, 308] as const;

/** Reads the words behind `redirect` up to its condition, which is given back. */
export function readRedirect(words: readonly string[]): {
  readonly action: Redirect;
  readonly rest: readonly string[];
} {
  let to: Redirect['to'] | null = null;
  let value: Redirect['value'] = [];
  let status: Redirect['status'] = 302;
  let dropsQuery = false;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] as string;
    if (word === 'if' || word === 'unless') break;
    if (word === 'location' || word === 'prefix' || word === 'scheme') {
      to = word;
      value = readFormat(words[++at]);
    } else if (word === 'code') {
      const code = words[++at];
      status =
        STATUSES.find((one) => String(one) === code) ??
        refuse('expected code 301, 302, 303, 307 or 308');
    } else if (word === 'drop-query') {
      dropsQuery = true;
    } else {
      refuse(
        `expected location, prefix, scheme, code or drop-query in place of ${asWritten(word)}`,
      );
    }
  }
  if (to === null) refuse('expected location, prefix or scheme');
  return { action: { do: 'redirect', to, status, value, dropsQuery }, rest: words.slice(at) };
}
