// One host name → its address and how long that is good for. The address comes from the system's
// resolver (hosts file included, as with Marathon-LB), which tells no lifetime; that one is asked of DNS.

import { lookup, Resolver } from 'node:dns/promises';

export interface HostNames {
  /** Rejects when there is no address. */
  readonly address: (host: string) => Promise<string>;
  /** Milliseconds from now; null where DNS does not know the address. Never rejects. */
  readonly lifetimeMs: (host: string, address: string) => Promise<number | null>;
}

const TTL_TIMEOUT_MS = 2_000;

export const SYSTEM_NAMES: HostNames = {
  /** IPv4 preferred. */
  address: async (host) => {
    const found = await lookup(host, { all: true });
    const best = found.find((one) => one.family === 4) ?? found[0];
    if (best === undefined) throw new Error(`${host} has no address`);
    return best.address;
  },
  lifetimeMs: async (host, address) => {
    const resolver = new Resolver({ timeout: TTL_TIMEOUT_MS, tries: 1 });
    try {
      const records = address.includes(':')
        ? await resolver.resolve6(host, { ttl: true })
        : await resolver.resolve4(host, { ttl: true });
      const record = records.find((one) => one.address === address);
      return record === undefined ? null : record.ttl * 1_000;
    } catch {
      return null;
    }
  },
};
