// How often a key occurred in the last while, for any number of keys in a bounded table: what is over
// is forgotten first, then what is oldest. A rate is smooth: the time before counts by the part of it
// that the window still covers, as with HAProxy.

const MAX_KEYS = 20_000;

interface Entry {
  startedMs: number;
  count: number;
  before: number;
}

export class Rates {
  readonly #periodMs: number;
  /** Those whose time began longest ago come first. */
  readonly #entries = new Map<string, Entry>();

  constructor(periodMs: number) {
    this.#periodMs = Math.max(1, periodMs);
  }

  /** Counts one occurrence. */
  add(key: string, nowMs: number): void {
    const entry = this.#entryAt(key, nowMs) ?? { startedMs: nowMs, count: 0, before: 0 };
    entry.count += 1;
    if (entry.count === 1) {
      // New, or of a new time: its place is at the end.
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      this.#forget(nowMs);
    }
  }

  /** Occurrences in the last period. */
  of(key: string, nowMs: number): number {
    const entry = this.#entryAt(key, nowMs);
    if (entry === null) return 0;
    const covered = 1 - (nowMs - entry.startedMs) / this.#periodMs;
    return entry.count + entry.before * covered;
  }

  get size(): number {
    return this.#entries.size;
  }

  #entryAt(key: string, nowMs: number): Entry | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const elapsed = nowMs - entry.startedMs;
    if (elapsed >= 2 * this.#periodMs) {
      this.#entries.delete(key);
      return null;
    }
    if (elapsed >= this.#periodMs) {
      entry.startedMs += this.#periodMs;
      entry.before = entry.count;
      entry.count = 0;
    }
    return entry;
  }

  #forget(nowMs: number): void {
    for (const [key, { startedMs }] of this.#entries) {
      const isOver = nowMs - startedMs >= 2 * this.#periodMs;
      if (!isOver && this.#entries.size <= MAX_KEYS) return;
      this.#entries.delete(key);
    }
  }
}
