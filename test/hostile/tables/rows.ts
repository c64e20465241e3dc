// Shapes of the rows, and the few words they are written in.

/** [what is wrong, bytes, status of the refusal]. Nothing of them may reach a server whole. */
export type RefusedRow = readonly [what: string, bytes: string, status: number];

/** [what is odd, bytes, head upstream without the fields Teal adds, body upstream]. */
export type ServedRow = readonly [what: string, bytes: string, head: string, body: string];

/** A whole chunked body, or the first five bytes of something else. */
export const EMPTY_CHUNKS = '0\r\n\r\n';

/** A POST with these lines behind a sound Host. */
export function post(...lines: string[]): string {
  return `POST /p HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** A GET with these lines behind a sound Host. */
export function get(...lines: string[]): string {
  return `GET /g HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** A request line with a sound Host. */
export function line(text: string, host = 'a'): string {
  return `${text}\r\nHost: ${host}\r\n\r\n`;
}

/** A chunked POST with this body, framing as it stands. */
export function chunks(body: string): string {
  return post('Transfer-Encoding: chunked') + body;
}

/** Lines of a head as they are expected upstream. */
export function head(...lines: string[]): string {
  return lines.map((text) => `${text}\r\n`).join('');
}
