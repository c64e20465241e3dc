// The head of a message as rules see and change it: a start line and field lines, as text. It came
// from a reader of ours, so it is sound; whatever a rule writes keeps it so, one line a field.

import { trimmed } from '../http/connection-options.ts';
import { equalsIgnoringCase } from '../http/fields.ts';

/** What may not stand in a value: a line of our own must never become two. */
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/g;

/** Without what could end the line or be taken for its end. */
export function safeValue(text: string): string {
  return text.replace(UNSAFE, '');
}

/** `text` as latin1 text of its UTF-8 bytes: what a head is made of. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export class HeadText {
  startLine: string;
  #lines: string[];

  /** `head` ends with the empty line. */
  constructor(head: string) {
    const lines = head.slice(0, -4).split('\r\n');
    this.startLine = lines[0] ?? '';
    this.#lines = lines.slice(1);
  }

  toString(): string {
    let out = `${this.startLine}\r\n`;
    for (const line of this.#lines) out += `${line}\r\n`;
    return `${out}\r\n`;
  }

  /** All values of the field `name` (lower-cased), in order, without white space around them. */
  values(name: string): string[] {
    const values: string[] = [];
    for (const line of this.#lines) if (isNamed(line, name)) values.push(textOf(line));
    return values;
  }

  /** The first value; null = there is no such field. */
  first(name: string): string | null {
    const line = this.#lines.find((one) => isNamed(one, name));
    return line === undefined ? null : textOf(line);
  }

  /** Adds a field at the end. `value` is made safe here. */
  add(name: string, value: string): void {
    this.#lines.push(`${name}: ${safeValue(value)}`);
  }

  /** Takes all fields of that name (lower-cased) out. */
  remove(name: string): void {
    this.#lines = this.#lines.filter((line) => !isNamed(line, name));
  }

  /** Gives each field of that name (lower-cased) what `change` makes of its value; null = as it is. */
  rewrite(name: string, change: (value: string) => string | null): void {
    this.#lines = this.#lines.map((line) => {
      if (!isNamed(line, name)) return line;
      const changed = change(textOf(line));
      return changed === null ? line : `${line.slice(0, name.length)}: ${safeValue(changed)}`;
    });
  }
}

function isNamed(line: string, name: string): boolean {
  return line.charCodeAt(name.length) === 0x3a && equalsIgnoringCase(line, 0, name.length, name);
}

function textOf(line: string): string {
  return trimmed(line.slice(line.indexOf(':') + 1));
}

/** The members of a list, each without white space around it. */
export function trimmedParts(list: string, separator: string): string[] {
  return list.split(separator).map(trimmed);
}
