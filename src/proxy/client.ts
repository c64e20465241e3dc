// One client connection that speaks HTTP: reads its requests one after the other, routes each and
// hands it to the exchange. Requests that came early wait their turn; above a watermark the socket is
// not read.

import type { AccessWish, ListenerKind } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { AccessEntry, NOTHING_SENT } from './access-entry.ts';
import { countStatus } from './accounting.ts';
import { refusalOf } from './answers.ts';
import { Attendance, type Entrance } from './entrance.ts';
import { Exchange } from './exchange.ts';
import type { AfterExchange, ExchangeClient, Switched } from './exchange-client.ts';
import { Farewell } from './farewell.ts';
import { Forwarded } from './forwarded.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { introduction } from './proxy-protocol/introduce.ts';
import { RequestReader } from './request-reader.ts';
import { Rest } from './rest.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import { route, serviceAt } from './table.ts';
import { Tunnel } from './tunnel.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Bytes received and not used yet, from which on the client is not read. */
const REST_WATERMARK_BYTES = 65_536;

const READING = 0;
const EXCHANGING = 1;
const TUNNELLING = 2;
/** Everything is written; what the client still sends is thrown away. */
const CLOSING = 3;

export class ClientConnection implements ExchangeClient, WireEvents {
  deadlineMs: number;
  clockIndex = -1;
  rosterPlace = -1;
  readonly wire: Wire;
  readonly rest = new Rest();
  ended = false;
  headReadMs = 0;
  readonly #runtime: Runtime;
  readonly #entrance: Entrance;
  readonly #attendance: Attendance;
  readonly #forwarded: Forwarded;
  readonly serverName: string;
  readonly #reader: RequestReader;
  readonly #exchange: Exchange;
  readonly #whenGone: (client: ClientConnection) => void;
  #tunnel: Tunnel | null = null;
  #farewell: Farewell | null = null;
  #state = READING;
  #isFirst = true;
  /** When the head that is being read began; 0 = it came in one piece. */
  #headBeganMs = 0;
  /** -1 = not looked for yet. */
  #clientPort = -1;
  #pumping = false;
  #paused = false;

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
    this.serverName = serverName?.toLowerCase() ?? '';
    const { addresses, port } = entrance;
    const peer = addresses?.source ?? wire.peerAddress;
    const isEncrypted = serverName !== null;
    this.#forwarded = new Forwarded(peer, addresses?.destinationPort ?? port, isEncrypted);
    this.#reader = new RequestReader(runtime);
    this.#exchange = new Exchange(runtime, this);
    this.#attendance = new Attendance(runtime, entrance);
    this.deadlineMs = runtime.clock.in(this.#attendance.timeouts.requestHeadTimeoutMs);
    runtime.clock.add(this);
    wire.start(this);
  }

  /** True if it waits for a request and nothing of one has come. */
  get idle(): boolean {
    return this.#state === READING && !this.#reader.started && this.rest.piece === null;
  }

  /** Closes it if it is idle: the worker is to end. */
  closeIfIdle(): void {
    if (this.idle) this.#close();
  }

  /** Ends it now; true if that cut something short. */
  cut(): boolean {
    const tunnels = this.#state === TUNNELLING && this.#tunnel?.dismissed !== true;
    const busy = this.#state === EXCHANGING || tunnels;
    if (this.#tunnel !== null) this.#tunnel.cut();
    else this.#exchange.cut();
    this.wire.destroy();
    return busy;
  }

  /** Ends its exchange if the server of it has had its time to drain. */
  cutIfOverdue(): void {
    if (this.#state === EXCHANGING) this.#exchange.cutIfOverdue();
  }

  wireConnected(): void {}

  wireBytes(piece: Buffer, length: number): void {
    if (this.#tunnel !== null) {
      this.#tunnel.clientBytes(piece, 0, length);
      return;
    }
    this.rest.add(piece, length);
    this.pump();
    this.rest.keep();
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
    this.#attendance.leave();
    this.#tunnel?.clientClosed(broken);
    if (this.#state === EXCHANGING) this.#exchange.clientGone();
    else if (this.#state === READING && this.#reader.started) this.#unread(400, 'CR', 0);
    this.#state = CLOSING;
    this.rest.clear();
    this.#whenGone(this);
  }

  expired(): void {
    if (this.#state === EXCHANGING) this.#exchange.expired();
    else if (this.#farewell !== null) this.#farewell.expired();
    else if (this.#state === READING) this.#headExpired();
    else this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  get frontend(): Counters {
    return this.#attendance.frontend;
  }

  get frontendName(): string {
    return this.#attendance.frontendName;
  }

  get accessWish(): AccessWish | null {
    return this.#attendance.accessWish;
  }

  get clientPort(): number {
    if (this.#clientPort === -1) this.#clientPort = this.addresses()?.sourcePort ?? 0;
    return this.#clientPort;
  }

  get address(): string {
    return this.#forwarded.peer;
  }

  get door(): ListenerKind {
    return this.#entrance.kind;
  }

  get isEncrypted(): boolean {
    return this.wire.serverName !== null;
  }

  get isFirst(): boolean {
    return this.#isFirst;
  }

  addresses(): ProxyAddresses | null {
    return this.#entrance.addresses ?? this.wire.addresses();
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
    if (then === 'none' && this.rest.piece === null) {
      this.#part(true);
      return;
    }
    if (then !== 'next' || (this.#runtime.ending && this.rest.piece === null)) {
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

  exchangeSwitched({ first, ...switched }: Switched): void {
    this.#state = TUNNELLING;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const { wire, frontend } = this;
    const tunnel = new Tunnel(this.#runtime, { client: wire, frontend, ...switched });
    this.#tunnel = tunnel;
    if (first.length > 0) tunnel.upstreamBytes(first, first.length);
    const { piece, from, to } = this.rest;
    this.rest.clear();
    this.#resume();
    if (piece !== null) tunnel.clientBytes(piece, from, to);
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
        this.#farewell?.discard();
        return false;
      default:
        return false;
    }
  }

  #read(): boolean {
    const { piece, from, to } = this.rest;
    if (piece === null) {
      if (this.ended) this.#endOfRequests();
      return false;
    }
    // The client does not read its responses: it gets no more before it does.
    if (this.wire.queuedBytes > WATERMARK_BYTES) return false;
    const reader = this.#reader;
    const hadStarted = reader.started;
    this.rest.consume(reader.read(piece, from, to));
    if (reader.refusal !== 0) {
      this.#refuse(reader.refusal);
      return true;
    }
    if (!reader.complete) {
      if (reader.started && !hadStarted) {
        const { requestHeadTimeoutMs } = this.#attendance.timeouts;
        this.#headBeganMs = this.#runtime.stopwatch.nowMs;
        this.deadlineMs = this.#runtime.clock.in(requestHeadTimeoutMs);
      }
      return true;
    }
    this.#begin();
    return true;
  }

  #endOfRequests(): void {
    if (this.#reader.started) this.#unread(400, 'CR', 0);
    this.#close();
  }

  #begin(): void {
    const { requestHead, table } = this.#runtime;
    const { hostname, appId, forwardedFor, target } = requestHead;
    const name = this.serverName === '' ? hostname : this.serverName;
    const way = route(table, this.#entrance.key, name, appId, target);
    this.#attendance.moveTo(serviceAt(table, way));
    this.#state = EXCHANGING;
    this.headReadMs =
      this.#headBeganMs === 0 ? 0 : this.#runtime.stopwatch.nowMs - this.#headBeganMs;
    this.#headBeganMs = 0;
    const forwarded = this.#forwarded.lines(forwardedFor);
    this.#exchange.begin(requestHead, this.#reader.headBytes, forwarded, way);
  }

  #refuse(status: number): void {
    const { frontend } = this;
    countStatus(frontend, status);
    const text = refusalOf(status);
    frontend.bytesOut += text.length;
    this.#unread(status, status === 408 ? 'cR' : 'PR', text.length);
    this.wire.writeText(text);
    this.#close();
  }

  /** A request was not read to the end of its head. */
  #unread(status: number, letters: string, bytesOut: number): void {
    this.frontend.requestErrors += 1;
    // As with `option dontlognull`: a probe that connects and says nothing.
    if (status === 408 && !this.#reader.started) return;
    const entry = new AccessEntry(this.#runtime, this, null, NOTHING_SENT);
    entry.begin(null);
    entry.status = status;
    entry.letters = letters;
    entry.bytesOut = bytesOut;
    entry.end();
  }

  /** Sets the deadline between two requests: a client that still reads its response is not idle. */
  #awaitRequest(): void {
    const { clientTimeoutMs, keepAliveTimeoutMs } = this.#attendance.timeouts;
    const unread = this.wire.queuedBytes > 0;
    if (unread) this.wire.watch();
    this.deadlineMs = this.#runtime.clock.in(unread ? clientTimeoutMs : keepAliveTimeoutMs);
  }

  #headExpired(): void {
    const unread = this.wire.queuedBytes > 0;
    if (this.#reader.started || this.#isFirst) this.#refuse(408);
    else if (unread && this.wire.shrank()) this.#awaitRequest();
    else this.wire.destroy();
  }

  #close(): void {
    this.#part(false);
    this.#farewell?.discard();
    this.#resume();
  }

  #part(wished: boolean): void {
    this.#state = CLOSING;
    this.#farewell = new Farewell(this.#runtime, this, wished);
  }

  #regulate(): void {
    const full = this.rest.size >= REST_WATERMARK_BYTES;
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
