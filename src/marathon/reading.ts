// The text of GET /v2/apps → what is new in it. Whoever reads keeps a fingerprint of each app, so that an
// app that says the same again need not be handed on, and stays the object it was for all who remember.

import { createHash } from 'node:crypto';
import type { Problem } from '../catalogue/problem.ts';
import type { MarathonApp } from './app.ts';
import { readApps } from './read-apps.ts';
import { SourceError } from './source-error.ts';

/** One answer, in terms of the one before. */
export interface Reading {
  /** All apps, in Marathon's order. */
  readonly ids: readonly string[];
  /** Those that are new, or say something else than in the last reading. */
  readonly changed: readonly MarathonApp[];
  readonly problems: readonly Problem[];
}

export class Reader {
  #fingerprints = new Map<string, string>();

  /** Throws SourceError when it is no app list; nothing is forgotten then. */
  read(text: string): Reading {
    const { apps, problems } = readApps(parseJson(text));
    const fingerprints = new Map<string, string>();
    const changed = apps.filter((app) => {
      const fingerprint = createHash('sha1').update(JSON.stringify(app)).digest('base64');
      fingerprints.set(app.id, fingerprint);
      return this.#fingerprints.get(app.id) !== fingerprint;
    });
    this.#fingerprints = fingerprints;
    return { ids: apps.map(({ id }) => id), changed, problems };
  }
}

/** Throws SourceError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SourceError(
      `expected JSON, got ${text.length} characters that begin with '${text.slice(0, 60)}'`,
    );
  }
}
