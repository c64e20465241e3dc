// One coarse timer for all deadlines of a worker. Time is monotonic, and a stall of the worker is
// not charged to its connections: what waits in a socket is read before anybody is timed out.

/** How often deadlines are looked at: no deadline is kept more exactly than this. */
const TICK_MS = 100;
/** Most that the clock moves in one tick, however long the worker stood still. */
const MAX_STEP_MS = 250;

const DELAY_SPAN_MS = 10_000;

/** Something with a deadline. `deadlineMs` may be set at any time, without a call. */
export interface Timed {
  /** On the clock's own time; Infinity = none. */
  deadlineMs: number;
  /** The clock's; -1 = not on a clock. */
  clockIndex: number;
  /** Its deadline has passed. It must set another, or leave the clock. */
  expired(): void;
}

export class Clock {
  /** Coarse monotonic time, in ms since the clock began. */
  nowMs = 0;
  /** Coarse wall clock, ms since 1970. */
  wallMs = Date.now();
  readonly #timed: Timed[] = [];
  #lastMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  /** Longest delays of the present span and of the one before. */
  #delayMs = 0;
  #delayBeforeMs = 0;
  #spanEndsMs = DELAY_SPAN_MS;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** How long the event loop kept a tick waiting at most, in the last 10 to 20 s. */
  get loopDelayMs(): number {
    return Math.max(this.#delayMs, this.#delayBeforeMs);
  }

  /** A deadline `ms` from now; never early. */
  in(ms: number): number {
    return this.nowMs + ms + TICK_MS;
  }

  add(timed: Timed): void {
    timed.clockIndex = this.#timed.length;
    this.#timed.push(timed);
  }

  /** Removing what is not there is allowed. */
  remove(timed: Timed): void {
    const index = timed.clockIndex;
    if (index < 0) return;
    const last = this.#timed.pop() as Timed;
    if (last !== timed) {
      this.#timed[index] = last;
      last.clockIndex = index;
    }
    timed.clockIndex = -1;
  }

  #seeDelay(delayMs: number): void {
    if (this.nowMs >= this.#spanEndsMs) {
      this.#spanEndsMs = this.nowMs + DELAY_SPAN_MS;
      this.#delayBeforeMs = this.#delayMs;
      this.#delayMs = 0;
    }
    this.#delayMs = Math.max(this.#delayMs, delayMs);
  }

  #tick(): void {
    const realMs = performance.now();
    const stepMs = realMs - this.#lastMs;
    this.nowMs += Math.min(stepMs, MAX_STEP_MS);
    this.#seeDelay(stepMs - TICK_MS);
    this.#lastMs = realMs;
    this.wallMs = Date.now();
    // Backwards: what is removed meanwhile is replaced by something already looked at.
    for (let i = this.#timed.length - 1; i >= 0; i -= 1) {
      const timed = this.#timed[i];
      if (timed !== undefined && timed.deadlineMs <= this.nowMs) timed.expired();
    }
  }
}
