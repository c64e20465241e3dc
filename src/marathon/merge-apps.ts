// The last list and answers about single apps → a list as if all had been read. Pure; apps that were
// not read again keep their objects.

import type { ReadApps } from './read-apps.ts';

/** `answers` by app id; an app that could not be read is left out with its problem, as in a whole list. */
export function mergeApps(list: ReadApps, answers: ReadonlyMap<string, ReadApps>): ReadApps {
  const read = new Map(
    [...answers.values()].flatMap(({ apps }) => apps.map((app) => [app.id, app])),
  );
  const apps = list.apps.flatMap((app) => {
    if (!answers.has(app.id)) return app;
    const again = read.get(app.id) ?? [];
    read.delete(app.id);
    return again;
  });
  return {
    apps: [...apps, ...read.values()],
    problems: [
      ...list.problems.filter(({ app }) => app === null || !answers.has(app)),
      ...[...answers.values()].flatMap(({ problems }) => problems),
    ],
  };
}
