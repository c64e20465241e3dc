// How well Marathon is known right now, for the stats page and the log.

/** Every time in ms since 1970; 0 = never. */
export interface SourceStatus {
  /** Base URL asked last, for example `http://10.0.0.1:8080`. */
  readonly url: string;
  /** True while the event stream is open. */
  readonly streaming: boolean;
  /** Last byte on the event stream, heartbeats included. */
  readonly lastEventAtMs: number;
  /** Last time a whole app list was read and accepted. */
  readonly lastAnswerAtMs: number;
  /** Why the last fetch or stream failed: one clause; empty while all is well. */
  readonly error: string;
  /** True while an answer is held back because it would empty the pools (see MarathonSource). */
  readonly held: boolean;
  readonly fetches: number;
  readonly events: number;
  readonly reconnects: number;
}
