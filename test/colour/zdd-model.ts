// zdd.py's steps (marathon-lb.md §6.2) against the pools that Teal makes of the two sides, without
// time: a step that would wait for ever is a step that ends at its max-wait.

import { joinGroups } from '../../src/colour/deployment-groups.ts';
import { drainedTasks } from '../../src/colour/drain.ts';
import { side } from './deployments.ts';

export interface App {
  readonly colour: 'blue' | 'green';
  tasks: string[];
  scaledAt: number;
}

export interface Goal {
  /** zdd's idea of the new and the old app: `--complete-prev` swaps them. */
  readonly fresh: App;
  readonly old: App;
  /** `-n`: servers of the new app at the end; 0 = all. */
  readonly newInstances?: number;
}

/** What zdd reads of the statistics: server → drained. */
type Rows = ReadonlyMap<string, boolean>;

export class Cluster {
  readonly blue: App = { colour: 'blue', tasks: [], scaledAt: 1_000 };
  readonly green: App = { colour: 'green', tasks: [], scaledAt: 2_000 };
  /** Task ids with a session that never ends. */
  readonly busy = new Set<string>();
  readonly #target: number;
  #time = 2_000;
  #made = 0;

  constructor(target: number) {
    this.#target = target;
  }

  scale(app: App, instances: number): void {
    while (app.tasks.length < instances) {
      this.#made += 1;
      app.tasks.push(`${app.colour}.${String(this.#made).padStart(3, '0')}`);
    }
    app.scaledAt = this.#tick();
  }

  /** As `POST /v2/tasks/delete?scale=true`. */
  kill(app: App, ids: readonly string[]): void {
    app.tasks = app.tasks.filter((id) => !ids.includes(id));
    app.scaledAt = this.#tick();
  }

  rows(): Rows {
    const claims = [this.blue, this.green].map((app) => this.#claimOf(app));
    const [pool] = joinGroups(claims).claims;
    if (pool === undefined) throw new Error('expected one pool');
    const drained = drainedTasks(pool);
    return new Map(pool.candidates.map(({ taskId }) => [taskId, drained.has(taskId)]));
  }

  /** Runs zdd to its end; the number of steps, or null if it does not come to one. */
  deploy({ fresh, old, newInstances = 0 }: Goal): number | null {
    for (let step = 1; step <= 50; step += 1) {
      const killable = this.#killable(old);
      const isHybrid = newInstances > 0;
      if (isHybrid) {
        if (
          fresh.tasks.length === newInstances &&
          old.tasks.length === this.#target - newInstances
        ) {
          return step;
        }
      } else if (fresh.tasks.length === this.#target && killable.length === old.tasks.length) {
        old.tasks = [];
        return step;
      }
      if (killable.length > 0) this.kill(old, killable);
      const goal = isHybrid ? newInstances : this.#target;
      if (fresh.tasks.length < goal) {
        this.scale(fresh, Math.min(goal, this.#next(fresh.tasks.length, old.tasks.length)));
      }
    }
    return null;
  }

  /** Idle ones of the drained, or after max-wait all of them. */
  #killable(old: App): readonly string[] {
    const rows = this.rows();
    const up = [...rows.values()].filter((drained) => !drained).length;
    const drained = old.tasks.filter((id) => rows.get(id));
    const idle = drained.filter((id) => !this.busy.has(id));
    const anyIdle = [...rows].some(([id, isDrained]) => isDrained && !this.busy.has(id));
    return up >= this.#target && anyIdle ? idle : drained;
  }

  #next(fresh: number, old: number): number {
    const next = Math.floor(fresh + (fresh + 1) / 2);
    return next >= old ? this.#target : next;
  }

  #claimOf({ colour, tasks, scaledAt }: App) {
    const begun = side(colour, { instances: tasks.length, scaledAt });
    const candidates = begun.candidates.map((one, n) => ({ ...one, taskId: tasks[n] as string }));
    return { ...begun, candidates };
  }

  #tick(): number {
    this.#time += 1;
    return this.#time;
  }
}
