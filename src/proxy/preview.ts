// How a request asks for a colour that need not be live: a field `X-Teal-Preview: <secret> <colour>` or
// a cookie `teal_preview=<secret>:<colour>`. No server sees either, whatever becomes of the wish.

import type { Preview } from './aim.ts';
import { PREVIEW_COOKIE, takeCookie } from './sticky.ts';

const FIELD = /\r\nx-teal-preview:([^\r]*)/gi;

export interface TakenPreview {
  /** The request's head without it. */
  readonly head: string;
  /** Null = there was none that says what it has to. The field goes before the cookie. */
  readonly preview: Preview | null;
}

export function takePreview(head: string): TakenPreview {
  let field = '';
  const without = head.replace(FIELD, (_, value: string) => {
    if (field === '') field = value.trim();
    return '';
  });
  const { head: rest, value: cookie } = takeCookie(without, PREVIEW_COOKIE);
  return { head: rest, preview: read(field, ' ') ?? read(cookie, ':') };
}

/** App ids hold no such mark, secrets may. */
function read(text: string, mark: string): Preview | null {
  const place = text.lastIndexOf(mark);
  if (place === -1) return null;
  return { secret: text.slice(0, place).trim(), colour: text.slice(place + 1) };
}
