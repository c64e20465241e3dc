// What is wrong with something from outside, said so that its owner can mend it.

/** One thing that was left out or ignored, and why. Shown in the log and on the stats page. */
export interface Problem {
  /** App id, or null when the problem is not one app's (a listener of ours, the answer as a whole). */
  readonly app: string | null;
  /** Label, field or port concerned, for example `HAPROXY_0_PORT` or `*:10080`. */
  readonly where: string;
  /** The offending value as text, cut to 200 characters; empty when nothing was there. */
  readonly value: string;
  /** What was expected, and what happens instead: one clause each. */
  readonly message: string;
}
