// Adds up what the workers report. Counters never go backwards: what a worker had counted when it
// ended stays in the sum. Gauges of an ended worker are dropped.

import type {
  DrainReport,
  FrontendReport,
  PoolReport,
  ServerReport,
  WorkerReport,
} from './report.ts';
import { type MergedRow, RowSum } from './row-sum.ts';

export interface MergedServer {
  readonly id: string;
  readonly name: string;
  /** `ip:port`. */
  readonly address: string;
  /** True once every worker that reports it has taken it out of the plan. */
  readonly draining: boolean;
  readonly row: MergedRow;
}

export interface MergedPool {
  readonly service: string;
  readonly appId: string;
  readonly name: string;
  readonly frontend: MergedRow;
  readonly backend: MergedRow;
  /** Null = it is live on some worker that reports it, or never was. */
  readonly draining: DrainReport | null;
  /** In the plan of some worker, or still draining on one. Sorted by task id. */
  readonly servers: readonly MergedServer[];
  /** Servers no worker has any more, remembered for ten minutes: a task that comes back counts on. */
  readonly past: readonly MergedServer[];
}

export interface MergedFrontend {
  readonly key: string;
  readonly name: string;
  readonly row: MergedRow;
}

export interface Merged {
  /** Sorted by key. */
  readonly frontends: readonly MergedFrontend[];
  /** Sorted by service and app id. */
  readonly pools: readonly MergedPool[];
}

interface FrontendTally {
  readonly key: string;
  name: string;
  readonly row: RowSum;
}

interface ServerTally {
  readonly id: string;
  name: string;
  readonly address: string;
  readonly row: RowSum;
  /** Workers that said last that it has left their plan. */
  readonly drainingOn: Set<number>;
}

interface PoolTally {
  readonly service: string;
  readonly appId: string;
  name: string;
  readonly frontend: RowSum;
  readonly backend: RowSum;
  /** By worker. */
  readonly drains: Map<number, DrainReport | null>;
  /** By task id and address: a task whose address changes has two for a while, one of them draining. */
  readonly servers: Map<string, ServerTally>;
  /** Ticks since one of its rows was reported or dropped. */
  stillTicks: number;
  /** Null when something has changed since it was made. */
  merged: MergedPool | null;
}

/** What a worker's latest report put into the sums for one pool. */
interface Put {
  readonly tally: PoolTally;
  readonly rows: readonly RowSum[];
}

/** What a worker's latest report put into the sums. */
interface Reported {
  readonly frontends: readonly RowSum[];
  readonly pools: ReadonlyMap<PoolReport, Put>;
}

const NOTHING: Reported = Object.freeze({ frontends: [], pools: new Map() });

/** Ticks a row is remembered that nobody reports: a colour or task that comes back goes on counting. */
const REMEMBERED_TICKS = 600;
/** The first takes the rates of what was reported, the second finds them back at 0. */
const TICKS_UNTIL_STILL = 2;

export class Tally {
  readonly #frontends = new Map<string, FrontendTally>();
  readonly #pools = new Map<string, PoolTally>();
  /** Of each live worker. */
  readonly #workers = new Map<number, Reported>();
  #lastTick: number | null = null;

  /**
   * Takes a worker's latest report in place of its earlier one. `worker` is its pid. A pool that is the
   * same object as in the earlier one costs next to nothing.
   */
  update(worker: number, report: WorkerReport): void {
    const before = this.#workers.get(worker) ?? NOTHING;
    const pools = new Map<PoolReport, Put>();
    const fresh = new Set<RowSum>();
    for (const pool of report.pools) {
      const known = before.pools.get(pool);
      const put = known ?? this.#putPool(worker, pool);
      if (known === undefined) for (const row of put.rows) fresh.add(row);
      pools.set(pool, put);
    }
    const frontends = report.frontends.map((frontend) => this.#putFrontend(worker, frontend));
    for (const row of frontends) fresh.add(row);
    const now = { frontends, pools };
    drop(worker, before, now, fresh);
    this.#workers.set(worker, now);
  }

  /** A worker ended: its counters stay in the sums, its gauges go. */
  retire(worker: number): void {
    drop(worker, this.#workers.get(worker) ?? NOTHING, NOTHING, new Set());
    this.#workers.delete(worker);
    for (const { drains } of this.#pools.values()) drains.delete(worker);
  }

  /**
   * Takes the rates of the last second; to be called once a second, after the workers' reports of the
   * moment. `nowTick` is monotonic, in ms: a late call does not make a rate too high.
   */
  tick(nowTick: number = performance.now()): void {
    const elapsedMs = this.#lastTick === null ? 0 : nowTick - this.#lastTick;
    const seconds = elapsedMs > 0 ? elapsedMs / 1_000 : null;
    this.#lastTick = nowTick;
    for (const [key, frontend] of this.#frontends) {
      this.#tickRow(frontend.row, seconds);
      if (isForgotten(frontend.row)) this.#frontends.delete(key);
    }
    for (const [poolKey, pool] of this.#pools) {
      if (pool.stillTicks >= TICKS_UNTIL_STILL && isWhole(pool)) continue;
      if (seconds !== null) pool.stillTicks += 1;
      pool.merged = null;
      this.#tickRow(pool.frontend, seconds);
      this.#tickRow(pool.backend, seconds);
      for (const [key, server] of pool.servers) {
        this.#tickRow(server.row, seconds);
        if (isForgotten(server.row)) pool.servers.delete(key);
      }
      if (isForgotten(pool.backend)) this.#pools.delete(poolKey);
    }
  }

  /** The sums as of the last reports. */
  merged(): Merged {
    return {
      frontends: [...this.#frontends.values()]
        .filter((frontend) => this.#isShown(frontend.row))
        .sort((a, b) => compare(a.key, b.key))
        .map(({ key, name, row }) => ({ key, name, row: row.merged() })),
      pools: [...this.#pools.values()]
        .filter((pool) => this.#isShown(pool.backend))
        .sort((a, b) => compare(a.service, b.service) || compare(a.appId, b.appId))
        .map((pool) => this.#merged(pool)),
    };
  }

  /** The same object as long as nothing has changed in it. */
  #merged(pool: PoolTally): MergedPool {
    pool.merged ??= this.#mergePool(pool);
    return pool.merged;
  }

  #putFrontend(worker: number, { key, name, row }: FrontendReport): RowSum {
    const frontend = obtain(this.#frontends, key, () => ({ key, name, row: new RowSum() }));
    frontend.name = name;
    frontend.row.put(worker, row);
    return frontend.row;
  }

  #putPool(worker: number, pool: PoolReport): Put {
    const tally = obtain(this.#pools, `${pool.service}\n${pool.appId}`, () => newPool(pool));
    tally.name = pool.name;
    tally.frontend.put(worker, pool.frontend);
    tally.backend.put(worker, pool.backend);
    tally.drains.set(worker, pool.draining);
    touch(tally);
    const servers = pool.servers.map((server) => {
      const key = `${server.id} ${server.address}`;
      const known = obtain(tally.servers, key, () => newServer(server));
      known.name = server.name;
      if (server.draining) known.drainingOn.add(worker);
      else known.drainingOn.delete(worker);
      known.row.put(worker, server.row);
      return known.row;
    });
    return { tally, rows: [tally.frontend, tally.backend, ...servers] };
  }

  #mergePool(pool: PoolTally): MergedPool {
    const all = [...pool.servers.values()].sort(
      (a, b) => compare(a.id, b.id) || compare(a.address, b.address),
    );
    return {
      service: pool.service,
      appId: pool.appId,
      name: pool.name,
      frontend: pool.frontend.merged(),
      backend: pool.backend.merged(),
      draining: mergeDrains(pool),
      servers: all.filter((server) => this.#isShown(server.row)).map(mergeServer),
      past: all.filter((server) => !this.#isShown(server.row)).map(mergeServer),
    };
  }

  /** While there is no worker at all, silence says nothing about a row. */
  #tickRow(row: RowSum, seconds: number | null): void {
    row.tick(seconds);
    if (this.#workers.size > 0) row.age();
  }

  /** Between the end of the only worker and its successor's first report, the last rows stay. */
  #isShown(row: RowSum): boolean {
    return row.reported || (this.#workers.size === 0 && row.unreportedTicks === 0);
  }
}

/** Drops what a worker reported before and does not now; `fresh` rows it has just put anew. */
function drop(worker: number, before: Reported, now: Reported, fresh: ReadonlySet<RowSum>): void {
  for (const row of before.frontends) if (!fresh.has(row)) row.drop(worker);
  for (const [pool, { tally, rows }] of before.pools) {
    if (now.pools.has(pool)) continue;
    touch(tally);
    for (const row of rows) if (!fresh.has(row)) row.drop(worker);
  }
}

function touch(pool: PoolTally): void {
  pool.stillTicks = 0;
  pool.merged = null;
}

/** True if nothing in it is being forgotten: rows that nobody reports grow old with each tick. */
function isWhole({ frontend, backend, servers }: PoolTally): boolean {
  if (!frontend.reported || !backend.reported) return false;
  for (const { row } of servers.values()) if (!row.reported) return false;
  return true;
}

function obtain<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function newPool({ service, appId, name }: PoolReport): PoolTally {
  return {
    service,
    appId,
    name,
    frontend: new RowSum(),
    backend: new RowSum(),
    drains: new Map(),
    servers: new Map(),
    stillTicks: 0,
    merged: null,
  };
}

function newServer({ id, name, address }: ServerReport): ServerTally {
  return { id, name, address, row: new RowSum(), drainingOn: new Set() };
}

/** The first worker that began and the last that ends; nothing while one has it live. */
function mergeDrains({ backend, drains }: PoolTally): DrainReport | null {
  const all = backend.reporters.map((worker) => drains.get(worker) ?? null);
  const present = all.filter((drain) => drain !== null);
  if (present.length === 0 || present.length < all.length) return null;
  const sum = (of: (drain: DrainReport) => number): number =>
    present.reduce((total, drain) => total + of(drain), 0);
  return {
    sinceMs: Math.min(...present.map(({ sinceMs }) => sinceMs)),
    deadlineMs: Math.max(...present.map(({ deadlineMs }) => deadlineMs)),
    inFlight: sum(({ inFlight }) => inFlight),
    tunnels: sum(({ tunnels }) => tunnels),
    cut: sum(({ cut }) => cut),
  };
}

function mergeServer({ id, name, address, drainingOn, row }: ServerTally): MergedServer {
  const draining = row.reported
    ? row.reporters.every((worker) => drainingOn.has(worker))
    : drainingOn.size > 0;
  return { id, name, address, draining, row: row.merged() };
}

function isForgotten(row: RowSum): boolean {
  return row.unreportedTicks > REMEMBERED_TICKS;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
