// Every balancer behind the names of --lb: all A records, as zdd.py takes them. One that cannot be found
// stops a command before anything is asked.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Addresses of a host name; rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export type Found =
  /** Base URLs by address, in the order of the names, each once. */
  { readonly instances: readonly string[] } | { readonly error: string };

export async function findInstances(
  lbs: readonly string[],
  resolve: Lookup = lookUpAddresses,
): Promise<Found> {
  const instances = new Set<string>();
  for (const lb of lbs) {
    const { hostname, port } = new URL(lb);
    const host = hostname.replace(/^\[|\]$/g, '');
    let addresses: readonly string[];
    try {
      addresses = isIP(host) === 0 ? await resolve(host) : [host];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { error: `${lb}: the name leads nowhere (${reason}); nothing is changed` };
    }
    for (const address of [...addresses].sort()) {
      instances.add(`http://${isIP(address) === 6 ? `[${address}]` : address}:${port || '80'}`);
    }
  }
  return { instances: [...instances] };
}

/** By the machine's own ways, /etc/hosts too; addresses of version 6 where there are no others. */
async function lookUpAddresses(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  const four = found.filter(({ family }) => family === 4);
  return (four.length > 0 ? four : found).map(({ address }) => address);
}
