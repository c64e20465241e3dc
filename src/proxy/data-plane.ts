// The data plane of one worker, seen from outside: a table of routes that is swapped whole, and
// listeners that are opened on sockets the primary bound.

import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../log/logger.ts';
import type { ColourSpec, ListenerSpec, PlanDelta, ServiceSpec } from '../plan/plan.ts';
import { toRow } from '../stats/counters.ts';
import type { FrontendReport, WorkerLoad, WorkerReport } from '../stats/report.ts';
import { ClientConnection } from './client.ts';
import type { Credentials } from './credentials.ts';
import { Listeners } from './listeners.ts';
import { ErrorPages } from './policy/error-page.ts';
import { makePolicy, type Policy } from './policy/policy.ts';
import { Pools } from './pools.ts';
import { Runtime } from './runtime.ts';
import type { ProxySettings } from './settings.ts';
import { isDialable, nextTable, type Table } from './table.ts';
import { LAST_WORDS_MS } from './tunnel.ts';

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
export class DataPlane {
  readonly #runtime: Runtime;
  readonly #listeners: Listeners;
  readonly #pools: Pools;
  readonly #log: Logger;
  #rssBytes = 0;

  /** `passwordProgram`: threads run built code only, whatever this module is. */
  constructor(settings: ProxySettings, log: Logger, passwordProgram = builtPasswordProgram()) {
    this.#log = log;
    this.#runtime = new Runtime(settings, log, passwordProgram);
    this.#listeners = new Listeners(this.#runtime);
    this.#pools = new Pools(this.#runtime, () => this.#endOverdue());
  }

  /** Builds the next table from the present one and a delta. Throws when it cannot; nothing changes. */
  prepare(epoch: number, delta: PlanDelta): Prepared {
    this.#warnOfUndialable(delta.services);
    const table = nextTable(this.#runtime.table, epoch, delta, {
      poolOf: this.#pools.finder(),
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
    this.#runtime.table = prepared.table;
    this.#pools.change(before, prepared.table, [...prepared.touched]);
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

  #load(): WorkerLoad {
    const { user, system } = process.cpuUsage();
    return {
      cpuMs: (user + system) / 1_000,
      rssBytes: this.#residentBytes(),
      loopDelayMs: this.#runtime.clock.loopDelayMs,
      connections: this.#runtime.connections,
    };
  }

  /** Linux has it in a file: without a descriptor left, it is what it was. */
  #residentBytes(): number {
    try {
      this.#rssBytes = process.memoryUsage.rss();
    } catch {
      // EMFILE or ENFILE: a number for the page is no reason to end.
    }
    return this.#rssBytes;
  }

  /** Everything counted since the start. */
  report(): WorkerReport {
    const { table } = this.#runtime;
    return {
      pid: process.pid,
      epoch: table.epoch,
      load: this.#load(),
      lostLogLines: this.#runtime.accessLog.lostLines,
      frontends: [...table.listeners.values()]
        .filter((listener) => listener.kind !== 'service')
        .map((listener) => this.#reportFrontend(listener)),
      pools: this.#pools.report(),
    };
  }

  /**
   * Stops accepting, closes idle connections, lets exchanges end; whatever is left after
   * `deadlineMs` is cut. Resolves with the number of connections cut.
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#runtime.ending = true;
    this.#listeners.closeAll();
    this.#pools.discardIdle();
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

  #endOverdue(): void {
    this.#runtime.tunnels.visit((tunnel) => tunnel.dismissIfOverdue());
    this.#listeners.clients.visit((client) => {
      if (client instanceof ClientConnection) client.cutIfOverdue();
    });
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
