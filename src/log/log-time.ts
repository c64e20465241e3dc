// Moments as logs write them, in the time of the machine where HAProxy and syslog do so. Most lines are
// of the same second as the one before: its text is kept.

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Keeps the text of the last second. */
export class SecondText {
  readonly #write: (date: Date) => string;
  #second = Number.NaN;
  #text = '';

  constructor(write: (date: Date) => string) {
    this.#write = write;
  }

  /** `atMs` since 1970. */
  of(atMs: number): string {
    const second = Math.floor(atMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = this.#write(new Date(second * 1_000));
    }
    return this.#text;
  }
}

/** `25/Nov/2026:13:45:01`: HAProxy's, without its milliseconds. */
export function haproxySecond(date: Date): string {
  return `${two(date.getDate())}/${monthOf(date)}/${date.getFullYear()}:${clockOf(date)}`;
}

/** `2026-11-25T13:45:01` in UTC: RFC 3339 without its milliseconds. */
export function utcSecond(date: Date): string {
  return date.toISOString().slice(0, 19);
}

/** `Nov  5 13:45:01` (RFC 3164 §4.1.2). */
export function syslogSecond(date: Date): string {
  return `${monthOf(date)} ${String(date.getDate()).padStart(2, ' ')} ${clockOf(date)}`;
}

/** The milliseconds of a moment, three digits. */
export function millisOf(atMs: number): string {
  return String(Math.floor(atMs) % 1_000).padStart(3, '0');
}

function monthOf(date: Date): string {
  return MONTHS[date.getMonth()] as string;
}

function clockOf(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
