// Delays between launches of an app that keeps failing, kept per app and configuration.

import type { AppDefinition } from './app-definition.ts';

interface Delay {
  readonly lastConfigChangeAt: string;
  readonly delayMs: number;
  readonly untilMs: number;
  readonly changedAtMs: number;
}

export class Backoff {
  readonly #delays = new Map<string, Delay>();

  /** When the app may be launched again: ms since 1970, never before now. */
  allowedAtMs(app: AppDefinition, nowMs: number): number {
    return Math.max(nowMs, this.#current(app, nowMs)?.untilMs ?? 0);
  }

  /** A task ended without having been killed: the delay begins, or grows by the app's factor. */
  failed(app: AppDefinition, nowMs: number): void {
    const before = this.#current(app, nowMs);
    const longer = before ? before.delayMs * app.backoffFactor : app.backoffSeconds * 1000;
    this.#set(app, Math.min(longer, app.maxLaunchDelaySeconds * 1000), nowMs, nowMs);
  }

  /** A launch makes progress: the next one waits the whole delay again. */
  launched(app: AppDefinition, nowMs: number): void {
    const before = this.#current(app, nowMs);
    if (before) this.#set(app, before.delayMs, nowMs, before.changedAtMs);
  }

  reset(appId: string): void {
    this.#delays.delete(appId);
  }

  #current(app: AppDefinition, nowMs: number): Delay | undefined {
    const delay = this.#delays.get(app.id);
    if (delay === undefined) return undefined;
    const stale =
      delay.lastConfigChangeAt !== app.versionInfo.lastConfigChangeAt ||
      nowMs > delay.changedAtMs + app.maxLaunchDelaySeconds * 1000;
    if (!stale) return delay;
    this.#delays.delete(app.id);
    return undefined;
  }

  #set(app: AppDefinition, delayMs: number, nowMs: number, changedAtMs: number): void {
    const { lastConfigChangeAt } = app.versionInfo;
    const untilMs = nowMs + delayMs;
    this.#delays.set(app.id, { lastConfigChangeAt, delayMs, untilMs, changedAtMs });
  }
}
