// What becomes of one request, or of one connection of a TCP service, as the access log will tell it:
// gathered while it happens, written when it is over. Costs nothing while no log is in use.

import type { AccessRecord, RequestRecord } from '../log/access-record.ts';
import type { AccessWish } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { type AccessLog, finderOf, found } from './access-log.ts';
import { FAILURES, type FailureCode } from './failure.ts';
import type { RequestHead } from './http/request-head.ts';
import type { Runtime } from './runtime.ts';
import type { Seat } from './seat.ts';

/** The client's side of it. */
export interface Visit {
  readonly frontend: Counters;
  /** pxname of that row. */
  readonly frontendName: string;
  /** What is logged of those who come to no pool; null = as the settings say. */
  readonly accessWish: AccessWish | null;
  readonly address: string;
  /** 0 = it is gone, or does not say. */
  readonly clientPort: number;
  readonly isEncrypted: boolean;
  /** How long the head of its last request took to come. */
  readonly headReadMs: number;
}

/** What was sent to the server. */
export interface Sent {
  /** Head of the request; empty = there is none. */
  readonly text: string;
  /** Value of our sticky cookie; empty = none. */
  readonly cookie: string;
}

export const NOTHING_SENT: Sent = { text: '', cookie: '' };

/** How far something has come, in HAProxy's letters: request, queue, connect, headers, data. */
export type Stage = 'R' | 'Q' | 'C' | 'H' | 'D';

const NOTHING: readonly string[] = [];
const REQUEST_ID = finderOf('x-request-id');

export class AccessEntry {
  bytesIn = 0;
  bytesOut = 0;
  /** Who ended it, and at which stage; `--` = it came to its own end. */
  letters = '--';
  /** -1 = nothing was answered. */
  status = -1;
  /** -1 = there was no connection. */
  connectMs = -1;
  /** -1 = the server did not answer. */
  responseMs = -1;
  readonly #runtime: Runtime;
  readonly #log: AccessLog;
  readonly #visit: Visit;
  readonly #seat: Seat | null;
  readonly #sent: Sent | null;
  /** A log was in use when it began: what began before is not known well enough. */
  #isOn = false;
  #beganMs = 0;
  #clientPort = 0;
  #readMs = -1;
  #method = '';
  #target = '';
  #isHttp11 = true;

  /** `seat` null: it is refused before it has a place; `sent` null: it is no request. */
  constructor(runtime: Runtime, visit: Visit, seat: Seat | null, sent: Sent | null) {
    this.#runtime = runtime;
    this.#log = runtime.accessLog;
    this.#visit = visit;
    this.#seat = seat;
    this.#sent = sent;
  }

  /** It begins now. `head` null: it is no request, or one that could not be read. */
  begin(head: RequestHead | null): void {
    this.#seat?.begin();
    this.#isOn = this.#log.isInUse;
    this.responseMs = -1;
    if (!this.#isOn) return;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.letters = '--';
    this.status = -1;
    this.connectMs = -1;
    this.#beganMs = this.#runtime.stopwatch.nowMs;
    this.#clientPort = this.#visit.clientPort;
    if (head === null) return;
    this.#readMs = this.#visit.headReadMs;
    this.#method = head.method;
    this.#target = head.target;
    this.#isHttp11 = head.isHttp11;
  }

  failed(code: FailureCode, stage: Stage): void {
    const { letters } = FAILURES[code];
    const isCut = code === 'CLIENT_ABORTED' || code === 'DRAIN_DEADLINE';
    this.letters = isCut ? `${letters[0]}${stage}` : letters;
    // As HAProxy logs it, though nobody is there to be told.
    if (code === 'CLIENT_ABORTED' && (stage === 'R' || stage === 'H')) this.status = 400;
  }

  /** It is over; what sits on the seat is still there. */
  end(): void {
    if (!this.#isOn) return;
    const pool = this.#seat?.pool ?? null;
    const own = pool === null ? this.#visit.accessWish : pool.accessLog;
    if (this.#log.wants(own, this.#isFault)) this.#log.write(this.#record());
  }

  get #isFault(): boolean {
    const who = this.letters[0];
    if ((who !== '-' && who !== 'L') || this.status >= 500) return true;
    return this.#seat !== null && this.#seat.retries > 0;
  }

  #record(): AccessRecord {
    const { table, connections } = this.#runtime;
    const { frontend, frontendName, address, isEncrypted } = this.#visit;
    const seat = this.#seat;
    const pool = seat?.pool ?? null;
    const server = seat?.server ?? null;
    const wasQueued = server !== null || (seat?.queueMs ?? 0) > 0;
    const ranMs = this.#runtime.stopwatch.nowMs - this.#beganMs + Math.max(0, this.#readMs);
    return {
      startedAtMs: Date.now() - Math.trunc(ranMs),
      clientAddress: address,
      clientPort: this.#clientPort,
      frontend: frontendName,
      encrypted: isEncrypted,
      backend: pool?.name ?? '',
      server: server?.name ?? '',
      colour: pool?.appId ?? '',
      epoch: table.epoch,
      queueMs: wasQueued ? Math.trunc(seat?.queueMs ?? 0) : -1,
      connectMs: Math.trunc(this.connectMs),
      totalMs: Math.trunc(ranMs),
      bytesOut: this.bytesOut,
      bytesIn: this.bytesIn,
      termination: this.#termination,
      connections,
      frontendConnections: frontend.inFlight,
      backendInFlight: pool?.backend.inFlight ?? 0,
      serverInFlight: server?.counters.inFlight ?? 0,
      retries: seat?.retries ?? 0,
      redispatched: seat?.redispatched ?? false,
      serverQueue: seat?.serverQueue ?? 0,
      backendQueue: seat?.backendQueue ?? 0,
      request: this.#sent === null ? null : this.#request(this.#sent.text),
    };
  }

  #request(text: string): RequestRecord {
    return {
      method: this.#method,
      target: this.#target,
      isHttp11: this.#isHttp11,
      readMs: Math.trunc(this.#readMs),
      responseMs: Math.trunc(this.responseMs),
      status: this.status,
      id: this.#log.hasIds ? found(REQUEST_ID, text) : '',
      captured: this.#captured(text),
    };
  }

  /** One text for all that went well: it is known already where it is written. */
  get #termination(): string {
    const cookie = this.#cookieLetters;
    return this.letters === '--' && cookie === '--' ? '----' : `${this.letters}${cookie}`;
  }

  #captured(text: string): readonly string[] {
    const { captures } = this.#log;
    return captures.length === 0 ? NOTHING : captures.map((finder) => found(finder, text));
  }

  /** HAProxy's third and fourth letter: what the client's cookie was worth, and whether it gets one. */
  get #cookieLetters(): string {
    const { pool, server } = this.#seat ?? { pool: null, server: null };
    if (this.#sent === null || pool === null || !pool.sticky) return '--';
    const { cookie } = this.#sent;
    const given = this.responseMs >= 0 && server !== null && server.cookie !== cookie ? 'I' : 'N';
    if (cookie === '') return `N${given}`;
    if (cookie === server?.cookie) return 'VN';
    return pool.serverOfCookie(cookie) === null ? `I${given}` : `D${given}`;
  }
}
