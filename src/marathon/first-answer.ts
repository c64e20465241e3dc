// Several Marathons, one answer: they are asked one after the other, the next one as soon as the one
// before has failed or seems to hang; the first good answer ends the others.

import { SourceError } from './source-error.ts';

/** Who sends less than this in that time seems to hang: silence, or a byte now and then. */
const PATIENCE_MS = 5_000;
const LEAST_BYTES = 65_536;

export interface Attempt {
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** To be told of every piece of the answer; 0 for its head. */
  readonly heard: (bytes: number) => void;
}

export interface FirstAnswer<T> {
  readonly url: string;
  readonly answer: T;
}

export interface Asking<T> {
  /** Base URLs in the order they are asked; each once. */
  readonly urls: readonly string[];
  /** Called when one begins to be asked. */
  readonly ask: (url: string, attempt: Attempt) => Promise<T>;
  /** What is wrong with a Marathon, in one clause, the URL in it. */
  readonly faultOf: (url: string, error: unknown) => string;
  readonly signal: AbortSignal;
  readonly patienceMs?: number;
}

/** Rejects with SourceError naming every one's fault; never before all attempts have ended. */
export async function firstAnswer<T>(asking: Asking<T>): Promise<FirstAnswer<T>> {
  const { urls, faultOf, signal } = asking;
  const ends = new AbortController();
  const callOff = (): void => ends.abort();
  signal.addEventListener('abort', callOff, { once: true });
  const faults: string[] = [];
  const running = new Set<Promise<FirstAnswer<T> | null>>();
  const waiting = [...urls];
  try {
    while (waiting.length > 0 || running.size > 0) {
      if (signal.aborted) throw new SourceError('the fetch was called off');
      const url = waiting.shift();
      const impatience = new Impatience(asking.patienceMs ?? PATIENCE_MS);
      if (url !== undefined) {
        const attempt = asking
          .ask(url, { signal: ends.signal, heard: (bytes) => impatience.heard(bytes) })
          .then(
            (answer) => ({ url, answer }),
            (error: unknown) => {
              if (!ends.signal.aborted) faults.push(faultOf(url, error));
              return null;
            },
          )
          .finally(() => running.delete(attempt));
        running.add(attempt);
      }
      const first = await impatience.until(running, waiting.length > 0);
      if (first !== null) return first;
    }
    throw new SourceError(signal.aborted ? 'the fetch was called off' : faults.join('; '));
  } finally {
    signal.removeEventListener('abort', callOff);
    ends.abort();
    await Promise.all(running);
  }
}

/** Waits for attempts as long as the youngest of them goes on well. */
class Impatience {
  readonly #patienceMs: number;
  #bytes = 0;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  heard(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The first answer; null when an attempt has failed, or seems to hang and there is another Marathon. */
  async until<T>(running: Iterable<Promise<T | null>>, another: boolean): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const hanging = new Promise<null>((resolve) => {
      if (!another) return;
      timer = setInterval(() => {
        if (this.#bytes < LEAST_BYTES) resolve(null);
        this.#bytes = 0;
      }, this.#patienceMs);
    });
    try {
      return await Promise.race([hanging, ...running]);
    } finally {
      clearInterval(timer);
    }
  }
}
