// What is wanted: the apps, their earlier versions, the groups. The one place where a change is accepted or refused;
// an accepted one is stored, announced and deployed in a single turn of the event loop.

import { ApiError, notValid, unknownApp } from './api-error.ts';
import type { AppDefinition, AppRequest } from './app-definition.ts';
import { isWithin, parentOf } from './app-path.ts';
import type { Deployment, Deployments } from './deployments.ts';
import type { EventBus } from './event-bus.ts';
import { assignServicePorts } from './service-ports.ts';
import {
  type Apps,
  affectedApps,
  dependencyDepth,
  planSteps,
  type Sentences,
  versioned,
} from './upgrade.ts';
import { timestamp, VersionClock } from './version-clock.ts';

const VERSIONS_KEPT = 50;

export interface Change {
  /** Displaces deployments that are in the way instead of refusing. */
  readonly force: boolean;
  /** Named by the group_change events. */
  readonly group: string;
  /** The apps as they shall be; `version` is the one of this change. */
  readonly next: (apps: Apps, version: string) => Apps;
  readonly sentences?: Sentences;
}

/** The apps at one moment. */
export interface Epoch {
  readonly version: string;
  readonly apps: Apps;
}

function refuseNonsense(apps: Apps): void {
  for (const app of apps.values()) {
    if (dependencyDepth(app, apps) === null) {
      throw notValid([{ path: '/', errors: ['Dependency graph has cyclic dependencies.'] }]);
    }
    for (const other of apps.keys()) {
      if (other !== app.id && isWithin(other, app.id)) {
        const errors = ['Groups and Applications may not have the same identifier.'];
        throw notValid([{ path: app.id, errors }]);
      }
    }
  }
}

export class Cluster {
  readonly #bus: EventBus;
  readonly #deployments: Deployments;
  readonly #clock = new VersionClock();
  readonly #versions = new Map<string, readonly AppDefinition[]>();
  readonly #groups = new Set<string>();
  #epochs: readonly Epoch[] = [{ version: timestamp(Date.now()), apps: new Map() }];

  constructor(bus: EventBus, deployments: Deployments) {
    this.#bus = bus;
    this.#deployments = deployments;
  }

  get apps(): Apps {
    return this.#epochs[0]?.apps ?? new Map();
  }

  /** Newest first; what the cluster looked like after each of the last changes. */
  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  /** Throws 404 when there is no such app. */
  app(id: string): AppDefinition {
    const app = this.apps.get(id);
    if (app === undefined) throw unknownApp(id);
    return app;
  }

  /** Every definition the app has had, newest first; empty for an unknown one. */
  versionsOf(id: string): readonly AppDefinition[] {
    return this.#versions.get(id) ?? [];
  }

  /** Groups that were made as such or contain an app. The root is always one. */
  groups(): ReadonlySet<string> {
    const found = new Set(['/', ...this.#groups]);
    for (const id of [...this.apps.keys(), ...this.#groups]) {
      for (let group = parentOf(id); group !== '/'; group = parentOf(group)) found.add(group);
    }
    return found;
  }

  addGroup(id: string): void {
    if (id !== '/') this.#groups.add(id);
  }

  removeGroup(id: string): void {
    for (const group of this.#groups) if (isWithin(group, id)) this.#groups.delete(group);
  }

  /** Accepts the change and begins its deployment, or throws what Marathon would answer. */
  change({ force, group, next, sentences }: Change): Deployment {
    const version = this.#clock.next();
    const original = this.apps;
    try {
      const target = next(original, version);
      refuseNonsense(target);
      const steps = planSteps(original, target, sentences);
      const displaced = this.#deployments.conflicts(affectedApps(steps), force);
      this.#store(target, version);
      this.#bus.publish('group_change_success', { groupId: group, version });
      return this.#deployments.start({ version, original, target, steps }, displaced);
    } catch (error) {
      if (error instanceof ApiError && error.status !== 403) {
        this.#bus.publish('group_change_failed', {
          groupId: group,
          version,
          reason: error.message,
        });
      }
      throw error;
    }
  }

  #store(apps: Apps, version: string): void {
    for (const app of apps.values()) {
      const known = this.versionsOf(app.id);
      if (known[0]?.version === app.version) continue;
      this.#versions.set(app.id, [app, ...known].slice(0, VERSIONS_KEPT));
    }
    for (const id of this.#versions.keys()) if (!apps.has(id)) this.#versions.delete(id);
    this.#epochs = [{ version, apps }, ...this.#epochs].slice(0, VERSIONS_KEPT);
  }
}

/** The apps with these requests laid over them; service ports are assigned one after the other. */
export function withApps(apps: Apps, requests: Iterable<AppRequest>, version: string): Apps {
  const next = new Map(apps);
  for (const request of requests) {
    const current = apps.get(request.id);
    const others = [...apps.values(), ...next.values()].filter((other) => other.id !== request.id);
    const assigned = assignServicePorts(request, current, others);
    next.set(request.id, versioned(current, assigned, version));
  }
  return next;
}

export function withoutApps(apps: Apps, gone: (id: string) => boolean): Apps {
  return new Map([...apps].filter(([id]) => !gone(id)));
}
