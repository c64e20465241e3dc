// Which servers traffic has trouble to reach: a reason to probe them at once, never to take them down.

export interface Reached {
  /** `checkKey` of the server. */
  readonly key: string;
  /** Connects that failed since the start, over all workers. */
  readonly failures: number;
}

/** Keys of the servers whose failures have grown from the last look to this one. */
export function suspects(before: readonly Reached[], now: readonly Reached[]): readonly string[] {
  const known = new Map(before.map(({ key, failures }) => [key, failures]));
  return now.filter(({ key, failures }) => failures > (known.get(key) ?? 0)).map(({ key }) => key);
}
