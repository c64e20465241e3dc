// A thread that reads long answers of Marathon: 67 MB take most of a second, in which the primary would
// see no event and answer no page. Bytes in, what is new in them out, a few apps at a time: neither side
// ever holds all of it twice.

import { parentPort } from 'node:worker_threads';
import type { MarathonApp } from './app.ts';
import { Reader, type Reading } from './reading.ts';
import { SourceError } from './source-error.ts';

export type ReaderReply =
  /** Some of what is new; the reading they are of follows. */
  | { readonly changed: readonly MarathonApp[] }
  | { readonly reading: Reading }
  /** Message of a SourceError: it is no app list. */
  | { readonly fault: string };

const APPS_AT_ONCE = 100;

const reader = new Reader();

parentPort?.on('message', (body: Uint8Array) => reply(body));

function reply(body: Uint8Array): void {
  let changed: MarathonApp[] = [];
  const hand = (): void => {
    if (changed.length > 0) say({ changed });
    changed = [];
  };
  try {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const reading = reader.read(bytes, (app) => {
      changed.push(app);
      if (changed.length === APPS_AT_ONCE) hand();
    });
    hand();
    say({ reading });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    say({ fault: error.message });
  }
}

function say(reply: ReaderReply): void {
  parentPort?.postMessage(reply);
}
