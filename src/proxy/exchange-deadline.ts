// Until when an exchange waits, by who is waited for: the client that sends its body or reads its
// response, or the server. Says who was at fault once the time has passed.

import type { Timed } from './clock.ts';
import type { FailureCode } from './failure.ts';
import type { RequestRelay } from './request-relay.ts';
import type { ResponseRelay } from './response-relay.ts';
import type { Runtime } from './runtime.ts';
import type { Timeouts } from './timeouts.ts';
import type { Wire } from './wire.ts';

/** How long a client that half-closed without asking for a close is waited with for a response. */
const HALF_CLOSED_GRACE_MS = 1_000;

/** Whose deadline it is. */
export interface Deadlined extends Timed {
  readonly wire: Wire;
}

export class ExchangeDeadline {
  readonly #runtime: Runtime;
  #timeouts: Timeouts;
  readonly #client: Deadlined;
  readonly #request: RequestRelay;
  readonly #response: ResponseRelay;
  /** Until when a client that may be gone is given the benefit of the doubt; Infinity = it is there. */
  graceEndsMs = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime, client: Deadlined, request: RequestRelay, response: ResponseRelay) {
    this.#runtime = runtime;
    this.#timeouts = runtime.settings;
    this.#client = client;
    this.#request = request;
    this.#response = response;
  }

  /** A request begins: its client is there. `timeouts` are those of where it goes. */
  begin(timeouts: Timeouts): void {
    this.#timeouts = timeouts;
    this.graceEndsMs = Number.POSITIVE_INFINITY;
  }

  /** The client sends no more and did not say that it would close: it may be gone. */
  hurry(): void {
    this.graceEndsMs = this.#runtime.clock.in(HALF_CLOSED_GRACE_MS);
  }

  /** Something was sent or received before the final response. */
  awaitHead(): void {
    const { clock } = this.#runtime;
    const { clientTimeoutMs, serverTimeoutMs } = this.#timeouts;
    const deadlineMs = this.#request.awaited
      ? Math.min(clock.in(clientTimeoutMs), this.#request.pace.deadlineMs)
      : clock.in(serverTimeoutMs);
    this.#client.deadlineMs = Math.min(deadlineMs, this.graceEndsMs);
  }

  /** Something of the final response was passed on. */
  awaitBody(): void {
    const { clock } = this.#runtime;
    const { clientTimeoutMs, serverTimeoutMs } = this.#timeouts;
    const { blocked } = this.#response;
    this.#client.deadlineMs = clock.in(blocked ? clientTimeoutMs : serverTimeoutMs);
  }

  /** It was not there any more when it was last given the benefit of the doubt. */
  get isGraceOver(): boolean {
    return this.graceEndsMs <= this.#runtime.clock.nowMs;
  }

  /** The deadline has passed before the final response: why. */
  headFailure(): FailureCode {
    if (this.isGraceOver) return 'CLIENT_ABORTED';
    return this.#request.awaited ? 'REQUEST_BODY_TIMEOUT' : 'RESPONSE_TIMEOUT';
  }

  /** The deadline has passed within the final response: why; null = the client does read, slowly. */
  bodyFailure(): FailureCode | null {
    if (!this.#response.blocked) return 'RESPONSE_STALLED';
    return this.#client.wire.shrank() ? null : 'CLIENT_STALLED';
  }
}
