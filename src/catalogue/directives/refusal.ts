// How a reader says that it does not understand a directive: it throws, and the one loop over all lines
// catches. No Refusal leaves this folder.

/** No Error: a text of thousands of wrong lines would spend its time on their stacks. */
export class Refusal {
  /** What was expected, or what happens instead. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export function refuse(reason: string): never {
  throw new Refusal(reason);
}
