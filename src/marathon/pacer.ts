// Turns many requests into few runs: one run at a time, at most one waiting, the first request of a
// quiet time served at once, a constant stream of them at a bounded rate.

/**
 * An event is rarely alone (a kill is a status update, an instance change and a health change within
 * a millisecond or two). The first after a quiet time is not kept waiting for its siblings, which cost
 * one more run; while runs follow one another, waiting this long for them saves that run.
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
  /** A run that begins once all that has already come is taken in. */
  #soon: NodeJS.Immediate | null = null;
  #dueTick = 0;
  /** When the allowance for bursts is whole again (a leaky bucket as a single time). */
  #paidUntilTick = 0;
  #stopped = false;

  /** `run` must not reject. */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /**
   * Asks for a run that begins after this call, no sooner than `afterMs` from now; absent = as soon as
   * it is worth it. A sooner request overrules a later one; a request during a run makes it run once more.
   */
  request(afterMs?: number): void {
    if (this.#stopped) return;
    const now = performance.now();
    const isQuiet = this.#running === null && now >= this.#paidUntilTick;
    const earliest = this.#paidUntilTick - (BURST - 1) * SUSTAINED_INTERVAL_MS;
    const due = Math.max(now + (afterMs ?? (isQuiet ? 0 : GATHER_MS)), earliest);
    if (this.#wanted && this.#dueTick <= due) return;
    this.#wanted = true;
    this.#dueTick = due;
    if (this.#running === null) this.#arm();
  }

  /** No run begins after this; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    await this.#running;
  }

  #arm(): void {
    this.#disarm();
    const waitMs = this.#dueTick - performance.now();
    if (waitMs <= 0) this.#soon = setImmediate(() => this.#begin());
    else this.#timer = setTimeout(() => this.#begin(), waitMs);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#timer = null;
    this.#soon = null;
  }

  #begin(): void {
    this.#disarm();
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
