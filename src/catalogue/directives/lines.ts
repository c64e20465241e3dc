// The text of a template → lines of words, by HAProxy's rules of quoting. Linear in the text.

/** A line that holds at least one word. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly words: readonly string[];
}

const ESCAPED = ' \\#"\'';
const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Splits by line breaks. A break written out as `\n` or `\r\n` with space behind it is one too: that is
 * what is left of it after a form that escaped it. Before a letter it belongs to a value, as in
 * `HTTP/1.1\r\nHost:\ www`.
 */
export function readLines(text: string): readonly Line[] {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/(?:\\r)?\\n(?=\s|$)/g, '\n')
    .split('\n')
    .map((line, place) => ({ number: place + 1, words: readWords(line) }))
    .filter(({ words }) => words.length > 0);
}

/** The words of one line, unquoted, without its comment. */
export function readWords(line: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let open = false;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] as string;
    if (char === '\\' && quote !== "'") {
      const { text, length } = escapeAt(line, at);
      word += text;
      at += length - 1;
      open = true;
    } else if (char === quote) {
      quote = '';
    } else if (quote === '' && (char === '"' || char === "'")) {
      quote = char;
      open = true;
    } else if (quote === '' && char === '#') {
      break;
    } else if (quote === '' && (char === ' ' || char === '\t' || char === '\r')) {
      if (open) words.push(word);
      word = '';
      open = false;
    } else {
      word += char;
      open = true;
    }
  }
  if (open) words.push(word);
  return words;
}

/** What a backslash makes of what follows; before anything else it stays, as in a regex. */
function escapeAt(line: string, at: number): { readonly text: string; readonly length: number } {
  const next = line[at + 1] ?? '';
  if (next !== '' && ESCAPED.includes(next)) return { text: next, length: 2 };
  const control = Object.hasOwn(CONTROL, next) ? CONTROL[next] : undefined;
  if (control !== undefined) return { text: control, length: 2 };
  const hex = next === 'x' ? line.slice(at + 2, at + 4) : '';
  if (/^[0-9a-f]{2}$/i.test(hex)) {
    return { text: String.fromCharCode(Number.parseInt(hex, 16)), length: 4 };
  }
  return { text: '\\', length: 1 };
}
