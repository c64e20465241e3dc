// Yes or no, of whoever runs a command.

import { createInterface, type Interface } from 'node:readline';

const ANSWERS: ReadonlyMap<string, boolean> = new Map([
  ['', true],
  ['y', true],
  ['ye', true],
  ['yes', true],
  ['n', false],
  ['no', false],
]);

export class Questions {
  readonly #stdin: NodeJS.ReadableStream;
  readonly #say: (text: string) => void;
  #lines: Interface | null = null;
  #answers: AsyncIterator<string> | null = null;

  constructor(stdin: NodeJS.ReadableStream, say: (text: string) => void) {
    this.#stdin = stdin;
    this.#say = say;
  }

  /** Asks until it is answered; an empty line is yes. Null = nobody answers. */
  async ask(question: string): Promise<boolean | null> {
    this.#lines ??= createInterface({ input: this.#stdin });
    this.#answers ??= this.#lines[Symbol.asyncIterator]();
    for (;;) {
      this.#say(`${question} [Y/n] `);
      const { done, value } = await this.#answers.next();
      if (done === true) return null;
      const answer = ANSWERS.get(value.trim().toLowerCase());
      if (answer !== undefined) return answer;
      this.#say("Please answer 'yes' or 'no' (or 'y' or 'n').\n");
    }
  }

  close(): void {
    this.#lines?.close();
  }
}
