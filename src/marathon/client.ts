// Reads apps, all or one, from the first Marathon that gives a sensible answer. The one that did last is
// asked first.

import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import type { MarathonAccess } from './access.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import { type Attempt, firstAnswer } from './first-answer.ts';
import { get, openAgent, reasonOf } from './http.ts';
import { ListReader, type ListReaderOptions } from './list-reader.ts';
import { LoginEndpoint } from './login-endpoint.ts';
import { type ReadApps, readApps } from './read-apps.ts';
import { parseJson } from './reading.ts';
import { SourceError } from './source-error.ts';

/** Tasks and the results of readiness checks must be asked for; deployments come with tasks. */
const ALL_APPS = '/v2/apps?embed=apps.tasks&embed=apps.readiness';
/** 10,000 apps with 10 tasks each are some 100 MB; more than this is no app list. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

export interface MarathonClientOptions {
  /** Base URLs in order of preference. */
  readonly urls: readonly string[];
  readonly access: MarathonAccess;
  /** A whole answer must have come by then. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Longest body that is read, decompressed; absent = enough for any cluster. */
  readonly maxBodyBytes?: number;
  /** How long a Marathon may send next to nothing before the next one is asked as well. */
  readonly patienceMs?: number;
  /** Absent = long answers are read by a thread. */
  readonly reader?: ListReaderOptions;
}

export interface Answer extends ReadApps {
  readonly url: string;
}

export class MarathonClient {
  /** Shared with the event stream; closed with the client. */
  readonly credentials: Credentials;
  readonly #options: MarathonClientOptions;
  readonly #agent: Agent;
  readonly #reader: ListReader;
  /** Base URLs, the last good one first. */
  #urls: readonly string[];
  #asking = '';
  #answering = false;

  constructor(options: MarathonClientOptions) {
    const { login, trust } = options.access;
    this.#options = options;
    this.#urls = options.urls;
    this.#agent = openAgent(options.timeoutMs, trust);
    this.#reader = new ListReader(options.reader);
    this.credentials = credentialsFor(login, (account) => new LoginEndpoint(account, trust));
  }

  /** Base URL that is asked first. */
  get url(): string {
    return this.#urls[0] ?? '';
  }

  /** Base URL that is being asked at this moment, the last of several; empty when none is. */
  get asking(): string {
    return this.#asking;
  }

  /** True once an answer being fetched has begun to come. */
  get answering(): boolean {
    return this.#answering;
  }

  /** Asks this one first from now on. */
  prefer(url: string): void {
    this.#urls = [url, ...this.#urls.filter((other) => other !== url)];
  }

  /**
   * Each Marathon once; apps that say the same as before are the same objects. Throws SourceError naming
   * every one's fault; `signal` ends it at once.
   */
  async fetchApps(signal: AbortSignal): Promise<Answer> {
    const read = (body: Buffer | null) => this.#reader.read(body ?? Buffer.alloc(0));
    const { url, answer } = await this.#fetch(ALL_APPS, read, signal);
    return { url, ...answer };
  }

  /** The same for one app, tasks and deployments with it; null when there is none of this id. */
  async fetchApp(id: string, signal: AbortSignal): Promise<Answer | null> {
    const path = `/v2/apps${id.split('/').map(encodeURIComponent).join('/')}?embed=app.readiness`;
    const { url, answer } = await this.#fetch(path, (body) => readApp(body, id), signal);
    return answer === null ? null : { url, ...answer };
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#reader.close(), this.credentials.close()]);
  }

  async #fetch<T>(
    path: string,
    read: (body: Buffer | null) => T | Promise<T>,
    signal: AbortSignal,
  ) {
    const { patienceMs } = this.#options;
    try {
      const first = await firstAnswer({
        urls: this.#urls,
        signal,
        ask: async (url, attempt) => {
          this.#asking = url;
          return read(await this.#fetchFrom(url, path, attempt));
        },
        faultOf: (url, error) => `${url}${path}: ${faultOf(error)}`,
        ...(patienceMs === undefined ? {} : { patienceMs }),
      });
      this.prefer(first.url);
      return first;
    } finally {
      this.#asking = '';
      this.#answering = false;
    }
  }

  /** The body; null where there is no such thing. */
  async #fetchFrom(url: string, path: string, attempt: Attempt): Promise<Buffer | null> {
    const { timeoutMs, userAgent, maxBodyBytes = MAX_BODY_BYTES } = this.#options;
    const limit = new AbortController();
    const callOff = () => limit.abort();
    attempt.signal.addEventListener('abort', callOff);
    const timer = setTimeout(callOff, timeoutMs);
    let isRead = false;
    try {
      const response = await get(`${url}${path}`, {
        headers: { accept: 'application/json', 'user-agent': userAgent },
        signal: limit.signal,
        dispatcher: this.#agent,
        credentials: this.credentials,
      });
      this.#answering = true;
      if (response.status === 404 && path !== ALL_APPS) return null;
      if (response.status !== 200) {
        throw new SourceError(`expected status 200, got ${response.status}`);
      }
      const body = await readBody(response.body, maxBodyBytes, attempt.heard);
      isRead = true;
      return body;
    } catch (error) {
      if (!limit.signal.aborted) throw error;
      throw new SourceError(`expected a whole answer within ${timeoutMs} ms, it did not come`);
    } finally {
      clearTimeout(timer);
      attempt.signal.removeEventListener('abort', callOff);
      // A body that is not read to its end would hold its connection.
      if (!isRead) limit.abort();
    }
  }
}

/** `{ "app": … }` with the id that was asked for; null stays null. */
function readApp(body: Buffer | null, id: string): ReadApps | null {
  if (body === null) return null;
  const text = body.toString('utf8');
  const answer = parseJson(text);
  const app: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'app') : undefined;
  if (typeof app !== 'object' || app === null || Reflect.get(app, 'id') !== id) {
    throw new SourceError(`expected JSON with an app '${id}', got ${text.slice(0, 60)}`);
  }
  return readApps({ apps: [app] });
}

async function readBody(
  body: Readable,
  maxBytes: number,
  heard: (bytes: number) => void,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new SourceError(`expected an answer of at most ${maxBytes} bytes, it is longer`);
    }
    heard(chunk.byteLength);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function faultOf(error: unknown): string {
  if (error instanceof SourceError) return error.message;
  return `expected an answer, got ${reasonOf(error)}`;
}
