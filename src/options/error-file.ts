// Reads a file with a whole HTTP response, HAProxy's `errorfile`: what a service answers instead of an
// answer of the balancer's own.

import { readFileSync, statSync } from 'node:fs';

/** HAProxy's buffer: a response must fit into it. */
const MAX_FILE_BYTES = 16_384;

/** As latin1 text. Throws why it cannot be used: one clause. Its fields are read where it is used. */
export function readErrorFile(file: string): string {
  const stat = statSync(file);
  if (!stat.isFile()) throw new Error('not a file; expected a whole HTTP response');
  if (stat.size > MAX_FILE_BYTES) throw new Error('larger than 16 KiB; expected a short response');
  const text = readFileSync(file, 'latin1');
  if (!/^HTTP\/1\.[01] \d{3}/.test(text)) {
    throw new Error('no HTTP response; expected it to begin with `HTTP/1.1 503 …`');
  }
  return text;
}
