// Trailers of a chunked body: read as strictly as a head, and only those pass that cannot change
// what was already decided from the head (RFC 9110 §6.5.1: framing, routing, authentication …).

import { FIELD, Fields } from '../http/fields.ts';
import { bytesOf } from '../http/head-bytes.ts';

/** All trailers of a message together, in bytes. */
export const MAX_TRAILER_BYTES = 8_192;

const MAX_TRAILER_FIELDS = 100;

const FORBIDDEN = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-location',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expires',
  'forwarded',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'location',
  'max-forwards',
  'pragma',
  'range',
  'retry-after',
  'set-cookie',
  'vary',
  'warning',
  'www-authenticate',
  'x-forwarded-host',
  'x-real-ip',
]);

const FIELDS = new Fields();

/**
 * Reads `text`, latin1 lines that end with the empty line. Returns the lines that may be forwarded
 * and the empty line, or null if they are not sound.
 */
export function forwardableTrailers(text: string): string | null {
  if (FIELDS.read(bytesOf(text), 0, 0, text.length - 2, MAX_TRAILER_FIELDS) !== null) return null;
  let lines = '';
  for (let i = 0; i < FIELDS.count; i += 1) {
    if (FIELDS.kinds[i] !== FIELD.other) continue;
    const start = FIELDS.lineStarts[i] as number;
    const name = text.slice(start, FIELDS.nameEnds[i]).toLowerCase();
    if (!FORBIDDEN.has(name.replaceAll('_', '-'))) {
      lines += text.slice(start, FIELDS.lineStarts[i + 1]);
    }
  }
  return `${lines}\r\n`;
}
