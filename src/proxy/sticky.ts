// Cookies of ours. Sticky sessions as Marathon-LB makes them (`cookie mesosphere_server_id insert
// indirect nocache`) tell a client's server by one; where requests are split another one tells its
// colour. The server never sees them, and a client gets one only when it has none that leads to the
// server, or the colour, that answers.

import { createHash } from 'node:crypto';

export const SERVER_COOKIE = 'mesosphere_server_id';
export const COLOUR_COOKIE = 'teal_colour';
export const PREVIEW_COOKIE = 'teal_preview';

/** The value that leads to the server of this name, or the colour of this app id. */
export function cookieOf(name: string): string {
  return createHash('sha1').update(name).digest('hex').slice(0, 10);
}

export interface TakenCookie {
  /** The request's head without it. */
  readonly head: string;
  /** Empty = there was none. */
  readonly value: string;
}

/** Takes the cookie of a name out of a request's head; all others stay as they are. */
export function takeCookie(head: string, name: string): TakenCookie {
  const start = `${name}=`;
  if (!head.includes(start)) return { head, value: '' };
  let value = '';
  const without = head.replace(/\r\ncookie:([^\r]*)/gi, (line: string, list: string) => {
    if (!list.includes(start)) return line;
    const kept = list.split(';').filter((piece) => {
      const pair = piece.trim();
      if (!pair.startsWith(start)) return true;
      // The first one counts, as browsers put the most specific first.
      if (value === '') value = pair.slice(start.length);
      return false;
    });
    const rest = kept.join(';').trim();
    return rest === '' ? '' : `${line.slice(0, 9)} ${rest}`;
  });
  return { head: without, value };
}

/** Statuses and methods whose answers a cache may keep without being told (HAProxy 2.0's lists). */
const CACHEABLE: ReadonlySet<number> = new Set([
  200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501,
]);
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const UNCACHED =
  /\r\n(?:pragma:[ \t]*no-cache|cache-control:[^\r]*\b(?:private|no-cache|no-store|max-age=0|s-maxage=0)(?![\w-]))/i;
const PUBLIC = /\r\ncache-control:[^\r]*\bpublic\b/i;

/** What a cookie says. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
}

/**
 * A response's head with the cookie set. No shared cache may give it to another client: HAProxy says
 * `private` where nothing else forbids it.
 */
export function withCookie(
  head: string,
  method: string,
  status: number,
  { name, value }: Cookie,
): string {
  const mayBeKept = (READING.has(method) && CACHEABLE.has(status)) || PUBLIC.test(head);
  const control = mayBeKept && !UNCACHED.test(head) ? 'Cache-control: private\r\n' : '';
  return `${head.slice(0, -2)}Set-Cookie: ${name}=${value}; path=/\r\n${control}\r\n`;
}
