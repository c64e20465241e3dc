// One place in the fleet: it always holds a worker, or is about to. A worker that dies is replaced at
// once, and more slowly the sooner it dies again.

import type { Logger, LogLevel } from '../log/logger.ts';
import type { ProxySettings } from '../proxy/settings.ts';
import type { WorkerView } from '../stats/view.ts';
import { WorkerLink } from './worker-link.ts';

const START_TIMEOUT_MS = 10_000;
/** A worker that lived this long did not die of its start. */
const STEADY_MS = 10_000;
const LONGEST_PAUSE_MS = 5_000;

export interface WorkerOptions {
  /** Path of the built worker program. */
  readonly program: string;
  readonly settings: ProxySettings;
  readonly logLevel: LogLevel;
}

export interface SlotEvents {
  /** Brings a started worker to the plan in force and calls `admit` when it may serve. */
  readonly join: (link: WorkerLink, admit: () => void) => Promise<void>;
  /** A worker that had served ended. */
  readonly left: (pid: number) => void;
}

export class Slot {
  readonly number: number;
  /** The worker that serves; null while there is none. */
  link: WorkerLink | null = null;
  #restarts = 0;
  #quickDeaths = 0;
  #stopped = false;
  #current: WorkerLink | null = null;
  #pause: NodeJS.Timeout | null = null;
  readonly #options: WorkerOptions;
  readonly #log: Logger;
  readonly #events: SlotEvents;

  constructor(number: number, options: WorkerOptions, log: Logger, events: SlotEvents) {
    this.number = number;
    this.#options = options;
    this.#log = log;
    this.#events = events;
  }

  view(): WorkerView[] {
    const link = this.link;
    if (link === null) return [];
    const { pid, epoch, startedAtMs, load } = link;
    const known = load === undefined ? {} : { load };
    return [{ slot: this.number, pid, epoch, startedAtMs, restarts: this.#restarts, ...known }];
  }

  /** Starts a worker; resolves when it serves or when it failed to (it is tried again then). */
  async start(): Promise<void> {
    if (this.#stopped) return;
    const link = new WorkerLink(this.#options.program);
    this.#current = link;
    void link.ended.then((how) => this.#ended(link, how));
    const { settings, logLevel } = this.#options;
    const answer = await link.ask(
      { type: 'start', settings, logLevel },
      (message) => (message.type === 'ready' ? 'ok' : null),
      START_TIMEOUT_MS,
    );
    if (answer === 'late') link.kill();
    if (answer !== 'ok') return;
    await this.#events.join(link, () => {
      if (!link.gone) this.link = link;
    });
  }

  /** Replaces nobody from now on. */
  stop(): void {
    this.#stopped = true;
    if (this.#pause !== null) clearTimeout(this.#pause);
  }

  /** Ends the worker and waits for its end. */
  async end(): Promise<void> {
    this.stop();
    this.#current?.kill();
    await this.#current?.ended;
  }

  #ended(link: WorkerLink, how: string): void {
    if (this.link === link) {
      this.link = null;
      this.#events.left(link.pid);
    }
    if (this.#stopped) return;
    const livedMs = Date.now() - link.startedAtMs;
    this.#quickDeaths = livedMs > STEADY_MS ? 0 : this.#quickDeaths + 1;
    this.#restarts += 1;
    const pauseMs =
      this.#quickDeaths <= 1 ? 0 : Math.min(LONGEST_PAUSE_MS, 50 * 2 ** this.#quickDeaths);
    this.#log.error(
      { worker: this.number, pid: link.pid, how, livedMs, pauseMs },
      'a worker ended unexpectedly; its connections are lost, another takes its place',
    );
    this.#pause = setTimeout(() => void this.start(), pauseMs);
  }
}
