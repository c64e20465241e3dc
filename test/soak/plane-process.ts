// A built data plane in a process of its own, and what it holds at a moment.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PlanDelta } from '../../src/plan/plan.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { type Counters, fromRow } from '../../src/stats/counters.ts';
import type { PoolReport, WorkerReport } from '../../src/stats/report.ts';
import type { HasPort } from '../proxy/plans.ts';
import { deltaOf, SERVICE_KEY } from '../support/plane.ts';

const WORKER = fileURLToPath(new URL('./plane-worker.mjs', import.meta.url));

export interface PlaneProcessOptions {
  /** On top of the defaults. */
  readonly settings?: Partial<ProxySettings>;
  readonly mode?: 'http' | 'tcp';
  /** Descriptors that it may have at a time, by prlimit of util-linux; absent = as many as we. */
  readonly descriptors?: number;
}

interface Holding {
  readonly memory: NodeJS.MemoryUsage | null;
  readonly report: WorkerReport;
}

export class PlaneProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** With one service, whose live colour has this server. */
  static async start(
    server: HasPort,
    { settings = {}, mode = 'http', descriptors }: PlaneProcessOptions = {},
  ): Promise<PlaneProcess> {
    const limited = {
      execPath: 'prlimit',
      execArgv: [`--nofile=${descriptors}`, process.execPath],
    };
    const { execPath, execArgv } = descriptors
      ? limited
      : { execPath: process.execPath, execArgv: [] };
    const child = fork(WORKER, { execPath, execArgv: [...execArgv, '--expose-gc'] });
    child.send({ settings, key: SERVICE_KEY, delta: deltaOf([server], mode) });
    const [{ port }] = (await once(child, 'message', { signal: AbortSignal.timeout(10_000) })) as [
      { port: number },
    ];
    return new PlaneProcess(child, port);
  }

  /** Resident memory in bytes, after a collection. */
  async resident(): Promise<number> {
    return (await this.#ask(true)).memory?.rss ?? 0;
  }

  /** Puts these in force in turns, so many epochs altogether. */
  async publish(deltas: readonly PlanDelta[], epochs: number): Promise<void> {
    await this.#ask(false, { deltas, epochs });
  }

  /** Descriptors that are open now. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.#child.pid}/fd`).length;
  }

  async frontend(): Promise<Counters> {
    return fromRow((await this.pool())?.frontend ?? []);
  }

  /** Of the only colour. */
  async pool(): Promise<PoolReport | undefined> {
    return (await this.#ask(false)).report.pools[0];
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  /** One question at a time. */
  async #ask(memory: boolean, work: object = {}): Promise<Holding> {
    const answer = once(this.#child, 'message', { signal: AbortSignal.timeout(10_000) });
    this.#child.send({ memory, ...work });
    return (await answer)[0] as Holding;
  }
}
