// Gathers the view for one request, in bounded time: a fleet that does not answer must not hang the page.

import type { View } from '../stats/view.ts';

export type Gathered = { readonly view: View } | 'late' | { readonly error: unknown };

export class FreshView {
  readonly #gather: () => Promise<View>;
  readonly #deadlineMs: number;
  /** A gathering that missed its deadline; it is waited for instead of starting another beside it. */
  #late: Promise<Gathered> | null = null;

  constructor(gather: () => Promise<View>, deadlineMs: number) {
    this.#gather = gather;
    this.#deadlineMs = deadlineMs;
  }

  /** Never rejects. */
  async get(): Promise<Gathered> {
    const gathering = this.#late ?? this.#start();
    const result = await this.#inTime(gathering);
    if (result === 'late' && this.#late === null) {
      this.#late = gathering;
      void gathering.then(() => {
        this.#late = null;
      });
    }
    return result;
  }

  async #start(): Promise<Gathered> {
    try {
      return { view: await this.#gather() };
    } catch (error) {
      return { error };
    }
  }

  #inTime(gathering: Promise<Gathered>): Promise<Gathered> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('late'), this.#deadlineMs);
      void gathering.then((result) => {
        clearTimeout(timer);
        resolve(result);
      });
    });
  }
}
