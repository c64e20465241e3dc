// The health checks each version of an app defined, remembered while a task of that version is there:
// a new definition must not condemn the tasks that were made for the old one. Pure.

import type { MarathonApp, MarathonHealthCheck, MarathonTask } from '../marathon/app.ts';

/** App id → version → its checks. */
export type CheckHistory = ReadonlyMap<string, ReadonlyMap<string, readonly MarathonHealthCheck[]>>;

export const NO_HISTORY: CheckHistory = new Map();

/** What is known after a look at Marathon: the versions that are asked for now or still have a task. */
export function rememberChecks(before: CheckHistory, apps: readonly MarathonApp[]): CheckHistory {
  const after = new Map<string, ReadonlyMap<string, readonly MarathonHealthCheck[]>>();
  for (const app of apps) {
    const versions = new Map([[app.version, app.healthChecks]]);
    for (const { version } of app.tasks) {
      if (version === null || versions.has(version)) continue;
      const checks = before.get(app.id)?.get(version);
      if (checks !== undefined) versions.set(version, checks);
    }
    after.set(app.id, versions);
  }
  return after;
}

/** The checks of a task's version; those of the app where that is not known. */
export function checksOf(
  app: MarathonApp,
  task: MarathonTask,
  history: CheckHistory = NO_HISTORY,
): readonly MarathonHealthCheck[] {
  const known = task.version === null ? undefined : history.get(app.id)?.get(task.version);
  return known ?? app.healthChecks;
}
