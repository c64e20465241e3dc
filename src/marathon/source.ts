// Marathon as a source: whole app lists in, on every sign of change and at least every resync interval;
// where an event tells of a single app, that one is read and put into the last list. The last good list
// stays in force whatever Marathon does; getting well again needs no restart.

import { listChanges } from '../catalogue/list-changes.ts';
import type { Problem } from '../catalogue/problem.ts';
import type { Logger } from '../log/logger.ts';
import { type MarathonAccess, OPEN_ACCESS } from './access.ts';
import { type Affected, affectedApps } from './affected-apps.ts';
import type { MarathonApp } from './app.ts';
import { Backoff } from './backoff.ts';
import { MarathonClient } from './client.ts';
import { EventStream } from './event-stream.ts';
import { HostAddresses, hostsOf } from './host-addresses.ts';
import { keepEqualApps } from './kept-apps.ts';
import { AppPlaces, mergeApps } from './merge-apps.ts';
import { Outage } from './outage.ts';
import { Pacer } from './pacer.ts';
import type { ReadApps } from './read-apps.ts';
import { RemovalBrake } from './removal-brake.ts';
import { SourceError } from './source-error.ts';
import type { SourceStatus } from './source-status.ts';
import { WantedApps } from './wanted-apps.ts';

/** A held back list is looked at again this often. */
const HELD_RECHECK_MS = 2_000;
/** A fetch without a sign of an answer for this long is given up when a stream opens. */
const STALLED_MS = 1_000;

/** A timer may fire a little before its time. */
const TIMER_SLACK_MS = 2;

export interface MarathonSourceOptions {
  /** Base URLs in order of preference, without a trailing slash. */
  readonly urls: readonly string[];
  /** Absent = no credentials, and no certificate is verified. */
  readonly access?: MarathonAccess;
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
  /** A list that has lost more than this share of the running tasks is held back this long, too. */
  readonly maxRemovalShare: number;
  readonly removalHoldMs: number;
  /** How long a Marathon may send next to nothing before the next one is asked as well; absent = 5 s. */
  readonly patienceMs?: number;
  /** Teal's version, told in User-Agent; absent = not told. */
  readonly version?: string;
}

/** One accepted answer. */
export interface AppList {
  readonly apps: readonly MarathonApp[];
  /** Apps left out, and why; also that a newer list is held back. */
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
  readonly #wanted = new WantedApps();
  readonly #hosts = new HostAddresses(() => this.#pacer.request());
  readonly #outage: Outage;
  readonly #backoff: Backoff;
  readonly #brake: RemovalBrake;
  readonly #places = new AppPlaces();
  #list: AppList = { apps: [], problems: [], addresses: new Map() };
  #abort = new AbortController();
  #stopped = false;
  #fetches = 0;
  #lastAnswerAtMs = 0;
  /** When the fetch of the moment began. */
  #lookTick = 0;
  #resyncTick = 0;

  /** `onApps` is called with every accepted answer, equal to the last or not, never concurrently. */
  constructor(options: MarathonSourceOptions, log: Logger, onApps: (list: AppList) => void) {
    const { fetchTimeoutMs, backoffMinMs, backoffMaxMs, resyncIntervalMs } = options;
    const { access = OPEN_ACCESS } = options;
    const userAgent = options.version === undefined ? 'teal' : `teal/${options.version}`;
    this.#options = options;
    this.#log = log;
    this.#onApps = onApps;
    this.#client = new MarathonClient({ ...options, access, timeoutMs: fetchTimeoutMs, userAgent });
    const { credentials } = this.#client;
    this.#stream = options.stream
      ? new EventStream({ ...options, userAgent, trust: access.trust, credentials }, log, {
          opened: (url) => this.#streamOpened(url),
          event: (type, data) => this.#takeEvent(type, data),
        })
      : null;
    this.#outage = new Outage(log, "reading Marathon's apps");
    // A failed fetch is never waited for longer than a good one.
    this.#backoff = new Backoff(backoffMinMs, Math.min(backoffMaxMs, resyncIntervalMs));
    this.#brake = new RemovalBrake({
      maxShare: options.maxRemovalShare,
      confirmMs: options.removalHoldMs,
      emptyMs: options.emptyHoldMs,
    });
  }

  start(): void {
    const { urls, access = OPEN_ACCESS } = this.#options;
    if (!access.trust.verifies && urls.some((url) => url.startsWith('https:'))) {
      this.#log.warn(
        {},
        "the certificate of Marathon's TLS is not verified, as in Marathon-LB without --marathon-ca-cert; --marathon-tls-verify does it by the system's authorities",
      );
    }
    this.#pacer.request(0);
    this.#stream?.start();
  }

  /** Reads the whole list now, as if an event had told of everything. */
  resync(): void {
    this.#wanted.all();
    this.#pacer.request(0);
  }

  /** Closes the stream and all connections; resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    this.#hosts.close();
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
      held: this.#brake.held,
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
    this.resync();
  }

  #takeEvent(type: string, data: unknown): void {
    this.#wanted.add(affectedApps(type, data, this.#list.apps));
    if (this.#wanted.none) return;
    // Events come, answers do not: keep trying, but not at the pace of the events.
    if (this.#outage.error === '') this.#pacer.request();
    else this.#pacer.request(this.#options.backoffMinMs);
  }

  /** One look at Marathon, and when to look again. */
  async #look(): Promise<void> {
    if (this.#stopped) return;
    const dueMs = this.#resyncTick - performance.now();
    if (dueMs < TIMER_SLACK_MS || this.#brake.held) this.#wanted.all();
    const wanted = this.#wanted.take(this.#list.apps.length);
    this.#lookTick = performance.now();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const read = await this.#read(wanted, signal);
      this.#outage.recover();
      this.#backoff.reset();
      await this.#take(read, wanted);
      if (wanted === 'all') this.#resyncTick = this.#lookTick + this.#options.resyncIntervalMs;
      if (!this.#brake.held) this.#pacer.request(this.#resyncTick - performance.now());
    } catch (error) {
      this.#wanted.all();
      if (signal.aborted) return;
      if (!(error instanceof SourceError)) throw error;
      this.#outage.fail(error.message, 'the last good list stays, it is tried again');
      this.#pacer.request(this.#backoff.next());
    }
  }

  async #read(wanted: Affected, signal: AbortSignal): Promise<ReadApps> {
    if (wanted !== 'all') {
      const answers = new Map<string, ReadApps>();
      for (const id of wanted) {
        this.#fetches += 1;
        const answer = await this.#client.fetchApp(id, signal);
        // Removed, or never there: what else that means, only the whole list says.
        if (answer === null) return this.#readAll(signal);
        answers.set(id, answer);
      }
      return mergeApps(this.#list, answers, this.#places);
    }
    return this.#readAll(signal);
  }

  async #readAll(signal: AbortSignal): Promise<ReadApps> {
    this.#fetches += 1;
    const { apps, problems } = await this.#client.fetchApps(signal);
    return { apps: keepEqualApps(this.#list.apps, apps), problems };
  }

  async #take({ apps, problems }: ReadApps, wanted: Affected): Promise<void> {
    const wasHeld = this.#brake.held;
    if (!this.#brake.accepts(this.#list.apps, apps, Date.now())) {
      if (!wasHeld) this.#sayHeld(apps.length === 0);
      this.#pacer.request(Math.min(HELD_RECHECK_MS, this.#brake.untilMs - Date.now()));
      return;
    }
    if (wasHeld) {
      this.#log.info({ apps: apps.length }, "Marathon's app list is no longer held back");
    }
    const resolving = this.#addressesOf(apps, wanted);
    // No turn of the event loop is spent on waiting when there is nothing to wait for.
    const addresses = resolving instanceof Promise ? await resolving : resolving;
    if (this.#stopped) return;
    // A look for the sake of new addresses has asked Marathon nothing.
    if (wanted === 'all' || wanted.length > 0) this.#lastAnswerAtMs = Date.now();
    this.#list = { apps, problems, addresses };
    this.#onApps(this.#list);
  }

  /** The map in force where it has all that was wanted: most events bring no new host. */
  #addressesOf(apps: readonly MarathonApp[], wanted: Affected) {
    const { addresses } = this.#list;
    if (wanted !== 'all' && wanted.length > 0) {
      const hosts = hostsOf(listChanges(this.#list.apps, apps).added);
      if ([...hosts].every((host) => addresses.has(host))) return addresses;
    }
    return this.#hosts.resolve(hostsOf(apps));
  }

  /** In the log, and as a problem beside the list that stays in force. */
  #sayHeld(empty: boolean): void {
    const { url } = this.#client;
    const until = new Date(this.#brake.untilMs).toISOString();
    const { lost, of } = this.#brake.loss;
    const what = empty ? 'is suddenly empty' : `has suddenly lost ${lost} of ${of} running tasks`;
    const message = `Marathon's app list ${what}; the last one stays in force until ${until} unless they come back before`;
    this.#log.warn({ url, until }, message);
    const held: Problem = { app: null, where: 'Marathon', value: url, message };
    this.#onApps({ ...this.#list, problems: [held, ...this.#list.problems] });
  }
}
