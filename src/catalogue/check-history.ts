// What has to be remembered of Marathon's health checks from look to look, while its task is there: the
// checks of each version, because a new definition must not condemn the tasks that were made for the
// old one; and each task's last verdicts, because a Marathon that has just become the leader has none.

import type { MarathonApp, MarathonHealthCheck, MarathonTask } from '../marathon/app.ts';
import { listChanges } from './list-changes.ts';

/** App id → what is known of its checks. */
export type CheckHistory = ReadonlyMap<string, AppChecks>;

export interface AppChecks {
  /** Version → its checks: the one asked for now and those that still have a task. */
  readonly versions: ReadonlyMap<string, readonly MarathonHealthCheck[]>;
  /** Task id → last verdicts; tasks that never had any are not in it. */
  readonly verdicts: ReadonlyMap<string, readonly boolean[]>;
}

export const NO_HISTORY: CheckHistory = new Map();

/** What is known from look to look; apps that are the same objects as in the last are not looked into. */
export class CheckMemory {
  readonly #known = new Map<string, AppChecks>();
  #apps: readonly MarathonApp[] = [];

  /** Of the last look: always the same map. */
  get history(): CheckHistory {
    return this.#known;
  }

  /** To be told of each look at Marathon. */
  take(apps: readonly MarathonApp[]): void {
    const { removed, added } = listChanges(this.#apps, apps);
    this.#apps = apps;
    const present = new Set(added.map(({ id }) => id));
    for (const { id } of removed) if (!present.has(id)) this.#known.delete(id);
    for (const app of added) this.#known.set(app.id, remember(this.#known.get(app.id), app));
  }
}

function remember(before: AppChecks | undefined, app: MarathonApp): AppChecks {
  const versions = new Map([[app.version, app.healthChecks]]);
  const verdicts = new Map<string, readonly boolean[]>();
  for (const { id, version, alive } of app.tasks) {
    const last = alive ?? before?.verdicts.get(id);
    if (last !== undefined) verdicts.set(id, last);
    if (version === null || versions.has(version)) continue;
    const checks = before?.versions.get(version);
    if (checks !== undefined) versions.set(version, checks);
  }
  return { versions, verdicts };
}

/** The checks of a task's version; those of the app where that is not known. */
export function checksOf(
  app: MarathonApp,
  task: MarathonTask,
  history: CheckHistory = NO_HISTORY,
): readonly MarathonHealthCheck[] {
  const known = task.version === null ? undefined : history.get(app.id)?.versions.get(task.version);
  return known ?? app.healthChecks;
}

/** Marathon's verdicts on a task, its last ones where it sends none; null = it never had any. */
export function lastVerdictsOf(
  app: MarathonApp,
  task: MarathonTask,
  history: CheckHistory = NO_HISTORY,
): readonly boolean[] | null {
  return task.alive ?? history.get(app.id)?.verdicts.get(task.id) ?? null;
}
