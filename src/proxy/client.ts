// One client connection that speaks HTTP: reads its requests one after the other, hands each to the
// exchange, and closes in a way that lets the client see the last answer. Requests that came early
// wait their turn; above a watermark the socket is not read.

import type { Counters } from '../stats/counters.ts';
import { countIn, countOut, countStatus } from './accounting.ts';
import { refusalOf } from './answers.ts';
import type { Dispatch } from './dispatch.ts';
import { Exchange } from './exchange.ts';
import type { AfterExchange, ExchangeClient } from './exchange-client.ts';
import { Forwarded } from './forwarded.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { introduction } from './proxy-protocol/introduce.ts';
import { RequestReader } from './request-reader.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import { route, type Service } from './table.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Bytes received and not used yet, from which on the client is not read. */
const REST_WATERMARK_BYTES = 65_536;
/** How long a client that was told to go may take to read its answer and close. */
const LINGER_MS = 1_000;
/** Bytes it may still send meanwhile. */
const LINGER_BYTES = 1_048_576;

const READING = 0;
const EXCHANGING = 1;
const TUNNELLING = 2;
/** Everything is written; what the client still sends is thrown away. */
const CLOSING = 3;

/** Where a client connection came in. */
export interface Entrance {
  /** Listener key. */
  readonly key: string;
  readonly port: number;
  /** Counters of a shared listener; null where the live pool's frontend row counts. */
  readonly shared: Counters | null;
  /** From the connection's PROXY protocol header; null where its own addresses count. */
  readonly addresses: ProxyAddresses | null;
}

export class ClientConnection implements ExchangeClient, WireEvents {
  deadlineMs: number;
  clockIndex = -1;
  readonly wire: Wire;
  frontend: Counters;
  rest: Buffer | null = null;
  restFrom = 0;
  restTo = 0;
  ended = false;
  readonly #runtime: Runtime;
  readonly #entrance: Entrance;
  readonly #forwarded: Forwarded;
  /** SNI; empty without. */
  readonly #serverName: string;
  readonly #reader: RequestReader;
  readonly #exchange: Exchange;
  readonly #whenGone: (client: ClientConnection) => void;
  #tunnel: Tunnel | null = null;
  #state = READING;
  #isFirst = true;
  #pumping = false;
  #paused = false;
  #lingeredBytes = 0;
  /** Everything was with the kernel when the closing began, or since. */
  #flushed = false;

  constructor(
    runtime: Runtime,
    wire: Wire,
    entrance: Entrance,
    whenGone: (client: ClientConnection) => void,
  ) {
    this.#runtime = runtime;
    this.wire = wire;
    this.#entrance = entrance;
    this.#whenGone = whenGone;
    const { serverName } = wire;
    this.#serverName = serverName?.toLowerCase() ?? '';
    const { addresses, port } = entrance;
    const peer = addresses?.source ?? wire.peerAddress;
    const isEncrypted = serverName !== null;
    this.#forwarded = new Forwarded(peer, addresses?.destinationPort ?? port, isEncrypted);
    this.#reader = new RequestReader(runtime);
    this.#exchange = new Exchange(runtime, this);
    this.frontend = this.#frontendOf(this.#route('', ''));
    this.frontend.connections += 1;
    this.frontend.sessions += 1;
    this.frontend.lastSessionMs = runtime.clock.wallMs;
    countIn(this.frontend);
    this.deadlineMs = runtime.clock.in(runtime.settings.requestHeadTimeoutMs);
    runtime.clock.add(this);
    wire.start(this);
  }

  /** True if it waits for a request and nothing of one has come. */
  get idle(): boolean {
    return this.#state === READING && !this.#reader.started && this.rest === null;
  }

  /** Closes it if it is idle: the worker is to end. */
  closeIfIdle(): void {
    if (this.idle) this.#close();
  }

  /** Ends it now; true if that cut something short. */
  cut(): boolean {
    const busy = this.#state === EXCHANGING || this.#state === TUNNELLING;
    if (this.#tunnel !== null) this.#tunnel.cut();
    else this.#exchange.cut();
    this.wire.destroy();
    return busy;
  }

  wireConnected(): void {}

  wireBytes(piece: Buffer, length: number): void {
    if (this.#tunnel !== null) {
      this.#tunnel.clientBytes(piece, 0, length);
      return;
    }
    const { rest } = this;
    if (rest === null) this.#setRest(piece, 0, length);
    else this.#joinRest(rest, piece, length);
    this.pump();
    if (this.rest === piece) this.#ownRest(piece);
  }

  wireEnded(): void {
    this.ended = true;
    if (this.#tunnel !== null) this.#tunnel.clientEnded();
    else if (this.#state === EXCHANGING) this.#exchange.clientEnded();
    else this.pump();
  }

  wireWritable(): void {
    if (this.#tunnel !== null) {
      this.#tunnel.clientWritable();
    } else {
      this.#exchange.clientWritable();
      if (this.idle) this.#awaitRequest();
      this.pump();
    }
  }

  wireClosed(broken: boolean): void {
    this.#runtime.clock.remove(this);
    countOut(this.frontend);
    this.#tunnel?.clientClosed(broken);
    if (this.#state === EXCHANGING) this.#exchange.clientGone();
    else if (this.#state === READING && this.#reader.started) this.frontend.requestErrors += 1;
    this.#state = CLOSING;
    this.rest = null;
    this.#whenGone(this);
  }

  expired(): void {
    if (this.#state === EXCHANGING) this.#exchange.expired();
    else if (this.#state === CLOSING) this.#lingerOn();
    else if (this.#state === READING) this.#headExpired();
    else this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  consume(bytes: number): void {
    this.restFrom += bytes;
    if (this.restFrom >= this.restTo) this.rest = null;
  }

  get address(): string {
    return this.#forwarded.peer;
  }

  introduce(version: 1 | 2): Buffer {
    return introduction(version, this.wire, this.#entrance.addresses);
  }

  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#step()) {
      // Each step uses up bytes, or changes what is done with them.
    }
    this.#pumping = false;
    this.#regulate();
  }

  exchangeDone(then: AfterExchange): void {
    this.#state = READING;
    this.#isFirst = false;
    if (then === 'none' && this.rest === null) {
      this.#leave();
      return;
    }
    if (then !== 'next' || (this.#runtime.ending && this.rest === null)) {
      this.#close();
      return;
    }
    this.#awaitRequest();
    this.pump();
  }

  exchangeBroken(hard: boolean): void {
    this.#state = CLOSING;
    if (hard) this.wire.abort();
    else this.wire.destroy();
  }

  exchangeSwitched(upstream: Upstream, seat: Dispatch, first: Buffer): void {
    this.#state = TUNNELLING;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const tunnel = new Tunnel(this.#runtime, this.wire, upstream, seat, this.frontend, true);
    this.#tunnel = tunnel;
    if (first.length > 0) tunnel.upstreamBytes(first, first.length);
    const { rest } = this;
    this.rest = null;
    this.#resume();
    if (rest !== null) tunnel.clientBytes(rest, this.restFrom, this.restTo);
    if (this.ended) tunnel.clientEnded();
  }

  /** Does one thing with what was received; true if there may be more to do. */
  #step(): boolean {
    switch (this.#state) {
      case READING:
        return this.#read();
      case EXCHANGING:
        return this.#exchange.takeBody();
      case CLOSING:
        this.#discard();
        return false;
      default:
        return false;
    }
  }

  #read(): boolean {
    const { rest } = this;
    if (rest === null) {
      if (this.ended) this.#endOfRequests();
      return false;
    }
    // The client does not read its responses: it gets no more before it does.
    if (this.wire.queuedBytes > WATERMARK_BYTES) return false;
    const reader = this.#reader;
    const hadStarted = reader.started;
    this.consume(reader.read(rest, this.restFrom, this.restTo));
    if (reader.refusal !== 0) {
      this.#refuse(reader.refusal);
      return true;
    }
    if (!reader.complete) {
      if (reader.started && !hadStarted) {
        const { clock, settings } = this.#runtime;
        this.deadlineMs = clock.in(settings.requestHeadTimeoutMs);
      }
      return true;
    }
    this.#begin();
    return true;
  }

  #endOfRequests(): void {
    if (this.#reader.started) this.frontend.requestErrors += 1;
    this.#close();
  }

  #begin(): void {
    const { requestHead } = this.#runtime;
    const service = this.#route(requestHead.hostname, requestHead.appId);
    this.#moveTo(this.#frontendOf(service));
    this.#state = EXCHANGING;
    const forwarded = this.#forwarded.lines(requestHead.forwardedFor);
    this.#exchange.begin(requestHead, this.#reader.headBytes, forwarded, service);
  }

  #route(hostname: string, appId: string): Service | null {
    const name = this.#serverName === '' ? hostname : this.#serverName;
    return route(this.#runtime.table, this.#entrance.key, name, appId);
  }

  #frontendOf(service: Service | null): Counters {
    if (this.#entrance.shared !== null) return this.#entrance.shared;
    const pool = service?.live?.pool ?? service?.colours[0]?.pool;
    return pool?.frontend ?? this.#runtime.nowhere;
  }

  /** An open connection is a gauge of the colour it talks to: after a cut-over, of the new one. */
  #moveTo(frontend: Counters): void {
    if (frontend === this.frontend) return;
    countOut(this.frontend);
    countIn(frontend);
    this.frontend = frontend;
  }

  #refuse(status: number): void {
    this.frontend.requestErrors += 1;
    countStatus(this.frontend, status);
    const text = refusalOf(status);
    this.frontend.bytesOut += text.length;
    this.wire.writeText(text);
    this.#close();
  }

  /** Sets the deadline between two requests: a client that still reads its response is not idle. */
  #awaitRequest(): void {
    const { clock, settings } = this.#runtime;
    const unread = this.wire.queuedBytes > 0;
    if (unread) this.wire.watch();
    this.deadlineMs = clock.in(unread ? settings.clientTimeoutMs : settings.keepAliveTimeoutMs);
  }

  #headExpired(): void {
    const unread = this.wire.queuedBytes > 0;
    if (this.#reader.started || this.#isFirst) this.#refuse(408);
    else if (unread && this.wire.shrank()) this.#awaitRequest();
    else this.wire.destroy();
  }

  /** Ends the connection as the client wished: it sends nothing that could turn the end into a reset. */
  #leave(): void {
    const { clock, settings } = this.#runtime;
    this.#state = CLOSING;
    this.#flushed = this.wire.queuedBytes === 0;
    this.wire.watch();
    this.deadlineMs = clock.in(settings.clientTimeoutMs);
    this.wire.endAndClose();
  }

  /** Ends the connection from our side, and gives the client the time to read what was written. */
  #close(): void {
    const { clock, settings } = this.#runtime;
    this.#state = CLOSING;
    this.#flushed = this.wire.queuedBytes === 0;
    this.wire.watch();
    this.deadlineMs = clock.in(this.#flushed ? LINGER_MS : settings.clientTimeoutMs);
    this.wire.end();
    this.#discard();
    this.#resume();
  }

  /** The time to read the last answer is over, or all of it has gone out only now. */
  #lingerOn(): void {
    const { clock, settings } = this.#runtime;
    if (!this.wire.finished && this.wire.shrank()) {
      this.deadlineMs = clock.in(settings.clientTimeoutMs);
    } else if (this.wire.finished && !this.#flushed) {
      this.#flushed = true;
      this.deadlineMs = clock.in(LINGER_MS);
    } else {
      this.wire.destroy();
    }
  }

  #setRest(piece: Buffer, from: number, to: number): void {
    this.rest = piece;
    this.restFrom = from;
    this.restTo = to;
  }

  #joinRest(rest: Buffer, piece: Buffer, length: number): void {
    const waiting = rest.subarray(this.restFrom, this.restTo);
    this.#setRest(Buffer.concat([waiting, piece.subarray(0, length)]), 0, waiting.length + length);
  }

  /** What was not used up must outlive the buffer it was read into. */
  #ownRest(piece: Buffer): void {
    const copy = Buffer.from(piece.subarray(this.restFrom, this.restTo));
    this.#setRest(copy, 0, copy.length);
  }

  #discard(): void {
    if (this.rest === null) return;
    this.#lingeredBytes += this.restTo - this.restFrom;
    this.rest = null;
    if (this.#lingeredBytes > LINGER_BYTES) this.wire.destroy();
  }

  #regulate(): void {
    const full = this.rest !== null && this.restTo - this.restFrom >= REST_WATERMARK_BYTES;
    if (this.#state === CLOSING || this.#state === TUNNELLING || !full) this.#resume();
    else if (!this.#paused) {
      this.#paused = true;
      this.wire.pause();
    }
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.wire.resume();
  }
}
