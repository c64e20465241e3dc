// SRV records from a DNS server: Mesos-DNS itself, or one that forwards to it. Addresses come with the
// answer (ADDITIONAL); those that do not are asked for.

import { ask, type DnsServer } from './exchange.ts';
import { type AddressRecord, bare, type Reply } from './packet.ts';
import { LookupError, type SrvAnswer, type SrvResolver, sortTargets } from './srv.ts';

/** A name with more servers is cut: nothing an answer says may grow without bound. */
const MAX_TARGETS = 4_096;
/** Questions for addresses at a time. */
const MAX_PARALLEL = 8;

export class DnsResolver implements SrvResolver {
  readonly name: string;
  readonly #server: DnsServer;
  readonly #timeoutMs: number;

  constructor(server: DnsServer, timeoutMs: number) {
    const { address, port } = server;
    this.name = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    this.#server = server;
    this.#timeoutMs = timeoutMs;
  }

  async lookup(name: string, signal: AbortSignal): Promise<SrvAnswer> {
    const reply = await this.#ask('SRV', name, signal);
    const servers = reply.servers.slice(0, MAX_TARGETS);
    const addresses = await this.#addresses(servers, reply.addresses, signal);
    const targets = servers.flatMap(({ target, port, priority, weight }) => {
      const address = addresses.get(target);
      const usable = address !== undefined && port > 0;
      return usable ? [{ host: target, address, port, priority, weight }] : [];
    });
    const ttls = servers.map((one) => one.ttlSeconds);
    return {
      targets: sortTargets(targets),
      ttlSeconds: ttls.length === 0 ? 0 : Math.min(...ttls),
    };
  }

  async close(): Promise<void> {}

  /** Host → address for every target that has one; IPv4 is preferred, as Marathon-LB dials it. */
  async #addresses(
    servers: readonly { readonly target: string }[],
    known: readonly AddressRecord[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const found = preferred(known);
    const missing = [...new Set(servers.map((one) => one.target))].filter((one) => !found.has(one));
    const next = missing.values();
    const worker = async (): Promise<void> => {
      for (const host of next) {
        const address = await this.#addressOf(host, signal);
        if (address !== null) found.set(host, address);
      }
    };
    await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL, missing.length) }, worker));
    return found;
  }

  async #addressOf(host: string, signal: AbortSignal): Promise<string | null> {
    for (const type of ['A', 'AAAA'] as const) {
      const { addresses } = await this.#ask(type, host, signal);
      const first = addresses.find((one) => one.name === bare(host)) ?? addresses[0];
      if (first !== undefined) return first.address;
    }
    return null;
  }

  /** A name that does not exist is an answer, a server that cannot answer is none. */
  async #ask(type: 'SRV' | 'A' | 'AAAA', name: string, signal: AbortSignal): Promise<Reply> {
    const reply = await ask(this.#server, type, name, this.#timeoutMs, signal);
    if (reply.code !== 'NOERROR' && reply.code !== 'NXDOMAIN') {
      throw new LookupError(`answered ${reply.code} for ${name}`);
    }
    return reply;
  }
}

function preferred(records: readonly AddressRecord[]): Map<string, string> {
  const found = new Map<string, string>();
  const v4first = [...records].sort((a, b) => family(a) - family(b));
  for (const { name, address } of v4first) if (!found.has(name)) found.set(name, address);
  return found;
}

function family({ address }: AddressRecord): number {
  return address.includes(':') ? 6 : 4;
}
