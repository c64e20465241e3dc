// One request through the balancer: sent to a server, its answer relayed, counted. An exchange object
// belongs to a client connection and serves its requests one after the other. Once a byte of the
// response has gone out, a failure cuts the client's connection: a body is never ended cleanly that
// the server did not end.

import type { Socket } from 'node:net';
import type { Counters } from '../stats/counters.ts';
import { answerOf, refusalOf } from './answers.ts';
import { BodyFlow } from './body/flow.ts';
import type { Timed } from './clock.ts';
import { Dispatch, type DispatchUser } from './dispatch.ts';
import { ExchangeAccount } from './exchange-account.ts';
import { FAILURES, type FailureCode } from './failure.ts';
import { CHUNKED, NO_BODY, type RequestHead, UNTIL_CLOSE } from './http/request-head.ts';
import { BODY_AS_IS, BODY_DECODE, BODY_ENCODE, type ResponseHead } from './http/response-head.ts';
import { ResponseReader } from './response-reader.ts';
import { type Runtime, WATERMARK_BYTES } from './runtime.ts';
import type { Service } from './table.ts';
import type { Upstream } from './upstream.ts';

/** How long a client that half-closed without asking for a close is waited with for a response. */
const HALF_CLOSED_GRACE_MS = 1_000;
/** More interim responses to one request are an attack (http.md, limits). */
const MAX_INTERIM = 10;

/** The client's side of an exchange. */
export interface ExchangeClient extends Timed {
  readonly socket: Socket;
  /** Counters of the frontend this request came in by. */
  readonly frontend: Counters;
  /** Bytes received and not used yet; null = none. */
  readonly rest: Buffer | null;
  /** The client's FIN was read. */
  readonly ended: boolean;
  /** Uses up the first `bytes` of `rest`. */
  consume(bytes: number): void;
  /** Takes more of what was received, if the exchange wants it now. */
  pump(): void;
  /** The exchange is over and its response written. `keep`: another request may follow. */
  exchangeDone(keep: boolean): void;
  /** The exchange is over; the response is not whole. `hard`: not even a FIN may be seen. */
  exchangeBroken(hard: boolean): void;
  /** The server switched protocols; the exchange is over. `first` are its bytes after the head. */
  exchangeSwitched(upstream: Upstream, seat: Dispatch, first: Buffer): void;
  /** True if the client took some of what waits for it since the last call. */
  isReading(): boolean;
}

const IDLE = 0;
/** Looking for a connection. */
const DISPATCHING = 1;
/** Sent, at least the head; no final response yet. */
const WAITING = 2;
/** The response is being relayed. */
const RESPONDING = 3;

export class Exchange implements DispatchUser {
  readonly #runtime: Runtime;
  readonly #client: ExchangeClient;
  readonly #dispatch: Dispatch;
  readonly #account: ExchangeAccount;
  readonly #reader: ResponseReader;
  readonly #request = new BodyFlow();
  readonly #response = new BodyFlow();
  #state = IDLE;
  #upstream: Upstream | null = null;
  /** The request's head as forwarded, kept for a second try. */
  #text = '';
  #method = '';
  #isHttp11 = true;
  #keepAlive = false;
  #replayable = false;
  #upgrade = false;
  #framing = NO_BODY;
  #interim = 0;
  #redialled = false;
  #rescued = false;
  #upstreamKeeps = false;
  /** The response's end is only visible as the end of the connection. */
  #endsByClose = false;
  #uploadBlocked = false;
  #downloadBlocked = false;
  /** The client waits for a 100 before it sends its body. */
  #awaitsContinue = false;
  #graceMs = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime, client: ExchangeClient) {
    this.#runtime = runtime;
    this.#client = client;
    this.#dispatch = new Dispatch(runtime, this, client, true);
    this.#account = new ExchangeAccount(client, this.#dispatch);
    this.#reader = new ResponseReader(runtime);
  }

  /** Starts with a head just read. `service` is null when nothing is routed there. */
  begin(head: RequestHead, headBytes: number, forwarded: string, service: Service | null): void {
    this.#text = head.forward(forwarded);
    this.#method = head.method;
    this.#isHttp11 = head.isHttp11;
    this.#keepAlive = head.keepAlive;
    this.#replayable = head.replayable;
    this.#upgrade = head.upgrade !== '';
    this.#framing = head.framing;
    this.#request.begin(head.framing, BODY_AS_IS);
    this.#interim = 0;
    this.#redialled = false;
    this.#rescued = false;
    this.#uploadBlocked = false;
    this.#downloadBlocked = false;
    this.#graceMs = Number.POSITIVE_INFINITY;
    this.#awaitsContinue = head.expectsContinue;
    this.#account.begin(headBytes);
    this.#state = DISPATCHING;
    if (this.#client.ended) this.clientEnded();
    if (service === null) this.undispatched('NO_SERVER');
    else this.#dispatch.start(service);
  }

  /** Takes request body from the client's rest; true if more could be taken. */
  takeBody(): boolean {
    const upstream = this.#upstream;
    const { rest } = this.#client;
    if (rest === null || upstream === null || this.#request.done) return false;
    if (upstream.socket.writableLength > WATERMARK_BYTES) {
      this.#uploadBlocked = true;
      this.#arm();
      return false;
    }
    return this.#sendBody(upstream, '', rest);
  }

  /** The client sends no more. */
  clientEnded(): void {
    if (this.#state === IDLE) return;
    if (this.#state === WAITING && !this.#request.done && this.#client.rest === null) {
      this.#fail('CLIENT_ABORTED');
      return;
    }
    // It may only have closed its sending side, or be gone: there is no telling before we write.
    if (this.#keepAlive) this.#graceMs = this.#runtime.clock.in(HALF_CLOSED_GRACE_MS);
    if (this.#state !== DISPATCHING) this.#arm();
  }

  /** The client's connection is gone: nobody waits for the response any more. */
  clientGone(): void {
    if (this.#state === IDLE) return;
    this.#account.failed('CLIENT_ABORTED');
    this.#end();
  }

  /** What was written to the client has gone out. */
  clientWritable(): void {
    if (!this.#downloadBlocked) return;
    this.#downloadBlocked = false;
    this.#upstream?.socket.resume();
    this.#arm();
  }

  /** The client's deadline has passed while the exchange runs. */
  expired(): void {
    if (this.#state === DISPATCHING) {
      this.#dispatch.expired();
      return;
    }
    if (this.#state === RESPONDING) {
      if (!this.#downloadBlocked) this.#fail('RESPONSE_STALLED');
      else if (this.#client.isReading()) this.#arm();
      else this.#fail('CLIENT_STALLED');
      return;
    }
    if (this.#graceMs <= this.#runtime.clock.nowMs) this.#fail('CLIENT_ABORTED');
    else if (this.#waitsForClient()) this.#fail('REQUEST_BODY_TIMEOUT');
    else this.#fail('RESPONSE_TIMEOUT');
  }

  /** Cuts it because the worker's time is up. */
  cut(): void {
    if (this.#state !== IDLE) this.#fail('DRAIN_DEADLINE');
  }

  dispatched(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#state = WAITING;
    this.#account.sent();
    this.#reader.begin(this.#method);
    const { rest } = this.#client;
    if (this.#framing === NO_BODY || rest === null) {
      upstream.socket.write(this.#text, 'latin1');
      if (!this.#request.done && this.#client.ended) {
        this.#fail('CLIENT_ABORTED');
        return;
      }
    } else if (!this.#sendBody(upstream, this.#text, rest)) {
      return;
    }
    this.#arm();
    this.#client.pump();
  }

  undispatched(code: FailureCode): void {
    this.#fail(code);
  }

  upstreamConnected(): void {}

  upstreamBytes(piece: Buffer, length: number): void {
    let at = 0;
    while (this.#state === WAITING && at < length) {
      at = this.#readHead(piece, at, length);
      if (at < 0) return;
    }
    if (this.#state === RESPONDING) this.#relay(piece, at, length, '');
  }

  upstreamEnded(): void {
    if (this.#state === WAITING) {
      this.#unanswered();
    } else if (this.#state === RESPONDING && this.#response.untilClose) {
      const { closing } = this.#response;
      if (closing !== '') this.#client.socket.write(closing, 'latin1');
      this.#account.bytesOut(closing.length);
      this.#finish();
    } else if (this.#state === RESPONDING) {
      this.#fail('RESPONSE_TRUNCATED');
    }
  }

  upstreamFailed(): void {
    if (this.#state === WAITING) this.#unanswered();
    else if (this.#state === RESPONDING) this.#fail('RESPONSE_TRUNCATED');
  }

  upstreamWritable(): void {
    this.#uploadBlocked = false;
    if (this.#state !== IDLE) this.#arm();
    this.#client.pump();
  }

  /** Writes `head` and what `rest` holds of the request's body; false if the exchange failed. */
  #sendBody(upstream: Upstream, head: string, rest: Buffer): boolean {
    const end = this.#request.take(rest, 0, rest.length);
    if (end === -1) {
      this.#fail('REQUEST_BODY_INVALID');
      return false;
    }
    this.#awaitsContinue = false;
    this.#account.bytesIn(end);
    const written = this.#request.writeShared(upstream.socket, head, rest);
    this.#client.consume(end);
    if (!this.#request.done && this.#client.ended && this.#client.rest === null) {
      this.#fail('CLIENT_ABORTED');
      return false;
    }
    this.#arm();
    return written > 0 || end > 0;
  }

  /** Reads response heads from `at`; returns where the body starts, -1 = nothing more to do. */
  #readHead(piece: Buffer, at: number, length: number): number {
    const end = this.#reader.read(piece, at, length);
    if (this.#reader.fault !== null) {
      this.#fail('RESPONSE_INVALID');
      return -1;
    }
    if (end === -1) {
      this.#arm();
      return -1;
    }
    const head = this.#runtime.responseHead;
    if (head.status >= 200) {
      this.#respond(head, piece, end, length);
      return -1;
    }
    if (head.status === 101) {
      this.#switchOver(head, piece, end, length);
      return -1;
    }
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM) {
      this.#fail('RESPONSE_INVALID');
      return -1;
    }
    // RFC 9110 §15.2: an HTTP/1.0 client does not know them.
    if (this.#isHttp11) {
      const text = head.forward('', BODY_AS_IS);
      this.#client.socket.write(text, 'latin1');
      this.#account.bytesOut(text.length);
    }
    if (head.status === 100) this.#awaitsContinue = false;
    this.#reader.begin(this.#method);
    this.#arm();
    return end;
  }

  #respond(head: ResponseHead, piece: Buffer, at: number, length: number): void {
    this.#account.responded(head.status);
    const mode = this.#modeFor(head.framing);
    this.#endsByClose =
      !this.#isHttp11 && (head.framing === CHUNKED || head.framing === UNTIL_CLOSE);
    this.#upstreamKeeps = head.keepAlive && head.framing !== UNTIL_CLOSE;
    // An upgrade that was refused: what the client sent in good faith is not HTTP.
    if (!this.#request.done || this.#endsByClose || this.#upgrade || !this.#mayGoOn()) {
      this.#keepAlive = false;
    }
    const text = head.forward(this.#connectionLine(), mode);
    this.#state = RESPONDING;
    this.#response.begin(head.framing, mode);
    this.#relay(piece, at, length, text);
  }

  /** An HTTP/1.0 client sees no chunks, and no field that promises any. */
  #modeFor(framing: number): number {
    if (this.#isHttp11) return framing === UNTIL_CLOSE ? BODY_ENCODE : BODY_AS_IS;
    return framing > 0 ? BODY_AS_IS : BODY_DECODE;
  }

  /** True if another request could come on the client's connection. */
  #mayGoOn(): boolean {
    return !this.#runtime.ending && !(this.#client.ended && this.#client.rest === null);
  }

  #connectionLine(): string {
    if (!this.#keepAlive) return 'Connection: close\r\n';
    return this.#isHttp11 ? '' : 'Connection: keep-alive\r\n';
  }

  /** Passes on what `piece` holds of the response's body, after `head`. */
  #relay(piece: Buffer, at: number, length: number, head: string): void {
    const { socket } = this.#client;
    const end = at < length ? this.#response.take(piece, at, length) : at;
    if (end === -1) {
      this.#fail('RESPONSE_BODY_INVALID');
      return;
    }
    if (at < length) this.#account.bytesOut(this.#response.writeCopy(socket, head, piece));
    else if (head !== '') {
      socket.write(head, 'latin1');
      this.#account.bytesOut(head.length);
    }
    if (this.#response.done) {
      // Bytes after a complete response belong to nobody: they go with their connection.
      if (end < length) this.#upstreamKeeps = false;
      this.#finish();
      return;
    }
    if (socket.writableLength > WATERMARK_BYTES) {
      this.#downloadBlocked = true;
      this.#upstream?.socket.pause();
    }
    this.#arm();
  }

  #switchOver(head: ResponseHead, piece: Buffer, at: number, length: number): void {
    const upstream = this.#upstream as Upstream;
    if (!this.#upgrade) {
      this.#fail('RESPONSE_INVALID');
      return;
    }
    this.#account.responded(101);
    const text = head.forward('', BODY_AS_IS);
    this.#client.socket.write(text, 'latin1');
    this.#account.bytesOut(text.length);
    this.#state = IDLE;
    this.#upstream = null;
    this.#client.exchangeSwitched(upstream, this.#dispatch, piece.subarray(at, length));
  }

  /** The connection ended before a byte of a final response. */
  #unanswered(): void {
    const upstream = this.#upstream as Upstream;
    upstream.destroy();
    this.#upstream = null;
    const untouched = this.#replayable && this.#interim === 0 && !this.#reader.started;
    if (untouched && upstream.reused && !this.#redialled) {
      // Most likely the server had closed the unused connection before the request reached it.
      this.#redialled = true;
      this.#state = DISPATCHING;
      this.#dispatch.again(true);
    } else if (untouched && !upstream.server.inForce && !this.#rescued) {
      // The server was told to go, and went: the pool that is live now answers in its place.
      this.#rescued = true;
      this.#state = DISPATCHING;
      this.#dispatch.again(false);
    } else {
      this.#fail('NO_RESPONSE');
    }
  }

  #finish(): void {
    const upstream = this.#upstream as Upstream;
    this.#upstream = null;
    const { settings } = this.#runtime;
    const reusable =
      this.#upstreamKeeps &&
      this.#request.done &&
      !upstream.ended &&
      upstream.server.inForce &&
      !this.#runtime.ending &&
      upstream.server.idleCount < settings.maxIdlePerServer &&
      upstream.socket.writableLength === 0;
    if (reusable) upstream.park(settings.upstreamIdleTimeoutMs);
    else upstream.destroy();
    const keep = this.#keepAlive;
    this.#end();
    this.#client.exchangeDone(keep);
  }

  /** Ends the exchange by a failure: an answer if nothing has gone out yet, else a cut connection. */
  #fail(code: FailureCode): void {
    const { status, letters } = FAILURES[code];
    const responding = this.#state === RESPONDING;
    const service = this.#dispatch.pool?.name ?? '';
    this.#account.failed(code);
    this.#runtime.log.debug({ code, letters, service }, 'an exchange failed');
    if (responding || code === 'CLIENT_ABORTED' || code === 'DRAIN_DEADLINE') {
      this.#end();
      this.#client.exchangeBroken(responding && this.#endsByClose);
      return;
    }
    this.#skipBody();
    const refused = status < 500;
    const whole = this.#request.done && !this.#upgrade;
    const keep = this.#keepAlive && whole && !refused && this.#mayGoOn();
    const line = keep
      ? this.#isHttp11
        ? ''
        : 'connection: keep-alive\r\n'
      : 'connection: close\r\n';
    const text = refused ? refusalOf(status) : answerOf(status, line, this.#method !== 'HEAD');
    this.#account.answered(status);
    this.#client.socket.write(text, 'latin1');
    this.#account.bytesOut(text.length);
    this.#end();
    this.#client.exchangeDone(keep);
  }

  /** A body that is here already need not cost the client its connection. */
  #skipBody(): void {
    const { rest } = this.#client;
    if (this.#request.done || rest === null) return;
    const end = this.#request.take(rest, 0, rest.length);
    if (end > 0) this.#client.consume(end);
  }

  #end(): void {
    this.#account.end();
    this.#state = IDLE;
    this.#text = '';
    this.#upstream?.destroy();
    this.#upstream = null;
    this.#dispatch.release();
  }

  #waitsForClient(): boolean {
    if (this.#state === RESPONDING) return this.#downloadBlocked;
    return !this.#request.done && !this.#uploadBlocked && !this.#awaitsContinue;
  }

  /** Sets the deadline by who is waited for. */
  #arm(): void {
    const { clock, settings } = this.#runtime;
    const ms = this.#waitsForClient() ? settings.clientTimeoutMs : settings.serverTimeoutMs;
    const deadlineMs = clock.in(ms);
    const inGrace = this.#state === WAITING && this.#graceMs < deadlineMs;
    this.#client.deadlineMs = inGrace ? this.#graceMs : deadlineMs;
  }
}
