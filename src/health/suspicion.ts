// Which servers traffic has trouble to reach: a reason to probe them at once, never to take them down.

export interface Reached {
  /** `checkKey` of the server. */
  readonly key: string;
  /** Connects that failed since the start, over all workers. */
  readonly failures: number;
}

export class Suspicion {
  #before: ReadonlyMap<string, number> = new Map();

  /** Keys of the servers whose failures have grown since the last look. */
  look(servers: readonly Reached[]): string[] {
    const before = this.#before;
    this.#before = new Map(servers.map(({ key, failures }) => [key, failures]));
    return servers
      .filter(({ key, failures }) => failures > (before.get(key) ?? 0))
      .map(({ key }) => key);
  }
}
