// What the server of one exchange answers: heads read strictly, interim ones passed on, the final one
// with its body, or a switch to another protocol. Says of each piece what has become of the answer; what
// follows from it is the exchange's to do.

import type { ExchangeReply, Replying } from './exchange-reply.ts';
import type { FailureCode } from './failure.ts';
import { ResponseReader } from './response-reader.ts';
import type { Passed } from './response-relay.ts';
import type { Runtime } from './runtime.ts';
import type { Upstream } from './upstream.ts';

/**
 * `more`: it goes on; `trickle`: so it does, but nothing came of this piece; `done`: it is whole and
 * written; else why it has failed.
 */
export type Outcome = 'more' | 'trickle' | 'done' | FailureCode;

export class ExchangeAnswer {
  /** Something of the final response has gone to the client. */
  begun = false;
  /** Where the bytes of the protocol switched to begin in the piece received last. */
  switchedAt = 0;
  readonly #reader: ResponseReader;
  readonly #reply: ExchangeReply;
  readonly #of: Replying;

  constructor(runtime: Runtime, reply: ExchangeReply, of: Replying) {
    this.#reader = new ResponseReader(runtime);
    this.#reply = reply;
    this.#of = of;
  }

  /** A request with this method is sent. */
  await(method: string): void {
    this.begun = false;
    this.#reader.begin(method);
  }

  /** True if nothing of an answer was read, not even of an interim one. */
  get untouched(): boolean {
    return this.#reader.untouched;
  }

  /** Protocol that was switched to. */
  get protocol(): string {
    return this.#reader.head.upgrade;
  }

  /** `piece[0, length)` was received. `switched`: HTTP is over on both connections. */
  receive(upstream: Upstream, piece: Buffer, length: number): Outcome | 'switched' {
    if (this.begun) {
      const passed = this.#of.response.pass(upstream, piece, 0, length, '');
      return outcomeOf(passed, 'RESPONSE_BODY_INVALID');
    }
    return this.#receiveHeads(upstream, piece, length);
  }

  /** The server sends no more, within the final response. */
  serverEnded(): Outcome {
    const { response } = this.#of;
    if (!response.isTaken && response.untilClose) {
      response.complete();
      return 'done';
    }
    return this.serverFailed();
  }

  /** The connection failed, within the final response. */
  serverFailed(): Outcome {
    const { response } = this.#of;
    if (!response.isTaken) return 'RESPONSE_TRUNCATED';
    response.upstreamKeeps = false;
    return 'trickle';
  }

  #receiveHeads(upstream: Upstream, piece: Buffer, length: number): Outcome | 'switched' {
    const { head } = this.#reader;
    let at = 0;
    while (at < length) {
      const end = this.#reader.read(piece, at, length);
      if (this.#reader.fault !== null) return 'RESPONSE_INVALID';
      // The deadline stays: a head that trickles must be there in time all the same.
      if (end === -1) return at === 0 ? 'trickle' : 'more';
      if (head.status === 101) return this.#switch(end);
      if (!head.isInterim) return this.#respond(upstream, piece, end, length);
      this.#reply.interim(head);
      if (head.status === 100) this.#of.request.continued();
      at = end;
    }
    return 'more';
  }

  #respond(upstream: Upstream, piece: Buffer, at: number, length: number): Outcome {
    const { head } = this.#reader;
    const { account, response, screening } = this.#of;
    const text = this.#reply.begin(head);
    if (text === null) return 'RESPONSE_DENIED';
    const passed = response.pass(upstream, piece, at, length, text);
    // Nothing of it has gone out.
    if (passed === 'malformed') return 'RESPONSE_INVALID';
    this.begun = true;
    account.responded(head.status);
    screening.answered(head.status);
    return passed;
  }

  #switch(at: number): FailureCode | 'switched' {
    if (!this.#of.asked.upgrade) return 'RESPONSE_INVALID';
    if (!this.#reply.switched(this.#reader.head)) return 'RESPONSE_DENIED';
    this.#of.account.responded(101);
    this.switchedAt = at;
    return 'switched';
  }
}

function outcomeOf(passed: Passed, fault: FailureCode): Outcome {
  return passed === 'malformed' ? fault : passed;
}
