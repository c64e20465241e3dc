// Several who can be asked, one after the other: the one that answered last comes first.

import { isIP } from 'node:net';
import { DnsResolver } from './dns-resolver.ts';
import { HttpResolver } from './http-resolver.ts';
import { LookupError, type SrvAnswer, type SrvResolver } from './srv.ts';

/** Per try; Mesos-DNS answers from memory. */
const TIMEOUT_MS = 2_000;
const DNS_PORT = 53;

export class Resolvers {
  #order: readonly SrvResolver[];

  constructor(resolvers: readonly SrvResolver[]) {
    this.#order = resolvers;
  }

  /** Who would be asked first; empty when there is nobody. */
  get first(): string {
    return this.#order[0]?.name ?? '';
  }

  async lookup(name: string, signal: AbortSignal): Promise<SrvAnswer> {
    const failures: string[] = [];
    for (const resolver of this.#order) {
      try {
        const answer = await resolver.lookup(name, signal);
        this.#prefer(resolver);
        return answer;
      } catch (error) {
        if (!(error instanceof LookupError)) throw error;
        failures.push(`${resolver.name}: ${error.message}`);
        if (signal.aborted) break;
      }
    }
    throw new LookupError(failures.length === 0 ? 'nobody to ask' : failures.join('; '));
  }

  async close(): Promise<void> {
    await Promise.all(this.#order.map((one) => one.close()));
  }

  #prefer(resolver: SrvResolver): void {
    if (this.#order[0] === resolver) return;
    this.#order = [resolver, ...this.#order.filter((one) => one !== resolver)];
  }
}

/** `10.0.0.1`, `10.0.0.1:8053`, `[::1]:53` or `http://…`; null if it is none of these. */
export function readResolver(text: string): SrvResolver | null {
  if (/^https?:\/\//.test(text)) {
    if (!URL.canParse(text)) return null;
    return new HttpResolver(text.replace(/\/+$/, ''), TIMEOUT_MS);
  }
  const [, v6, other, digits] = /^(?:\[([^\]]+)\]|([^[\]]+?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bare = isIP(text) === 6 ? text : (v6 ?? other ?? '');
  const port = isIP(text) === 6 || digits === undefined ? DNS_PORT : Number(digits);
  if (isIP(bare) === 0 || port < 1 || port > 65_535) return null;
  return new DnsResolver({ address: bare, port }, TIMEOUT_MS);
}
