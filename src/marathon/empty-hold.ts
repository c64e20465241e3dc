// The brake on mass removal: an empty list that follows a full one is not believed at once. A Marathon
// that has just lost its store, or the wrong Marathon, says the same as a cluster without apps.

export class EmptyHold {
  readonly #holdMs: number;
  #hadApps = false;
  #emptySinceMs: number | null = null;

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /** True while an empty list is held back. */
  get held(): boolean {
    return this.#emptySinceMs !== null;
  }

  /** When an empty list will be believed, ms since 1970; 0 when nothing is held. */
  get untilMs(): number {
    return this.#emptySinceMs === null ? 0 : this.#emptySinceMs + this.#holdMs;
  }

  /** Takes the number of apps in the latest answer; false = do not use it. */
  accepts(appCount: number, nowMs: number): boolean {
    if (appCount > 0 || !this.#hadApps) {
      this.#hadApps = appCount > 0;
      this.#emptySinceMs = null;
      return true;
    }
    this.#emptySinceMs ??= nowMs;
    if (nowMs < this.untilMs) return false;
    this.#hadApps = false;
    this.#emptySinceMs = null;
    return true;
  }
}
