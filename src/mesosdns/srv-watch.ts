// Names kept fresh: each asked for again when its TTL is over. The last answer stays when nobody
// answers, and for a bounded time when a name is suddenly empty: a Mesos-DNS that has just started, or
// lost its master, knows nothing.

import type { Logger } from '../log/logger.ts';
import type { Resolvers } from './resolvers.ts';
import { LookupError, type SrvTarget } from './srv.ts';

const MIN_REFRESH_MS = 1_000;
const MAX_REFRESH_MS = 60_000;
/** Mesos-DNS says 60 s and reloads each 60 s; more often than its TTL is asked while a name is empty. */
const EMPTY_REFRESH_MS = 5_000;
const RETRY_MS = 2_000;

export interface SrvWatchOptions {
  /** How long the last servers of a name stay when it is empty or gone. */
  readonly keepMs: number;
}

/** What is known of one name. Times in ms since 1970; 0 = never. */
export interface SrvState {
  readonly name: string;
  /** In force; empty when there are none or it was never answered. */
  readonly targets: readonly SrvTarget[];
  readonly answeredAtMs: number;
  /** Since when an empty answer is not believed yet; 0 = it is not so. */
  readonly heldSinceMs: number;
  /** Why it could not be asked for; empty while all is well. */
  readonly error: string;
}

interface Entry {
  state: SrvState;
  timer: NodeJS.Timeout | null;
  pending: Promise<void> | null;
}

export class SrvWatch {
  readonly #resolvers: Resolvers;
  readonly #options: SrvWatchOptions;
  readonly #log: Logger;
  readonly #changed: () => void;
  readonly #entries = new Map<string, Entry>();
  readonly #abort = new AbortController();

  /** `changed` is called whenever the servers in force of some name have changed. */
  constructor(resolvers: Resolvers, options: SrvWatchOptions, log: Logger, changed: () => void) {
    this.#resolvers = resolvers;
    this.#options = options;
    this.#log = log;
    this.#changed = changed;
  }

  get resolver(): string {
    return this.#resolvers.first;
  }

  get states(): ReadonlyMap<string, SrvState> {
    return new Map([...this.#entries].map(([name, { state }]) => [name, state]));
  }

  /** Watches these names and no others. */
  watch(names: ReadonlySet<string>): void {
    for (const [name, { timer }] of this.#entries) {
      if (names.has(name)) continue;
      if (timer !== null) clearTimeout(timer);
      this.#entries.delete(name);
    }
    for (const name of names) {
      if (this.#entries.has(name) || this.#abort.signal.aborted) continue;
      const state = { name, targets: [], answeredAtMs: 0, heldSinceMs: 0, error: '' };
      const entry: Entry = { state, timer: null, pending: null };
      this.#entries.set(name, entry);
      this.#refresh(entry);
    }
  }

  /** Resolves when nothing is asked for any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    const pending = [...this.#entries.values()].map((one) => one.pending);
    this.watch(new Set());
    await Promise.all(pending);
    await this.#resolvers.close();
  }

  #refresh(entry: Entry): void {
    entry.timer = null;
    entry.pending = this.#look(entry).then((nextMs) => {
      entry.pending = null;
      const { name } = entry.state;
      if (this.#abort.signal.aborted || this.#entries.get(name) !== entry) return;
      entry.timer = setTimeout(() => this.#refresh(entry), nextMs);
    });
  }

  /** Asks once; resolves with the time until the next look. */
  async #look(entry: Entry): Promise<number> {
    const { name } = entry.state;
    try {
      const { targets, ttlSeconds } = await this.#resolvers.lookup(name, this.#abort.signal);
      if (targets.length > 0) this.#take(entry, targets);
      else this.#takeEmpty(entry);
      if (targets.length === 0) return EMPTY_REFRESH_MS;
      return Math.min(Math.max(ttlSeconds * 1_000, MIN_REFRESH_MS), MAX_REFRESH_MS);
    } catch (error) {
      if (!(error instanceof LookupError)) throw error;
      if (this.#abort.signal.aborted) return RETRY_MS;
      if (entry.state.error === '') {
        this.#log.warn({ name, error: error.message }, 'a SRV lookup failed; its servers stay');
      }
      entry.state = { ...entry.state, error: error.message };
      return RETRY_MS;
    }
  }

  #take(entry: Entry, targets: readonly SrvTarget[]): void {
    const before = entry.state.targets;
    const { name } = entry.state;
    const answeredAtMs = Date.now();
    const same = sameTargets(before, targets);
    // The same list stays the same object: whoever compares sees at once that nothing has changed.
    entry.state = {
      name,
      targets: same ? before : targets,
      answeredAtMs,
      heldSinceMs: 0,
      error: '',
    };
    if (!same) this.#changed();
  }

  #takeEmpty(entry: Entry): void {
    const { name, targets, heldSinceMs } = entry.state;
    const nowMs = Date.now();
    const sinceMs = heldSinceMs === 0 ? nowMs : heldSinceMs;
    const holds = targets.length > 0 && nowMs - sinceMs < this.#options.keepMs;
    if (holds) {
      if (heldSinceMs === 0) {
        this.#log.warn(
          { name, servers: targets.length },
          'a SRV name is suddenly empty; its servers stay for now',
        );
      }
      entry.state = { ...entry.state, answeredAtMs: nowMs, heldSinceMs: sinceMs, error: '' };
    } else {
      this.#take(entry, []);
    }
  }
}

function sameTargets(a: readonly SrvTarget[], b: readonly SrvTarget[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, place) => {
      const other = b[place] as SrvTarget;
      return (
        one.host === other.host &&
        one.address === other.address &&
        one.port === other.port &&
        one.priority === other.priority &&
        one.weight === other.weight
      );
    })
  );
}
