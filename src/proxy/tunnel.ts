// Bytes both ways between a client and a server, whatever they mean: TCP services from the start,
// upgraded connections after the 101. Each side's FIN and reset reach the other, after all its bytes. A
// tunnel whose server's time is up is told to go: a WebSocket by a Close frame (1001), any by a FIN.

import type { Counters } from '../stats/counters.ts';
import type { AccessEntry } from './access-entry.ts';
import type { Timed } from './clock.ts';
import type { Enrolled } from './roster.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import type { Seat } from './seat.ts';
import { Lane } from './tunnel-lane.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';
import type { Wire } from './wire.ts';

/** How long both sides of a tunnel that is to end may take to close. */
export const LAST_WORDS_MS = 2_000;

/** What is joined, and where it is counted and told. */
export interface Ends {
  readonly client: Wire;
  readonly upstream: Upstream;
  readonly seat: Seat;
  readonly frontend: Counters;
  readonly entry: AccessEntry;
  /** What was switched to by an upgrade, where both have spoken already; empty = none was. */
  readonly protocol: string;
}

export class Tunnel implements UpstreamUser, Timed, Enrolled {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  rosterPlace = -1;
  readonly #runtime: Runtime;
  readonly #client: Wire;
  readonly #upstream: Upstream;
  readonly #seat: Seat;
  readonly #frontend: Counters;
  readonly #entry: AccessEntry;
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  #seenClient: boolean;
  #seenServer: boolean;
  #clientEnded = false;
  #serverEnded = false;
  #clientGone = false;
  #dismissed = false;
  #over = false;

  /** Joins the two. The seat is left once, when both sides are gone. */
  constructor(runtime: Runtime, ends: Ends) {
    const { client, upstream, seat, frontend, entry, protocol } = ends;
    this.#runtime = runtime;
    this.#client = client;
    this.#upstream = upstream;
    this.#seat = seat;
    this.#frontend = frontend;
    this.#entry = entry;
    const isWebSocket = protocol.toLowerCase() === 'websocket';
    this.#toServer = new Lane(upstream.wire, isWebSocket ? 'server' : null);
    this.#toClient = new Lane(client, isWebSocket ? 'client' : null);
    this.#seenClient = protocol !== '';
    this.#seenServer = protocol !== '';
    upstream.user = this;
    runtime.clock.add(this);
    runtime.tunnels.add(this);
    if (seat.pool !== null) seat.pool.drain.tunnels += 1;
    this.#touch();
  }

  /** `piece[from, to)` was received from the client; it is overwritten after the return. */
  clientBytes(piece: Buffer, from: number, to: number): void {
    this.#seenClient = true;
    this.#touch();
    this.#countIn(to - from);
    this.#toServer.pass(piece, from, to);
    if (this.#upstream.wire.queuedBytes > WATERMARK_BYTES) this.#client.pause();
  }

  clientEnded(): void {
    this.#clientEnded = true;
    this.#touch();
    this.#toServer.senderEnded();
  }

  clientWritable(): void {
    this.#touch();
    this.#upstream.wire.resume();
  }

  clientClosed(broken: boolean): void {
    this.#clientGone = true;
    if (broken) {
      this.#countAbort('clientAborts');
      this.#blame('CD');
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
    this.#toClient.pass(piece, 0, length);
    if (this.#client.queuedBytes > WATERMARK_BYTES) this.#upstream.wire.pause();
  }

  upstreamEnded(): void {
    this.#serverEnded = true;
    this.#touch();
    this.#toClient.senderEnded();
  }

  upstreamWritable(): void {
    this.#touch();
    this.#client.resume();
  }

  upstreamFailed(): void {
    if (this.#upstream.broken && !this.#clientGone) {
      this.#countAbort('serverAborts');
      this.#blame('SD');
      finish(this.#client, this.#serverEnded);
      this.#end();
    } else if (this.#clientGone) {
      this.#end();
    }
  }

  /** Ends it properly if its server has had its time to drain. */
  dismissIfOverdue(): void {
    if (this.#seat.server?.overdue) this.dismiss();
  }

  /** It was told to end, and is counted as cut. */
  get dismissed(): boolean {
    return this.#dismissed;
  }

  /** Ends it properly; who does not close soon is cut. */
  dismiss(): void {
    if (this.#over || this.#dismissed) return;
    this.#dismissed = true;
    this.#blame('KD');
    this.#seat.countCut();
    this.deadlineMs = this.#runtime.clock.in(LAST_WORDS_MS);
    // Both are read on: a peer must not be reset before it has read our last words.
    this.#client.resume();
    this.#upstream.wire.resume();
    this.#toClient.stop();
    this.#toServer.stop();
  }

  /** Nothing passed for too long, or its last words have. */
  expired(): void {
    this.#blame('cD');
    this.cut();
  }

  /** Ends it now, both ways. */
  cut(): void {
    this.#blame('KD');
    this.#upstream.destroy();
    this.#client.destroy();
    this.#end();
  }

  /** The first reason counts. */
  #blame(letters: string): void {
    if (this.#entry.letters === '--') this.#entry.letters = letters;
  }

  #touch(): void {
    if (this.#dismissed) return;
    const timeouts = this.#seat.pool?.timeouts ?? this.#runtime.settings;
    const { clientTimeoutMs, serverTimeoutMs, tunnelTimeoutMs } = timeouts;
    const firstMs = Math.min(clientTimeoutMs, serverTimeoutMs);
    const seenBoth = this.#seenClient && this.#seenServer;
    this.deadlineMs = this.#runtime.clock.in(seenBoth ? tunnelTimeoutMs : firstMs);
  }

  #countIn(bytes: number): void {
    this.#frontend.bytesIn += bytes;
    this.#entry.bytesIn += bytes;
    if (this.#seat.pool !== null) this.#seat.pool.backend.bytesIn += bytes;
    if (this.#seat.server !== null) this.#seat.server.counters.bytesIn += bytes;
  }

  #countOut(bytes: number): void {
    this.#frontend.bytesOut += bytes;
    this.#entry.bytesOut += bytes;
    if (this.#seat.pool !== null) this.#seat.pool.backend.bytesOut += bytes;
    if (this.#seat.server !== null) this.#seat.server.counters.bytesOut += bytes;
  }

  #countAbort(field: 'clientAborts' | 'serverAborts'): void {
    if (this.#dismissed) return;
    if (this.#seat.pool !== null) this.#seat.pool.backend[field] += 1;
    if (this.#seat.server !== null) this.#seat.server.counters[field] += 1;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#runtime.clock.remove(this);
    this.#runtime.tunnels.remove(this);
    if (this.#seat.pool !== null) this.#seat.pool.drain.tunnels -= 1;
    this.#seat.countTimes(Math.max(0, this.#entry.responseMs));
    this.#entry.end();
    this.#seat.leave();
  }
}

/** A reset is passed on at once, but what was complete before it still goes out whole. */
function finish(wire: Wire, complete: boolean): void {
  if (complete) wire.endAndClose();
  else wire.abort();
}
