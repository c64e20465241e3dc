// Bytes both ways between a client and a server, whatever they mean: TCP services from the start,
// upgraded connections after the 101. Each side's FIN and reset reach the other, after all its bytes.

import type { Counters } from '../stats/counters.ts';
import type { Timed } from './clock.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import type { Seat } from './seat.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';
import { MAX_TEXT_BYTES, type Wire } from './wire.ts';

export class Tunnel implements UpstreamUser, Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  readonly #runtime: Runtime;
  readonly #client: Wire;
  readonly #upstream: Upstream;
  readonly #seat: Seat;
  readonly #frontend: Counters;
  #seenClient: boolean;
  #seenServer: boolean;
  #clientEnded = false;
  #serverEnded = false;
  #clientGone = false;
  #over = false;

  /**
   * Joins the two. `established` is true after an upgrade, when both have spoken already. The seat
   * is left once, when both sides are gone.
   */
  constructor(
    runtime: Runtime,
    client: Wire,
    upstream: Upstream,
    seat: Seat,
    frontend: Counters,
    established: boolean,
  ) {
    this.#runtime = runtime;
    this.#client = client;
    this.#upstream = upstream;
    this.#seat = seat;
    this.#frontend = frontend;
    this.#seenClient = established;
    this.#seenServer = established;
    upstream.user = this;
    runtime.clock.add(this);
    this.#touch();
  }

  /** `piece[from, to)` was received from the client; it is overwritten after the return. */
  clientBytes(piece: Buffer, from: number, to: number): void {
    this.#seenClient = true;
    this.#touch();
    this.#countIn(to - from);
    const { wire } = this.#upstream;
    pass(wire, piece, from, to);
    if (wire.queuedBytes > WATERMARK_BYTES) this.#client.pause();
  }

  clientEnded(): void {
    this.#clientEnded = true;
    this.#touch();
    this.#upstream.wire.end();
  }

  clientWritable(): void {
    this.#touch();
    this.#upstream.wire.resume();
  }

  clientClosed(broken: boolean): void {
    this.#clientGone = true;
    if (broken) {
      this.#countAbort('clientAborts');
      this.#upstream.user = null;
      finish(this.#upstream.wire, this.#clientEnded);
      this.#end();
    } else if (this.#upstream.ended && this.#upstream.wire.destroyed) {
      this.#end();
    }
  }

  upstreamConnected(): void {}

  upstreamBytes(piece: Buffer, length: number): void {
    this.#seenServer = true;
    this.#touch();
    this.#countOut(length);
    pass(this.#client, piece, 0, length);
    if (this.#client.queuedBytes > WATERMARK_BYTES) this.#upstream.wire.pause();
  }

  upstreamEnded(): void {
    this.#serverEnded = true;
    this.#touch();
    this.#client.end();
  }

  upstreamWritable(): void {
    this.#touch();
    this.#client.resume();
  }

  upstreamFailed(): void {
    if (this.#upstream.broken && !this.#clientGone) {
      this.#countAbort('serverAborts');
      finish(this.#client, this.#serverEnded);
      this.#end();
    } else if (this.#clientGone) {
      this.#end();
    }
  }

  /** Nothing passed for too long. */
  expired(): void {
    this.cut();
  }

  /** Ends it now, both ways. */
  cut(): void {
    this.#upstream.destroy();
    this.#client.destroy();
    this.#end();
  }

  #touch(): void {
    const timeouts = this.#seat.pool?.timeouts ?? this.#runtime.settings;
    const { clientTimeoutMs, serverTimeoutMs, tunnelTimeoutMs } = timeouts;
    const firstMs = Math.min(clientTimeoutMs, serverTimeoutMs);
    const seenBoth = this.#seenClient && this.#seenServer;
    this.deadlineMs = this.#runtime.clock.in(seenBoth ? tunnelTimeoutMs : firstMs);
  }

  #countIn(bytes: number): void {
    this.#frontend.bytesIn += bytes;
    if (this.#seat.pool !== null) this.#seat.pool.backend.bytesIn += bytes;
    if (this.#seat.server !== null) this.#seat.server.counters.bytesIn += bytes;
  }

  #countOut(bytes: number): void {
    this.#frontend.bytesOut += bytes;
    if (this.#seat.pool !== null) this.#seat.pool.backend.bytesOut += bytes;
    if (this.#seat.server !== null) this.#seat.server.counters.bytesOut += bytes;
  }

  #countAbort(field: 'clientAborts' | 'serverAborts'): void {
    if (this.#seat.pool !== null) this.#seat.pool.backend[field] += 1;
    if (this.#seat.server !== null) this.#seat.server.counters[field] += 1;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#runtime.clock.remove(this);
    this.#seat.leave();
  }
}

/** A reset is passed on at once, but what was complete before it still goes out whole. */
function finish(wire: Wire, complete: boolean): void {
  if (complete) wire.endAndClose();
  else wire.abort();
}

function pass(wire: Wire, piece: Buffer, from: number, to: number): void {
  const bytes = to - from;
  if (bytes <= MAX_TEXT_BYTES) {
    wire.writeText(piece.toString('latin1', from, to));
    return;
  }
  const out = wire.lend(bytes);
  piece.copy(out, 0, from, to);
  wire.writeLent(out, bytes);
}
