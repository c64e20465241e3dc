// Where lines of the access log go. A sink never waits and never throws: what it cannot take is lost,
// and counted.

import type { LineBuffer } from './line-buffer.ts';

export interface LineSink {
  /** Lines that were lost, since the start. */
  readonly lost: number;
  /** What went wrong last, in one clause; empty = nothing did. */
  readonly trouble: string;
  /** A line of this moment (ms since 1970) begins: it is to be put behind what is in the buffer. */
  begin(atMs: number): LineBuffer;
  /** The line is whole: ASCII, without its line end. */
  end(): void;
  /** Writes what waits, as far as that is possible at once; nothing may be written afterwards. */
  close(): void;
}
