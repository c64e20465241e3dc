// One colour of a service: its servers, the ones that still finish what they have included, and the
// counters of its rows. It outlives tables, and its totals never go backwards.

import type { ServerSpec } from '../plan/plan.ts';
import { Counters, toRow } from '../stats/counters.ts';
import type { PoolReport } from '../stats/report.ts';
import { Server, type ServerOwner } from './server.ts';

/** What a pool tells of its end. */
export interface PoolOwner {
  /** `pool` is out of the plan and its last server has drained. */
  emptied(pool: Pool): void;
}

export class Pool implements ServerOwner {
  /** Service key. */
  readonly service: string;
  readonly appId: string;
  /** pxname. */
  name: string;
  readonly frontend = new Counters();
  readonly backend = new Counters();
  inPlan = false;
  readonly #owner: PoolOwner;
  /** By identity: task id and address. In the plan, or draining. */
  readonly #servers = new Map<string, Server>();
  #position = 0;

  constructor(service: string, appId: string, name: string, owner: PoolOwner) {
    this.service = service;
    this.appId = appId;
    this.name = name;
    this.#owner = owner;
  }

  /** The server a spec means: the one known already, or a new one, not yet in the plan. */
  serverOf(spec: ServerSpec): Server {
    return this.#servers.get(identityOf(spec)) ?? new Server(spec, this);
  }

  /** Keeps a server for the report and for the next table; to be called when a table is committed. */
  enlist(server: Server): void {
    this.#servers.set(identityOf(server), server);
  }

  drained(server: Server): void {
    this.#servers.delete(identityOf(server));
    this.settle();
  }

  settle(): void {
    if (!this.inPlan && this.#servers.size === 0 && this.backend.inFlight === 0) {
      this.#owner.emptied(this);
    }
  }

  /**
   * The next of `servers` in turn, not `except` if there is another; null if there is none. The turn
   * is kept when the servers change.
   */
  pick(servers: readonly Server[], except: Server | null): Server | null {
    if (servers.length === 0) return null;
    const server = this.#next(servers);
    return server === except && servers.length > 1 ? this.#next(servers) : server;
  }

  /** Closes the unused connections of all its servers. */
  discardIdle(): void {
    for (const server of this.#servers.values()) server.discardIdle();
  }

  #next(servers: readonly Server[]): Server {
    if (this.#position >= servers.length) this.#position = 0;
    const server = servers[this.#position] as Server;
    this.#position += 1;
    return server;
  }

  report(): PoolReport {
    return {
      service: this.service,
      appId: this.appId,
      name: this.name,
      frontend: toRow(this.frontend),
      backend: toRow(this.backend),
      servers: [...this.#servers.values()].map((server) => ({
        id: server.id,
        name: server.name,
        address: server.label,
        draining: !server.inPlan,
        row: toRow(server.counters),
      })),
    };
  }
}

function identityOf(server: {
  readonly id: string;
  readonly address: string;
  readonly port: number;
}): string {
  return `${server.id} ${server.address} ${server.port}`;
}
