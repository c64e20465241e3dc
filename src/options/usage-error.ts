// What a person typed wrong, said in one line.

/** Ends the process, with exit code 2 if not told otherwise; the message is printed with a hint at `--help`. */
export class UsageError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 2) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}
