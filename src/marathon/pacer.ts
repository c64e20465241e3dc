// Turns many requests into few runs: one run at a time, at most one waiting, the first request of a
// quiet time served almost at once, a constant stream of them at a bounded rate.

/**
 * An event is rarely alone (a kill is a status update, an instance change and a health change within
 * a millisecond or two); waiting this long for its siblings saves a run and costs a kill nothing.
 */
const GATHER_MS = 10;
/** Sustained, no more than one run in this time: a 50 MB app list takes Marathon about as long. */
const SUSTAINED_INTERVAL_MS = 100;
/** Runs that may come in quick succession before the interval holds: a TASK_KILLING must not wait. */
const BURST = 3;

export class Pacer {
  readonly #run: () => Promise<void>;
  #running: Promise<void> | null = null;
  #wanted = false;
  #timer: NodeJS.Timeout | null = null;
  #dueTick = 0;
  /** When the allowance for bursts is whole again (a leaky bucket as a single time). */
  #paidUntilTick = 0;
  #stopped = false;

  /** `run` must not reject. */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /**
   * Asks for a run that begins after this call, no sooner than `afterMs` from now. A sooner request
   * overrules a later one; a request during a run makes it run once more.
   */
  request(afterMs = GATHER_MS): void {
    if (this.#stopped) return;
    const now = performance.now();
    const earliest = this.#paidUntilTick - (BURST - 1) * SUSTAINED_INTERVAL_MS;
    const due = Math.max(now + afterMs, earliest);
    if (this.#wanted && this.#dueTick <= due) return;
    this.#wanted = true;
    this.#dueTick = due;
    if (this.#running === null) this.#arm();
  }

  /** No run begins after this; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const waitMs = this.#dueTick - performance.now();
    if (waitMs <= 0) this.#begin();
    else this.#timer = setTimeout(() => this.#begin(), waitMs);
  }

  #begin(): void {
    this.#timer = null;
    this.#wanted = false;
    this.#paidUntilTick = Math.max(this.#paidUntilTick, performance.now()) + SUSTAINED_INTERVAL_MS;
    // A turn later: what the run asks for while it starts must find it running.
    this.#running = Promise.resolve()
      .then(this.#run)
      .finally(() => {
        this.#running = null;
        if (this.#wanted && !this.#stopped) this.#arm();
      });
  }
}
