// Marathon as a source: whole app lists in, on every sign of change and at least every resync interval.

import type { Problem } from '../catalogue/problem.ts';
import type { Logger } from '../log/logger.ts';
import type { MarathonApp } from './app.ts';
import type { SourceStatus } from './source-status.ts';

export interface MarathonSourceOptions {
  /** Base URLs in order of preference, without a trailing slash. */
  readonly urls: readonly string[];
  /** Follow the event stream (`sse`); false = only the periodic resync (`poll`). */
  readonly stream: boolean;
  /** Whole list at least this often even when no event comes. */
  readonly resyncIntervalMs: number;
  /** No byte on the stream for this long: close, go on with the next Marathon. */
  readonly silenceTimeoutMs: number;
  /** A whole REST answer must have come by then. */
  readonly fetchTimeoutMs: number;
  /** First and longest wait before a reconnect; the wait grows and is drawn at random below it. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** An empty list after a full one is held back until it has stayed empty this long. */
  readonly emptyHoldMs: number;
}

/** One accepted answer. */
export interface AppList {
  readonly apps: readonly MarathonApp[];
  /** Apps left out, and why. */
  readonly problems: readonly Problem[];
  /** Host name → IP address for every task host that could be resolved (IP literals map to themselves). */
  readonly addresses: ReadonlyMap<string, string>;
}

export class MarathonSource {
  /** `onApps` is called with every accepted answer, equal to the last or not, never concurrently. */
  constructor(_options: MarathonSourceOptions, _log: Logger, _onApps: (list: AppList) => void) {}

  start(): void {}

  /** Closes the stream and all connections; resolves when nothing is left. */
  async stop(): Promise<void> {}

  status(): SourceStatus {
    throw new Error('not built yet');
  }
}
