// What one exchange adds to the rows of its frontend, pool and server.

import { AccessEntry, type Sent, type Stage, type Visit } from './access-entry.ts';
import { countStatus } from './accounting.ts';
import { FAILURES, type FailureCode } from './failure.ts';
import type { RequestHead } from './http/request-head.ts';
import type { Runtime } from './runtime.ts';
import type { Seat } from './seat.ts';
import type { Stopwatch } from './stopwatch.ts';

export class ExchangeAccount {
  /** Its line in the access log. */
  readonly entry: AccessEntry;
  readonly #client: Visit;
  readonly #stopwatch: Stopwatch;
  /** Holds the pool and the server of the moment. */
  readonly #seat: Seat;
  #headBytes = 0;
  #sentMs = 0;

  constructor(runtime: Runtime, client: Visit, seat: Seat, sent: Sent) {
    this.entry = new AccessEntry(runtime, client, seat, sent);
    this.#client = client;
    this.#stopwatch = runtime.stopwatch;
    this.#seat = seat;
  }

  /** A request was read, its head `headBytes` long. */
  begin(head: RequestHead, headBytes: number): void {
    this.entry.begin(head);
    this.entry.bytesIn = headBytes;
    this.#headBytes = headBytes;
    this.#client.frontend.requests += 1;
    this.#client.frontend.bytesIn += headBytes;
  }

  /** Its head goes to the server of the moment. */
  sent(): void {
    this.#sentMs = this.#stopwatch.nowMs;
    const { pool, server, connectMs } = this.#seat;
    this.entry.connectMs = connectMs;
    if (pool !== null) pool.backend.bytesIn += this.#headBytes;
    if (server !== null) server.counters.bytesIn += this.#headBytes;
  }

  /** Bytes of its body were received. */
  bytesIn(bytes: number): void {
    const { pool, server } = this.#seat;
    this.#client.frontend.bytesIn += bytes;
    this.entry.bytesIn += bytes;
    if (pool !== null) pool.backend.bytesIn += bytes;
    if (server !== null) server.counters.bytesIn += bytes;
  }

  /** Bytes were written to the client. */
  bytesOut(bytes: number): void {
    const { pool, server } = this.#seat;
    this.#client.frontend.bytesOut += bytes;
    this.entry.bytesOut += bytes;
    if (pool !== null) pool.backend.bytesOut += bytes;
    if (server !== null) server.counters.bytesOut += bytes;
  }

  /** The server answered with a final status, or switched protocols. */
  responded(status: number): void {
    const { pool, server } = this.#seat;
    const nowMs = this.#stopwatch.nowMs;
    this.entry.status = status;
    this.entry.responseMs = nowMs - this.#sentMs;
    countStatus(this.#client.frontend, status);
    if (pool !== null) {
      countStatus(pool.backend, status);
      pool.answers.count(nowMs - this.#seat.beganMs);
    }
    if (server !== null) countStatus(server.counters, status);
  }

  /** The response is to be compressed. */
  compressing(): void {
    this.#client.frontend.compressed += 1;
    if (this.#seat.pool !== null) this.#seat.pool.backend.compressed += 1;
  }

  /** `taken` bytes of the body became `made` bytes. */
  compressed(taken: number, made: number): void {
    for (const row of [this.#client.frontend, this.#seat.pool?.backend]) {
      if (row === undefined) continue;
      row.compressionIn += taken;
      row.compressionOut += made;
    }
  }

  /** The balancer answers in the server's place. */
  answered(status: number): void {
    this.entry.status = status;
    countStatus(this.#client.frontend, status);
    if (this.#seat.pool !== null) countStatus(this.#seat.pool.backend, status);
  }

  /** A policy answers: it refuses, or has something to say itself. */
  intercepted(denies: boolean): void {
    this.entry.letters = denies ? 'PR' : 'LR';
    const field = denies ? 'deniedRequests' : 'intercepted';
    this.#client.frontend[field] += 1;
    if (this.#seat.pool !== null) this.#seat.pool.backend[field] += 1;
  }

  /** HAProxy's columns: `eresp` includes `srv_abrt`; connect errors are counted by the dispatch. */
  failed(code: FailureCode, stage: Stage): void {
    this.entry.failed(code, stage);
    const { side, phase } = FAILURES[code];
    if (code === 'REQUEST_BODY_INVALID') this.#client.frontend.requestErrors += 1;
    if (code === 'DRAIN_DEADLINE') this.#seat.countCut();
    const { pool, server } = this.#seat;
    if (code === 'RESPONSE_DENIED') this.#client.frontend.deniedResponses += 1;
    for (const row of [pool?.backend, server?.counters]) {
      if (row === undefined) continue;
      if (code === 'RESPONSE_DENIED') row.deniedResponses += 1;
      if (side === 'client' && code !== 'REQUEST_BODY_INVALID') row.clientAborts += 1;
      if (side === 'server' && phase !== 'connect') row.responseErrors += 1;
      if (side === 'server' && phase === 'body') row.serverAborts += 1;
    }
  }

  /** It is over; the seat is still held. */
  end(): void {
    const { responseMs } = this.entry;
    if (responseMs >= 0) this.#seat.countTimes(responseMs);
    this.entry.end();
  }
}
