// What was made of each app of the last list, taken again as long as the app is the same object. The
// lists of a whole cluster are walked by identity: what did not change is not looked into.

import type { MarathonApp } from '../marathon/app.ts';
import type { AppClaims } from './app-claims.ts';

export class AppMemory {
  #apps: readonly MarathonApp[] = [];
  #made: readonly AppClaims[] = [];
  /** Claims and problems of all apps, and where those of each app begin. */
  #all: AppClaims = { claims: [], problems: [] };
  #starts: readonly number[] = [];

  forget(): void {
    this.#apps = [];
    this.#made = [];
  }

  /** All claims and problems of `apps`, which are sorted by id. `again`: ids to be read anew. */
  recall(
    apps: readonly MarathonApp[],
    again: ReadonlySet<string>,
    make: (app: MarathonApp) => AppClaims,
  ): AppClaims {
    const changed: number[] = [];
    for (let place = 0; place < apps.length; place += 1) {
      const app = apps[place] as MarathonApp;
      if (app !== this.#apps[place] || (again.size > 0 && again.has(app.id))) changed.push(place);
    }
    const isInStep =
      apps.length === this.#apps.length &&
      changed.every((place) => apps[place]?.id === this.#apps[place]?.id);
    if (!isInStep) {
      this.#made = this.#merge(apps, again, make);
      this.#join();
    } else if (changed.length > 0) {
      const before = this.#made;
      const made = before.slice();
      for (const place of changed) made[place] = make(apps[place] as MarathonApp);
      this.#made = made;
      this.#patch(before, changed);
    }
    this.#apps = apps;
    return this.#all;
  }

  #merge(
    apps: readonly MarathonApp[],
    again: ReadonlySet<string>,
    make: (app: MarathonApp) => AppClaims,
  ): readonly AppClaims[] {
    const places = new Map(this.#apps.map((app, place) => [app, place]));
    return apps.map((app) => {
      const place = again.has(app.id) ? undefined : places.get(app);
      return (place === undefined ? undefined : this.#made[place]) ?? make(app);
    });
  }

  #join(): void {
    const starts: number[] = [];
    let count = 0;
    for (const { claims } of this.#made) {
      starts.push(count);
      count += claims.length;
    }
    this.#starts = starts;
    this.#all = {
      claims: this.#made.flatMap((one) => one.claims),
      problems: this.#made.flatMap((one) => one.problems),
    };
  }

  /** Most events change tasks: the claims are as many as before, and nothing is wrong. */
  #patch(before: readonly AppClaims[], changed: readonly number[]): void {
    const isAlike = changed.every((place) => {
      const was = before[place] as AppClaims;
      const is = this.#made[place] as AppClaims;
      return (
        was.claims.length === is.claims.length && was.problems.length + is.problems.length === 0
      );
    });
    if (!isAlike) {
      this.#join();
      return;
    }
    const claims = this.#all.claims.slice();
    for (const place of changed) {
      const start = this.#starts[place] as number;
      this.#made[place]?.claims.forEach((claim, offset) => {
        claims[start + offset] = claim;
      });
    }
    this.#all = { claims, problems: this.#all.problems };
  }
}
