// The data plane of one worker, seen from outside: a table of routes that is swapped whole, and
// listeners that are opened on sockets the primary bound.

import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../log/logger.ts';
import type { ColourSpec, ListenerSpec, PlanDelta, ServiceSpec } from '../plan/plan.ts';
import { toRow } from '../stats/counters.ts';
import type { FrontendReport, WorkerReport } from '../stats/report.ts';
import { colourAt, LIVE } from './aim.ts';
import { ClientConnection } from './client.ts';
import type { Clock } from './clock.ts';
import type { Credentials } from './credentials.ts';
import { Listeners } from './listeners.ts';
import { ErrorPages } from './policy/error-page.ts';
import { makePolicy, type Policy } from './policy/policy.ts';
import { Pool, type PoolOwner } from './pool.ts';
import { Runtime } from './runtime.ts';
import { type ProxySettings, partOf } from './settings.ts';
import { isDialable, nextTable, type Service, type Table } from './table.ts';
import { timeoutsOf } from './timeouts.ts';
import { LAST_WORDS_MS } from './tunnel.ts';
import { Vacancy } from './vacancy.ts';

/** A table built beside the one in force; nothing serves by it until it is committed. */
export interface Prepared {
  readonly epoch: number;
}

/** What `prepare` made; only `commit` looks inside. */
class PreparedTable implements Prepared {
  readonly epoch: number;
  readonly table: Table;
  /** Keys of the services that are others than in the table it was made beside, or are not in it. */
  readonly touched: ReadonlySet<string>;

  constructor(table: Table, { services, removedServices }: PlanDelta) {
    this.epoch = table.epoch;
    this.table = table;
    this.touched = new Set([...removedServices, ...services.map(({ key }) => key)]);
  }
}

/** One worker's data plane. All methods are synchronous but `drain`. */
export class DataPlane implements PoolOwner {
  readonly #runtime: Runtime;
  readonly #listeners: Listeners;
  /** Colours in the plan, and those that left it and still have something in flight. */
  readonly #pools = new Map<string, Pool>();
  /** By service key, of the services in the plan. */
  readonly #vacancies = new Map<string, Vacancy>();
  readonly #log: Logger;

  /** `passwordProgram`: threads run built code only, whatever this module is. */
  constructor(settings: ProxySettings, log: Logger, passwordProgram = builtPasswordProgram()) {
    this.#log = log;
    this.#runtime = new Runtime(settings, log, passwordProgram);
    this.#listeners = new Listeners(this.#runtime);
  }

  /** Builds the next table from the present one and a delta. Throws when it cannot; nothing changes. */
  prepare(epoch: number, delta: PlanDelta): Prepared {
    this.#warnOfUndialable(delta.services);
    // Pools made for a table that is never committed are only known to that table.
    const made = new Map<string, Pool>();
    const table = nextTable(this.#runtime.table, epoch, delta, {
      poolOf: ({ key }, { appId, name }) => {
        const identity = identityOf(key, appId);
        const pool =
          this.#pools.get(identity) ?? made.get(identity) ?? new Pool(key, appId, name, this);
        made.set(identity, pool);
        return pool;
      },
      policyOf: (colour, before) => this.#policyOf(colour, before),
    });
    return new PreparedTable(table, delta);
  }

  /**
   * Puts a prepared table in force, in one step. Requests routed before keep what they have. The table in
   * force must be the one it was prepared beside.
   */
  commit(prepared: Prepared): void {
    if (!(prepared instanceof PreparedTable)) return;
    const before = this.#runtime.table;
    const after = prepared.table;
    this.#runtime.table = after;
    const keys = [...prepared.touched];
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

  /**
   * Starts accepting on a listening socket of the primary's (a native TCP handle received with a
   * message). Call it after the commit of the table that knows `key`. Calls `onError` if the socket
   * cannot be listened on.
   */
  accept(key: string, handle: object, onError: (message: string) => void): void {
    const spec = this.#runtime.table.listeners.get(key);
    if (spec === undefined) {
      onError(`listener ${key} is not in the plan`);
      return;
    }
    try {
      this.#listeners.open(spec, handle, onError);
    } catch (error) {
      onError(error instanceof Error ? error.message : String(error));
    }
  }

  /** Certificates for new handshakes; connections keep what they have. */
  certify(credentials: Credentials): void {
    const { errorFiles } = credentials;
    if (!isDeepStrictEqual(errorFiles, this.#runtime.credentials.errorFiles)) {
      this.#runtime.errorPages = new ErrorPages(errorFiles);
    }
    this.#runtime.credentials = credentials;
  }

  /** Stops accepting on a listener; its connections live on. Unknown keys are ignored. */
  release(key: string): void {
    this.#listeners.close(key);
  }

  /** Everything counted since the start. */
  report(): WorkerReport {
    const { table } = this.#runtime;
    return {
      pid: process.pid,
      epoch: table.epoch,
      frontends: [...table.listeners.values()]
        .filter((listener) => listener.kind !== 'service')
        .map((listener) => this.#reportFrontend(listener)),
      pools: [...this.#pools.values()].map((pool) => pool.report()),
    };
  }

  /**
   * Stops accepting, closes idle connections, lets exchanges end; whatever is left after
   * `deadlineMs` is cut. Resolves with the number of connections cut.
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#runtime.ending = true;
    this.#listeners.closeAll();
    for (const pool of this.#pools.values()) pool.discardIdle();
    this.#listeners.clients.visit((client) => client.closeIfIdle());
    await this.#emptiedWithin(deadlineMs);
    let cut = await this.#dismissTunnels(deadlineMs);
    this.#listeners.clients.visit((client) => {
      if (client.cut()) cut += 1;
    });
    await this.#runtime.passwords.close();
    this.#runtime.accessLog.close();
    return cut;
  }

  get clock(): Clock {
    return this.#runtime.clock;
  }

  overdue(): void {
    this.#runtime.tunnels.visit((tunnel) => tunnel.dismissIfOverdue());
    this.#listeners.clients.visit((client) => {
      if (client instanceof ClientConnection) client.cutIfOverdue();
    });
  }

  /** A colour that left the plan has ended its last exchange. */
  emptied(pool: Pool): void {
    const identity = identityOf(pool.service, pool.appId);
    if (this.#pools.get(identity) === pool) this.#pools.delete(identity);
  }

  /** Ends all tunnels properly, and counts them; some may be left after their last words. */
  async #dismissTunnels(withinMs: number): Promise<number> {
    const { tunnels } = this.#runtime;
    const before = tunnels.size;
    if (before === 0) return 0;
    tunnels.visit((tunnel) => tunnel.dismiss());
    await this.#emptiedWithin(Math.min(withinMs, LAST_WORDS_MS));
    return before;
  }

  async #emptiedWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#listeners.emptied(), deadline]);
    clearTimeout(timer);
  }

  #reportFrontend({ key, name }: ListenerSpec): FrontendReport {
    return { key, name, row: toRow(this.#listeners.countersOf(key)) };
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
      const { pool, servers, sendProxy, balancing, drainMs, policy } = colour;
      const { settings, clock } = this.#runtime;
      const most = balancing.maxConnections || settings.serverMaxConnections;
      pool.inPlan = true;
      pool.accessLog = colour.accessLog;
      if (colour.accessLog !== null) this.#runtime.accessLog.adopt(colour.accessLog);
      pool.errorFiles = policy?.spec.errorFiles ?? [];
      pool.timeouts = timeoutsOf(settings, policy?.spec.timeouts ?? null);
      pool.inForce = colour === service.live || service.shares.includes(colour);
      pool.drainMs = drainMs || settings.drainDeadlineMs;
      if (pool.inForce) pool.drain.recall();
      pool.vacancy = vacancy;
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
    if (colourAt(service, LIVE)?.pool.serves) vacancy.filled();
  }

  #policyOf({ appId, policy: spec }: ColourSpec, before: Policy | null): Policy | null {
    const policy = makePolicy(spec, before, this.#runtime.settings.workers);
    if (policy !== null && policy !== before) {
      for (const fault of policy.faults) {
        this.#log.warn({ app: appId }, `a rule is not carried out as it is written: ${fault}`);
      }
    }
    return policy;
  }

  #warnOfUndialable(services: readonly ServiceSpec[]): void {
    for (const service of services) {
      for (const { appId, servers } of service.colours) {
        for (const { id, address, port } of servers.filter((one) => !isDialable(one))) {
          this.#log.warn(
            { app: appId, task: id, address, port },
            'a server is passed over: expected an IP address and a port',
          );
        }
      }
    }
  }
}

function builtPasswordProgram(): string {
  return fileURLToPath(new URL('./policy/crypt/thread.js', import.meta.url));
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
