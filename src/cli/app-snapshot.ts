// The last app list, kept on disk: what is served when Marathon cannot be reached at the start.

import { join } from 'node:path';
import type { Logger } from '../log/logger.ts';
import type { MarathonApp } from '../marathon/app.ts';
import { SavedFile } from './saved-file.ts';

/** What is kept of an answer of Marathon's. */
export interface KnownApps {
  readonly apps: readonly MarathonApp[];
  /** Host name → IP address. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** Changes with the shape of MarathonApp: another format is not read. */
const FORMAT = 'teal-apps-1';
/** A large cluster's list is tens of megabytes. */
const MIN_INTERVAL_MS = 30_000;
/** Some 2 ms of work with ten tasks each. */
const APPS_AT_ONCE = 100;

interface Saved {
  readonly apps: readonly MarathonApp[];
  readonly addresses: readonly (readonly [string, string])[];
}

export class AppSnapshot {
  readonly #file: SavedFile;
  readonly #log: Logger;
  #saved: readonly MarathonApp[] | null = null;
  #wanted: KnownApps | null = null;
  #writing: Promise<void> | null = null;
  #nextMs = 0;

  constructor(folder: string, log: Logger) {
    this.#file = new SavedFile(join(folder, 'apps.json'), FORMAT);
    this.#log = log;
  }

  /** Null when there is none that can be used; why is in the log. */
  read(): KnownApps | null {
    const found = this.#file.read();
    if ('body' in found) {
      const { apps, addresses } = JSON.parse(found.body) as Saved;
      this.#saved = apps;
      return { apps, addresses: new Map(addresses) };
    }
    if (found.fault !== '') {
      this.#log.warn(
        { path: this.#file.path, fault: found.fault },
        'the saved app list is not used and will be replaced',
      );
    }
    return null;
  }

  /** Takes the list to be saved; lists that come too fast are left out, but for the last one. */
  keep(known: KnownApps, nowMs: number): void {
    if (known.apps === this.#saved) return;
    this.#wanted = known;
    if (nowMs >= this.#nextMs) this.#write(nowMs);
  }

  /** To be called now and then: a list that came too fast is written. */
  tick(nowMs: number): void {
    if (this.#wanted !== null && nowMs >= this.#nextMs) this.#write(nowMs);
  }

  /** Writes what is not written yet. */
  async stop(): Promise<void> {
    await this.#writing;
    if (this.#wanted !== null) this.#write(0);
    await this.#writing;
  }

  #write(nowMs: number): void {
    if (this.#writing !== null || this.#wanted === null) return;
    const known = this.#wanted;
    this.#wanted = null;
    this.#nextMs = nowMs + MIN_INTERVAL_MS;
    this.#writing = this.#replace(known).finally(() => {
      this.#writing = null;
    });
  }

  async #replace(known: KnownApps): Promise<void> {
    try {
      await this.#file.write(piecesOf(known));
      this.#saved = known.apps;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log.warn({ path: this.#file.path, error: why }, 'the app list could not be saved');
    }
  }
}

/** The JSON of a `Saved`. */
function* piecesOf({ apps, addresses }: KnownApps): Iterable<string> {
  yield '{"apps":[';
  for (let place = 0; place < apps.length; place += APPS_AT_ONCE) {
    const some = apps.slice(place, place + APPS_AT_ONCE).map((app) => JSON.stringify(app));
    yield `${place === 0 ? '' : ','}${some.join()}`;
  }
  yield `],"addresses":${JSON.stringify([...addresses] satisfies Saved['addresses'])}}`;
}
