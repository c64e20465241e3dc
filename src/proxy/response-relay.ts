// The response of one exchange on its way to the client: how its body is framed for that client, and
// when the server is not read because the client does not read.

import { Compressor } from './body/compressor.ts';
import { BodyFlow } from './body/flow.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import { CHUNKED, UNTIL_CLOSE } from './http/framing.ts';
import { BODY_AS_IS, BODY_DECODE, BODY_ENCODE, type ResponseHead } from './http/response-head.ts';
import type { Algorithm } from './policy/compression.ts';
import { WATERMARK_BYTES } from './runtime.ts';
import type { Upstream } from './upstream.ts';
import type { Wire } from './wire.ts';

/** What became of a piece: the body goes on, it is whole, or nothing was written of what is no body. */
export type Passed = 'more' | 'done' | 'malformed';

/** Whose response is compressed. */
export interface RelayOwner {
  /** Where the response comes from; null when that is over. */
  readonly upstream: Upstream | null;
  /** All of it has been written. */
  relayed(): void;
}

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
  /** Null = the body goes as it comes. */
  #compressor: Compressor | null = null;

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

  /**
   * The body, which has a length or chunks, is to be compressed. It is then not `done` by a piece:
   * `owner` is told when all of it has been written.
   */
  compress(algorithm: Algorithm, { framing }: ResponseHead, owner: RelayOwner): void {
    this.#flow.begin(framing, BODY_DECODE);
    this.#account.compressing();
    this.#compressor = new Compressor(algorithm, this.#wire, {
      compressed: (written, taken, made) => {
        this.#account.bytesOut(written);
        this.#account.compressed(taken, made);
        this.#regulate(owner.upstream);
      },
      compressedAll: () => owner.relayed(),
      compressorDrained: () => {
        if (!this.blocked) owner.upstream?.wire.resume();
      },
    });
  }

  /** The server has sent all of the body; the rest of it is on its way to the client. */
  get isTaken(): boolean {
    return this.#compressor !== null && this.#flow.done;
  }

  /** Nothing more of it is written. */
  end(): void {
    this.#compressor?.destroy();
    this.#compressor = null;
  }

  /** True if the server ends the body by closing. */
  get untilClose(): boolean {
    return this.#flow.untilClose;
  }

  /** Writes `head` and what `piece[at, length)` holds of the body. */
  pass(upstream: Upstream, piece: Buffer, at: number, length: number, head: string): Passed {
    const wire = this.#wire;
    const compressor = this.#compressor;
    if (compressor !== null) return this.#compress(compressor, upstream, piece, at, length, head);
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
    this.#regulate(upstream);
    return 'more';
  }

  #compress(
    compressor: Compressor,
    upstream: Upstream,
    piece: Buffer,
    at: number,
    length: number,
    head: string,
  ): Passed {
    const wasTaken = this.#flow.done;
    const end = at < length && !wasTaken ? this.#flow.take(piece, at, length) : at;
    if (end === -1) return 'malformed';
    if (head !== '') {
      this.#wire.writeText(head);
      this.#account.bytesOut(head.length);
    }
    if (end > at) this.#flow.write(compressor, '', piece);
    if (end < length) this.upstreamKeeps = false;
    if (this.#flow.done && !wasTaken) compressor.end();
    if (compressor.full) upstream.wire.pause();
    return 'more';
  }

  /** The server is not read further while the client does not read. */
  #regulate(upstream: Upstream | null): void {
    if (this.#wire.queuedBytes <= WATERMARK_BYTES) return;
    this.blocked = true;
    this.#wire.watch();
    this.#compressor?.pause();
    upstream?.wire.pause();
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
    this.#compressor?.resume();
    if (this.#compressor?.full !== true) upstream.wire.resume();
  }
}
