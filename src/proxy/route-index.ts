// Finds the route of a request on a shared listener by host and path. Routes are tried by descending
// weight; at equal weight those of the very host before those of wildcards, the nearest first, and
// those of any host last; then by app id and service port. A look-up allocates nothing for a host that
// is named: its short list is all that is walked.

import { equalsIgnoringCase } from './http/fields.ts';

/** What the order of routes depends on. */
export interface RouteKey {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly pathsIgnoreCase: boolean;
  readonly weight: number;
  /** Of the app it belongs to. */
  readonly appId: string;
  readonly servicePort: number;
}

interface Entry<T> {
  readonly route: T;
  readonly weight: number;
  /** Lower-cased where `ignoresCase`; empty = any path. */
  readonly paths: readonly string[];
  readonly ignoresCase: boolean;
}

type Entries<T> = readonly Entry<T>[];

const NONE: Entries<never> = Object.freeze([]);

export class RouteIndex<T extends RouteKey> {
  readonly #exact = new Map<string, Entry<T>[]>();
  /** By what follows the star and its dot. */
  readonly #wildcards = new Map<string, Entry<T>[]>();
  readonly #any: Entry<T>[] = [];

  constructor(routes: readonly T[]) {
    for (const route of [...routes].sort(byOrder)) {
      const entry = entryOf(route);
      for (const host of new Set(route.hosts)) {
        if (host.startsWith('*.')) listAt(this.#wildcards, host.slice(2)).push(entry);
        else listAt(this.#exact, host).push(entry);
      }
      if (route.hosts.length === 0) this.#any.push(entry);
    }
  }

  /** `host` is lower-cased, without a port; `target` a request's, with its query. Null = none. */
  find(host: string, target: string): T | null {
    let best = better(this.#exact.get(host) ?? NONE, target, null);
    if (this.#wildcards.size > 0) {
      for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        best = better(this.#wildcards.get(host.slice(dot + 1)) ?? NONE, target, best);
      }
    }
    return better(this.#any, target, best)?.route ?? null;
  }
}

/** The first of `entries` that fits, if it weighs more than `best`; else `best`. */
function better<T>(entries: Entries<T>, target: string, best: Entry<T> | null): Entry<T> | null {
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i] as Entry<T>;
    if (best !== null && entry.weight <= best.weight) return best;
    if (fits(entry, target)) return entry;
  }
  return best;
}

/** `path_beg`: a plain prefix of the path, bytes as they came. `*` has no path. */
function fits({ paths, ignoresCase }: Entry<unknown>, target: string): boolean {
  if (paths.length === 0) return true;
  if (target.charCodeAt(0) !== 0x2f) return false;
  const query = target.indexOf('?');
  const length = query === -1 ? target.length : query;
  for (let i = 0; i < paths.length; i += 1) {
    const prefix = paths[i] as string;
    if (prefix.length > length) continue;
    const same = ignoresCase
      ? equalsIgnoringCase(target, 0, prefix.length, prefix)
      : target.startsWith(prefix);
    if (same) return true;
  }
  return false;
}

function entryOf<T extends RouteKey>(route: T): Entry<T> {
  const { paths, pathsIgnoreCase, weight } = route;
  return {
    route,
    weight,
    paths: pathsIgnoreCase ? paths.map((path) => path.toLowerCase()) : paths,
    ignoresCase: pathsIgnoreCase,
  };
}

function listAt<V>(lists: Map<string, V[]>, key: string): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function byOrder(a: RouteKey, b: RouteKey): number {
  if (a.weight !== b.weight) return b.weight - a.weight;
  if (a.appId !== b.appId) return a.appId < b.appId ? -1 : 1;
  return a.servicePort - b.servicePort;
}
