// The pools of a worker across its tables: those in the plan, and those that left it and still have
// something in flight. What a table changes is carried out here, each pool in the same order: everybody
// is withdrawn, who stays is installed, who left is told how long what they have may go on.

import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import type { PoolReport } from '../stats/report.ts';
import { colourAt, LIVE } from './aim.ts';
import { Pool, type PoolOwner } from './pool.ts';
import type { Runtime } from './runtime.ts';
import { partOf } from './settings.ts';
import type { Colour, Service, Table } from './table.ts';
import { timeoutsOf } from './timeouts.ts';
import { Vacancy } from './vacancy.ts';

export class Pools {
  readonly #runtime: Runtime;
  readonly #owner: PoolOwner;
  /** By service and app. */
  readonly #pools = new Map<string, Pool>();
  /** By service key, of the services in the plan. */
  readonly #vacancies = new Map<string, Vacancy>();

  /** `overdue` ends what is in flight on servers that have had their time to drain. */
  constructor(runtime: Runtime, overdue: () => void) {
    const { clock } = runtime;
    this.#runtime = runtime;
    this.#owner = { clock, overdue, emptied: (pool) => this.#forget(pool) };
  }

  /**
   * Gives each colour of a table that is being made its pool: the one there is, or a new one, which only
   * that table knows until it is in force.
   */
  finder(): (service: ServiceSpec, colour: ColourSpec) => Pool {
    const made = new Map<string, Pool>();
    return ({ key }, { appId, name }) => {
      const identity = identityOf(key, appId);
      const known = this.#pools.get(identity) ?? made.get(identity);
      if (known !== undefined) return known;
      const pool = new Pool(key, appId, name, this.#owner);
      made.set(identity, pool);
      return pool;
    };
  }

  /** `after` takes the place of `before`; the services of these keys are others in it, or not in it. */
  change(before: Table, after: Table, keys: readonly string[]): void {
    const changed = keys.flatMap((key) => before.services.get(key) ?? []);
    const present = keys.flatMap((key) => after.services.get(key) ?? []);
    for (const service of changed) this.#withdraw(service);
    for (const service of present) this.#install(service);
    for (const service of changed) {
      retire(service);
      if (after.services.has(service.key)) continue;
      this.#vacancyOf(service.key).abandoned();
      this.#vacancies.delete(service.key);
    }
    for (const service of present) recall(service);
  }

  /** Closes all unused connections to servers. */
  discardIdle(): void {
    for (const pool of this.#pools.values()) pool.discardIdle();
  }

  report(): PoolReport[] {
    return [...this.#pools.values()].map((pool) => pool.report());
  }

  /** A colour that left the plan has ended its last exchange. */
  #forget(pool: Pool): void {
    const identity = identityOf(pool.service, pool.appId);
    if (this.#pools.get(identity) === pool) this.#pools.delete(identity);
  }

  #vacancyOf(service: string): Vacancy {
    const known = this.#vacancies.get(service);
    if (known !== undefined) return known;
    const made = new Vacancy();
    this.#vacancies.set(service, made);
    return made;
  }

  #withdraw({ key, colours }: Service): void {
    this.#vacancyOf(key).emptied(this.#runtime.clock.nowMs);
    for (const { pool, servers } of colours) {
      if (pool.inForce) pool.drain.begin();
      pool.inPlan = false;
      pool.inForce = false;
      for (const server of servers) {
        if (server.inForce) pool.drain.left(server);
        server.inPlan = false;
        server.inForce = false;
      }
    }
  }

  #install(service: Service): void {
    const vacancy = this.#vacancyOf(service.key);
    for (const colour of service.colours) {
      colour.pool.vacancy = vacancy;
      this.#installColour(service, colour);
    }
    if (colourAt(service, LIVE)?.pool.serves) vacancy.filled();
  }

  #installColour({ live, shares }: Service, colour: Colour): void {
    const { pool, servers, sendProxy, balancing, drainMs, policy } = colour;
    const { settings, clock } = this.#runtime;
    const most = balancing.maxConnections || settings.serverMaxConnections;
    pool.inPlan = true;
    pool.accessLog = colour.accessLog;
    if (colour.accessLog !== null) this.#runtime.accessLog.adopt(colour.accessLog);
    pool.errorFiles = policy?.spec.errorFiles ?? [];
    pool.timeouts = timeoutsOf(settings, policy?.spec.timeouts ?? null);
    pool.inForce = colour === live || shares.includes(colour);
    pool.drainMs = drainMs || settings.drainDeadlineMs;
    if (pool.inForce) pool.drain.recall();
    pool.install(colour, partOf(most, settings.workers), clock.nowMs);
    this.#pools.set(identityOf(pool.service, pool.appId), pool);
    for (const server of servers) {
      server.inPlan = true;
      server.inForce = pool.inForce && !server.inMaintenance;
      if (server.inForce) pool.drain.release(server);
      server.sendProxy = sendProxy;
      server.closes = policy?.spec.closesServers ?? false;
      server.speak(policy?.serverTls ?? null);
    }
  }
}

function identityOf(service: string, appId: string): string {
  return `${service} ${appId}`;
}

/** Lets go of what the new table does not give requests to. */
function retire(service: Service): void {
  for (const { pool, servers } of service.colours) {
    for (const server of servers) {
      if (server.inForce) continue;
      // Not in force before either: a colour was previewed.
      if (!server.inPlan) pool.drain.left(server);
      server.discardIdle();
      server.settle();
    }
    pool.drain.start(pool.drainMs);
    if (!pool.inPlan) pool.withdraw();
    pool.settle();
  }
  recall(service);
}

/** Whoever waits for a server of this service looks again. */
function recall(service: Service): void {
  for (const { pool } of service.colours) pool.recall();
}
