// Numbers and times in words a person reads at a glance.

import { type Html, html } from './html.ts';

/** Digits in groups of three, set apart by a narrow space that does not break. */
export function grouped(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A figure a person compares: whole from ten on, else one digit behind the point, `0` only for nothing. */
export function small(value: number): string {
  if (value >= 9.95) return grouped(value);
  if (value > 0 && value < 0.05) return '<0.1';
  return value === 0 ? '0' : value.toFixed(1);
}

/** A share from 0 to 1: `0 %`, `0.2 %`, `82 %`; never a full 100 while something is missing. */
export function percent(share: number): string {
  const text = share < 1 && share > 0.995 ? '>99' : small(share * 100);
  return `${text}\u202f%`;
}

/** Two largest units: `7s`, `1m 7s`, `3h 5m`, `12d 4h`. Negative counts as 0. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3_600)}h ${Math.floor((seconds % 3_600) / 60)}m`;
  }
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3_600)}h`;
}

/** How long ago, with the moment itself as title; `never` for 0. */
export function ago(atMs: number, nowMs: number): Html {
  return atMs === 0 ? html`never` : html`${age(atMs, nowMs)} ago`;
}

/** How long since then. The page's script lets it grow by itself. */
export function age(atMs: number, nowMs: number): Html {
  return html`<time data-age datetime="${iso(atMs)}" title="${clock(atMs)}">${duration(nowMs - atMs)}</time>`;
}

/** How long until then, counting down in the same way; `0s` from then on. */
export function left(atMs: number, nowMs: number): Html {
  return html`<time data-left datetime="${iso(atMs)}" title="${clock(atMs)}">${duration(atMs - nowMs)}</time>`;
}

/** `2026-11-24 21:42:07 UTC`. */
export function clock(atMs: number): string {
  return `${iso(atMs).slice(0, 19).replace('T', ' ')} UTC`;
}

/** The moment itself, readable by machines too. */
export function moment(atMs: number): Html {
  return html`<time datetime="${iso(atMs)}">${clock(atMs)}</time>`;
}

/** Bytes with three digits or so: `912 B`, `1.4 kB`, `23 MB` (powers of 1000). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let amount = value;
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  const digits = unit > 0 && amount < 9.95 ? amount.toFixed(1) : String(Math.round(amount));
  return `${digits}\u202f${units[unit]}`;
}

/** `1 worker`, `2 workers`. */
export function count(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function iso(atMs: number): string {
  // Beyond what a Date can hold: a broken clock must not break the page.
  return new Date(Math.min(Math.max(atMs, 0), 8.64e15)).toISOString();
}
