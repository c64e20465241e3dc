// Says in the log when something of Marathon's fails and when it is back: once each, with a reminder
// while it lasts, never a line per attempt.

import type { Logger } from '../log/logger.ts';

const REMIND_AFTER_MS = 60_000;

export class Outage {
  readonly #log: Logger;
  readonly #what: string;
  #error = '';
  #sinceMs = 0;
  #saidAtMs = 0;

  /** `what` completes "… fails" and "… works again". */
  constructor(log: Logger, what: string) {
    this.#log = log;
    this.#what = what;
  }

  /** Why it failed last: one clause; empty while all is well. */
  get error(): string {
    return this.#error;
  }

  /** `consequence`: what happens instead, one clause. */
  fail(error: string, consequence: string): void {
    const nowMs = Date.now();
    if (this.#error === '') this.#sinceMs = nowMs;
    const due = this.#error === '' || nowMs - this.#saidAtMs >= REMIND_AFTER_MS;
    this.#error = error;
    if (!due) return;
    this.#saidAtMs = nowMs;
    this.#log.warn({ error }, `${this.#what} fails: ${error}; ${consequence}`);
  }

  recover(): void {
    if (this.#error === '') return;
    const lastedMs = Date.now() - this.#sinceMs;
    this.#log.info({ lastedMs, error: this.#error }, `${this.#what} works again`);
    this.#error = '';
  }
}
