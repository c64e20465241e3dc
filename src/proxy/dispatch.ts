// Finds an exchange its server and a connection to it: an unused one, else a new one, tried again as
// HAProxy does (`retries`, `option redispatch`) while nothing has been sent. Where all servers are
// full, or there is none for a moment, it waits its turn.

import { type Aim, colourAt, LIVE } from './aim.ts';
import { Choice, type Chooser } from './choice.ts';
import type { Timed } from './clock.ts';
import type { FailureCode } from './failure.ts';
import type { Introducible } from './proxy-protocol/introduce.ts';
import type { Waiter } from './queue.ts';
import { QueuePlace, whyNoServer } from './queue-place.ts';
import type { Runtime } from './runtime.ts';
import { Seat } from './seat.ts';
import type { Server } from './server.ts';
import { type Colour, poolOf, type Service } from './table.ts';
import { Upstream, type UpstreamUser } from './upstream.ts';

/** HAProxy waits as long before it tries the same server again (haproxy.md §2.6). */
const TURN_AROUND_MS = 1_000;

export interface DispatchUser extends UpstreamUser, Chooser {
  /** A connection is there; its user is the caller now. */
  dispatched(upstream: Upstream): void;
  /** No server could be reached; nothing was sent. */
  undispatched(code: FailureCode): void;
}

export class Dispatch implements UpstreamUser, Waiter {
  /** Where its user is counted; the pool and server of the moment. */
  readonly seat: Seat;
  /** True while it looks for a connection; `expired` is then to be called at the deadline. */
  busy = false;
  readonly #runtime: Runtime;
  readonly #http: boolean;
  readonly #user: DispatchUser;
  /** Whose deadline the connect and the waits between attempts use. */
  readonly #timer: Timed & Introducible;
  readonly #choice: Choice;
  #service = '';
  #aim = LIVE;
  #retriesLeft = 0;
  #startedMs = 0;
  #connecting: Upstream | null = null;
  /** Made for the first wait, most requests never wait. */
  #place: QueuePlace | null = null;
  /** It has been called from the queue: nobody is before it. */
  #isCalled = false;

  /** `http`: what is dispatched are requests, and counted as such. */
  constructor(runtime: Runtime, user: DispatchUser, timer: Timed & Introducible, http: boolean) {
    this.#http = http;
    this.#runtime = runtime;
    this.#user = user;
    this.#timer = timer;
    this.#choice = new Choice(user);
    this.seat = new Seat(runtime, http);
  }

  /** Looks for a connection to the pool that `aim` means in `service`. The caller must `release()` once. */
  start(service: Service, aim: Aim): void {
    this.#service = service.key;
    this.#aim = aim;
    this.#choice.begin();
    this.#begin();
    // Without a live colour the failure is still somebody's: the first one's row.
    const colour = colourAt(service, aim);
    const pool = colour?.pool ?? poolOf(service);
    if (pool !== null) this.seat.hold(pool);
    this.#attempt(colour, null, false);
  }

  /**
   * Looks for a new connection once more: to the same server if it still gets requests and `same`,
   * else to another one of the pool it is for now.
   */
  again(same: boolean): void {
    const { server } = this.seat;
    this.#begin();
    if (same && server !== null && this.#gives(server)) {
      this.seat.count('retries', server);
      this.#use(server, true);
      return;
    }
    this.seat.count('redispatches', server);
    this.#attempt(this.#colour(), server, true);
  }

  /** Its client will not wait in a queue beyond this moment of the clock. */
  hurry(patienceEndsMs: number): void {
    this.#place ??= new QueuePlace(this.#runtime, this.#timer, this);
    this.#place.hurry(patienceEndsMs);
  }

  /** It is its turn in the queue, or the table has changed. */
  called(): void {
    this.#countWait();
    this.#startedMs = this.#runtime.stopwatch.nowMs;
    this.#isCalled = true;
    this.#attempt(this.#colour(), null, false);
  }

  /** The connect timed out, or a wait is over. */
  expired(): void {
    if (this.#place?.waits) {
      const code = this.#place.expired();
      if (code !== null) this.#giveUp(code);
      return;
    }
    if (this.#connecting === null) {
      this.#attempt(this.#colour(), null, false);
      return;
    }
    this.#connecting.destroy();
    this.#connecting = null;
    this.#retry('CONNECT_TIMEOUT');
  }

  /** It waits for a server with a free place. */
  get isQueued(): boolean {
    return this.#place?.waits ?? false;
  }

  /** Gives up looking. */
  cancel(): void {
    this.busy = false;
    this.#place?.reset();
    this.#connecting?.destroy();
    this.#connecting = null;
  }

  /** Leaves pool and server. Calling it again does nothing. */
  release(): void {
    this.cancel();
    this.seat.leave();
  }

  upstreamConnected(): void {
    const upstream = this.#connecting as Upstream;
    const colour = this.#colour();
    // Nothing was sent yet: after a cut-over the request goes to the new colour, not the old one.
    if (!this.#gives(upstream.server) && colour?.pool.serves) {
      upstream.destroy();
      this.#connecting = null;
      this.seat.count('redispatches', this.seat.server);
      this.#attempt(colour, null, false);
      return;
    }
    this.#connecting = null;
    this.#ready(upstream);
  }

  upstreamFailed(): void {
    this.#connecting = null;
    this.#retry('CONNECT_REFUSED');
  }

  /** A server that speaks first: the bytes wait in the kernel, this cannot be before the connect. */
  upstreamBytes(): void {}
  upstreamEnded(): void {}
  upstreamWritable(): void {}

  #begin(): void {
    this.busy = true;
    this.#retriesLeft = this.#runtime.settings.connectRetries;
    this.#startedMs = this.#runtime.stopwatch.nowMs;
  }

  /** The one it is for by the table in force. */
  #colour(): Colour | null {
    const service = this.#runtime.table.services.get(this.#service);
    return service === undefined ? null : colourAt(service, this.#aim);
  }

  /** True if it may go to `server`, by the table in force. */
  #gives({ inForce, inPlan, inMaintenance }: Server): boolean {
    return inForce || (this.#aim.previews && inPlan && !inMaintenance);
  }

  #attempt(colour: Colour | null, except: Server | null, fresh: boolean): void {
    const isFirst = this.#isCalled;
    this.#isCalled = false;
    let server: Server | null = null;
    if (colour === null) {
      // The server a cookie leads to is no better than any other now.
      this.#choice.wanted = null;
    } else {
      this.seat.hold(colour.pool);
      server = this.#choice.of(colour.pool, except, isFirst, this.#runtime.clock.nowMs);
    }
    if (server === null) this.#wait();
    else this.#use(server, fresh);
  }

  #wait(): void {
    const { pool } = this.seat;
    // It does not keep a place it has no use for.
    this.seat.leaveServer();
    if (pool === null) {
      this.#fail('NO_SERVER');
      return;
    }
    this.#place ??= new QueuePlace(this.#runtime, this.#timer, this);
    const { previews } = this.#aim;
    if (this.#place.join(pool, this.#choice.wanted, previews)) {
      this.seat.joined(this.#choice.wanted);
      return;
    }
    this.#giveUp(whyNoServer(pool, previews));
  }

  /** From when it was asked for until the queue is left. */
  #countWait(): void {
    this.seat.queueMs += this.#runtime.stopwatch.nowMs - this.#startedMs;
  }

  #giveUp(code: FailureCode): void {
    if (this.#place?.waits) this.#countWait();
    this.#place?.leave();
    if (code !== 'CLIENT_ABORTED') this.seat.count('connectErrors', null);
    this.#fail(code);
  }

  #use(server: Server, fresh: boolean): void {
    const { clock } = this.#runtime;
    this.seat.take(server);
    const reuse = !fresh && this.#http && server.sendProxy === 0 && !server.closes;
    const idle = reuse ? (server.takeIdle() as Upstream | null) : null;
    if (idle !== null) {
      this.seat.count('reuses', server);
      this.#ready(idle);
      return;
    }
    this.seat.count('connects', server);
    this.#timer.deadlineMs = clock.in(this.#connectTimeoutMs);
    const introduction = server.tls === null ? null : this.#introduction(server);
    this.#connecting = new Upstream(server, this, this.#runtime, introduction);
  }

  #ready(upstream: Upstream): void {
    this.busy = false;
    this.seat.connectMs = upstream.reused ? 0 : this.#runtime.stopwatch.nowMs - this.#startedMs;
    upstream.unpark(this.#user);
    const { server } = upstream;
    const introduction = server.tls === null ? this.#introduction(server) : null;
    if (introduction !== null) upstream.wire.writeBytes(introduction);
    this.#user.dispatched(upstream);
  }

  #introduction({ sendProxy }: Server): Buffer | null {
    return sendProxy === 0 ? null : this.#timer.introduce(sendProxy);
  }

  #retry(code: FailureCode): void {
    const failed = this.seat.server as Server;
    const isGiven = this.#gives(failed);
    // After a cut-over the live pool is a first choice, not a further try.
    if (this.#retriesLeft === 0 && isGiven) {
      this.seat.count('connectErrors', failed);
      this.#fail(code);
      return;
    }
    if (isGiven) this.#retriesLeft -= 1;
    const colour = this.#colour();
    if (colour?.pool.hasOther(failed)) {
      this.seat.count('redispatches', failed);
      this.#attempt(colour, failed, false);
      return;
    }
    this.seat.count('retries', failed);
    const { clock } = this.#runtime;
    this.#timer.deadlineMs = clock.in(Math.min(TURN_AROUND_MS, this.#connectTimeoutMs));
  }

  get #connectTimeoutMs(): number {
    return (this.seat.pool?.timeouts ?? this.#runtime.settings).connectTimeoutMs;
  }

  #fail(code: FailureCode): void {
    this.busy = false;
    this.#user.undispatched(code);
  }
}
