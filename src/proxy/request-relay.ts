// The body of one request on its way to the server: passed on as it comes, not read further while
// the server does not read.

import { BodyFlow } from './body/flow.ts';
import { BodyPace } from './body-pace.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { RequestHead } from './http/request-head.ts';
import { BODY_AS_IS } from './http/response-head.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import type { Upstream } from './upstream.ts';

/** Where the bytes of the body wait. */
export interface BodySource {
  /** Bytes received and not used yet; null = none. */
  readonly rest: Buffer | null;
  /** Where they begin and end in `rest`. */
  readonly restFrom: number;
  readonly restTo: number;
  /** Uses up the first `bytes` of `rest`. */
  consume(bytes: number): void;
}

export class RequestRelay {
  /** The client is not read before the server has read more. */
  blocked = false;
  /** The client waits for a 100 before it sends its body. */
  awaitsContinue = false;
  /** The slowest the body may come. */
  readonly pace: BodyPace;
  readonly #runtime: Runtime;
  readonly #source: BodySource;
  readonly #account: ExchangeAccount;
  readonly #flow = new BodyFlow();

  constructor(runtime: Runtime, source: BodySource, account: ExchangeAccount) {
    const { minBodyBytesPerSecond, bodyGraceMs } = runtime.settings;
    this.#runtime = runtime;
    this.pace = new BodyPace(minBodyBytesPerSecond, bodyGraceMs);
    this.#source = source;
    this.#account = account;
  }

  begin({ framing, expectsContinue }: RequestHead): void {
    this.#flow.begin(framing, BODY_AS_IS);
    this.blocked = false;
    this.awaitsContinue = expectsContinue;
  }

  /** The whole body was taken from the client; at once when there is none. */
  get done(): boolean {
    return this.#flow.done;
  }

  /** Takes note of it if the server does not read what was written to it. */
  block(upstream: Upstream): boolean {
    this.blocked = upstream.wire.queuedBytes > WATERMARK_BYTES;
    return this.blocked;
  }

  /** Writes `head` and what was received of the body; false if the body is malformed. */
  send(upstream: Upstream, head: string): boolean {
    const { rest, restFrom, restTo } = this.#source;
    if (this.done || rest === null) {
      if (head !== '') upstream.wire.writeText(head);
      return true;
    }
    const end = this.#flow.take(rest, restFrom, restTo);
    if (end === -1) return false;
    const { nowMs } = this.#runtime.clock;
    // It need not wait for a 100 for ever, and was not waited for until now.
    if (this.awaitsContinue) this.pace.restart(nowMs);
    this.awaitsContinue = false;
    this.#account.bytesIn(end - restFrom);
    this.pace.pay(end - restFrom, nowMs);
    this.#flow.write(upstream.wire, head, rest);
    this.#source.consume(end - restFrom);
    return true;
  }

  /** Throws away what was received of the body: nobody wants it. */
  skip(): void {
    const { rest, restFrom, restTo } = this.#source;
    if (this.done || rest === null) return;
    const end = this.#flow.take(rest, restFrom, restTo);
    if (end > restFrom) this.#source.consume(end - restFrom);
  }
}
