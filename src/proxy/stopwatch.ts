// Exact time for durations. A request passes in a few spans of work, each of which ends where the event
// loop goes on: within a span the time is read once at most, however often it is asked for.

import { performance } from 'node:perf_hooks';

/** No span is under way. */
const RUNNING = -1;
/** A span is under way, its time was not asked for yet. */
const UNREAD = -2;

export class Stopwatch {
  #heldMs = RUNNING;

  /** Monotonic, in ms since the process began. */
  get nowMs(): number {
    if (this.#heldMs === RUNNING) return performance.now();
    if (this.#heldMs === UNREAD) this.#heldMs = performance.now();
    return this.#heldMs;
  }

  /** A span begins. It must `release` before it gives control back to the event loop. */
  hold(): void {
    if (this.#heldMs === RUNNING) this.#heldMs = UNREAD;
  }

  /** The span is over; that of a caller too, whose later readings are exact again. */
  release(): void {
    this.#heldMs = RUNNING;
  }
}
