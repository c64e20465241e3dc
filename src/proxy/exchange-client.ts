// What an exchange needs of the client's connection it belongs to.

import type { AccessEntry, Visit } from './access-entry.ts';
import type { Timed } from './clock.ts';
import type { Visitor } from './policy/subject.ts';
import type { Introducible } from './proxy-protocol/introduce.ts';
import type { BodySource } from './request-relay.ts';
import type { Seat } from './seat.ts';
import type { Upstream } from './upstream.ts';
import type { Wire } from './wire.ts';

export type AfterExchange = 'next' | 'none' | 'refuse';

/** What an exchange leaves behind when it becomes a tunnel. */
export interface Switched {
  readonly upstream: Upstream;
  readonly seat: Seat;
  readonly entry: AccessEntry;
  /** The server's bytes after the head. */
  readonly first: Buffer;
  readonly protocol: string;
}

export interface ExchangeClient extends Timed, Visit, BodySource, Introducible, Visitor {
  readonly wire: Wire;
  /** The client's FIN was read. */
  readonly ended: boolean;
  /** Takes more of what was received, if the exchange wants it now. */
  pump(): void;
  /**
   * The exchange is over and its response written. `next`: another request may follow; `none`: the
   * client has said itself that none will; `refuse`: whatever it still sends is not wanted.
   */
  exchangeDone(then: AfterExchange): void;
  /** The exchange is over; the response is not whole. `hard`: not even a FIN may be seen. */
  exchangeBroken(hard: boolean): void;
  /** The server switched to another protocol; the exchange is over, its entry in the log is not. */
  exchangeSwitched(switched: Switched): void;
}
