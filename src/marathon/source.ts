// Marathon as a source: whole app lists in, on every sign of change and at least every resync interval.
// The last good list stays in force whatever Marathon does; getting well again needs no restart.

import type { Problem } from '../catalogue/problem.ts';
import type { Logger } from '../log/logger.ts';
import type { MarathonApp } from './app.ts';
import { Backoff } from './backoff.ts';
import { type Answer, MarathonClient } from './client.ts';
import { EmptyHold } from './empty-hold.ts';
import { EventStream } from './event-stream.ts';
import { HostAddresses } from './host-addresses.ts';
import { Outage } from './outage.ts';
import { Pacer } from './pacer.ts';
import { SourceError } from './source-error.ts';
import type { SourceStatus } from './source-status.ts';

/** A held back list is looked at again this often. */
const HELD_RECHECK_MS = 2_000;
/** A fetch without a sign of an answer for this long is given up when a stream opens. */
const STALLED_MS = 1_000;

export interface MarathonSourceOptions {
  /** Base URLs in order of preference, without a trailing slash. */
  readonly urls: readonly string[];
  /** Follow the event stream (`sse`); false = only the periodic resync (`poll`). */
  readonly stream: boolean;
  /** Whole list at least this often even when no event comes. */
  readonly resyncIntervalMs: number;
  /** No byte on the stream for this long: close, go on with the next Marathon. */
  readonly silenceTimeoutMs: number;
  /** A whole REST answer must have come by then. */
  readonly fetchTimeoutMs: number;
  /** First and longest wait before a reconnect; the wait grows and is drawn at random below it. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** An empty list after a full one is held back until it has stayed empty this long. */
  readonly emptyHoldMs: number;
  /** Teal's version, told in User-Agent; absent = not told. */
  readonly version?: string;
}

/** One accepted answer. */
export interface AppList {
  readonly apps: readonly MarathonApp[];
  /** Apps left out, and why. */
  readonly problems: readonly Problem[];
  /** Host name → IP address for every task host that could be resolved (IP literals map to themselves). */
  readonly addresses: ReadonlyMap<string, string>;
}

export class MarathonSource {
  readonly #options: MarathonSourceOptions;
  readonly #log: Logger;
  readonly #onApps: (list: AppList) => void;
  readonly #client: MarathonClient;
  readonly #stream: EventStream | null;
  readonly #pacer = new Pacer(() => this.#look());
  readonly #hosts = new HostAddresses(() => this.#pacer.request());
  readonly #outage: Outage;
  readonly #backoff: Backoff;
  readonly #hold: EmptyHold;
  #abort = new AbortController();
  #stopped = false;
  #fetches = 0;
  #lastAnswerAtMs = 0;
  /** When the fetch of the moment began. */
  #lookTick = 0;

  /** `onApps` is called with every accepted answer, equal to the last or not, never concurrently. */
  constructor(options: MarathonSourceOptions, log: Logger, onApps: (list: AppList) => void) {
    const { urls, fetchTimeoutMs, backoffMinMs, backoffMaxMs, resyncIntervalMs } = options;
    const userAgent = options.version === undefined ? 'teal' : `teal/${options.version}`;
    this.#options = options;
    this.#log = log;
    this.#onApps = onApps;
    this.#client = new MarathonClient({ urls, timeoutMs: fetchTimeoutMs, userAgent });
    this.#stream = options.stream
      ? new EventStream({ ...options, userAgent }, log, {
          opened: (url) => this.#streamOpened(url),
          event: () => this.#wantLook(),
        })
      : null;
    this.#outage = new Outage(log, "reading Marathon's apps");
    // A failed fetch is never waited for longer than a good one.
    this.#backoff = new Backoff(backoffMinMs, Math.min(backoffMaxMs, resyncIntervalMs));
    this.#hold = new EmptyHold(options.emptyHoldMs);
  }

  start(): void {
    if (this.#options.urls.some((url) => url.startsWith('https:'))) {
      this.#log.warn({}, "the certificate of Marathon's TLS is not verified, as in Marathon-LB");
    }
    this.#pacer.request(0);
    this.#stream?.start();
  }

  /** Closes the stream and all connections; resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    await Promise.all([this.#pacer.stop(), this.#stream?.stop(), this.#client.close()]);
  }

  status(): SourceStatus {
    const stream = this.#stream;
    return {
      url: this.#client.asking || this.#client.url,
      streaming: stream?.open ?? false,
      lastEventAtMs: stream?.lastByteAtMs ?? 0,
      lastAnswerAtMs: this.#lastAnswerAtMs,
      error: this.#outage.error || (stream?.error ?? ''),
      held: this.#hold.held,
      fetches: this.#fetches,
      events: stream?.events ?? 0,
      reconnects: stream?.reconnects ?? 0,
    };
  }

  /** Nothing is replayed on a stream: only a list read after it opened can be complete. */
  #streamOpened(url: string): void {
    const { asking, answering } = this.#client;
    this.#client.prefer(url);
    // The other Marathon may be the one that just died; and one that lost its streams may never answer
    // what it was asked before. What is being asked for must be asked again anyway.
    const stalled = !answering && performance.now() - this.#lookTick > STALLED_MS;
    if (asking !== '' && (asking !== url || stalled)) this.#abort.abort();
    this.#pacer.request(0);
  }

  #wantLook(): void {
    // Events come, answers do not: keep trying, but not at the pace of the events.
    if (this.#outage.error === '') this.#pacer.request();
    else this.#pacer.request(this.#options.backoffMinMs);
  }

  /** One look at Marathon, and when to look again. */
  async #look(): Promise<void> {
    if (this.#stopped) return;
    this.#fetches += 1;
    this.#lookTick = performance.now();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const answer = await this.#client.fetchApps(signal);
      this.#outage.recover();
      this.#backoff.reset();
      await this.#take(answer);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SourceError)) throw error;
      this.#outage.fail(error.message, 'the last good list stays, it is tried again');
      this.#pacer.request(this.#backoff.next());
    }
  }

  async #take(answer: Answer): Promise<void> {
    const { apps, problems, url } = answer;
    const wasHeld = this.#hold.held;
    if (!this.#hold.accepts(apps.length, Date.now())) {
      if (!wasHeld) this.#sayHeld(url);
      this.#pacer.request(Math.min(HELD_RECHECK_MS, this.#hold.untilMs - Date.now()));
      return;
    }
    if (wasHeld) {
      this.#log.info({ url, apps: apps.length }, "Marathon's app list is no longer held back");
    }
    const resolving = this.#hosts.resolve(hostsOf(apps));
    // No turn of the event loop is spent on waiting when there is nothing to wait for.
    const addresses = resolving instanceof Promise ? await resolving : resolving;
    if (this.#stopped) return;
    this.#lastAnswerAtMs = Date.now();
    this.#pacer.request(this.#options.resyncIntervalMs);
    this.#onApps({ apps, problems, addresses });
  }

  #sayHeld(url: string): void {
    const until = new Date(this.#hold.untilMs).toISOString();
    this.#log.warn(
      { url, until },
      `Marathon's app list is suddenly empty; the last one stays in force until ${until} unless apps come back before`,
    );
  }
}

/** Task hosts that have to be dialled; a container with an address of its own is not one. */
function hostsOf(apps: readonly MarathonApp[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const app of apps) {
    if (app.networking === 'container') continue;
    for (const task of app.tasks) hosts.add(task.host);
  }
  return hosts;
}
