// Where the requests of one pool wait for a server with a free place, and who calls them. They are called
// in a turn of their own: whoever ends an exchange is not in the middle of the next one.

import { Queue, type Waiter } from './queue.ts';
import type { Server } from './server.ts';

/** Whose requests wait. */
export interface WaitedFor {
  readonly inPlan: boolean;
}

export class WaitingRoom {
  readonly #pool: WaitedFor;
  readonly #queue = new Queue<Server>();
  /** Have a free place since the waiting were called last. */
  readonly #freed = new Set<Server>();
  #callIsDue = false;
  #recalls = false;

  constructor(pool: WaitedFor) {
    this.#pool = pool;
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Waits until it is called. The caller must `leave` with the same `wanted`; null = any server. */
  join(waiter: Waiter, wanted: Server | null): void {
    this.#queue.join(waiter, wanted);
    if (wanted !== null) this.hasRoom(wanted);
  }

  leave(waiter: Waiter, wanted: Server | null): void {
    this.#queue.leave(waiter, wanted);
  }

  /** Everybody is to look again: the table has changed. */
  recall(): void {
    if (this.#queue.size === 0) return;
    this.#recalls = true;
    this.#callSoon();
  }

  /** `server` may have a free place by now. */
  hasRoom(server: Server): void {
    if (this.#queue.size === 0 || server.full) return;
    this.#freed.add(server);
    this.#callSoon();
  }

  #callSoon(): void {
    if (this.#callIsDue) return;
    this.#callIsDue = true;
    process.nextTick(() => this.#call());
  }

  #call(): void {
    this.#callIsDue = false;
    if (this.#recalls) {
      this.#recalls = false;
      for (const waiter of this.#queue.everybody()) waiter.called();
    }
    const freed = [...this.#freed];
    this.#freed.clear();
    // Whoever waits in a pool that has left waits for a change of the table.
    if (!this.#pool.inPlan) return;
    for (const server of freed) this.#callTo(server);
  }

  #callTo(server: Server): void {
    while (!server.full) {
      const { size } = this.#queue;
      const waiter = this.#queue.next(server.inPlan && server.balanced);
      waiter?.called();
      // Nobody to call, or nobody who found a place after all.
      if (this.#queue.size >= size) return;
    }
  }
}
