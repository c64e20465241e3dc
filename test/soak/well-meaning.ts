// Runs well-meaning.mjs and asks it.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CLIENT = fileURLToPath(new URL('./well-meaning.mjs', import.meta.url));

export interface Seen {
  readonly answered: number;
  /** Why each other request failed. */
  readonly failures: readonly string[];
}

export class WellMeaning {
  readonly #child: ChildProcess = fork(CLIENT);

  constructor(port: number) {
    this.#child.send({ port });
  }

  /** What became of its requests since it was asked last. */
  async seen(): Promise<Seen> {
    const answer = once(this.#child, 'message', { signal: AbortSignal.timeout(10_000) });
    this.#child.send({});
    return (await answer)[0] as Seen;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
