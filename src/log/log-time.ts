// Moments as logs write them, in the time of the machine where HAProxy and syslog do so. Most lines are
// of the same second as the one before: what was written of it is kept.

import { type Piece, pieceOf } from './line-buffer.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Keeps what was written of the last second. */
export class KeptSecond {
  readonly #write: (date: Date) => string;
  /** When the second begins and ends, ms since 1970. */
  #fromMs = Number.NaN;
  #toMs = Number.NaN;
  #piece: Piece = pieceOf('');

  constructor(write: (date: Date) => string) {
    this.#write = write;
  }

  /** `atMs` since 1970. */
  of(atMs: number): Piece {
    if (atMs >= this.#fromMs && atMs < this.#toMs) return this.#piece;
    this.#fromMs = Math.floor(atMs / 1_000) * 1_000;
    this.#toMs = this.#fromMs + 1_000;
    this.#piece = pieceOf(this.#write(new Date(this.#fromMs)));
    return this.#piece;
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

/** The milliseconds of a moment within its second. */
export function millisOf(atMs: number): number {
  return Math.floor(atMs) % 1_000;
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
