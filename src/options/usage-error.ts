// What a person typed wrong, said in one line.

/** Ends the process with exit code 2; the message is printed with a hint at `--help`. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
