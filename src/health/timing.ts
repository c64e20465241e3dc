// When a server is probed. Everything here is a function of numbers, so that spreading is the same on
// every run: what looks like chance is a hash of the server's identity. Pure.

import { createHash } from 'node:crypto';

/** New servers are probed at this pace: one at once, a hundred within a second. */
const SPREAD_MS_PER_SERVER = 10;
/** HAProxy's `spread-checks 5` of Marathon-LB. */
const JITTER = 0.05;
/** A server that is down is looked at this often at least, so that it does not stay out for long. */
const DOWN_INTERVAL_MS = 5_000;
/** The same while it is on its way up. */
const RISING_INTERVAL_MS = 1_000;
/** A suspect is confirmed or cleared within about this time, however patient its check is. */
const SUSPICION_MS = 800;
const LEAST_FAST_MS = 20;

export type Pace = 'steady' | 'suspect' | 'down' | 'rising';

/** 0 ≤ fraction < 1, evenly spread over identities. */
export function fractionOf(identity: string): number {
  return createHash('sha256').update(identity).digest().readUInt32BE(0) / 2 ** 32;
}

/** Delay of a new server's first probe; `newcomers` is how many came together with it. */
export function firstDelayMs(fraction: number, newcomers: number, intervalMs: number): number {
  return fraction * Math.min(intervalMs, (newcomers - 1) * SPREAD_MS_PER_SERVER);
}

/** From the start of one probe to the start of the next; `fraction` moves it by up to 5 %. */
export function nextDelayMs(
  { intervalMs, fall }: { readonly intervalMs: number; readonly fall: number },
  pace: Pace,
  fraction: number,
): number {
  switch (pace) {
    case 'suspect':
      return Math.min(intervalMs, Math.max(LEAST_FAST_MS, SUSPICION_MS / fall));
    case 'rising':
      return Math.min(intervalMs, RISING_INTERVAL_MS);
    case 'down':
      return Math.min(intervalMs, DOWN_INTERVAL_MS) * jitter(fraction);
    default:
      return intervalMs * jitter(fraction);
  }
}

function jitter(fraction: number): number {
  return 1 - JITTER + 2 * JITTER * fraction;
}
