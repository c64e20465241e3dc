// One pool added up over all workers, with its servers. What is told of it is the same object as long as
// nothing has changed in it: most pools of a large cluster are still.

import { AnswerTimes } from './answer-times.ts';
import type { DrainReport, PoolReport, ServerReport } from './report.ts';
import { RowSum } from './row-sum.ts';
import type { MergedPool, MergedServer } from './tally.ts';

interface ServerTally {
  readonly id: string;
  name: string;
  readonly address: string;
  readonly row: RowSum;
  cookie: string;
  /** Of the workers where it starts slowly. */
  throttles: ReadonlyMap<number, number>;
  /** Workers that said last that it has left their plan. */
  drainingOn: ReadonlySet<number>;
}

/** The first takes the rates of what was reported, the second finds them back at 0. */
const TICKS_UNTIL_STILL = 2;

export class PoolTally {
  readonly service: string;
  readonly appId: string;
  readonly backend = new RowSum();
  readonly answers = new AnswerTimes();
  #name = '';
  readonly #frontend = new RowSum();
  /** By worker. */
  readonly #drains = new Map<number, DrainReport | null>();
  /** By task id and address: a task whose address changes has two for a while, one of them draining. */
  readonly #servers = new Map<string, ServerTally>();
  #ticksUnchanged = 0;
  #merged: MergedPool | null = null;

  constructor({ service, appId }: PoolReport) {
    this.service = service;
    this.appId = appId;
  }

  /** Takes a worker's report in place of its earlier one; the rows it is in now. */
  put(worker: number, report: PoolReport): RowSum[] {
    const { name, frontend, backend, draining, answers, servers } = report;
    this.#name = name;
    this.#frontend.put(worker, frontend);
    this.backend.put(worker, backend);
    this.#drains.set(worker, draining);
    if (answers !== undefined) this.answers.add(answers);
    const rows = servers.map((server) => this.#putServer(worker, server));
    this.changed();
    return [this.#frontend, this.backend, ...rows];
  }

  /** A worker ended. */
  retire(worker: number): void {
    this.#drains.delete(worker);
  }

  /** To be called when a worker has dropped one of the rows. */
  changed(): void {
    this.#ticksUnchanged = 0;
    this.#merged = null;
  }

  /** True if the next ticks change nothing: no rate is left, and no row that nobody reports grows old. */
  get isStill(): boolean {
    return this.#ticksUnchanged >= TICKS_UNTIL_STILL && this.#isWhole();
  }

  /** Takes the rates of every row; servers that are forgotten then are left out from now on. */
  tick(seconds: number | null, tickRow: (row: RowSum) => void): void {
    if (seconds !== null) this.#ticksUnchanged += 1;
    this.#merged = null;
    tickRow(this.#frontend);
    tickRow(this.backend);
    for (const [key, { row }] of this.#servers) {
      tickRow(row);
      if (row.isForgotten) this.#servers.delete(key);
    }
  }

  merged(isShown: (row: RowSum) => boolean): MergedPool {
    this.#merged ??= this.#merge(isShown);
    return this.#merged;
  }

  #putServer(worker: number, server: ServerReport): RowSum {
    const key = `${server.id} ${server.address}`;
    const known = this.#servers.get(key) ?? newServer(server);
    this.#servers.set(key, known);
    known.name = server.name;
    known.cookie = server.cookie ?? '';
    if (server.throttle !== known.throttles.get(worker)) {
      known.throttles = throttledOn(known.throttles, worker, server.throttle);
    }
    if (server.draining !== known.drainingOn.has(worker)) {
      known.drainingOn = drainingOn(known.drainingOn, worker, server.draining);
    }
    known.row.put(worker, server.row);
    return known.row;
  }

  #isWhole(): boolean {
    if (!this.#frontend.reported || !this.backend.reported) return false;
    for (const { row } of this.#servers.values()) if (!row.reported) return false;
    return true;
  }

  #merge(isShown: (row: RowSum) => boolean): MergedPool {
    const all = [...this.#servers.values()].sort(
      (a, b) => compare(a.id, b.id) || compare(a.address, b.address),
    );
    return {
      service: this.service,
      appId: this.appId,
      name: this.#name,
      frontend: this.#frontend.merged(),
      backend: this.backend.merged(),
      draining: this.#mergeDrains(),
      answers: this.answers,
      servers: all.filter(({ row }) => isShown(row)).map(mergeServer),
      past: all.filter(({ row }) => !isShown(row)).map(mergeServer),
    };
  }

  /** The first worker that began and the last that ends; nothing while one has it live. */
  #mergeDrains(): DrainReport | null {
    const all = this.backend.reporters.map((worker) => this.#drains.get(worker) ?? null);
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
}

/** Servers that are as usual, nearly all, share these. */
const NOWHERE_THROTTLED: ReadonlyMap<number, number> = new Map();
const NOWHERE: ReadonlySet<number> = new Set();

function throttledOn(before: ReadonlyMap<number, number>, worker: number, now?: number) {
  const after = new Map(before);
  if (now === undefined) after.delete(worker);
  else after.set(worker, now);
  return after;
}

function drainingOn(before: ReadonlySet<number>, worker: number, drains: boolean) {
  const others = [...before].filter((one) => one !== worker);
  return new Set(drains ? [...others, worker] : others);
}

function newServer({ id, name, address }: ServerReport): ServerTally {
  return {
    ...{ id, name, address, cookie: '' },
    row: new RowSum(),
    throttles: NOWHERE_THROTTLED,
    drainingOn: NOWHERE,
  };
}

function mergeServer(server: ServerTally): MergedServer {
  const { id, name, address, cookie, throttles, drainingOn, row } = server;
  const throttle = Math.min(100, ...throttles.values());
  const draining = row.reported
    ? row.reporters.every((worker) => drainingOn.has(worker))
    : drainingOn.size > 0;
  return { id, name, address, draining, throttle, cookie, row: row.merged() };
}

/** By code units, the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
