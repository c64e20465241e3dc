// One client connection of a TCP service: a server is found for it before anything it sends is
// passed on, then both are joined.

import type { AccessWish, BalanceSpec } from '../plan/plan.ts';
import type { Counters } from '../stats/counters.ts';
import { AccessEntry, type Visit } from './access-entry.ts';
import { aimOf, answerableFor, NO_WISH } from './aim.ts';
import { addressKey } from './balance/request-key.ts';
import type { Timed } from './clock.ts';
import { Dispatch, type DispatchUser } from './dispatch.ts';
import { Attendance, type Entrance } from './entrance.ts';
import type { FailureCode } from './failure.ts';
import { plainAddress } from './forwarded.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { type Introducible, introduction } from './proxy-protocol/introduce.ts';
import type { Runtime } from './runtime.ts';
import { type Colour, type Service, serviceOf } from './table.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Above this a client is not read before its server is there. */
const MAX_EARLY_BYTES = 65_536;

export class TcpClient implements WireEvents, DispatchUser, Introducible, Timed, Visit {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  rosterPlace = -1;
  readonly cookie = '';
  readonly headReadMs = 0;
  /** For the log: empty while none is in use. */
  readonly address: string;
  readonly clientPort: number;
  readonly #wire: Wire;
  readonly #runtime: Runtime;
  readonly #attendance: Attendance;
  readonly #dispatch: Dispatch;
  readonly #entry: AccessEntry;
  readonly #addresses: ProxyAddresses | null;
  readonly #whenGone: (client: TcpClient) => void;
  #tunnel: Tunnel | null = null;
  /** What the client sent before a server was found. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #ended = false;
  /** It has its line in the access log, without a tunnel. */
  #isOver = false;

  constructor(
    runtime: Runtime,
    wire: Wire,
    entrance: Entrance,
    whenGone: (client: TcpClient) => void,
  ) {
    this.#runtime = runtime;
    this.#wire = wire;
    this.#whenGone = whenGone;
    this.#addresses = entrance.addresses;
    this.#dispatch = new Dispatch(runtime, this, this, false);
    const service = serviceOf(runtime.table, entrance.key);
    this.#attendance = new Attendance(runtime, entrance);
    const ends = runtime.accessLog.isInUse ? this.#ends : null;
    this.address = plainAddress(ends?.source ?? '');
    this.clientPort = ends?.sourcePort ?? 0;
    this.#entry = new AccessEntry(runtime, this, this.#dispatch.seat, null);
    this.#entry.begin(null);
    runtime.clock.add(this);
    wire.start(this);
    if (service === null) this.undispatched('NO_SERVER');
    else this.#enter(service);
  }

  /** Never: nobody can tell whether a TCP conversation is over. */
  closeIfIdle(): void {}

  /** Ends it now: always something is cut short. */
  cut(): boolean {
    const isCounted = this.#tunnel?.dismissed === true;
    if (this.#tunnel !== null) this.#tunnel.cut();
    else if (!this.#isOver) this.undispatched('DRAIN_DEADLINE');
    this.#wire.destroy();
    return !isCounted;
  }

  expired(): void {
    if (this.#dispatch.busy) this.#dispatch.expired();
    else this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  keyFor({ algorithm }: BalanceSpec): string {
    if (algorithm !== 'source') return '';
    return addressKey(this.#addresses?.source ?? this.#wire.peerAddress);
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

  get isEncrypted(): boolean {
    return this.#wire.serverName !== null;
  }

  introduce(version: 1 | 2): Buffer {
    return introduction(version, this.#wire, this.#addresses);
  }

  dispatched(upstream: Upstream): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#entry.connectMs = this.#dispatch.seat.connectMs;
    this.#tunnel = new Tunnel(this.#runtime, {
      client: this.#wire,
      upstream,
      seat: this.#dispatch.seat,
      frontend: this.frontend,
      entry: this.#entry,
      protocol: '',
    });
    this.#passEarly(this.#tunnel);
  }

  undispatched(code: FailureCode): void {
    this.#entry.failed(code, this.#dispatch.isQueued ? 'Q' : 'C');
    this.#leave();
    this.#wire.destroy();
  }

  wireConnected(): void {}

  wireBytes(piece: Buffer, length: number): void {
    if (this.#tunnel !== null) {
      this.#tunnel.clientBytes(piece, 0, length);
      return;
    }
    // Read, so that a reset is still seen; but no more than the kernel would keep for us.
    this.#early.push(Buffer.from(piece.subarray(0, length)));
    this.#earlyBytes += length;
    if (this.#earlyBytes >= MAX_EARLY_BYTES) this.#wire.pause();
  }

  wireEnded(): void {
    this.#ended = true;
    this.#tunnel?.clientEnded();
  }

  wireWritable(): void {
    this.#tunnel?.clientWritable();
  }

  wireClosed(broken: boolean): void {
    this.#runtime.clock.remove(this);
    this.#attendance.leave();
    if (this.#tunnel !== null) this.#tunnel.clientClosed(broken);
    else if (!this.#isOver) this.undispatched('CLIENT_ABORTED');
    this.#whenGone(this);
  }

  // The tunnel takes over as the user of the upstream connection before any of these can happen.
  upstreamConnected(): void {}
  upstreamBytes(): void {}
  upstreamEnded(): void {}
  upstreamFailed(): void {}
  upstreamWritable(): void {}

  #enter(service: Service): void {
    const aim = aimOf(service, NO_WISH, '');
    if (!this.#isDenied(answerableFor(service, aim))) {
      this.#dispatch.start(service, aim);
      return;
    }
    this.#entry.letters = 'PR';
    this.#leave();
    this.#wire.destroy();
  }

  #leave(): void {
    this.#isOver = true;
    this.#entry.end();
    this.#dispatch.release();
  }

  get #ends(): ProxyAddresses | null {
    return this.#addresses ?? this.#wire.addresses();
  }

  /** Its address is in none of the networks that may come in. */
  #isDenied(colour: Colour | null): boolean {
    const source = this.#addresses?.source ?? this.#wire.peerAddress;
    if (colour?.policy?.networks?.has(source) !== false) return false;
    this.#attendance.frontend.deniedRequests += 1;
    colour.pool.backend.deniedRequests += 1;
    return true;
  }

  #passEarly(tunnel: Tunnel): void {
    this.#wire.resume();
    for (const piece of this.#early) tunnel.clientBytes(piece, 0, piece.length);
    this.#early = [];
    if (this.#ended) tunnel.clientEnded();
  }
}
