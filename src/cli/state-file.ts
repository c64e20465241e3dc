// What of decisions survives a restart: orders, what is live and since when, what bakes, and the last of
// the history.
// An order is on disk before it is answered; what Teal decides by itself follows within a second.

import { join } from 'node:path';
import { NO_ORDERS, type Orders } from '../colour/orders.ts';
import type { Logger } from '../log/logger.ts';
import type { CutOver } from '../stats/view.ts';
import type { Bake } from './bake-watch.ts';
import type { Lived } from './memory.ts';
import { SavedFile } from './saved-file.ts';

export interface State {
  readonly orders: Orders;
  /** By service key. */
  readonly live: ReadonlyMap<string, Lived>;
  /** Newest first. */
  readonly history: readonly CutOver[];
  readonly bakes: readonly Bake[];
}

export const NO_STATE: State = Object.freeze({
  orders: NO_ORDERS,
  live: new Map<string, Lived>(),
  history: Object.freeze([]),
  bakes: Object.freeze([]),
});

/** Changes with the shape of what is saved. */
const FORMAT = 'teal-state-1';
const INTERVAL_MS = 1_000;

interface Saved {
  readonly orders: Orders;
  readonly live: readonly (readonly [string, Lived])[];
  readonly history: readonly CutOver[];
  /** Absent in files of before there were any. */
  readonly bakes?: readonly Bake[];
}

export class StateFile {
  readonly #file: SavedFile;
  readonly #log: Logger;
  #wanted: State | null = null;
  #writing: Promise<void> = Promise.resolve();
  #nextMs = 0;
  #failing = false;

  constructor(folder: string, log: Logger) {
    this.#file = new SavedFile(join(folder, 'state.json'), FORMAT);
    this.#log = log;
  }

  /** What was saved last; nothing when there is none that can be used, why is in the log. */
  read(): State {
    const found = this.#file.read();
    if ('body' in found) {
      const { orders, live, history, bakes = [] } = JSON.parse(found.body) as Saved;
      return { orders, live: new Map(live), history, bakes };
    }
    if (found.fault !== '') {
      this.#log.warn(
        { path: this.#file.path, fault: found.fault },
        'the saved orders are not used: Teal decides by what Marathon says alone; orders that should hold are to be given again',
      );
    }
    return NO_STATE;
  }

  /** Takes what is to be saved within a second; `tick` writes it. */
  keep(state: State): void {
    this.#wanted = state;
  }

  /** Resolves when `state` is on disk, or the log says why it is not. */
  save(state: State): Promise<void> {
    this.#wanted = state;
    return this.#write();
  }

  /** To be called each second. */
  tick(nowMs: number): void {
    if (this.#wanted === null || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    void this.#write();
  }

  /** Writes what is not written yet. */
  stop(): Promise<void> {
    return this.#write();
  }

  /** One after the other, and of those that wait only the last. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const state = this.#wanted;
      if (state === null) return;
      this.#wanted = null;
      const { orders, live, history, bakes } = state;
      const saved: Saved = { orders, live: [...live], history, bakes };
      try {
        await this.#file.write([JSON.stringify(saved)]);
        this.#failing = false;
      } catch (error) {
        this.#tell(error);
      }
    });
    return this.#writing;
  }

  #tell(error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#log.error(
      { path: this.#file.path, error: why },
      'orders and history cannot be saved: they are in force, but a restart would forget them',
    );
  }
}
