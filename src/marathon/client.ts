// Reads the whole app list from the first Marathon that gives a sensible answer. The one that did last
// is asked first.

import type { Agent, Response } from 'undici';
import { get, openAgent, reasonOf } from './http.ts';
import { type ReadApps, readApps } from './read-apps.ts';
import { SourceError } from './source-error.ts';

/** Tasks must be asked for; deployments are embedded always. */
const PATH = '/v2/apps?embed=apps.tasks';
/** 10,000 apps with 10 tasks each are some 100 MB; more than this is no app list. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

export interface MarathonClientOptions {
  /** Base URLs in order of preference. */
  readonly urls: readonly string[];
  /** A whole answer must have come by then. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Longest body that is read, decompressed; absent = enough for any cluster. */
  readonly maxBodyBytes?: number;
}

export interface Answer extends ReadApps {
  readonly url: string;
}

export class MarathonClient {
  readonly #options: MarathonClientOptions;
  readonly #agent: Agent;
  /** Base URLs, the last good one first. */
  #urls: readonly string[];
  #asking = '';
  #answering = false;

  constructor(options: MarathonClientOptions) {
    this.#options = options;
    this.#urls = options.urls;
    this.#agent = openAgent(options.timeoutMs);
  }

  /** Base URL that is asked first. */
  get url(): string {
    return this.#urls[0] ?? '';
  }

  /** Base URL that is being asked at this moment; empty when none is. */
  get asking(): string {
    return this.#asking;
  }

  /** True once the answer being fetched has begun to come. */
  get answering(): boolean {
    return this.#answering;
  }

  /** Asks this one first from now on. */
  prefer(url: string): void {
    this.#urls = [url, ...this.#urls.filter((other) => other !== url)];
  }

  /** Each Marathon once. Throws SourceError naming every one's fault; `signal` ends it at once. */
  async fetchApps(signal: AbortSignal): Promise<Answer> {
    const faults: string[] = [];
    for (const url of this.#urls) {
      this.#asking = url;
      try {
        const answer = { url, ...(await this.#fetchFrom(url, signal)) };
        this.prefer(url);
        return answer;
      } catch (error) {
        if (signal.aborted) throw new SourceError('the fetch was called off');
        faults.push(`${url}${PATH}: ${faultOf(error)}`);
      } finally {
        this.#asking = '';
        this.#answering = false;
      }
    }
    throw new SourceError(faults.join('; '));
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #fetchFrom(url: string, signal: AbortSignal): Promise<ReadApps> {
    const { timeoutMs, userAgent, maxBodyBytes = MAX_BODY_BYTES } = this.#options;
    const limit = new AbortController();
    const callOff = () => limit.abort();
    signal.addEventListener('abort', callOff);
    const timer = setTimeout(callOff, timeoutMs);
    try {
      const response = await get(`${url}${PATH}`, {
        headers: { accept: 'application/json', 'user-agent': userAgent },
        signal: limit.signal,
        dispatcher: this.#agent,
      });
      this.#answering = true;
      if (response.status !== 200) {
        throw new SourceError(`expected status 200, got ${response.status}`);
      }
      return readApps(parse(await readBody(response, maxBodyBytes)));
    } catch (error) {
      if (!limit.signal.aborted) throw error;
      throw new SourceError(`expected a whole answer within ${timeoutMs} ms, it did not come`);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', callOff);
      // A body that is not read to its end would hold its connection.
      limit.abort();
    }
  }
}

async function readBody(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new SourceError(`expected an answer of at most ${maxBytes} bytes, it is longer`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new SourceError(
      `expected JSON, got ${body.length} characters that begin with '${body.slice(0, 60)}'`,
    );
  }
}

function faultOf(error: unknown): string {
  if (error instanceof SourceError) return error.message;
  return `expected an answer, got ${reasonOf(error)}`;
}
