// What one look at Marathon leaves for the next, so that only apps that changed are read again. Made
// by whoever looks, handed in each time; a new one gives the same catalogue, only later.

import { isDeepStrictEqual } from 'node:util';
import type { MarathonApp } from '../marathon/app.ts';
import { AppMemory } from './app-memory.ts';
import type { CatalogueOptions } from './catalogue-options.ts';
import { Counted } from './counted.ts';
import { isSameList, Memo } from './memo.ts';
import { needsServicePorts } from './service-ports.ts';
import { SortedBefore } from './sorted.ts';

const NOBODY: ReadonlySet<string> = new Set();

export class CatalogueCache {
  readonly apps = new AppMemory();
  readonly withPorts = new Memo<MarathonApp>();
  /** Apps that are to be given service ports. */
  readonly portless = new Counted<MarathonApp>(needsServicePorts);
  readonly order = new SortedBefore<MarathonApp>((app) => app.id);
  #addresses: ReadonlyMap<string, string> = new Map();
  #rules: readonly unknown[] = [];

  /** To be told of each look; the ids of apps on hosts that have other addresses than in the last. */
  begin(apps: readonly MarathonApp[], options: CatalogueOptions): ReadonlySet<string> {
    const { addresses, groups, healthCheck, strictMode, hostMap, templates, ownAppName } = options;
    this.withPorts.begin();
    const rules = [groups, healthCheck, strictMode, hostMap, templates, ownAppName];
    if (!isSameList(rules, this.#rules)) this.apps.forget();
    this.#rules = rules;
    const before = this.#addresses;
    this.#addresses = addresses;
    if (addresses === before || isDeepStrictEqual(addresses, before)) return NOBODY;
    const moved = apps.filter(({ tasks }) =>
      tasks.some(({ host }) => addresses.get(host) !== before.get(host)),
    );
    return new Set(moved.map((app) => app.id));
  }
}
