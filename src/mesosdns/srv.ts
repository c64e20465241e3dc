// What a SRV lookup brings, whoever answered it.

/** One server a name stands for. */
export interface SrvTarget {
  /** Host name, lower-cased, without its final dot. */
  readonly host: string;
  /** IP address. */
  readonly address: string;
  readonly port: number;
  /** Lower is preferred (RFC 2782). */
  readonly priority: number;
  /** Share beside others of the same priority; 0 = small. */
  readonly weight: number;
}

export interface SrvAnswer {
  /** Sorted by (host, port); empty when the name has no servers or does not exist. */
  readonly targets: readonly SrvTarget[];
  /** How long it may be believed, in seconds; 0 when nothing was said. */
  readonly ttlSeconds: number;
}

/** Someone who can be asked for SRV records. */
export interface SrvResolver {
  /** As it was configured: `10.0.0.1:53` or `http://10.0.0.1:8123`. */
  readonly name: string;
  /** Rejects with a LookupError when there was no answer that can be used. */
  lookup(name: string, signal: AbortSignal): Promise<SrvAnswer>;
  close(): Promise<void>;
}

/** Nobody answered in a way that can be believed; `message` is one clause. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
}

export function sortTargets(targets: readonly SrvTarget[]): readonly SrvTarget[] {
  return [...targets].sort(
    (a, b) => compare(a.host, b.host) || a.port - b.port || compare(a.address, b.address),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
