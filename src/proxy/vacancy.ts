// Since when a service has no server to give a request to: its pools share this, as what is momentary
// does not depend on which colour is live.

export class Vacancy {
  /** On the clock; Infinity = it has one, -Infinity = it never had one. */
  sinceMs = Number.NEGATIVE_INFINITY;

  filled(): void {
    this.sinceMs = Number.POSITIVE_INFINITY;
  }

  /** The service itself is no more: whoever waits for it waits in vain. */
  abandoned(): void {
    this.sinceMs = Number.NEGATIVE_INFINITY;
  }

  /** Does nothing where it was vacant before. */
  emptied(nowMs: number): void {
    if (this.sinceMs === Number.POSITIVE_INFINITY) this.sinceMs = nowMs;
  }
}
