// The primary's side of one worker process: every question is a promise that ends, answered or not.

import { type ChildProcess, fork } from 'node:child_process';
import type { WorkerLoad, WorkerReport } from '../stats/report.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { ReportKeeper } from './report-changes.ts';
import type { SocketHandle } from './socket.ts';

/** An answer; `gone` when the worker ended first, `late` when it did not answer in time. */
export type Answer = 'ok' | 'gone' | 'late' | { readonly refused: string };

interface Waiting {
  readonly accepts: (message: FromWorker) => Answer | null;
  readonly settle: (answer: Answer) => void;
}

export class WorkerLink {
  readonly pid: number;
  readonly startedAtMs = Date.now();
  /** Epoch it acknowledged last. */
  epoch = 0;
  /** Resolves with a clause saying how the process ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<Waiting>();
  #gone = false;
  #reportId = 0;
  readonly #keeper = new ReportKeeper();
  #lastReport: WorkerReport | null = null;

  constructor(program: string) {
    const child = fork(program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.on('message', (message) => this.#receive(message as FromWorker));
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => this.#end(resolve, error.message));
      child.on('exit', (code, signal) => {
        this.#end(resolve, signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Sends and waits until `accepts` makes an answer of some message. */
  ask(
    message: ToWorker,
    accepts: (message: FromWorker) => Answer | null,
    timeoutMs: number,
    handle?: SocketHandle,
  ): Promise<Answer> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiting.settle('late'), timeoutMs);
      const waiting: Waiting = {
        accepts,
        settle: (answer) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve(answer);
        },
      };
      this.#waiting.add(waiting);
      if (!this.tell(message, handle)) waiting.settle('gone');
    });
  }

  /** Sends; false when the worker is gone. */
  tell(message: ToWorker, handle?: SocketHandle): boolean {
    if (this.#gone || !this.#child.connected) return false;
    // A channel that breaks here is followed by 'exit', which settles whoever waits.
    this.#child.send(message, handle as never, {}, () => {});
    return true;
  }

  /** As it reported last. */
  get load(): WorkerLoad | undefined {
    return this.#lastReport?.load;
  }

  /** What it has counted; null when it does not answer in time. */
  async report(timeoutMs: number): Promise<WorkerReport | null> {
    this.#reportId += 1;
    const id = this.#reportId;
    const answer = await this.ask(
      { type: 'report', id },
      (message) => (message.type === 'report' && message.id === id ? 'ok' : null),
      timeoutMs,
    );
    if (answer !== 'ok') return null;
    this.#keeper.collected();
    return this.#lastReport;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(message: FromWorker): void {
    if (message.type === 'committed') this.epoch = message.epoch;
    // A late one, too: the next is told in its terms.
    if (message.type === 'report') this.#lastReport = this.#keeper.take(message.changes);
    for (const waiting of this.#waiting) {
      const answer = waiting.accepts(message);
      if (answer !== null) waiting.settle(answer);
    }
  }

  #end(resolve: (how: string) => void, how: string): void {
    this.#gone = true;
    for (const waiting of this.#waiting) waiting.settle('gone');
    resolve(how);
  }
}
