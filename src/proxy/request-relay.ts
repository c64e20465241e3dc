// The body of one request on its way to the server: passed on as it comes, not read further while
// the server does not read.

import { BodyFlow } from './body/flow.ts';
import { BodyPace } from './body-pace.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { RequestHead } from './http/request-head.ts';
import { BODY_AS_IS } from './http/response-head.ts';
import type { Rest } from './rest.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import type { Upstream } from './upstream.ts';

/** Where the bytes of the body wait. */
export interface BodySource {
  readonly rest: Rest;
}

export class RequestRelay {
  /** The client is not read before the server has read more. */
  blocked = false;

  /** The slowest the body may come. */
  readonly pace: BodyPace;
  readonly #runtime: Runtime;
  readonly #rest: Rest;
  readonly #account: ExchangeAccount;
  readonly #flow = new BodyFlow();
  /** The client waits for a 100 before it sends its body. */
  #awaitsContinue = false;

  constructor(runtime: Runtime, { rest }: BodySource, account: ExchangeAccount) {
    const { minBodyBytesPerSecond, bodyGraceMs } = runtime.settings;
    this.#runtime = runtime;
    this.pace = new BodyPace(minBodyBytesPerSecond, bodyGraceMs);
    this.#rest = rest;
    this.#account = account;
  }

  begin({ framing, expectsContinue }: RequestHead): void {
    this.#flow.begin(framing, BODY_AS_IS);
    this.blocked = false;
    this.#awaitsContinue = expectsContinue;
  }

  /** The whole body was taken from the client; at once when there is none. */
  get done(): boolean {
    return this.#flow.done;
  }

  /** It is the client's turn: more of the body is to come from it. */
  get awaited(): boolean {
    return !this.done && !this.blocked && !this.#awaitsContinue;
  }

  /** Its client may take its time: the server has said or read something. */
  restart(): void {
    this.pace.restart(this.#runtime.clock.nowMs);
  }

  /** The server has asked for the body. */
  continued(): void {
    this.#awaitsContinue = false;
    this.restart();
  }

  /** Takes note of it if the server does not read what was written to it. */
  block(upstream: Upstream): boolean {
    this.blocked = upstream.wire.queuedBytes > WATERMARK_BYTES;
    return this.blocked;
  }

  /** Writes `head` and what was received of the body; false if the body is malformed. */
  send(upstream: Upstream, head: string): boolean {
    const { piece, from, to } = this.#rest;
    if (this.done || piece === null) {
      if (head !== '') upstream.wire.writeText(head);
      return true;
    }
    const end = this.#flow.take(piece, from, to);
    if (end === -1) return false;
    const { nowMs } = this.#runtime.clock;
    // It need not wait for a 100 for ever, and was not waited for until now.
    if (this.#awaitsContinue) this.pace.restart(nowMs);
    this.#awaitsContinue = false;
    this.#account.bytesIn(end - from);
    this.pace.pay(end - from, nowMs);
    this.#flow.write(upstream.wire, head, piece);
    this.#rest.consume(end - from);
    return true;
  }

  /** Throws away what was received of the body: nobody wants it. */
  skip(): void {
    const { piece, from, to } = this.#rest;
    if (this.done || piece === null) return;
    const end = this.#flow.take(piece, from, to);
    if (end > from) this.#rest.consume(end - from);
  }
}
