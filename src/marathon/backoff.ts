// How long to wait after failures in a row: exponential, with full jitter so that many balancers do
// not come back to a Marathon that has just started in one wave.

export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  /** `random` draws from [0, 1). */
  constructor(minMs: number, maxMs: number, random: () => number = Math.random) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Counts a failure in and says how many ms to wait. */
  next(): number {
    // Beyond 2^30 the cap has long been reached; the exponent must not overflow.
    const ceilingMs = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return this.#random() * ceilingMs;
  }

  reset(): void {
    this.#failures = 0;
  }
}
