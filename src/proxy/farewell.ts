// The end of a client connection: what was written still reaches the client, and what it goes on
// sending cannot turn the end into a reset that takes the last answer with it (RFC 9112 §9.6).

import type { Timed } from './clock.ts';
import type { Rest } from './rest.ts';
import type { Runtime } from './runtime.ts';
import type { Wire } from './wire.ts';

/** How long a client that was told to go may take to read its answer and close. */
const LINGER_MS = 1_000;
/** Bytes it may still send meanwhile. */
const LINGER_BYTES = 1_048_576;

/** The connection that ends; its deadline is used. */
export interface Leaving extends Timed {
  readonly wire: Wire;
  readonly rest: Rest;
}

export class Farewell {
  readonly #runtime: Runtime;
  readonly #client: Leaving;
  /** Everything was with the kernel when it began, or since. */
  #flushed: boolean;
  #discardedBytes = 0;

  /**
   * `wished`: the client has said itself that this is the end, and sends nothing more. Otherwise the
   * end is ours, and it gets the time to read what was written.
   */
  constructor(runtime: Runtime, client: Leaving, wished: boolean) {
    const { wire } = client;
    const { clientTimeoutMs } = runtime.settings;
    this.#runtime = runtime;
    this.#client = client;
    this.#flushed = wire.queuedBytes === 0;
    wire.watch();
    client.deadlineMs = runtime.clock.in(!wished && this.#flushed ? LINGER_MS : clientTimeoutMs);
    if (wished) wire.endAndClose();
    else wire.end();
  }

  /** Throws away what the client still sends. */
  discard(): void {
    const { rest, wire } = this.#client;
    this.#discardedBytes += rest.size;
    rest.clear();
    if (this.#discardedBytes > LINGER_BYTES) wire.destroy();
  }

  /** The time to read the last answer is over, or all of it has gone out only now. */
  expired(): void {
    const { clock, settings } = this.#runtime;
    const { wire } = this.#client;
    if (!wire.finished && wire.shrank()) {
      this.#client.deadlineMs = clock.in(settings.clientTimeoutMs);
    } else if (wire.finished && !this.#flushed) {
      this.#flushed = true;
      this.#client.deadlineMs = clock.in(LINGER_MS);
    } else {
      wire.destroy();
    }
  }
}
