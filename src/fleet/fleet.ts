// The workers and the plan they serve by. A plan becomes an epoch: prepared on every worker, then
// committed on every worker, then acknowledged; when one cannot prepare, nothing changes anywhere.

import type { Logger } from '../log/logger.ts';
import { diffPlans, isEmptyDelta } from '../plan/diff.ts';
import { EMPTY_PLAN, type Plan, type PlanDelta } from '../plan/plan.ts';
import type { Credentials } from '../proxy/credentials.ts';
import { Tally } from '../stats/tally.ts';
import type { WorkerTime, WorkerView } from '../stats/view.ts';
import { askCommit, askDrain, askListen, askPrepare, askRelease } from './questions.ts';
import { Slot, type WorkerOptions } from './slot.ts';
import { Sockets } from './sockets.ts';
import type { WorkerLink } from './worker-link.ts';

/** A worker answers between two events of its loop: far below this. */
const ANSWER_TIMEOUT_MS = 5_000;
/** It may take longer for many services: building one is 0.2 ms of CPU time, which a busy machine stretches. */
const SERVICE_TIMEOUT_MS = 2;
const REPORT_TIMEOUT_MS = 1_000;
/** Node sends one socket at a time, and looks at all that wait whenever one has arrived: few are to wait. */
const SOCKETS_UNDER_WAY = 16;

export interface FleetOptions extends WorkerOptions {
  readonly workers: number;
  /** A worker that does not answer within this time is taken for hung and replaced. */
  readonly answerTimeoutMs?: number;
}

/** What became of a publication. */
export interface Acknowledgement {
  /** Epoch now in force; unchanged when the plan was refused or nothing differed. */
  readonly epoch: number;
  /** Workers that committed. */
  readonly workers: number;
  /** From the call to the last worker's acknowledgement. */
  readonly tookMs: number;
  /** The same of each worker that committed. */
  readonly byWorker: readonly WorkerTime[];
  /** Which worker could not prepare, and why; null when the plan is in force. */
  readonly refused: string | null;
}

export class Fleet {
  readonly tally = new Tally();
  readonly #options: FleetOptions;
  readonly #answerTimeoutMs: number;
  readonly #log: Logger;
  readonly #sockets = new Sockets();
  readonly #slots: Slot[] = [];
  #plan: Plan = EMPTY_PLAN;
  #credentials: Credentials | null = null;
  #epoch = 0;
  #stopping = false;
  /** Publications and newcomers take turns: each sees a settled plan. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FleetOptions, log: Logger) {
    this.#options = options;
    this.#answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#log = log;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The plan in force. */
  get plan(): Plan {
    return this.#plan;
  }

  /** Listeners of the plan in force that could not be opened: key → one clause. */
  get listenerErrors(): ReadonlyMap<string, string> {
    return this.#sockets.errors;
  }

  get workers(): readonly WorkerView[] {
    return this.#slots.flatMap((slot) => slot.view());
  }

  /** Starts all workers; resolves when each serves by the (empty) plan. */
  async start(): Promise<void> {
    for (let number = 1; number <= this.#options.workers; number += 1) {
      const slot = new Slot(number, this.#options, this.#log, {
        join: (link, admit) => this.#inTurn(() => this.#join(link, admit)),
        left: (pid) => this.tally.retire(pid),
      });
      this.#slots.push(slot);
    }
    await Promise.all(this.#slots.map((slot) => slot.start()));
  }

  /** Puts `plan` in force on every worker. Calls take turns. */
  publish(plan: Plan): Promise<Acknowledgement> {
    return this.#inTurn(() => this.#publish(plan));
  }

  /** Has every worker prepare `plan` and forget it: tells whether it could be put in force. */
  rehearse(plan: Plan): Promise<Acknowledgement> {
    return this.#inTurn(async () => {
      const startTick = performance.now();
      const links = this.#links();
      const epoch = this.#epoch + 1;
      const refused = await this.#prepare(links, epoch, diffPlans(this.#plan, plan));
      for (const link of links) link.tell({ type: 'abort', epoch });
      return { ...this.#answer(startTick, [], refused), workers: links.length };
    });
  }

  /** Certificates for new handshakes, on every worker now and later. */
  certify(credentials: Credentials): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#credentials === credentials) return;
      this.#credentials = credentials;
      for (const link of this.#links()) link.tell({ type: 'certificates', credentials });
    });
  }

  /** Fresh numbers of every worker into the tally. */
  async gather(): Promise<void> {
    await Promise.all(
      this.#links().map(async (link) => {
        const report = await link.report(REPORT_TIMEOUT_MS);
        if (report !== null && !link.gone) this.tally.update(link.pid, report);
      }),
    );
  }

  /** Stops accepting, lets exchanges end until the deadline; resolves with the connections cut. */
  async drain(deadlineMs: number): Promise<number> {
    this.#stopping = true;
    for (const slot of this.#slots) slot.stop();
    this.#sockets.closeAll();
    const cuts = await Promise.all(
      this.#links().map((link) => askDrain(link, deadlineMs, this.#answerTimeoutMs)),
    );
    await this.gather();
    return cuts.reduce((sum, cut) => sum + cut, 0);
  }

  /** Ends every worker now. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#sockets.closeAll();
    await Promise.all(this.#slots.map((slot) => slot.end()));
  }

  async #publish(plan: Plan): Promise<Acknowledgement> {
    const startTick = performance.now();
    const delta = diffPlans(this.#plan, plan);
    const added = this.#stopping ? [] : this.#sockets.bind(plan.listeners);
    if (isEmptyDelta(delta) && added.length === 0) return this.#answer(startTick, [], null);
    const links = this.#links();
    const epoch = this.#epoch + 1;
    const refused = await this.#prepare(links, epoch, delta);
    if (refused !== null) {
      for (const link of links) link.tell({ type: 'abort', epoch });
      for (const key of added) this.#sockets.close(key);
      return this.#answer(startTick, [], refused);
    }
    this.#epoch = epoch;
    this.#plan = plan;
    const committed = await this.#commit(links, epoch, startTick, added, delta.removedListeners);
    for (const key of delta.removedListeners) this.#sockets.close(key);
    const answer = this.#answer(startTick, committed, null);
    if (this.#options.logLevel === 'debug') this.#note(answer, delta);
    return answer;
  }

  /** `bytes` is what the difference took on its way to all workers; measuring it is not for nothing. */
  #note({ epoch, workers, tookMs }: Acknowledgement, delta: PlanDelta): void {
    const bytes = workers * Buffer.byteLength(JSON.stringify(delta));
    this.#log.debug({ epoch, workers, tookMs, bytes }, 'epoch committed');
  }

  async #prepare(links: readonly WorkerLink[], epoch: number, delta: PlanDelta) {
    const timeoutMs = this.#timeoutFor(delta);
    const answers = await Promise.all(
      links.map((link) => askPrepare(link, epoch, delta, timeoutMs)),
    );
    let refused: string | null = null;
    answers.forEach((answer, place) => {
      const link = links[place] as WorkerLink;
      if (answer === 'late') {
        refused = `worker ${link.pid} did not answer within ${timeoutMs} ms; it is replaced`;
        link.kill();
      } else if (answer === 'gone') {
        refused = `worker ${link.pid} ended while it prepared`;
      } else if (typeof answer === 'object') {
        refused = `worker ${link.pid}: ${answer.refused}`;
      }
    });
    return refused as string | null;
  }

  /** Past this point the epoch is in force: a worker that cannot follow is replaced by one that does. */
  async #commit(
    links: readonly WorkerLink[],
    epoch: number,
    startTick: number,
    added: readonly string[],
    removed: readonly string[],
  ): Promise<readonly WorkerTime[]> {
    const answers = await Promise.all(
      links.map(async (link) => {
        const committed = askCommit(link, epoch, this.#answerTimeoutMs);
        const opened = this.#listenAll(link, added);
        const closed = removed.map((key) => askRelease(link, key, this.#answerTimeoutMs));
        const answer = await committed;
        if (answer === 'late') link.kill();
        await Promise.all([opened, ...closed]);
        if (answer !== 'ok') return [];
        return [{ pid: link.pid, tookMs: performance.now() - startTick }];
      }),
    );
    return answers.flat();
  }

  async #listenAll(link: WorkerLink, keys: readonly string[]): Promise<void> {
    const rest = keys.values();
    const listenInTurn = async (): Promise<void> => {
      for (const key of rest) await this.#listen(link, key);
    };
    await Promise.all(Array.from({ length: SOCKETS_UNDER_WAY }, listenInTurn));
  }

  async #listen(link: WorkerLink, key: string): Promise<void> {
    const handle = this.#sockets.handles.get(key);
    if (handle === undefined) return;
    const answer = await askListen(link, key, handle, this.#answerTimeoutMs);
    if (answer === 'late') link.kill();
    if (typeof answer !== 'object') return;
    this.#sockets.fail(key, answer.refused);
    for (const other of this.#links()) other.tell({ type: 'release', key });
  }

  /** Brings a new worker to the plan in force before it counts. */
  async #join(link: WorkerLink, admit: () => void): Promise<void> {
    if (this.#stopping) return;
    const credentials = this.#credentials;
    if (credentials !== null) link.tell({ type: 'certificates', credentials });
    const delta = diffPlans(EMPTY_PLAN, this.#plan);
    const answer = await askPrepare(link, this.#epoch, delta, this.#timeoutFor(delta));
    if (answer === 'ok' && (await this.#isCommitted(link))) {
      await this.#listenAll(link, [...this.#sockets.handles.keys()]);
      admit();
      return;
    }
    const why = typeof answer === 'object' ? answer.refused : answer;
    this.#log.error({ pid: link.pid, why }, 'a new worker could not take over the plan in force');
    link.kill();
  }

  #links(): WorkerLink[] {
    return this.#slots.flatMap((slot) => (slot.link === null ? [] : [slot.link]));
  }

  #answer(
    startTick: number,
    byWorker: readonly WorkerTime[],
    refused: string | null,
  ): Acknowledgement {
    const tookMs = performance.now() - startTick;
    return { epoch: this.#epoch, workers: byWorker.length, tookMs, byWorker, refused };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }

  #timeoutFor({ services }: PlanDelta): number {
    return Math.max(this.#answerTimeoutMs, services.length * SERVICE_TIMEOUT_MS);
  }

  async #isCommitted(link: WorkerLink): Promise<boolean> {
    return (await askCommit(link, this.#epoch, this.#answerTimeoutMs)) === 'ok';
  }
}
