// The last list and answers about single apps → a list as if all had been read. Apps that were not read
// again keep their objects, and which place an app has is looked for once, not with every event.

import type { MarathonApp } from './app.ts';
import type { ReadApps } from './read-apps.ts';

/** The places of a list's apps, by id; kept from merge to merge. A new one gives the same, only later. */
export class AppPlaces {
  #apps: readonly MarathonApp[] = [];
  #places: ReadonlyMap<string, number> = new Map();

  of(apps: readonly MarathonApp[]): ReadonlyMap<string, number> {
    if (apps !== this.#apps) this.#places = new Map(apps.map(({ id }, place) => [id, place]));
    this.#apps = apps;
    return this.#places;
  }

  /** To be told of a list with the same ids in the same places. */
  stay(apps: readonly MarathonApp[]): void {
    this.#apps = apps;
  }
}

/** `answers` by app id; an app that could not be read is left out with its problem, as in a whole list. */
export function mergeApps(
  list: ReadApps,
  answers: ReadonlyMap<string, ReadApps>,
  known = new AppPlaces(),
): ReadApps {
  const places = known.of(list.apps);
  const apps = list.apps.slice();
  const lost = new Set<MarathonApp>();
  for (const [id, { apps: read }] of answers) {
    const place = places.get(id);
    const [again] = read;
    if (place === undefined) apps.push(...read);
    else if (again === undefined) lost.add(apps[place] as MarathonApp);
    else apps[place] = again;
  }
  if (lost.size === 0 && apps.length === list.apps.length) known.stay(apps);
  return {
    apps: lost.size === 0 ? apps : apps.filter((app) => !lost.has(app)),
    problems: [
      ...list.problems.filter(({ app }) => app === null || !answers.has(app)),
      ...[...answers.values()].flatMap(({ problems }) => problems),
    ],
  };
}
