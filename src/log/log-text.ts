// Text from outside as it may stand in a line of a log: nobody can end a field or a line, or speak to a
// terminal. As HAProxy does: `#` and the two hexadecimal digits of the byte.

import { type LineBuffer, pieceOf } from './line-buffer.ts';

/** HAProxy keeps as much of a request line. */
export const MAX_TEXT = 1_024;

/** By code: 1 = the character may stand there as it is. */
type Fit = Uint8Array;

const IN_QUOTES = fitting(/[ !$-~]/);
const IN_BRACES = fitting(/[ !$-z~]/);
const IN_JSON = fitting(/[ !#-[\]-~]/);
const UNFIT_FOR_WORDS = /[^!$-~]/g;

const QUOTE = 0x22;
const HASH = 0x23;
const HEX = pieceOf('0123456789ABCDEF');

/** Between double quotes. */
export function putRequestLine(
  into: LineBuffer,
  method: string,
  target: string,
  version: string,
): void {
  let room = MAX_TEXT;
  for (const text of [method, ' ', target, ' ', version]) {
    putSafe(into, text, IN_QUOTES, room);
    room = Math.max(0, room - text.length);
  }
}

/** Between braces and bars: a captured header. */
export function putBraced(into: LineBuffer, text: string): void {
  putSafe(into, text, IN_BRACES, MAX_TEXT);
}

/** A word: no blanks either. */
export function word(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(UNFIT_FOR_WORDS, (char) => bytesOf(char).map(hashOf).join(''));
}

/** A JSON string with its quotes, all ASCII. */
export function jsonText(text: string): string {
  const json = JSON.stringify(text.slice(0, MAX_TEXT));
  return json.replace(/[\x7f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same. */
export function putJson(into: LineBuffer, text: string): void {
  const { length } = text;
  into.reserve(length + 2);
  const { bytes } = into;
  let at = into.length;
  bytes[at] = QUOTE;
  at += 1;
  for (let i = 0; i < length; i += 1, at += 1) {
    const code = text.charCodeAt(i);
    // Beyond the table it is undefined.
    if (IN_JSON[code] !== 1 || i >= MAX_TEXT) {
      into.put(pieceOf(jsonText(text)));
      return;
    }
    bytes[at] = code;
  }
  bytes[at] = QUOTE;
  into.length = at + 1;
}

function putSafe(into: LineBuffer, text: string, fit: Fit, room: number): void {
  const length = Math.min(text.length, room);
  // Of UTF-8 a character has three bytes at most, and each becomes three here.
  into.reserve(9 * length);
  const { bytes } = into;
  let at = into.length;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (fit[code] === 1) {
      bytes[at] = code;
      at += 1;
      continue;
    }
    for (const byte of bytesOf(text[i] as string)) {
      bytes[at] = HASH;
      bytes[at + 1] = HEX[byte >> 4] as number;
      bytes[at + 2] = HEX[byte & 15] as number;
      at += 3;
    }
  }
  into.length = at;
}

/** What was received is one byte a character; all else is made of its UTF-8. */
function bytesOf(char: string): number[] {
  return char.charCodeAt(0) < 256 ? [char.charCodeAt(0)] : [...Buffer.from(char)];
}

function hashOf(byte: number): string {
  return `#${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function fitting(characters: RegExp): Fit {
  return Uint8Array.from({ length: 256 }, (_, code) =>
    Number(characters.test(String.fromCharCode(code))),
  );
}
