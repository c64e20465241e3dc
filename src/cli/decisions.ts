// Everything that outlasts one plan: orders, history, bake times and what of them is kept on disk. Told
// of each plan that was put in force, and once a second of the workers' numbers.

import type { Acknowledgement } from '../fleet/fleet.ts';
import type { Logger } from '../log/logger.ts';
import type { BakeOptions } from '../options/order-flags.ts';
import type { Plan } from '../plan/plan.ts';
import type { Merged } from '../stats/tally.ts';
import type { CutOver } from '../stats/view.ts';
import { type Baked, BakeWatch } from './bake-watch.ts';
import { CutOverHistory } from './cut-over-history.ts';
import { type Author, type ControlPlane, OrderDesk } from './order-desk.ts';
import { NO_STATE, StateFile } from './state-file.ts';

/** What a colour that bakes was seen to do is saved at least so often: a restart forgets no more. */
const SEEN_EVERY_MS = 5_000;

export interface DecisionOptions {
  /** Empty = nothing is kept. */
  readonly stateFolder: string;
  readonly bake: BakeOptions;
}

export class Decisions {
  readonly desk: OrderDesk;
  readonly #file: StateFile | null;
  readonly #history: CutOverHistory;
  readonly #bakes: BakeWatch;
  readonly #log: Logger;
  /** Services whose colour is being left at this moment. */
  readonly #leaving = new Set<string>();
  #nextBakeMs = 0;

  constructor(plane: ControlPlane, options: DecisionOptions, log: Logger) {
    const { stateFolder, bake } = options;
    this.#log = log;
    this.#file = stateFolder === '' ? null : new StateFile(stateFolder, log);
    const saved = this.#file?.read() ?? NO_STATE;
    this.#history = new CutOverHistory(saved.history, saved.live);
    this.#bakes = new BakeWatch(bake, saved.bakes);
    this.desk = new OrderDesk(plane, saved, () => this.#save(), log);
  }

  /** Newest first. */
  get history(): readonly CutOver[] {
    return this.#history.entries;
  }

  /** A plan was put in force; returns what it decided. */
  took(
    before: Plan,
    after: Plan,
    acknowledgement: Acknowledgement,
    author: Author,
  ): readonly CutOver[] {
    const found = this.#history.record(before, after, acknowledgement, author, Date.now());
    for (const cutOver of found) {
      const baked = this.#bakes.began(cutOver, after);
      if (baked !== null) this.#history.noteBake(baked.service, baked.record);
    }
    const hasChanged = this.desk.applied(before, after, acknowledgement.epoch);
    if (hasChanged || found.length > 0) this.#file?.keep(this.#state());
    return found;
  }

  /** To be called each second. */
  tick(traffic: Merged, plan: Plan, nowMs: number): void {
    const before = this.history;
    this.#history.watchDrains(traffic, nowMs);
    for (const baked of this.#bakes.look(traffic, plan, nowMs)) this.#noteBake(baked, nowMs);
    const isDue = this.#bakes.going.length > 0 && nowMs >= this.#nextBakeMs;
    if (isDue) this.#nextBakeMs = nowMs + SEEN_EVERY_MS;
    if (isDue || this.history !== before) this.#file?.keep(this.#state());
    this.#file?.tick(nowMs);
  }

  async stop(): Promise<void> {
    await this.#file?.stop();
  }

  #noteBake({ service, record, failed }: Baked, nowMs: number): void {
    this.#history.noteBake(service, record);
    if (failed === null || this.#leaving.has(service)) return;
    const { appId, version } = failed;
    const why = `${appId} failed its bake time: ${record.why}`;
    this.#log.warn({ service, appId, version }, `${why}; going back`);
    this.#leaving.add(service);
    void this.desk.leave(service, { appId, version, by: '', why, atMs: nowMs }).then(() => {
      this.#leaving.delete(service);
      this.#bakes.left(service);
    });
  }

  #state() {
    const { orders, remembered } = this.desk;
    return { orders, live: remembered, history: this.history, bakes: this.#bakes.going };
  }

  async #save(): Promise<void> {
    await this.#file?.save(this.#state());
  }
}
