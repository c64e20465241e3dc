// Adds up what the workers report. Counters never go backwards: what a worker had counted when it
// ended stays in the sum. Gauges of an ended worker are dropped.

import { listChanges } from '../catalogue/list-changes.ts';
import type { AnswerTimes } from './answer-times.ts';
import { compare, PoolTally } from './pool-tally.ts';
import type { DrainReport, FrontendReport, PoolReport, WorkerReport } from './report.ts';
import { type MergedRow, RowSum } from './row-sum.ts';

export interface MergedServer {
  readonly id: string;
  readonly name: string;
  /** `ip:port`. */
  readonly address: string;
  /** True once every worker that reports it has taken it out of the plan. */
  readonly draining: boolean;
  /** Per cent of its weight while it starts slowly, where that is least; 100 otherwise. */
  readonly throttle: number;
  /** Value of the sticky cookie that leads to it; empty = none. */
  readonly cookie: string;
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
  /** How long its servers take to answer, whenever it is looked at. */
  readonly answers: AnswerTimes;
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

/** What a worker's latest report put into the sums for one pool. */
interface Put {
  readonly tally: PoolTally;
  readonly rows: readonly RowSum[];
}

/** What a worker's latest report put into the sums. */
interface Reported {
  frontends: readonly RowSum[];
  pools: readonly PoolReport[];
  lostLogLines: number;
  /** Of each of these pools. */
  readonly puts: Map<PoolReport, Put>;
}

export class Tally {
  readonly #frontends = new Map<string, FrontendTally>();
  readonly #pools = new Map<string, PoolTally>();
  /** Of each live worker. */
  readonly #workers = new Map<number, Reported>();
  /** Those that the next tick may change. */
  readonly #moving = new Set<PoolTally>();
  /** Those in which something was answered in the last minutes. */
  readonly #answering = new Set<PoolTally>();
  #lostLogLines = 0;
  /** By service and app id; null when one came or went. */
  #sorted: readonly PoolTally[] | null = null;
  #lastTick: number | null = null;

  /**
   * Takes a worker's latest report in place of its earlier one. `worker` is its pid. A pool that is the
   * same object as in the earlier one costs nothing.
   */
  update(worker: number, report: WorkerReport): void {
    const known = this.#workers.get(worker) ?? newReported();
    this.#workers.set(worker, known);
    this.#replace(worker, known, report);
    const { lostLogLines = 0 } = report;
    this.#lostLogLines += Math.max(0, lostLogLines - known.lostLogLines);
    known.lostLogLines = lostLogLines;
  }

  /** A worker ended: its counters stay in the sums, its gauges go. */
  retire(worker: number): void {
    const known = this.#workers.get(worker);
    if (known === undefined) return;
    this.#replace(worker, known, { frontends: [], pools: [] });
    this.#workers.delete(worker);
    for (const pool of this.#pools.values()) pool.retire(worker);
  }

  /**
   * Takes the rates of the last second; to be called once a second, after the workers' reports of the
   * moment. `nowTick` is monotonic, in ms: a late call does not make a rate too high.
   */
  tick(nowTick: number = performance.now()): void {
    const elapsedMs = this.#lastTick === null ? 0 : nowTick - this.#lastTick;
    const seconds = elapsedMs > 0 ? elapsedMs / 1_000 : null;
    this.#lastTick = nowTick;
    for (const [key, { row }] of this.#frontends) {
      this.#tickRow(row, seconds);
      if (row.isForgotten) this.#frontends.delete(key);
    }
    for (const pool of this.#moving) {
      pool.tick(seconds, (row) => this.#tickRow(row, seconds));
      if (pool.backend.isForgotten) this.#forget(pool);
      else if (pool.isStill) this.#moving.delete(pool);
    }
    for (const pool of this.#answering) {
      pool.answers.tick();
      if (pool.answers.isStill) this.#answering.delete(pool);
    }
  }

  /** Lines of the access log that could not be written, by all workers since the start. */
  get lostLogLines(): number {
    return this.#lostLogLines;
  }

  /** The sums as of the last reports. */
  merged(): Merged {
    this.#sorted ??= [...this.#pools.values()].sort(
      (a, b) => compare(a.service, b.service) || compare(a.appId, b.appId),
    );
    return {
      frontends: [...this.#frontends.values()]
        .filter((frontend) => this.#isShown(frontend.row))
        .sort((a, b) => compare(a.key, b.key))
        .map(({ key, name, row }) => ({ key, name, row: row.merged() })),
      pools: this.#sorted
        .filter((pool) => this.#isShown(pool.backend))
        .map((pool) => pool.merged((row) => this.#isShown(row))),
    };
  }

  #replace(
    worker: number,
    known: Reported,
    { frontends, pools }: Pick<WorkerReport, 'frontends' | 'pools'>,
  ): void {
    const { removed, added } = listChanges(known.pools, pools);
    const fresh = new Set<RowSum>();
    for (const pool of added) {
      const put = this.#putPool(worker, pool);
      known.puts.set(pool, put);
      for (const row of put.rows) fresh.add(row);
    }
    for (const pool of removed) {
      const { tally, rows } = known.puts.get(pool) as Put;
      known.puts.delete(pool);
      for (const row of rows) if (!fresh.has(row)) row.drop(worker);
      tally.changed();
      this.#moving.add(tally);
    }
    const shared = new Set(frontends.map((frontend) => this.#putFrontend(worker, frontend)));
    for (const row of known.frontends) if (!shared.has(row)) row.drop(worker);
    known.frontends = [...shared];
    known.pools = pools;
  }

  #putFrontend(worker: number, { key, name, row }: FrontendReport): RowSum {
    const frontend = this.#frontends.get(key) ?? { key, name, row: new RowSum() };
    this.#frontends.set(key, frontend);
    frontend.name = name;
    frontend.row.put(worker, row);
    return frontend.row;
  }

  #putPool(worker: number, pool: PoolReport): Put {
    const tally = this.#pools.get(keyOf(pool)) ?? this.#begin(pool);
    this.#moving.add(tally);
    const rows = tally.put(worker, pool);
    if (!tally.answers.isStill) this.#answering.add(tally);
    return { tally, rows };
  }

  #begin(pool: PoolReport): PoolTally {
    const tally = new PoolTally(pool);
    this.#pools.set(keyOf(pool), tally);
    this.#sorted = null;
    return tally;
  }

  #forget(pool: PoolTally): void {
    this.#pools.delete(keyOf(pool));
    this.#moving.delete(pool);
    this.#answering.delete(pool);
    this.#sorted = null;
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

function newReported(): Reported {
  return { frontends: [], pools: [], lostLogLines: 0, puts: new Map() };
}

function keyOf({ service, appId }: { readonly service: string; readonly appId: string }): string {
  return `${service}\n${appId}`;
}
