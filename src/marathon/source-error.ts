// What went wrong between Teal and Marathon, said in one sentence.

/** Marathon could not be reached, or what it said makes no sense. The last good answer stays. */
export class SourceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SourceError';
  }
}
