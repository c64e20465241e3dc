// A response body seen on its way to `eventsource`: heartbeats are lone blank lines that its parser
// swallows, and a line without an end would fill the memory (it has no limit of its own).

import type { Readable } from 'node:stream';

/** Deployment events of old Marathons carry the whole root group twice in one line. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
const LINE_FEED = 10;

/** Calls `heard` for every chunk. A line beyond the limit fails the read. */
export function watchBytes(body: Readable, heard: () => void) {
  return {
    getReader() {
      const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
      let lineBytes = 0;
      return {
        async read() {
          const result = await chunks.next();
          if (result.done) return { done: true as const };
          const chunk = result.value;
          const lineEnd = chunk.lastIndexOf(LINE_FEED);
          lineBytes = lineEnd < 0 ? lineBytes + chunk.length : chunk.length - lineEnd - 1;
          if (lineBytes > MAX_LINE_BYTES) {
            throw new Error(`a line longer than ${MAX_LINE_BYTES} bytes`);
          }
          heard();
          return { done: false as const, value: chunk };
        },
        async cancel() {
          body.destroy();
        },
      };
    },
  };
}
