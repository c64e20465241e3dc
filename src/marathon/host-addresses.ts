// Task hosts → IP addresses. A list whose hosts are IP literals, or all known already, is answered at
// once; a name never seen is waited for, within bounds; a name that no longer resolves keeps its last
// address.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { MarathonApp } from './app.ts';

const FRESH_MS = 60_000;
/** A name without an answer is not asked for with every list. */
const RETRY_AFTER_MS = 5_000;
const MAX_WAIT_MS = 2_000;

/** Resolves one name; rejects when there is no address. */
export type Lookup = (host: string) => Promise<string>;

export type Addresses = ReadonlyMap<string, string>;

interface Entry {
  address: string | null;
  dueAtMs: number;
  pending: Promise<void> | null;
}

export class HostAddresses {
  readonly #lookup: Lookup;
  readonly #changed: () => void;
  #entries = new Map<string, Entry>();
  #waiting = false;

  /** `changed` is called when an address is learnt after the answer that wanted it was given. */
  constructor(changed: () => void, look: Lookup = lookUp) {
    this.#changed = changed;
    this.#lookup = look;
  }

  /** Addresses of `hosts`; names without one are not in it. Names not asked for are forgotten. */
  resolve(hosts: ReadonlySet<string>): Addresses | Promise<Addresses> {
    const entries = new Map<string, Entry>();
    const unknown: Promise<void>[] = [];
    for (const host of hosts) {
      if (isIP(host) !== 0) continue;
      const known = this.#entries.get(host);
      const entry = known ?? { address: null, dueAtMs: 0, pending: null };
      entries.set(host, entry);
      if (entry.pending === null && entry.dueAtMs <= Date.now()) {
        entry.pending = this.#refresh(host, entry);
      }
      if (known === undefined && entry.pending !== null) unknown.push(entry.pending);
    }
    this.#entries = entries;
    return unknown.length === 0 ? this.#answer(hosts) : this.#wait(hosts, unknown);
  }

  async #wait(hosts: ReadonlySet<string>, unknown: readonly Promise<void>[]): Promise<Addresses> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MAX_WAIT_MS);
    });
    this.#waiting = true;
    await Promise.race([Promise.all(unknown), late]);
    this.#waiting = false;
    clearTimeout(timer);
    return this.#answer(hosts);
  }

  #answer(hosts: ReadonlySet<string>): Addresses {
    const addresses = new Map<string, string>();
    for (const host of hosts) {
      const address = isIP(host) !== 0 ? host : this.#entries.get(host)?.address;
      if (address) addresses.set(host, address);
    }
    return addresses;
  }

  async #refresh(host: string, entry: Entry): Promise<void> {
    const before = entry.address;
    try {
      entry.address = await this.#lookup(host);
      entry.dueAtMs = Date.now() + FRESH_MS;
    } catch {
      entry.dueAtMs = Date.now() + RETRY_AFTER_MS;
    }
    entry.pending = null;
    if (entry.address !== before && !this.#waiting) this.#changed();
  }
}

/** The system's resolver (hosts file included, as Marathon-LB has it), IPv4 preferred. */
async function lookUp(host: string): Promise<string> {
  const found = await lookup(host, { all: true });
  const best = found.find((one) => one.family === 4) ?? found[0];
  if (best === undefined) throw new Error(`${host} has no address`);
  return best.address;
}

/** Task hosts that have to be dialled; a container with an address of its own is not one. */
export function hostsOf(apps: readonly MarathonApp[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const app of apps) {
    if (app.networking === 'container') continue;
    for (const task of app.tasks) hosts.add(task.host);
  }
  return hosts;
}
