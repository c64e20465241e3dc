// The bytes of GET /v2/apps → what is new in them. Whoever reads keeps fingerprints of each app, so that
// an app that says the same again need not be handed on, and stays the object it was for all who
// remember; one that is written the same is not even parsed.

import { createHash } from 'node:crypto';
import type { Problem } from '../catalogue/problem.ts';
import type { MarathonApp } from './app.ts';
import { appSpans } from './app-texts.ts';
import { againProblem, entriesOf, readEntry } from './read-apps.ts';
import { SourceError } from './source-error.ts';

/** One answer, in terms of the one before; apps that are new or say something else come beside it. */
export interface Reading {
  /** All apps, in Marathon's order. */
  readonly ids: readonly string[];
  readonly problems: readonly Problem[];
}

/** Takes apps that are new, or say something else than in the last reading, as they are found. */
export type TakeApp = (app: MarathonApp) => void;

/** What an app said in the last reading. */
interface Said {
  readonly id: string;
  readonly problems: readonly Problem[];
  /** Of what is read of it. */
  readonly fingerprint: string;
}

/** One entry of an answer; `app` is null where it is left out, or was not parsed. */
interface Entry extends Said {
  readonly app: MarathonApp | null;
  /** Of how it is written; empty = not known. */
  readonly text: string;
}

export class Reader {
  /** By the fingerprint of how it is written. */
  #written: ReadonlyMap<string, Said> = new Map();
  /** By app id. */
  #fingerprints: ReadonlyMap<string, string> = new Map();

  /** Throws SourceError when it is no app list; nothing is forgotten then, and what was taken is void. */
  read(body: Buffer, take: TakeApp): Reading {
    const written = new Map<string, Said>();
    const fingerprints = new Map<string, string>();
    const problems: Problem[] = [];
    for (const { id, app, text, fingerprint, problems: told } of this.#entries(body)) {
      if (fingerprints.has(id)) {
        problems.push(againProblem(id));
        continue;
      }
      problems.push(...told);
      if (fingerprint === '') continue;
      fingerprints.set(id, fingerprint);
      if (text !== '') written.set(text, { id, fingerprint, problems: told });
      if (app !== null && this.#fingerprints.get(id) !== fingerprint) take(app);
    }
    this.#written = written;
    this.#fingerprints = fingerprints;
    return { ids: [...fingerprints.keys()], problems };
  }

  *#entries(body: Buffer): Iterable<Entry> {
    const spans = appSpans(body);
    if (spans === null) {
      for (const [place, raw] of entriesOf(parseJson(body.toString('utf8'))).entries()) {
        yield entryOf(raw, place, '');
      }
      return;
    }
    for (const [place, [start, end]] of spans.entries()) {
      const bytes = body.subarray(start, end);
      const text = createHash('sha1').update(bytes).digest('base64');
      const said = this.#written.get(text);
      const isKnown = said !== undefined && this.#fingerprints.get(said.id) === said.fingerprint;
      yield isKnown
        ? { ...said, app: null, text }
        : entryOf(parseJson(bytes.toString('utf8')), place, text);
    }
  }
}

function entryOf(raw: unknown, place: number, text: string): Entry {
  const { app, problems } = readEntry(raw, place);
  if (app === null) return { id: '', app, problems, fingerprint: '', text: '' };
  const fingerprint = createHash('sha1').update(JSON.stringify(app)).digest('base64');
  return { id: app.id, app, problems, fingerprint, text };
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
