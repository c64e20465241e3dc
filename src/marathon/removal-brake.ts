// The brake on mass removal: a list that has lost most of its tasks, or everything, is not believed at
// once. A Marathon that has just lost its store, or its agents, or the wrong Marathon, says the same as
// a cluster that was emptied.

import { listChanges } from '../catalogue/list-changes.ts';
import type { MarathonApp } from './app.ts';

/** Fewer tasks than this are no mass: a small cluster is not held up by the end of one app. */
const LEAST_LOST = 10;

export interface BrakeOptions {
  /** Share of the running tasks, 0 to 1, that may be gone at once. */
  readonly maxShare: number;
  /** A loss beyond that is believed when it has lasted this long. */
  readonly confirmMs: number;
  /** The same for an empty list. */
  readonly emptyMs: number;
}

export interface Loss {
  /** Running tasks that are gone though nobody asked for it. */
  readonly lost: number;
  /** All running tasks there were; not counted where few are lost. */
  readonly of: number;
}

const NO_LOSS: Loss = Object.freeze({ lost: 0, of: 0 });

export class RemovalBrake {
  readonly #options: BrakeOptions;
  #heldSinceMs: number | null = null;
  #holdMs = 0;
  #loss = NO_LOSS;

  constructor(options: BrakeOptions) {
    this.#options = options;
  }

  /** True while a list is held back. */
  get held(): boolean {
    return this.#heldSinceMs !== null;
  }

  /** When the list held back will be believed, ms since 1970; 0 when none is. */
  get untilMs(): number {
    return this.#heldSinceMs === null ? 0 : this.#heldSinceMs + this.#holdMs;
  }

  /** Of the list looked at last. */
  get loss(): Loss {
    return this.#loss;
  }

  /** Compares the list in force with a new one; false = do not use it. */
  accepts(before: readonly MarathonApp[], after: readonly MarathonApp[], nowMs: number): boolean {
    const holdMs = this.#holdFor(before, after);
    if (holdMs === 0) {
      this.#heldSinceMs = null;
      return true;
    }
    this.#heldSinceMs ??= nowMs;
    this.#holdMs = holdMs;
    if (nowMs < this.untilMs) return false;
    this.#heldSinceMs = null;
    return true;
  }

  /** 0 = not at all. */
  #holdFor(before: readonly MarathonApp[], after: readonly MarathonApp[]): number {
    const { maxShare, confirmMs, emptyMs } = this.#options;
    this.#loss = lossOf(before, after);
    if (after.length === 0 && before.length > 0) return emptyMs;
    const { lost, of } = this.#loss;
    return lost >= LEAST_LOST && lost > maxShare * of ? confirmMs : 0;
  }
}

/**
 * A task that is being killed is still listed, and an app that was scaled down says so: neither is a
 * loss. An app that is gone is, as far as its tasks ran when it was seen last.
 */
function lossOf(before: readonly MarathonApp[], after: readonly MarathonApp[]): Loss {
  // Most events change one app of thousands: nothing is lost of those that are the same objects.
  const { removed, added } = listChanges(before, after);
  if (removed.length === 0) return NO_LOSS;
  const now = new Map(added.map((app) => [app.id, app]));
  let lost = 0;
  for (const app of removed) {
    const again = now.get(app.id);
    const ran = runningOf(app);
    const wanted = again === undefined ? ran : Math.min(ran, again.instances);
    lost += Math.max(0, wanted - (again?.tasks.length ?? 0));
  }
  const of = lost < LEAST_LOST ? 0 : before.reduce((sum, app) => sum + runningOf(app), 0);
  return { lost, of };
}

function runningOf(app: MarathonApp): number {
  return app.tasks.filter((task) => task.state === 'TASK_RUNNING').length;
}
