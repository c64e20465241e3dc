// Joins the sources: Marathon's apps, services declared in a file, and SRV records of Mesos-DNS. While
// Marathon cannot be reached, the servers of its known apps follow Mesos-DNS; while it can, its word is
// served and lasting differences are told.

import { type DeclaredService, declaredApp } from '../catalogue/declared.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compareSources, type SeenDifferences } from '../catalogue/source-differences.ts';
import { type DnsNaming, isSrvTask, srvNameOfApp, withSrvTasks } from '../catalogue/srv-tasks.ts';
import type { Logger } from '../log/logger.ts';
import type { MarathonApp } from '../marathon/app.ts';
import type { Resolvers } from '../mesosdns/resolvers.ts';
import type { SrvTarget } from '../mesosdns/srv.ts';
import { type SrvState, SrvWatch } from '../mesosdns/srv-watch.ts';

export interface SrvSourceOptions {
  readonly services: readonly DeclaredService[];
  /** Look up the apps of Marathon, too. */
  readonly followsApps: boolean;
  readonly naming: DnsNaming;
  /** A group this balancer serves: declared services are in it. */
  readonly group: string;
  /** How long the last servers of a name stay when it is empty or gone. */
  readonly keepMs: number;
}

export interface Joined {
  readonly apps: readonly MarathonApp[];
  readonly problems: readonly Problem[];
}

interface Made {
  readonly targets: readonly SrvTarget[];
  readonly app: MarathonApp;
}

const NO_TARGETS: readonly SrvTarget[] = [];

export class SrvSource {
  readonly #options: SrvSourceOptions;
  readonly #watch: SrvWatch;
  readonly #log: Logger;
  readonly #changed: () => void;
  /** Apps as made last, so that the same input gives the same object. */
  readonly #declared = new Map<string, Made>();
  #followed: WeakMap<MarathonApp, Made> = new WeakMap();
  #seen: SeenDifferences = new Map();
  #away = false;

  /** `changed` is called when `join` would give something else than the last time. */
  constructor(options: SrvSourceOptions, resolvers: Resolvers, log: Logger, changed: () => void) {
    this.#options = options;
    this.#log = log;
    this.#changed = changed;
    this.#watch = new SrvWatch(resolvers, { keepMs: options.keepMs }, log, changed);
  }

  /** True while servers follow Mesos-DNS because Marathon cannot be reached. */
  get away(): boolean {
    return this.#away;
  }

  /** Says whether Marathon can be reached. */
  marathonIs(reached: boolean): void {
    if (!this.#options.followsApps || this.#away === !reached) return;
    this.#away = !reached;
    if (this.#away) {
      this.#log.warn(
        { resolver: this.#watch.resolver },
        'Marathon cannot be reached: servers of known apps follow Mesos-DNS until it can',
      );
    } else {
      this.#log.info({}, 'Marathon can be reached again: its word is served');
    }
    this.#changed();
  }

  join(apps: readonly MarathonApp[], nowMs: number): Joined {
    const { services, group, followsApps } = this.#options;
    this.#watch.watch(this.#names(apps));
    const states = this.#watch.states;
    const declared = services.map((service) =>
      this.#declare(service, states.get(service.srv)?.targets ?? NO_TARGETS, group),
    );
    const followed = this.#away ? apps.map((app) => this.#follow(app, states)) : apps;
    const compared = this.#compare(followsApps && !this.#away ? apps : [], states, nowMs);
    return {
      apps: [...followed, ...declared],
      problems: [...lookupProblems(services, states), ...awayProblems(followed), ...compared],
    };
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  #names(apps: readonly MarathonApp[]): ReadonlySet<string> {
    const names = this.#options.services.map((service) => service.srv).filter(Boolean);
    const { naming } = this.#options;
    const followed = this.#options.followsApps ? apps.map((app) => srvNameOfApp(app, naming)) : [];
    return new Set([...names, ...followed]);
  }

  #declare(service: DeclaredService, targets: readonly SrvTarget[], group: string): MarathonApp {
    const known = this.#declared.get(service.name);
    if (known?.targets === targets) return known.app;
    const app = declaredApp(service, targets, group);
    this.#declared.set(service.name, { targets, app });
    return app;
  }

  #follow(app: MarathonApp, states: ReadonlyMap<string, SrvState>): MarathonApp {
    const targets = states.get(srvNameOfApp(app, this.#options.naming))?.targets ?? NO_TARGETS;
    const known = this.#followed.get(app);
    if (known?.targets === targets) return known.app;
    const made = withSrvTasks(app, targets);
    this.#followed.set(app, { targets, app: made });
    return made;
  }

  #compare(
    apps: readonly MarathonApp[],
    states: ReadonlyMap<string, SrvState>,
    nowMs: number,
  ): readonly Problem[] {
    const { problems, seen } = compareSources(
      apps,
      (app) => {
        const state = states.get(srvNameOfApp(app, this.#options.naming));
        const answered = state !== undefined && state.answeredAtMs > 0 && state.error === '';
        return answered ? { name: state.name, targets: state.targets } : null;
      },
      this.#seen,
      nowMs,
    );
    this.#seen = seen;
    return problems;
  }
}

/** Declared services whose name could not be looked up, or is empty. */
function lookupProblems(
  services: readonly DeclaredService[],
  states: ReadonlyMap<string, SrvState>,
): Problem[] {
  return services.flatMap(({ name, srv }) => {
    const state = states.get(srv);
    const of = { app: `/${name}`, where: 'srv', value: srv };
    if (state === undefined) return [];
    if (state.error !== '') {
      const message = `${state.error}; expected an answer, its last servers stay (${state.targets.length})`;
      return [{ ...of, message }];
    }
    if (state.answeredAtMs === 0) return [];
    if (state.heldSinceMs > 0) {
      return [{ ...of, message: 'suddenly empty; expected servers, the last ones stay for now' }];
    }
    if (state.targets.length > 0) return [];
    return [{ ...of, message: 'expected a name with servers; there is none, check its spelling' }];
  });
}

/** Servers that only Mesos-DNS has told of. */
function awayProblems(apps: readonly MarathonApp[]): Problem[] {
  return apps.flatMap((app) => {
    const added = app.tasks.filter((task) => isSrvTask(task.id)).map((task) => task.host);
    if (added.length === 0) return [];
    const value = added.join(', ').slice(0, 200);
    const message =
      'servers known from Mesos-DNS only, as Marathon cannot be reached; expected Marathon to answer';
    return [{ app: app.id, where: 'servers', value, message }];
  });
}
