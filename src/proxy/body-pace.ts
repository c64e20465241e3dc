// The slowest a request body may come. Every byte pays for some time, and time can be saved up for one
// grace at most: what counts is the mean over about that long, so that a client cannot hold its place
// with a byte now and then. Time in which the client is not waited for is not charged.

export class BodyPace {
  /** When the bytes that came are used up; Infinity = no floor. */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #graceMs: number;
  /** Time that one byte pays for; 0 = no floor. */
  readonly #byteMs: number;

  constructor(bytesPerSecond: number, graceMs: number) {
    this.#byteMs = bytesPerSecond > 0 ? 1_000 / bytesPerSecond : 0;
    this.#graceMs = graceMs;
  }

  /** The client is waited for from now on. */
  restart(nowMs: number): void {
    if (this.#byteMs > 0) this.deadlineMs = nowMs + this.#graceMs;
  }

  /** Bytes came. */
  pay(bytes: number, nowMs: number): void {
    if (this.#byteMs === 0) return;
    this.deadlineMs = Math.min(this.deadlineMs + bytes * this.#byteMs, nowMs + this.#graceMs);
  }
}
