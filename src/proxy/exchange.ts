// One request through the balancer: sent to a server, its answer relayed, counted. An exchange object
// belongs to a client connection and serves its requests one after the other. Once a byte of the
// response has gone out, a failure cuts the client's connection: a body is never ended cleanly that
// the server did not end.

import type { BalanceSpec } from '../plan/plan.ts';
import type { Stage } from './access-entry.ts';
import { answerableFor } from './aim.ts';
import { keyOfRequest } from './balance/request-key.ts';
import { Dispatch, type DispatchUser } from './dispatch.ts';
import { ExchangeAccount } from './exchange-account.ts';
import { ExchangeAnswer, type Outcome } from './exchange-answer.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { ExchangeDeadline } from './exchange-deadline.ts';
import { ExchangeReply } from './exchange-reply.ts';
import { ExchangeRequest } from './exchange-request.ts';
import { Screening, type ScreeningOwner } from './exchange-screening.ts';
import { FAILURES, type FailureCode } from './failure.ts';
import type { RequestHead } from './http/request-head.ts';
import type { Reply } from './policy/reply.ts';
import { RequestRelay } from './request-relay.ts';
import { type RelayOwner, ResponseRelay } from './response-relay.ts';
import type { Runtime } from './runtime.ts';
import { type Colour, type Service, serviceAt, type Way } from './table.ts';
import type { Upstream } from './upstream.ts';

const IDLE = 0;
/** Looked at by its policy, before anything is done with it. */
const SCREENING = 3;
/** Looking for a connection. */
const DISPATCHING = 1;
/** Sent, at least the head. */
const SENT = 2;

export class Exchange implements DispatchUser, RelayOwner, ScreeningOwner {
  readonly #runtime: Runtime;
  readonly #client: ExchangeClient;
  readonly #dispatch: Dispatch;
  readonly #account: ExchangeAccount;
  readonly #asked: ExchangeRequest;
  readonly #request: RequestRelay;
  readonly #response: ResponseRelay;
  readonly #reply: ExchangeReply;
  readonly #answer: ExchangeAnswer;
  readonly #deadline: ExchangeDeadline;
  readonly #screening: Screening;
  #state = IDLE;
  #way: Way | null = null;
  #upstream: Upstream | null = null;

  constructor(runtime: Runtime, client: ExchangeClient) {
    this.#runtime = runtime;
    this.#client = client;
    this.#dispatch = new Dispatch(runtime, this, client, true);
    const { seat } = this.#dispatch;
    const asked = new ExchangeRequest();
    const account = new ExchangeAccount(runtime, client, seat, asked);
    const request = new RequestRelay(runtime, client, account);
    const response = new ResponseRelay(client.wire, account);
    this.#asked = asked;
    this.#account = account;
    this.#request = request;
    this.#response = response;
    const screening = new Screening(runtime, client, asked, this);
    const parts = { client, account, seat, asked, request, response, screening, owner: this };
    this.#screening = screening;
    this.#reply = new ExchangeReply(runtime, parts);
    this.#answer = new ExchangeAnswer(runtime, this.#reply, parts);
    this.#deadline = new ExchangeDeadline(runtime, client, request, response);
  }

  /** Starts with a head just read. `way` is null when nothing is routed there. */
  begin(head: RequestHead, headBytes: number, forwarded: string, way: Way | null): void {
    const { stopwatch } = this.#runtime;
    stopwatch.hold();
    this.#begin(head, headBytes, forwarded, way);
    stopwatch.release();
  }

  #begin(head: RequestHead, headBytes: number, forwarded: string, way: Way | null): void {
    const service = serviceAt(this.#runtime.table, way);
    this.#asked.begin(head, forwarded, service, this.#runtime.settings.previewSecret);
    this.#request.begin(head);
    const colour = answerableFor(service, this.#asked.aim);
    this.#deadline.begin(colour?.pool.timeouts ?? this.#runtime.settings);
    this.#account.begin(head, headBytes);
    this.#way = way;
    if (way !== null && colour !== null && isScreened(way, colour)) {
      this.#state = SCREENING;
      this.#arm();
      if (this.#client.ended) this.clientEnded();
      this.#screening.start(way);
    } else {
      this.#dispatchTo(service);
    }
  }

  screened(reply: Reply | null): void {
    const way = this.#way as Way;
    const service = serviceAt(this.#runtime.table, way);
    if (reply === null) {
      this.#dispatchTo(service);
      return;
    }
    const pool = answerableFor(service, this.#asked.aim)?.pool ?? null;
    if (pool !== null) this.#dispatch.seat.hold(pool);
    const after = this.#reply.give(reply);
    this.#end();
    this.#client.exchangeDone(after);
  }

  unscreened(): void {
    this.#fail('PASSWORD_UNVERIFIED');
  }

  #dispatchTo(service: Service | null): void {
    this.#state = DISPATCHING;
    if (this.#client.ended) this.clientEnded();
    if (service === null) this.#fail('NO_SERVER');
    else this.#dispatch.start(service, this.#asked.aim);
  }

  /** Takes request body from the client's rest; true if more could be taken. */
  takeBody(): boolean {
    const upstream = this.#upstream;
    if (upstream === null || this.#client.rest.piece === null || this.#request.done) return false;
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
    if (this.#asked.keepAlive) this.#deadline.hurry();
    if (this.#state !== DISPATCHING) this.#arm();
    else if (this.#asked.keepAlive) this.#dispatch.hurry(this.#deadline.graceEndsMs);
  }

  /** The client's connection is gone: nobody waits for the response any more. */
  clientGone(): void {
    if (this.#state === IDLE) return;
    this.#account.failed('CLIENT_ABORTED', this.#stage);
    this.#end();
  }

  /** What was written to the client has gone out. */
  clientWritable(): void {
    if (!this.#isAnswered || !this.#response.blocked) return;
    this.#response.unblock(this.#upstream as Upstream);
    this.#arm();
  }

  /** The client's deadline has passed while the exchange runs. */
  expired(): void {
    if (this.#state === DISPATCHING) {
      this.#dispatch.expired();
      return;
    }
    if (this.#state === SCREENING) {
      this.#fail(this.#deadline.isGraceOver ? 'CLIENT_ABORTED' : 'PASSWORD_UNVERIFIED');
      return;
    }
    const failure = this.#isAnswered ? this.#deadline.bodyFailure() : this.#deadline.headFailure();
    if (failure === null) this.#arm();
    else this.#fail(failure);
  }

  /** Cuts it because the worker's time is up. */
  cut(): void {
    if (this.#state !== IDLE) this.#fail('DRAIN_DEADLINE');
  }

  /** Ends it if its server has had its time to drain. */
  cutIfOverdue(): void {
    // Whoever has sent nothing yet goes to a server that is live by itself.
    if (this.#state === SENT && this.#dispatch.seat.server?.overdue) this.#fail('DRAIN_DEADLINE');
  }

  get cookie(): string {
    return this.#asked.cookie;
  }

  keyFor(balance: BalanceSpec): string {
    return keyOfRequest(balance, this.#asked.text, this.#client.address);
  }

  dispatched(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#state = SENT;
    this.#account.sent();
    this.#request.restart();
    this.#answer.await(this.#asked.method);
    if (this.#send(upstream, this.#asked.text)) this.#client.pump();
  }

  undispatched(code: FailureCode): void {
    this.#fail(code);
  }

  upstreamConnected(): void {}

  upstreamBytes(piece: Buffer, length: number): void {
    if (this.#state !== SENT) return;
    const { stopwatch } = this.#runtime;
    stopwatch.hold();
    const outcome = this.#answer.receive(this.#upstream as Upstream, piece, length);
    if (outcome === 'switched') this.#switchOver(piece.subarray(this.#answer.switchedAt, length));
    else this.#follow(outcome);
    stopwatch.release();
  }

  upstreamEnded(): void {
    if (this.#isAnswered) this.#follow(this.#answer.serverEnded());
    else if (this.#state === SENT) this.#unanswered();
  }

  upstreamFailed(): void {
    if (this.#isAnswered) this.#follow(this.#answer.serverFailed());
    else if (this.#state === SENT) this.#unanswered();
  }

  /** The final response is being relayed. */
  get #isAnswered(): boolean {
    return this.#state === SENT && this.#answer.begun;
  }

  get #isUnanswered(): boolean {
    return this.#state === SENT && !this.#answer.begun;
  }

  get #stage(): Stage {
    switch (this.#state) {
      case DISPATCHING:
        return this.#dispatch.isQueued ? 'Q' : 'C';
      case SENT:
        return this.#answer.begun ? 'D' : 'H';
      default:
        return 'R';
    }
  }

  get upstream(): Upstream | null {
    return this.#upstream;
  }

  relayed(): void {
    this.#finish();
  }

  upstreamWritable(): void {
    this.#request.blocked = false;
    this.#request.restart();
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
    return this.#isUnanswered && !this.#request.done && ended && rest.piece === null;
  }

  /** Does what the answer's coming to this means. */
  #follow(outcome: Outcome): void {
    if (outcome === 'done') this.#finish();
    else if (outcome === 'more') this.#arm();
    else if (outcome !== 'trickle') this.#fail(outcome);
  }

  #switchOver(first: Buffer): void {
    const upstream = this.#upstream as Upstream;
    const { protocol } = this.#answer;
    this.#screening.end();
    this.#state = IDLE;
    this.#upstream = null;
    const { seat } = this.#dispatch;
    const { entry } = this.#account;
    this.#client.exchangeSwitched({ upstream, seat, entry, first, protocol });
  }

  /** The connection ended before a byte of a final response. */
  #unanswered(): void {
    const upstream = this.#upstream as Upstream;
    upstream.destroy();
    this.#upstream = null;
    const again = this.#answer.untouched ? this.#asked.secondTry(upstream) : null;
    if (again === null) {
      this.#fail('NO_RESPONSE');
      return;
    }
    this.#state = DISPATCHING;
    this.#dispatch.again(again === 'same');
  }

  #finish(): void {
    const upstream = this.#upstream as Upstream;
    this.#upstream = null;
    const reusable = this.#response.upstreamKeeps && this.#request.done && !this.#runtime.ending;
    if (reusable) upstream.retire(this.#runtime.settings);
    else upstream.destroy();
    const { after } = this.#reply;
    this.#end();
    this.#client.exchangeDone(after);
  }

  /** Ends the exchange by a failure: an answer if nothing has gone out yet, else a cut connection. */
  #fail(code: FailureCode): void {
    const { letters } = FAILURES[code];
    const responding = this.#isAnswered;
    const service = this.#dispatch.seat.pool?.name ?? '';
    this.#account.failed(code, this.#stage);
    this.#runtime.log.debug({ code, letters, service }, 'an exchange failed');
    const isLeft = code === 'DRAIN_DEADLINE' && this.#runtime.ending;
    if (responding || isLeft || code === 'CLIENT_ABORTED') {
      this.#end();
      this.#client.exchangeBroken(responding && this.#response.endsByClose);
      return;
    }
    const after = this.#reply.fail(code);
    this.#end();
    this.#client.exchangeDone(after);
  }

  #end(): void {
    this.#account.end();
    this.#state = IDLE;
    this.#way = null;
    this.#screening.end();
    this.#response.end();
    this.#asked.end();
    this.#upstream?.destroy();
    this.#upstream = null;
    this.#dispatch.release();
  }

  /** Sets the deadline by who is waited for. */
  #arm(): void {
    if (this.#isAnswered) this.#deadline.awaitBody();
    else this.#deadline.awaitHead();
  }
}

/** Most requests are only relayed: they cost nothing here. */
function isScreened({ auth, redirectsToHttps }: Way, { policy }: Colour): boolean {
  return policy !== null || auth !== null || redirectsToHttps;
}
