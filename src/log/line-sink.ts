// Where lines of the access log go. A sink never waits and never throws: what it cannot take is lost,
// and counted.

export interface LineSink {
  /** Lines that were lost, since the start. */
  readonly lost: number;
  /** What went wrong last, in one clause; empty = nothing did. */
  readonly trouble: string;
  /** `line` is ASCII, without its line end. `atMs` is the moment of the line, ms since 1970. */
  write(line: string, atMs: number): void;
  /** Writes what waits, as far as that is possible at once; nothing may be written afterwards. */
  close(): void;
}
