// Task hosts → IP addresses. A list whose hosts are IP literals, or all known already, is answered at
// once; a name never seen is waited for, within bounds; a name that no longer resolves keeps its last
// address. Names are asked for again when DNS says their address may be another.

import { isIP } from 'node:net';
import type { MarathonApp } from './app.ts';
import { type HostNames, SYSTEM_NAMES } from './host-names.ts';

/** Where DNS tells no lifetime, and the bounds of what it tells. */
const FRESH_MS = 60_000;
const MIN_FRESH_MS = 5_000;
const MAX_FRESH_MS = 300_000;
/** A name without an answer is not asked for with every list. */
const RETRY_AFTER_MS = 5_000;
const MAX_WAIT_MS = 2_000;
/** Names that are due are looked for this often. */
const TICK_MS = 2_500;

export type Addresses = ReadonlyMap<string, string>;

interface Entry {
  address: string | null;
  dueAtMs: number;
  pending: Promise<void> | null;
}

export class HostAddresses {
  readonly #names: HostNames;
  readonly #changed: () => void;
  #entries = new Map<string, Entry>();
  #waiting = false;
  #tick: NodeJS.Timeout | null = null;

  /** `changed` is called when an address is learnt after the answer that wanted it was given. */
  constructor(changed: () => void, names: HostNames = SYSTEM_NAMES) {
    this.#changed = changed;
    this.#names = names;
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
      this.#refreshIfDue(host, entry);
      if (known === undefined && entry.pending !== null) unknown.push(entry.pending);
    }
    this.#entries = entries;
    this.#watch();
    return unknown.length === 0 ? this.#answer(hosts) : this.#wait(hosts, unknown);
  }

  /** Asks for nothing any more. */
  close(): void {
    if (this.#tick !== null) clearInterval(this.#tick);
    this.#tick = null;
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

  #watch(): void {
    if (this.#entries.size === 0) {
      this.close();
      return;
    }
    this.#tick ??= setInterval(() => {
      for (const [host, entry] of this.#entries) this.#refreshIfDue(host, entry);
    }, TICK_MS).unref();
  }

  #refreshIfDue(host: string, entry: Entry): void {
    if (entry.pending !== null || entry.dueAtMs > Date.now()) return;
    entry.pending = this.#refresh(host, entry);
  }

  async #refresh(host: string, entry: Entry): Promise<void> {
    const before = entry.address;
    try {
      const address = await this.#names.address(host);
      entry.address = address;
      entry.dueAtMs = Date.now() + FRESH_MS;
      void this.#askLifetime(host, address, entry);
    } catch {
      entry.dueAtMs = Date.now() + RETRY_AFTER_MS;
    }
    entry.pending = null;
    if (entry.address !== before && !this.#waiting) this.#changed();
  }

  async #askLifetime(host: string, address: string, entry: Entry): Promise<void> {
    const lifetimeMs = await this.#names.lifetimeMs(host, address);
    if (lifetimeMs === null) return;
    entry.dueAtMs = Date.now() + Math.min(MAX_FRESH_MS, Math.max(MIN_FRESH_MS, lifetimeMs));
  }
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
