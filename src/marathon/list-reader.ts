// Bodies of GET /v2/apps → apps, of which those that say the same as before are the same objects. Long
// bodies are read by a thread; where none can be had, they are read here.

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { MarathonApp } from './app.ts';
import type { ReadApps } from './read-apps.ts';
import type { ReaderReply } from './reader-thread.ts';
import { Reader, type Reading } from './reading.ts';
import { SourceError } from './source-error.ts';

/** A body up to this length is read in some 15 ms: less than a thread is worth. */
const LONG_BYTES = 1_048_576;

export interface ListReaderOptions {
  /** Length from which on a thread reads; absent = 1 MiB. */
  readonly longBytes?: number;
  /** The thread's program, built; absent = beside this module. */
  readonly program?: string;
}

export class ListReader {
  readonly #options: ListReaderOptions;
  readonly #here = new Known();
  readonly #there = new Known();
  readonly #reader = new Reader();
  #thread: ReadingThread | null = null;
  /** True once a thread could not be started. */
  #threadless = false;

  constructor(options: ListReaderOptions = {}) {
    this.#options = options;
  }

  /** Takes the body: it is not to be used afterwards. Rejects with SourceError when it is no app list. */
  async read(body: Buffer): Promise<ReadApps> {
    const { longBytes = LONG_BYTES } = this.#options;
    if (body.length < longBytes || this.#threadless) {
      const changed: MarathonApp[] = [];
      const reading = this.#reader.read(body, (app) => changed.push(app));
      return this.#here.take({ reading, changed });
    }
    const thread = this.#openThread();
    try {
      return this.#there.take(await thread.read(body));
    } catch (error) {
      if (!thread.failed) throw error;
      // A new thread knows nothing of what the old one handed on.
      this.#there.forget();
      this.#thread = null;
      this.#threadless = !thread.hasWorked;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }

  #openThread(): ReadingThread {
    this.#thread ??= new ReadingThread(
      this.#options.program ?? fileURLToPath(new URL('./reader-thread.js', import.meta.url)),
    );
    return this.#thread;
  }
}

/** A reading with all that is new in it. */
interface Read {
  readonly reading: Reading;
  readonly changed: readonly MarathonApp[];
}

/** The apps of the last reading, by id. */
class Known {
  #apps: ReadonlyMap<string, MarathonApp> = new Map();

  take({ reading: { ids, problems }, changed }: Read): ReadApps {
    const fresh = new Map(changed.map((app) => [app.id, app]));
    const apps = ids.flatMap((id) => fresh.get(id) ?? this.#apps.get(id) ?? []);
    this.#apps = new Map(apps.map((app) => [app.id, app]));
    return { apps, problems };
  }

  forget(): void {
    this.#apps = new Map();
  }
}

interface Waiting {
  readonly resolve: (read: Read) => void;
  readonly reject: (error: Error) => void;
}

/** Answers come in the order of the questions. */
class ReadingThread {
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  /** Of the answer that comes. */
  #changed: MarathonApp[] = [];
  #failed = false;
  #hasWorked = false;

  constructor(program: string) {
    this.#worker = new Worker(program);
    this.#worker.unref();
    this.#worker.on('message', (reply: ReaderReply) => this.#take(reply));
    this.#worker.on('error', (error) => this.#fail(error.message));
    this.#worker.on('exit', () => this.#fail('it ended'));
  }

  get failed(): boolean {
    return this.#failed;
  }

  get hasWorked(): boolean {
    return this.#hasWorked;
  }

  read(body: Buffer): Promise<Read> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      // A buffer of this length has its memory to itself, which changes hands.
      const whole = body.byteLength === body.buffer.byteLength;
      this.#worker.postMessage(body, whole ? [body.buffer as ArrayBuffer] : []);
    });
  }

  async close(): Promise<void> {
    this.#fail('it was closed');
    await this.#worker.terminate();
  }

  #take(reply: ReaderReply): void {
    this.#hasWorked = true;
    if ('changed' in reply) {
      for (const app of reply.changed) this.#changed.push(app);
      return;
    }
    const next = this.#waiting.shift();
    const changed = this.#changed;
    this.#changed = [];
    if ('reading' in reply) next?.resolve({ reading: reply.reading, changed });
    else next?.reject(new SourceError(reply.fault));
  }

  #fail(why: string): void {
    this.#failed = true;
    const error = new SourceError(`the thread that reads long answers failed: ${why}`);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
