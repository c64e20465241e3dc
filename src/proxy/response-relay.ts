// The response of one exchange on its way to the client: how its body is framed for that client, and
// when the server is not read because the client does not read.

import { BodyFlow } from './body/flow.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import { CHUNKED, UNTIL_CLOSE } from './http/framing.ts';
import { BODY_AS_IS, BODY_DECODE, BODY_ENCODE, type ResponseHead } from './http/response-head.ts';
import { WATERMARK_BYTES } from './runtime.ts';
import type { Upstream } from './upstream.ts';
import type { Wire } from './wire.ts';

/** What became of a piece: the body goes on, it is whole, or nothing was written of what is no body. */
export type Passed = 'more' | 'done' | 'malformed';

export class ResponseRelay {
  /** The server is not read before the client has read more. */
  blocked = false;
  /** The end is only visible to the client as the end of its connection. */
  endsByClose = false;
  /** The server keeps its connection, as far as the response tells. */
  upstreamKeeps = false;
  readonly #wire: Wire;
  readonly #account: ExchangeAccount;
  readonly #flow = new BodyFlow();
  #mode = BODY_AS_IS;

  constructor(wire: Wire, account: ExchangeAccount) {
    this.#wire = wire;
    this.#account = account;
  }

  /** Starts with the head of a final response, for a client of HTTP/1.1 or 1.0. */
  begin({ framing, keepAlive }: ResponseHead, isHttp11: boolean): void {
    // An HTTP/1.0 client sees no chunks, and no field that promises any.
    if (isHttp11) this.#mode = framing === UNTIL_CLOSE ? BODY_ENCODE : BODY_AS_IS;
    else this.#mode = framing > 0 ? BODY_AS_IS : BODY_DECODE;
    this.blocked = false;
    this.endsByClose = !isHttp11 && (framing === CHUNKED || framing === UNTIL_CLOSE);
    this.upstreamKeeps = keepAlive && framing !== UNTIL_CLOSE;
    this.#flow.begin(framing, this.#mode);
  }

  /** The head as the client gets it; `connection` is a whole line, or empty. */
  headText(head: ResponseHead, connection: string): string {
    return head.forward(connection, this.#mode);
  }

  /** True if the server ends the body by closing. */
  get untilClose(): boolean {
    return this.#flow.untilClose;
  }

  /** Writes `head` and what `piece[at, length)` holds of the body. */
  pass(upstream: Upstream, piece: Buffer, at: number, length: number, head: string): Passed {
    const wire = this.#wire;
    const end = at < length ? this.#flow.take(piece, at, length) : at;
    if (end === -1) return 'malformed';
    if (at < length) {
      this.#account.bytesOut(this.#flow.write(wire, head, piece));
    } else if (head !== '') {
      wire.writeText(head);
      this.#account.bytesOut(head.length);
    }
    if (this.#flow.done) {
      // Bytes after a complete response belong to nobody: they go with their connection.
      if (end < length) this.upstreamKeeps = false;
      return 'done';
    }
    if (wire.queuedBytes > WATERMARK_BYTES) {
      this.blocked = true;
      wire.watch();
      upstream.wire.pause();
    }
    return 'more';
  }

  /** The server closed, and with that ended the body: so does the client's framing. */
  complete(): void {
    const { closing } = this.#flow;
    if (closing !== '') this.#wire.writeText(closing);
    this.#account.bytesOut(closing.length);
  }

  /** The client has read: the server is read again. */
  unblock(upstream: Upstream): void {
    this.blocked = false;
    upstream.wire.resume();
  }
}
