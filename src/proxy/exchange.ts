// One request through the balancer: sent to a server, its answer relayed, counted. An exchange object
// belongs to a client connection and serves its requests one after the other. Once a byte of the
// response has gone out, a failure cuts the client's connection: a body is never ended cleanly that
// the server did not end.

import type { BalanceSpec } from '../plan/plan.ts';
import { answerOf, refusalOf } from './answers.ts';
import { keyOfRequest } from './balance/request-key.ts';
import { Dispatch, type DispatchUser } from './dispatch.ts';
import { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { FAILURES, type FailureCode } from './failure.ts';
import type { RequestHead } from './http/request-head.ts';
import { BODY_AS_IS, type ResponseHead } from './http/response-head.ts';
import { RequestRelay } from './request-relay.ts';
import { ResponseReader } from './response-reader.ts';
import { ResponseRelay } from './response-relay.ts';
import type { Runtime } from './runtime.ts';
import { takeCookie, withCookie } from './sticky.ts';
import type { Service } from './table.ts';
import type { Upstream } from './upstream.ts';

/** How long a client that half-closed without asking for a close is waited with for a response. */
const HALF_CLOSED_GRACE_MS = 1_000;
/** More interim responses to one request are an attack (http.md, limits). */
const MAX_INTERIM = 10;

const IDLE = 0;
/** Looking for a connection. */
const DISPATCHING = 1;
/** Sent, at least the head; no final response yet. */
const WAITING = 2;
/** The response is being relayed. */
const RESPONDING = 3;

export class Exchange implements DispatchUser {
  cookie = '';
  readonly #runtime: Runtime;
  readonly #client: ExchangeClient;
  readonly #dispatch: Dispatch;
  readonly #account: ExchangeAccount;
  readonly #reader: ResponseReader;
  readonly #request: RequestRelay;
  readonly #response: ResponseRelay;
  #state = IDLE;
  #upstream: Upstream | null = null;
  /** The request's head as forwarded, kept for a second try. */
  #text = '';
  #method = '';
  #isHttp11 = true;
  #keepAlive = false;
  /** The client asked to close after this exchange. */
  #isLast = false;
  #replayable = false;
  #upgrade = false;
  #interim = 0;
  #redialled = false;
  #rescued = false;
  #graceMs = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime, client: ExchangeClient) {
    this.#runtime = runtime;
    this.#client = client;
    this.#dispatch = new Dispatch(runtime, this, client, true);
    this.#account = new ExchangeAccount(client, this.#dispatch);
    this.#request = new RequestRelay(runtime, client, this.#account);
    this.#response = new ResponseRelay(client.wire, this.#account);
    this.#reader = new ResponseReader(runtime);
  }

  /** Starts with a head just read. `service` is null when nothing is routed there. */
  begin(head: RequestHead, headBytes: number, forwarded: string, service: Service | null): void {
    this.#text = head.forward(forwarded);
    this.cookie = '';
    if (service?.sticky) this.#takeCookie();
    this.#method = head.method;
    this.#isHttp11 = head.isHttp11;
    this.#keepAlive = head.keepAlive;
    this.#isLast = !head.keepAlive;
    this.#replayable = head.replayable;
    this.#upgrade = head.upgrade !== '';
    this.#request.begin(head);
    this.#interim = 0;
    this.#redialled = false;
    this.#rescued = false;
    this.#graceMs = Number.POSITIVE_INFINITY;
    this.#account.begin(headBytes);
    this.#state = DISPATCHING;
    if (this.#client.ended) this.clientEnded();
    if (service === null) this.undispatched('NO_SERVER');
    else this.#dispatch.start(service);
  }

  /** Takes request body from the client's rest; true if more could be taken. */
  takeBody(): boolean {
    const upstream = this.#upstream;
    if (upstream === null || this.#client.rest === null || this.#request.done) return false;
    if (this.#request.block(upstream)) {
      this.#arm();
      return false;
    }
    this.#send(upstream, '');
    return true;
  }

  /** The client sends no more. */
  clientEnded(): void {
    if (this.#state === IDLE) return;
    if (this.#bodyIsCutOff()) {
      this.#fail('CLIENT_ABORTED');
      return;
    }
    // It may only have closed its sending side, or be gone: there is no telling before we write.
    if (this.#keepAlive) this.#graceMs = this.#runtime.clock.in(HALF_CLOSED_GRACE_MS);
    if (this.#state !== DISPATCHING) this.#arm();
    else if (this.#keepAlive) this.#dispatch.hurry(this.#graceMs);
  }

  /** The client's connection is gone: nobody waits for the response any more. */
  clientGone(): void {
    if (this.#state === IDLE) return;
    this.#account.failed('CLIENT_ABORTED');
    this.#end();
  }

  /** What was written to the client has gone out. */
  clientWritable(): void {
    if (this.#state !== RESPONDING || !this.#response.blocked) return;
    this.#response.unblock(this.#upstream as Upstream);
    this.#arm();
  }

  /** The client's deadline has passed while the exchange runs. */
  expired(): void {
    if (this.#state === DISPATCHING) {
      this.#dispatch.expired();
      return;
    }
    if (this.#state === RESPONDING) {
      if (!this.#response.blocked) this.#fail('RESPONSE_STALLED');
      else if (this.#client.wire.shrank()) this.#arm();
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

  keyFor(balance: BalanceSpec): string {
    return keyOfRequest(balance, this.#text, this.#client.address);
  }

  dispatched(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#state = WAITING;
    this.#account.sent();
    this.#request.pace.restart(this.#runtime.clock.nowMs);
    this.#reader.begin(this.#method);
    if (this.#send(upstream, this.#text)) this.#client.pump();
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
    if (this.#state === RESPONDING) this.#pass(piece, at, length, '');
  }

  upstreamEnded(): void {
    if (this.#state === WAITING) {
      this.#unanswered();
    } else if (this.#state === RESPONDING && this.#response.untilClose) {
      this.#response.complete();
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
    this.#request.blocked = false;
    this.#request.pace.restart(this.#runtime.clock.nowMs);
    if (this.#state !== IDLE) this.#arm();
    this.#client.pump();
  }

  /** Writes `head` and what was received of the request's body; false if the exchange failed. */
  #send(upstream: Upstream, head: string): boolean {
    if (!this.#request.send(upstream, head)) {
      this.#fail('REQUEST_BODY_INVALID');
      return false;
    }
    if (this.#bodyIsCutOff()) {
      this.#fail('CLIENT_ABORTED');
      return false;
    }
    this.#arm();
    return true;
  }

  /** The client has closed its side before the end of its body. */
  #bodyIsCutOff(): boolean {
    const { ended, rest } = this.#client;
    return this.#state === WAITING && !this.#request.done && ended && rest === null;
  }

  /** Reads response heads from `at`; returns where the body starts, -1 = nothing more to do. */
  #readHead(piece: Buffer, at: number, length: number): number {
    const end = this.#reader.read(piece, at, length);
    if (this.#reader.fault !== null) {
      this.#fail('RESPONSE_INVALID');
      return -1;
    }
    // The deadline stays: a head that trickles must be there in time all the same.
    if (end === -1) return -1;
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
      this.#client.wire.writeText(text);
      this.#account.bytesOut(text.length);
    }
    if (head.status === 100) {
      this.#request.awaitsContinue = false;
      this.#request.pace.restart(this.#runtime.clock.nowMs);
    }
    this.#reader.begin(this.#method);
    this.#arm();
    return end;
  }

  #respond(head: ResponseHead, piece: Buffer, at: number, length: number): void {
    const relay = this.#response;
    this.#account.responded(head.status);
    relay.begin(head, this.#isHttp11);
    // An upgrade that was refused: what the client sent in good faith is not HTTP.
    if (!this.#request.done || relay.endsByClose || this.#upgrade || !this.#mayGoOn()) {
      this.#keepAlive = false;
    }
    this.#state = RESPONDING;
    const text = relay.headText(head, this.#connectionLine());
    this.#pass(piece, at, length, this.#withCookie(text, head.status));
  }

  #takeCookie(): void {
    const { head, value } = takeCookie(this.#text);
    this.#text = head;
    this.cookie = value;
  }

  /** Sends the client back to the server that answers, if it would not come there by itself. */
  #withCookie(text: string, status: number): string {
    const { pool, server } = this.#dispatch;
    if (pool === null || !pool.sticky || server === null || server.cookie === this.cookie) {
      return text;
    }
    return withCookie(text, this.#method, status, server.cookie);
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
  #pass(piece: Buffer, at: number, length: number, head: string): void {
    switch (this.#response.pass(this.#upstream as Upstream, piece, at, length, head)) {
      case 'malformed':
        this.#fail('RESPONSE_BODY_INVALID');
        return;
      case 'done':
        this.#finish();
        return;
      default:
        this.#arm();
    }
  }

  #switchOver(head: ResponseHead, piece: Buffer, at: number, length: number): void {
    const upstream = this.#upstream as Upstream;
    if (!this.#upgrade) {
      this.#fail('RESPONSE_INVALID');
      return;
    }
    this.#account.responded(101);
    const text = this.#withCookie(head.forward('', BODY_AS_IS), 101);
    this.#client.wire.writeText(text);
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
      this.#response.upstreamKeeps &&
      this.#request.done &&
      !upstream.ended &&
      upstream.server.inForce &&
      upstream.server.sendProxy === 0 &&
      !this.#runtime.ending &&
      upstream.server.idleCount < settings.maxIdlePerServer &&
      upstream.wire.queuedBytes === 0;
    if (reusable) upstream.park(settings.upstreamIdleTimeoutMs);
    else upstream.destroy();
    const then = this.#keepAlive ? 'next' : this.#isLast && this.#request.done ? 'none' : 'refuse';
    this.#end();
    this.#client.exchangeDone(then);
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
      this.#client.exchangeBroken(responding && this.#response.endsByClose);
      return;
    }
    // A body that is here already need not cost the client its connection.
    this.#request.skip();
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
    this.#client.wire.writeText(text);
    this.#account.bytesOut(text.length);
    this.#end();
    this.#client.exchangeDone(keep ? 'next' : 'refuse');
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
    if (this.#state === RESPONDING) return this.#response.blocked;
    const { done, blocked, awaitsContinue } = this.#request;
    return !done && !blocked && !awaitsContinue;
  }

  /** Sets the deadline by who is waited for. */
  #arm(): void {
    const { clock, settings } = this.#runtime;
    const forClient = this.#waitsForClient();
    let deadlineMs = clock.in(forClient ? settings.clientTimeoutMs : settings.serverTimeoutMs);
    if (this.#state === WAITING) {
      if (forClient) deadlineMs = Math.min(deadlineMs, this.#request.pace.deadlineMs);
      deadlineMs = Math.min(deadlineMs, this.#graceMs);
    }
    this.#client.deadlineMs = deadlineMs;
  }
}
