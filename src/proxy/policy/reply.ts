// An answer that a policy gives in the server's place.

import { safeValue } from './head-text.ts';

export interface Reply {
  readonly status: number;
  /** Whole lines besides Content-Length and Connection; null = an answer in HAProxy's words. */
  readonly fields: string | null;
  /** Latin1 text; used with `fields` only. */
  readonly body: string;
  /** Whole lines to add to an answer in HAProxy's words. */
  readonly more: string;
  /** It counts as refused, not as answered. */
  readonly denies: boolean;
}

export function denial(status: number): Reply {
  return { status, fields: null, body: '', more: '', denies: true };
}

/** HAProxy keeps the temporary ones out of caches. */
export function redirection(status: number, location: string): Reply {
  const isTemporary = status === 302 || status === 303 || status === 307;
  const control = isTemporary ? 'cache-control: no-cache\r\n' : '';
  const fields = `location: ${safeValue(location)}\r\n${control}`;
  return { status, fields, body: '', more: '', denies: false };
}

/** `body` is latin1 text. */
export function content(status: number, type: string, body: string): Reply {
  const fields = type === '' ? '' : `content-type: ${safeValue(type)}\r\n`;
  return { status, fields, body, more: '', denies: false };
}

/** Asks for a name and a password. */
export function challenge(realm: string): Reply {
  const quoted = safeValue(realm).replace(/["\\]/g, '\\$&');
  const more = `www-authenticate: Basic realm="${quoted}"\r\n`;
  return { status: 401, fields: null, body: '', more, denies: true };
}
