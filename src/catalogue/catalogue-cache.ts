// What one look at Marathon leaves for the next, so that only apps that changed are read again. Made
// by whoever looks, handed in each time; a new one gives the same catalogue, only later.

import { isDeepStrictEqual } from 'node:util';
import type { MarathonApp } from '../marathon/app.ts';
import type { AppClaims } from './app-claims.ts';
import { Memo } from './memo.ts';
import { SortedBefore } from './sorted.ts';

export class CatalogueCache {
  readonly claims = new Memo<AppClaims>();
  readonly withPorts = new Memo<MarathonApp>();
  readonly order = new SortedBefore();
  #addresses: ReadonlyMap<string, string> = new Map();
  /** How often the address of one of its hosts has changed: app id → number. */
  readonly #moves = new Map<string, number>();

  /** To be told of each look: whose hosts have other addresses than in the last one. */
  begin(apps: readonly MarathonApp[], addresses: ReadonlyMap<string, string>): void {
    this.claims.begin();
    this.withPorts.begin();
    const before = this.#addresses;
    this.#addresses = addresses;
    if (addresses === before || isDeepStrictEqual(addresses, before)) return;
    for (const { id, tasks } of apps) {
      if (tasks.some(({ host }) => addresses.get(host) !== before.get(host))) {
        this.#moves.set(id, (this.#moves.get(id) ?? 0) + 1);
      }
    }
  }

  movesOf(appId: string): number {
    return this.#moves.get(appId) ?? 0;
  }
}
