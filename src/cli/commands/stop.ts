// How a command that works step by step ends before its end.

/** The exit code and what is said, a line each. */
export class Stop extends Error {
  readonly exitCode: number;
  readonly errors: readonly string[];

  constructor(exitCode: number, ...errors: readonly string[]) {
    super(errors[0]);
    this.exitCode = exitCode;
    this.errors = errors;
  }
}
