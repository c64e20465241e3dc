// What is added to the counters when something happens: in one place, so that a row of the
// statistics means the same wherever it is counted.

import type { Counters } from '../stats/counters.ts';

/** Counts one in. The caller must `countOut` exactly once. */
export function countIn(counters: Counters): void {
  counters.inFlight += 1;
  if (counters.inFlight > counters.inFlightMax) counters.inFlightMax = counters.inFlight;
}

export function countOut(counters: Counters): void {
  counters.inFlight -= 1;
}

export function countStatus(counters: Counters, status: number): void {
  if (status < 200) counters.responses1xx += 1;
  else if (status < 300) counters.responses2xx += 1;
  else if (status < 400) counters.responses3xx += 1;
  else if (status < 500) counters.responses4xx += 1;
  else if (status < 600) counters.responses5xx += 1;
  else counters.responsesOther += 1;
}

/** How long the parts of an exchange or tunnel that is over took, in ms. */
export interface Times {
  readonly queueMs: number;
  readonly connectMs: number;
  readonly responseMs: number;
  readonly totalMs: number;
}

export function countTimes(counters: Counters, times: Times): void {
  const { queueMs, connectMs, responseMs, totalMs } = times;
  counters.timed += 1;
  counters.queueMs += queueMs;
  counters.connectMs += connectMs;
  counters.responseMs += responseMs;
  counters.totalMs += totalMs;
  if (queueMs > counters.queueMsMax) counters.queueMsMax = Math.round(queueMs);
  if (connectMs > counters.connectMsMax) counters.connectMsMax = Math.round(connectMs);
  if (responseMs > counters.responseMsMax) counters.responseMsMax = Math.round(responseMs);
  if (totalMs > counters.totalMsMax) counters.totalMsMax = Math.round(totalMs);
}

/** Counts one in that waits. The caller must `countLeft` exactly once. */
export function countJoined(counters: Counters): void {
  counters.queued += 1;
  if (counters.queued > counters.queuedMax) counters.queuedMax = counters.queued;
}

export function countLeft(counters: Counters): void {
  counters.queued -= 1;
}
