// Bounds how many connections one worker holds, by each listener and in all, so that a flood costs
// memory and descriptors up to there and no further. Those past a bound are told so and closed, not
// left in the backlog: a client that knows can go elsewhere.

import { answerOf } from './answers.ts';
import type { Clock, Timed } from './clock.ts';
import type { Wire, WireEvents } from './wire.ts';

/** How long a client may take to read that there is no place, as it has sent something meanwhile. */
const LINGER_MS = 1_000;
/** What a client without a place is answered. */
export const NO_PLACE = answerOf(503, 'connection: close\r\n', true);

/** As many of these wait at once; others are closed without a word. */
const MAX_LINGERING = 500;

export interface TurnstileOwner {
  entered(away: TurnedAway): void;
  left(away: TurnedAway): void;
}

/** An HTTP connection that is told there is no place, and then closed. */
export class TurnedAway implements WireEvents, Timed {
  deadlineMs: number;
  clockIndex = -1;
  rosterPlace = -1;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #whenGone: (away: TurnedAway) => void;

  constructor(wire: Wire, clock: Clock, whenGone: (away: TurnedAway) => void) {
    this.#wire = wire;
    this.#clock = clock;
    this.#whenGone = whenGone;
    this.deadlineMs = clock.in(LINGER_MS);
    clock.add(this);
    wire.start(this);
    wire.writeText(NO_PLACE);
    wire.end();
  }

  closeIfIdle(): void {
    this.expired();
  }

  /** Ends it now; false: nothing is cut short. */
  cut(): boolean {
    this.expired();
    return false;
  }

  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#wire.destroy();
  }

  wireConnected(): void {}
  /** Whatever it wanted. */
  wireBytes(): void {}

  wireEnded(): void {
    this.#wire.destroy();
  }

  wireWritable(): void {}

  wireClosed(): void {
    this.#clock.remove(this);
    this.#whenGone(this);
  }
}

/** So many places and no more. */
class Places {
  readonly most: number;
  #taken = 0;

  /** 0 = any number. */
  constructor(most: number) {
    this.most = most;
  }

  get full(): boolean {
    return this.most > 0 && this.#taken >= this.most;
  }

  take(): void {
    this.#taken += 1;
  }

  leave(): void {
    this.#taken -= 1;
  }
}

/** The places of one worker, whatever the listener. */
export class Hall {
  readonly places: Places;
  readonly lingering = new Places(MAX_LINGERING);

  /** 0 = any number. */
  constructor(most: number) {
    this.places = new Places(most);
  }
}

/** The places of one listener, each of which is one of the worker's too. */
export class Turnstile {
  readonly #places: Places;
  readonly #hall: Hall;

  /** 0 = any number. */
  constructor(most: number, hall: Hall) {
    this.#places = new Places(most);
    this.#hall = hall;
  }

  get full(): boolean {
    return this.#places.full || this.#hall.places.full;
  }

  /** Why nobody is let in while it is `full`. */
  get why(): string {
    const { most } = this.#hall.places;
    return this.#places.full
      ? `${this.#places.most} connections of this listener are open, its most in a worker`
      : `${most} connections are open, the most of all listeners in a worker`;
  }

  enter(): void {
    this.#places.take();
    this.#hall.places.take();
  }

  leave(): void {
    this.#places.leave();
    this.#hall.places.leave();
  }

  /**
   * Closes a connection there is no place for; `tell`: it speaks HTTP in the clear. True if it was told.
   */
  turnAway(wire: Wire, tell: boolean, clock: Clock, owner: TurnstileOwner): boolean {
    const { lingering } = this.#hall;
    if (!tell || lingering.full) {
      wire.destroy();
      return false;
    }
    lingering.take();
    const away = new TurnedAway(wire, clock, (one) => {
      lingering.leave();
      owner.left(one);
    });
    owner.entered(away);
    return true;
  }
}
