// Follows Marathon's event stream and keeps following: `eventsource` reads the frames, everything
// around it is here, because it gives up for ever on any answer but 200 and never notices silence.
// One stream at a time; the first fault closes it, and the next Marathon of the list is tried.

import { type ErrorEvent, EventSource, type EventSourceFetchInit } from 'eventsource';
import type { Agent } from 'undici';
import type { Logger } from '../log/logger.ts';
import type { Trust } from './access.ts';
import { Backoff } from './backoff.ts';
import type { Credentials } from './credentials.ts';
import { EVENT_TYPES, EVENTS_PATH } from './event-types.ts';
import { get, openAgent } from './http.ts';
import { Outage } from './outage.ts';
import { watchBytes } from './watched-body.ts';

/** Events that tell of one app are short; old Marathons send the whole root group twice in others. */
const MAX_PARSED_LENGTH = 262_144;
/** A stream that lived this long was no false start: the waits begin small again. */
const STEADY_MS = 60_000;

export interface EventStreamOptions {
  /** Base URLs; the next one after every fault, round and round. */
  readonly urls: readonly string[];
  readonly silenceTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly userAgent: string;
  readonly trust: Trust;
  readonly credentials: Credentials;
}

export interface EventStreamHandlers {
  /** A stream has opened: whatever happened before it is unknown. */
  readonly opened: (url: string) => void;
  /** `data` is the parsed event; null if it could not be parsed or is very long. */
  readonly event: (type: string, data: unknown) => void;
}

interface Stream {
  readonly url: string;
  /** Null only while it is being made: its constructor asks for the answer already. */
  source: EventSource | null;
  readonly silence: NodeJS.Timeout;
  readonly abort: AbortController;
  readonly startedTick: number;
}

export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #handlers: EventStreamHandlers;
  readonly #outage: Outage;
  readonly #backoff: Backoff;
  readonly #agent: Agent;
  #stream: Stream | null = null;
  #pause: NodeJS.Timeout | null = null;
  #attempts = 0;
  #open = false;
  #lastByteAtMs = 0;
  #events = 0;

  constructor(options: EventStreamOptions, log: Logger, handlers: EventStreamHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#outage = new Outage(log, "Marathon's event stream");
    this.#backoff = new Backoff(options.backoffMinMs, options.backoffMaxMs);
    this.#agent = openAgent(options.silenceTimeoutMs, options.trust);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Ms since 1970, heartbeats included; 0 = never. */
  get lastByteAtMs(): number {
    return this.#lastByteAtMs;
  }

  get events(): number {
    return this.#events;
  }

  /** Attempts after the first. */
  get reconnects(): number {
    return Math.max(0, this.#attempts - 1);
  }

  /** One clause; empty while the stream is well. */
  get error(): string {
    return this.#outage.error;
  }

  start(): void {
    this.#connect();
  }

  async stop(): Promise<void> {
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#close();
    await this.#agent.destroy();
  }

  #connect(): void {
    const { urls, silenceTimeoutMs } = this.#options;
    const url = urls[this.#attempts % urls.length] ?? '';
    this.#attempts += 1;
    const stream: Stream = {
      url,
      source: null,
      silence: setTimeout(() => {
        const fault = `expected at least a heartbeat within ${silenceTimeoutMs} ms, none came`;
        this.#lose(stream, fault);
      }, silenceTimeoutMs),
      abort: new AbortController(),
      startedTick: performance.now(),
    };
    this.#stream = stream;
    const source = new EventSource(`${url}${EVENTS_PATH}`, {
      fetch: (target, init) => this.#fetch(target, init, stream),
    });
    stream.source = source;
    source.addEventListener('open', () => this.#opened(stream));
    source.addEventListener('error', (event) => this.#lose(stream, faultOf(event)));
    for (const type of EVENT_TYPES) {
      source.addEventListener(type, ({ data }) => {
        for (const event of eventsIn(data)) this.#take(stream, type, event);
      });
    }
    // Frames without an `event:` line (Marathon up to 1.3) tell their type in the data.
    source.addEventListener('message', ({ data }) => {
      for (const event of eventsIn(data)) this.#take(stream, typeIn(event), event);
    });
  }

  async #fetch(target: string | URL, init: EventSourceFetchInit, stream: Stream) {
    const response = await get(String(target), {
      headers: { ...init.headers, 'user-agent': this.#options.userAgent },
      // Its own signal in place of init's: it also ends an answer that `eventsource` refused.
      signal: stream.abort.signal,
      dispatcher: this.#agent,
      credentials: this.#options.credentials,
    });
    const { body, status, headers, url, redirected } = response;
    const watched = watchBytes(body, () => this.#heard(stream));
    return { body: watched, status, headers, url, redirected };
  }

  #heard(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#lastByteAtMs = Date.now();
    stream.silence.refresh();
  }

  #opened(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#open = true;
    this.#heard(stream);
    this.#outage.recover();
    this.#handlers.opened(stream.url);
  }

  #take(stream: Stream, type: string, data: unknown): void {
    if (this.#stream !== stream || !EVENT_TYPES.includes(type)) return;
    this.#events += 1;
    // A Marathon that is starting or stopping attaches streams and closes them again.
    if (type !== 'event_stream_attached') this.#backoff.reset();
    this.#handlers.event(type, data);
  }

  #lose(stream: Stream, fault: string): void {
    if (this.#stream !== stream) return;
    this.#close();
    if (performance.now() - stream.startedTick > STEADY_MS) this.#backoff.reset();
    this.#outage.fail(
      `${stream.url}/v2/events: ${fault}`,
      'it is tried again, and the whole app list is read from time to time meanwhile',
    );
    this.#pause = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #close(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#open = false;
    if (stream === null) return;
    clearTimeout(stream.silence);
    stream.source?.close();
    stream.abort.abort();
  }
}

function faultOf(event: ErrorEvent): string {
  if (event.code !== undefined) {
    return `expected status 200 and text/event-stream, got: ${event.message ?? event.code}`;
  }
  return event.message === undefined
    ? 'the stream ended'
    : `expected a stream, got ${event.message}`;
}

/** Mostly one; Marathon-LB knows frames with several, a line each. Null for what cannot be parsed. */
function eventsIn(data: unknown): readonly unknown[] {
  const text = String(data);
  if (text.length > MAX_PARSED_LENGTH) return [null];
  const whole = parse(text);
  return whole === null && text.includes('\n') ? text.split('\n').map(parse) : [whole];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function typeIn(event: unknown): string {
  if (typeof event !== 'object' || event === null || !('eventType' in event)) return '';
  return String(event.eventType);
}
