// Text from outside as it may stand in a line of a log: nobody can end a field or a line, or speak to a
// terminal. As HAProxy does: `#` and the two hexadecimal digits of the byte.

/** HAProxy keeps as much of a request line. */
export const MAX_TEXT = 1_024;

const IN_QUOTES = /[^ !$-~]/g;
const IN_BRACES = /[^ !$-z~]/g;
const UNFIT_FOR_JSON = /[^ !#-[\]-~]/;
const NAME = /[^!$-~]/g;

/** Between double quotes. */
export function quoted(text: string): string {
  return safe(text, IN_QUOTES);
}

/** Between braces and bars: a captured header. */
export function braced(text: string): string {
  return safe(text, IN_BRACES);
}

/** A word: no blanks either. */
export function word(text: string): string {
  return safe(text, NAME);
}

/** A JSON string with its quotes, all ASCII. */
export function jsonText(text: string): string {
  if (text.length <= MAX_TEXT && text.search(UNFIT_FOR_JSON) === -1) return `"${text}"`;
  const json = JSON.stringify(text.slice(0, MAX_TEXT));
  return json.replace(/[\x7f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function safe(text: string, unfit: RegExp): string {
  const cut = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
  return cut.search(unfit) === -1 ? cut : cut.replace(unfit, hash);
}

/** What was received is one byte a character; all else is made of its UTF-8. */
function hash(char: string): string {
  const bytes = char.charCodeAt(0) < 256 ? [char.charCodeAt(0)] : [...Buffer.from(char)];
  return bytes.map((byte) => `#${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
