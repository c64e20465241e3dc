// What the Connection fields of one head say. A name listed there is stripped with its field, unless
// it is one a relay, a router or a login depends on: those no peer can make disappear.

import type { Fields } from './fields.ts';

/** End to end whatever Connection says (RFC 9110 §7.6.1 forbids listing them). */
const END_TO_END: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'cookie',
  'date',
  'etag',
  'expires',
  'forwarded',
  'location',
  'set-cookie',
  'strict-transport-security',
  'vary',
  'via',
  'www-authenticate',
  'x-real-ip',
]);

function isEndToEnd(name: string): boolean {
  return END_TO_END.has(name) || name.startsWith('x-forwarded-') || name.startsWith('content-');
}

/** Lower-cased members of a comma list; empty ones are left out. */
export function listMembers(value: string): string[] {
  const members: string[] = [];
  for (const part of value.split(',')) {
    const member = trimmed(part).toLowerCase();
    if (member !== '') members.push(member);
  }
  return members;
}

/** Without the white space HTTP knows; trim() would take more (0xa0). */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const NO_NAMES: readonly string[] = Object.freeze([]);

/** Connection options of one head; used again for the next. */
export class ConnectionOptions {
  close = false;
  keepAlive = false;
  upgrade = false;
  /** Names of fields to strip, lower-cased. */
  #names: readonly string[] = NO_NAMES;

  reset(): void {
    this.close = false;
    this.keepAlive = false;
    this.upgrade = false;
    this.#names = NO_NAMES;
  }

  /** Takes the value of one more Connection field. */
  add(value: string): void {
    if (value === 'keep-alive') {
      this.keepAlive = true;
      return;
    }
    if (value === 'close') {
      this.close = true;
      return;
    }
    for (const member of listMembers(value)) {
      if (member === 'close') this.close = true;
      else if (member === 'keep-alive') this.keepAlive = true;
      else if (member === 'upgrade') this.upgrade = true;
      else if (!isEndToEnd(member)) this.#names = [...this.#names, member];
    }
  }

  /** Whether the connection outlives the message, for a sender of HTTP/1.1 or of 1.0. */
  persists(isHttp11: boolean): boolean {
    return !this.close && (isHttp11 || this.keepAlive);
  }

  /** True if field `i` goes no further than this hop. */
  strips(head: string, fields: Fields, i: number): boolean {
    const names = this.#names;
    for (let n = 0; n < names.length; n += 1) {
      if (fields.isNamed(head, i, names[n] as string)) return true;
    }
    return false;
  }
}
