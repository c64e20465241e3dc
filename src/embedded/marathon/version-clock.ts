// Versions are timestamps with milliseconds, and clients order colours by them: two changes never share one.

export class VersionClock {
  #lastMs = 0;

  /** A timestamp later than every one given out before. */
  next(): string {
    this.#lastMs = Math.max(this.#lastMs + 1, Date.now());
    return timestamp(this.#lastMs);
  }
}

/** ISO 8601 in UTC with three digits of milliseconds, as Marathon writes it. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** The same instant in Marathon's form; null when the text is no ISO 8601 date-time with an offset. */
export function parseTimestamp(text: string): string | null {
  const ms = WITH_OFFSET.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : timestamp(ms);
}
