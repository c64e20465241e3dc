// Bounds how many connections one listener holds in one worker, so that a flood costs memory and
// descriptors up to there and no further. Those past the bound are told so and closed, not left in
// the backlog: a client that knows can go elsewhere.

import { answerOf } from './answers.ts';
import type { Clock, Timed } from './clock.ts';
import type { Wire, WireEvents } from './wire.ts';

/** How long a client may take to read that there is no place, as it has sent something meanwhile. */
const LINGER_MS = 1_000;
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
    wire.writeText(answerOf(503, 'connection: close\r\n', true));
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

/** The places of one listener in one worker. */
export class Turnstile {
  #inside = 0;
  #lingering = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#inside >= this.#most;
  }

  enter(): void {
    this.#inside += 1;
  }

  leave(): void {
    this.#inside -= 1;
  }

  /** Closes a connection there is no place for; `tell`: it speaks HTTP in the clear. */
  turnAway(wire: Wire, tell: boolean, clock: Clock, owner: TurnstileOwner): void {
    if (!tell || this.#lingering >= MAX_LINGERING) {
      wire.destroy();
      return;
    }
    this.#lingering += 1;
    const away = new TurnedAway(wire, clock, (one) => {
      this.#lingering -= 1;
      owner.left(one);
    });
    owner.entered(away);
  }
}
