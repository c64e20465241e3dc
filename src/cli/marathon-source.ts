// Opens Marathon as a source, with the balancer's patience for it.

import type { Logger } from '../log/logger.ts';
import type { MarathonAccess } from '../marathon/access.ts';
import { type AppList, MarathonSource } from '../marathon/source.ts';
import type { ServeOptions } from '../options/serve-options.ts';

/** A fetch in flight when Marathon goes silent must not hold up the next. */
export const FETCH_TIMEOUT_MS = 46_000;
/** Marathon's heartbeat comes every 10 s. */
const SILENCE_TIMEOUT_MS = 35_000;
const BACKOFF_MIN_MS = 500;
const EMPTY_HOLD_MS = 60_000;
const REMOVAL_HOLD_MS = 5_000;

export interface SourceParts {
  readonly options: ServeOptions;
  readonly access: MarathonAccess;
  readonly version: string;
  readonly log: Logger;
}

export function openSource(
  { options, access, version, log }: SourceParts,
  onApps: (list: AppList) => void,
): MarathonSource {
  return new MarathonSource(
    {
      urls: options.marathon,
      access,
      stream: options.stream,
      resyncIntervalMs: options.resyncIntervalMs,
      silenceTimeoutMs: SILENCE_TIMEOUT_MS,
      fetchTimeoutMs: FETCH_TIMEOUT_MS,
      backoffMinMs: BACKOFF_MIN_MS,
      backoffMaxMs: options.maxBackoffMs,
      emptyHoldMs: EMPTY_HOLD_MS,
      maxRemovalShare: options.maxRemovalShare,
      removalHoldMs: REMOVAL_HOLD_MS,
      version,
    },
    log,
    onApps,
  );
}
