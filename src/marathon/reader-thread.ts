// A thread that reads long answers of Marathon: 67 MB take most of a second, in which the primary would
// see no event and answer no page. Text in, what is new in it out.

import { parentPort } from 'node:worker_threads';
import { Reader, type Reading } from './reading.ts';
import { SourceError } from './source-error.ts';

export type ReaderReply =
  | { readonly reading: Reading }
  /** Message of a SourceError: it is no app list. */
  | { readonly fault: string };

const reader = new Reader();

parentPort?.on('message', (body: Uint8Array) => parentPort?.postMessage(replyTo(body)));

function replyTo(body: Uint8Array): ReaderReply {
  try {
    return {
      reading: reader.read(
        Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'),
      ),
    };
  } catch (error) {
    if (error instanceof SourceError) return { fault: error.message };
    throw error;
  }
}
