// One direction of a tunnel. It can be ended before its sender ends it: in a WebSocket between two
// frames and with a Close frame, elsewhere where it stands. What comes afterwards is thrown away.

import { latin1 } from './http/head-bytes.ts';
import { FrameWalk, goingAway } from './web-socket-frames.ts';
import { MAX_TEXT_BYTES, type Wire } from './wire.ts';

/** Where a lane of a WebSocket leads; null = what passes is of no kind we know. */
export type WebSocketEnd = 'client' | 'server' | null;

export class Lane {
  /** Its receiver was told that nothing follows. */
  ended = false;
  readonly #to: Wire;
  readonly #end: WebSocketEnd;
  readonly #walk: FrameWalk | null;
  #isStopping = false;

  constructor(to: Wire, end: WebSocketEnd) {
    this.#to = to;
    this.#end = end;
    this.#walk = end === null ? null : new FrameWalk();
  }

  /** `piece[from, to)` was received; it is overwritten after the return. */
  pass(piece: Buffer, from: number, to: number): void {
    if (this.ended) return;
    const walk = this.#walk;
    if (walk === null) {
      this.#write(piece, from, to);
    } else if (this.#isStopping) {
      this.#write(piece, from, walk.finish(piece, from, to));
      this.#stopAtBoundary();
    } else {
      this.#write(piece, from, walk.pass(piece, from, to));
    }
  }

  /** Its sender sends no more. */
  senderEnded(): void {
    this.ended = true;
    this.#to.end();
  }

  /** Ends it as soon as that can be done properly. */
  stop(): void {
    this.#isStopping = true;
    this.#stopAtBoundary();
  }

  #stopAtBoundary(): void {
    if (this.ended || this.#walk?.atBoundary === false) return;
    if (this.#walk?.closed === false) this.#to.writeBytes(goingAway(this.#end === 'server'));
    this.ended = true;
    this.#to.end();
  }

  #write(piece: Buffer, from: number, to: number): void {
    const bytes = to - from;
    if (bytes <= MAX_TEXT_BYTES) {
      this.#to.writeText(latin1(piece, from, to));
      return;
    }
    const out = this.#to.lend(bytes);
    piece.copy(out, 0, from, to);
    this.#to.writeLent(out, bytes);
  }
}
