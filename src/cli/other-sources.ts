// Everything known besides what Marathon says now: services of a file, SRV records, and the list that
// was saved before a restart. Each is there only if it was asked for.

import { getServers } from 'node:dns';
import type { DeclaredService } from '../catalogue/declared.ts';
import type { Logger } from '../log/logger.ts';
import type { SourceStatus } from '../marathon/source-status.ts';
import { Resolvers, readResolver } from '../mesosdns/resolvers.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { AppSnapshot, type KnownApps } from './app-snapshot.ts';
import { type Joined, SrvSource } from './srv-source.ts';
import { StartError } from './start-error.ts';

/** Marathon that has failed for so long after the start is not waited for with the saved list. */
const SNAPSHOT_AFTER_MS = 3_000;

export class OtherSources {
  readonly #options: ServeOptions;
  readonly #log: Logger;
  readonly #srv: SrvSource | null;
  readonly #snapshot: AppSnapshot | null;
  readonly #startedAtMs: number;
  /** Read at the start, until Marathon has answered or it has been used. */
  #saved: KnownApps | null = null;

  /** `changed` is called when `join` would give something else. Throws StartError. */
  constructor(
    options: ServeOptions,
    services: readonly DeclaredService[],
    log: Logger,
    changed: () => void,
  ) {
    const { sources, groups } = options;
    this.#options = options;
    this.#log = log;
    this.#startedAtMs = Date.now();
    this.#snapshot = sources.stateFolder === '' ? null : new AppSnapshot(sources.stateFolder, log);
    const wanted = sources.followsApps || services.some((service) => service.srv !== '');
    const srvOptions = {
      services,
      followsApps: sources.followsApps,
      naming: { framework: sources.framework, domain: sources.dnsDomain },
      group: groups.find((group) => group !== '*') ?? '*',
      keepMs: sources.dnsKeepMs,
    };
    this.#srv =
      services.length === 0 && !wanted
        ? null
        : new SrvSource(srvOptions, resolversOf(sources.mesosDns), log, changed);
  }

  /** Reads what was saved. */
  start(): void {
    this.#saved = this.#snapshot?.read() ?? null;
  }

  join(known: KnownApps, nowMs: number): Joined {
    return this.#srv?.join(known.apps, nowMs) ?? { apps: known.apps, problems: [] };
  }

  /** Takes an accepted list of Marathon's, to be kept. */
  answered(known: KnownApps, nowMs: number): void {
    this.#saved = null;
    this.#snapshot?.keep(known, nowMs);
  }

  /** To be called each second. The saved list when it is to be served now, else null. */
  tick(status: SourceStatus, nowMs: number): KnownApps | null {
    this.#snapshot?.tick(nowMs);
    const { resyncIntervalMs, sources } = this.#options;
    const lastMs = status.lastAnswerAtMs || this.#startedAtMs;
    const dueMs = lastMs + (status.lastAnswerAtMs === 0 ? 0 : resyncIntervalMs);
    this.#srv?.marathonIs(status.held || nowMs - dueMs < sources.dnsFallbackMs);
    return this.#useSaved(status, nowMs);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#srv?.stop(), this.#snapshot?.stop()]);
  }

  #useSaved({ lastAnswerAtMs, error }: SourceStatus, nowMs: number): KnownApps | null {
    const saved = this.#saved;
    const waits = lastAnswerAtMs !== 0 || nowMs - this.#startedAtMs < SNAPSHOT_AFTER_MS;
    if (saved === null || waits || error === '') return null;
    this.#saved = null;
    this.#log.warn(
      { apps: saved.apps.length, error },
      'Marathon cannot be reached: the app list saved before the start is served until it can',
    );
    return saved;
  }
}

/** The system's resolvers when none are named. Throws StartError. */
function resolversOf(named: readonly string[]): Resolvers {
  const texts = named.length > 0 ? named : getServers();
  return new Resolvers(
    texts.map((text) => {
      const resolver = readResolver(text);
      if (resolver !== null) return resolver;
      throw new StartError(
        `--mesos-dns '${text}': expected an IP address, with a port if it is not 53, or http://…`,
      );
    }),
  );
}
