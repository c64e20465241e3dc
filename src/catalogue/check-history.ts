// What has to be remembered of Marathon's health checks from look to look, while its task is there: the
// checks of each version, because a new definition must not condemn the tasks that were made for the
// old one; and each task's last verdicts, because a Marathon that has just become the leader has none.
// Pure.

import type { MarathonApp, MarathonHealthCheck, MarathonTask } from '../marathon/app.ts';

/** App id → what is known of its checks. */
export type CheckHistory = ReadonlyMap<string, AppChecks>;

export interface AppChecks {
  /** The app it was made of. */
  readonly app: MarathonApp;
  /** Version → its checks: the one asked for now and those that still have a task. */
  readonly versions: ReadonlyMap<string, readonly MarathonHealthCheck[]>;
  /** Task id → last verdicts; tasks that never had any are not in it. */
  readonly verdicts: ReadonlyMap<string, readonly boolean[]>;
}

export const NO_HISTORY: CheckHistory = new Map();

/** What is known after a look at Marathon. An app that is the same object as before has the same. */
export function rememberChecks(before: CheckHistory, apps: readonly MarathonApp[]): CheckHistory {
  const after = new Map<string, AppChecks>();
  for (const app of apps) {
    const known = before.get(app.id);
    after.set(app.id, known?.app === app ? known : remember(known, app));
  }
  return after;
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
  return { app, versions, verdicts };
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
