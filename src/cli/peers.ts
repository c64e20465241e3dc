// The other instances: found by the addresses of a name or by their own, watched, and compared with this
// one every second. An address that leaves its name is watched no longer; a name that leads nowhere
// keeps the last ones.

import { Agent } from 'undici';
import { MAX_INSTANCE_BYTES } from '../admin/peers/instance-facts.ts';
import type { Logger } from '../log/logger.ts';
import type { PeerOption } from '../options/peer-flags.ts';
import {
  compareInstances,
  type Disagreement,
  type FleetView,
  type InstanceFacts,
  NO_FLEET,
  type PeerLook,
  settledDisagreements,
} from '../stats/peers.ts';
import { findInstances, type Lookup } from './commands/instances.ts';
import { PeerWatch } from './peer-watch.ts';

const COMPARE_EVERY_MS = 1_000;
const FIND_EVERY_MS = 30_000;
/** A name of more addresses is hardly one of balancers. */
const MAX_ADDRESSES = 64;
const CONNECT_TIMEOUT_MS = 2_000;

export interface PeersParts {
  readonly peers: readonly PeerOption[];
  /** What this instance says of itself now. */
  readonly own: () => InstanceFacts;
  readonly log: Logger;
  /** Absent = the system's names. */
  readonly lookup?: Lookup;
}

type NamedUrl = readonly [name: string, url: string];

export class Peers {
  readonly #parts: PeersParts;
  readonly #agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    maxResponseSize: MAX_INSTANCE_BYTES,
    pipelining: 1,
  });
  /** By name. */
  readonly #watches = new Map<string, PeerWatch>();
  /** Last instances of a name, by URL. */
  readonly #lastOf = new Map<string, readonly NamedUrl[]>();
  /** What is wrong with a name, by URL. */
  readonly #faults = new Map<string, string>();
  #disagreements: readonly Disagreement[] = [];
  #told = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  #isClosed = false;

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  /** Nothing is asked where no peers are configured. */
  start(): void {
    if (this.#parts.peers.length === 0) return;
    void this.#find();
    this.#timers = [
      setInterval(() => void this.#find(), FIND_EVERY_MS),
      setInterval(() => this.#compare(), COMPARE_EVERY_MS),
    ];
  }

  async stop(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const watch of this.#watches.values()) watch.close();
    await this.#agent.destroy();
  }

  /** This instance and its peers; null = none are configured. */
  view(): FleetView | null {
    if (this.#parts.peers.length === 0) return null;
    const looks = [...this.#watches.values()].map(({ look }) => look);
    const compared = compareInstances(this.#parts.own(), looks, this.#disagreements, Date.now());
    this.#disagreements = compared.disagreements;
    return { ...compared, faults: [...this.#faults.values()] };
  }

  /** Base URL of a configured peer; null = none is called so. */
  urlOf(name: string): string | null {
    return this.#watches.get(name)?.look.url ?? null;
  }

  async #find(): Promise<void> {
    const found = await Promise.all(this.#parts.peers.map((peer) => this.#instancesOf(peer)));
    if (this.#isClosed) return;
    const wanted = new Map(found.flat());
    for (const [name, watch] of this.#watches) {
      if (wanted.get(name) === watch.look.url) continue;
      watch.close();
      this.#watches.delete(name);
    }
    const context = { agent: this.#agent, ownId: this.#parts.own().id };
    for (const [name, url] of wanted) {
      if (this.#watches.has(name)) continue;
      this.#watches.set(
        name,
        new PeerWatch({ name, url }, context, (before, now) => this.#tell(before, now)),
      );
    }
  }

  /** Never rejects. */
  async #instancesOf({ name, url }: PeerOption): Promise<readonly NamedUrl[]> {
    if (name !== '') return [[name, url]];
    const found = await findInstances([url], this.#parts.lookup);
    if ('error' in found) {
      if (!this.#faults.has(url)) this.#parts.log.warn({ peer: url }, found.error);
      const fault = `${url}: the name leads nowhere; its last addresses are watched on`;
      this.#faults.set(url, fault);
      return this.#lastOf.get(url) ?? [];
    }
    const surplus = found.instances.length - MAX_ADDRESSES;
    if (surplus <= 0) this.#faults.delete(url);
    else
      this.#faults.set(
        url,
        `${url}: ${surplus} of its addresses are not watched, they are too many`,
      );
    const instances = found.instances
      .slice(0, MAX_ADDRESSES)
      .map((one): NamedUrl => [nameOf(one), one]);
    this.#lastOf.set(url, instances);
    return instances;
  }

  #tell(before: PeerLook, { name, url, error }: PeerLook): void {
    const { log } = this.#parts;
    if (error === '') log.info({ peer: name, url }, 'a peer answers again');
    else if (before.error === '') log.warn({ peer: name, url, error }, 'a peer does not answer');
  }

  /** Also while nobody looks: how old a disagreement is, and the log's lines about it. */
  #compare(): void {
    const nowMs = Date.now();
    const settled = settledDisagreements(this.view() ?? NO_FLEET, nowMs);
    for (const { service, says } of settled) {
      if (!this.#told.has(service)) {
        this.#parts.log.warn({ service, says }, 'the instances disagree about what is live');
      }
    }
    this.#told = new Set(settled.map(({ service }) => service));
  }
}

/** `10.0.6.25:9090`; `fd00--1:9090`, for brackets have no place in a path. */
function nameOf(url: string): string {
  const { hostname, port } = new URL(url);
  const address = hostname.replace(/^\[|\]$/g, '').replaceAll(':', '-');
  return `${address}:${port || '80'}`;
}
