// Bytes that arrived and wait to be taken. Every wait is bounded and fails with what was there, so a
// test that hangs says why.

/** How a stream of bytes ended: by FIN, or by anything else. */
export type Ending = 'end' | 'reset';

/** Longest wait for bytes, in ms: far above any honest delay. */
export const PATIENCE_MS = 8_000;

export class ByteQueue {
  /** Everything that ever came, in bytes. */
  total = 0;
  ending: Ending | null = null;
  #chunks: Buffer[] = [];
  #size = 0;
  readonly #wakers = new Set<() => void>();

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.total += chunk.length;
    this.#wake();
  }

  /** The first ending counts. */
  finish(ending: Ending): void {
    this.ending ??= ending;
    this.#wake();
  }

  /** Bytes not taken yet. */
  get size(): number {
    return this.#size;
  }

  /** Not taken yet, as latin1. */
  get text(): string {
    return this.#joined().toString('latin1');
  }

  /** Takes exactly `count` bytes. */
  async take(count: number, patienceMs = PATIENCE_MS): Promise<Buffer> {
    await this.#until(() => this.#size >= count, `${count} bytes`, patienceMs);
    return this.#cut(count);
  }

  /** Takes up to and including `marker`, as latin1. */
  async through(marker: string, patienceMs = PATIENCE_MS): Promise<string> {
    let at = -1;
    await this.#until(
      () => {
        at = this.#joined().indexOf(marker, 0, 'latin1');
        return at !== -1;
      },
      JSON.stringify(marker),
      patienceMs,
    );
    return this.#cut(at + marker.length).toString('latin1');
  }

  /** Takes everything up to the end of the stream. */
  async rest(patienceMs = PATIENCE_MS): Promise<Buffer> {
    await this.ended(patienceMs);
    return this.#cut(this.#size);
  }

  /** Resolves with how the stream ended. */
  async ended(patienceMs = PATIENCE_MS): Promise<Ending> {
    await this.#until(() => this.ending !== null, 'the end', patienceMs);
    return this.ending as Ending;
  }

  /** True when bytes are there, false when the stream ended without any more. */
  async more(patienceMs = PATIENCE_MS): Promise<boolean> {
    await this.#until(() => this.#size > 0 || this.ending !== null, 'bytes or the end', patienceMs);
    return this.#size > 0;
  }

  async #until(met: () => boolean, what: string, patienceMs: number): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (fault: string | null): void => {
        clearTimeout(timer);
        this.#wakers.delete(check);
        if (fault === null) resolve();
        else reject(new Error(`expected ${what}, ${fault}; have ${this.#describe()}`));
      };
      const check = (): void => {
        if (met()) settle(null);
        else if (this.ending !== null) settle(`but the stream ended (${this.ending})`);
      };
      const timer = setTimeout(() => settle(`waited ${patienceMs} ms`), patienceMs);
      this.#wakers.add(check);
      check();
    });
  }

  #describe(): string {
    const text = this.text;
    return `${text.length} bytes ${JSON.stringify(text.slice(0, 400))}`;
  }

  #wake(): void {
    for (const check of [...this.#wakers]) check();
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  #cut(count: number): Buffer {
    const all = this.#joined();
    this.#chunks = [all.subarray(count)];
    this.#size -= count;
    return all.subarray(0, count);
  }
}
