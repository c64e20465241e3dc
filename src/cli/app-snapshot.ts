// The last app list, kept on disk: what is served when Marathon cannot be reached at the start. Written
// whole beside the old one and then renamed, so that a crash leaves one or the other.

import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../log/logger.ts';
import type { MarathonApp } from '../marathon/app.ts';

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

interface Saved {
  readonly apps: readonly MarathonApp[];
  readonly addresses: readonly (readonly [string, string])[];
}

export class AppSnapshot {
  readonly #path: string;
  readonly #log: Logger;
  #saved: readonly MarathonApp[] | null = null;
  #wanted: KnownApps | null = null;
  #writing: Promise<void> | null = null;
  #nextMs = 0;

  constructor(folder: string, log: Logger) {
    this.#path = join(folder, 'apps.json');
    this.#log = log;
  }

  /** Null when there is none that can be used; why is in the log. */
  async read(): Promise<KnownApps | null> {
    const text = await this.#text();
    if (text === null) return null;
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (text.slice(0, end) === headOf(body)) {
      const { apps, addresses } = JSON.parse(body) as Saved;
      this.#saved = apps;
      return { apps, addresses: new Map(addresses) };
    }
    this.#log.warn(
      { path: this.#path },
      'the saved app list is of another version or damaged; it is not used and will be replaced',
    );
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

  async #replace({ apps, addresses }: KnownApps): Promise<void> {
    const body = JSON.stringify({ apps, addresses: [...addresses] } satisfies Saved);
    const temporary = `${this.#path}.${process.pid}`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(`${headOf(body)}\n${body}`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
      this.#saved = apps;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log.warn({ path: this.#path, error: why }, 'the app list could not be saved');
    }
  }

  async #text(): Promise<string | null> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') {
        this.#log.warn({ path: this.#path, error: message }, 'the saved app list cannot be read');
      }
      return null;
    }
  }
}

function headOf(body: string): string {
  return `${FORMAT} ${createHash('sha256').update(body).digest('hex')}`;
}
