// Hosts and paths of the routes to a port: as VHOST and PATH say, or as templates do with them. Pure.

import type { RoutePattern } from './directives/directives.ts';
import { isPath, type PathPrefixes } from './path-prefixes.ts';
import { isWildcard, readVirtualHosts } from './virtual-hosts.ts';

/** Empty = any. */
export interface Way {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

/**
 * `hosts` and `paths` are null where there is no such label. A way of which nothing can be used leads
 * nowhere, never everywhere.
 */
export function waysOf(
  hosts: readonly string[] | null,
  paths: PathPrefixes | null,
  patterns: readonly RoutePattern[] | null,
): readonly Way[] {
  const usual: Way = {
    hosts: hosts === null ? [] : ['{hostname}'],
    paths: paths === null ? [] : ['{path}'],
  };
  return (patterns ?? [usual]).flatMap((pattern) => {
    // Where no PATH is given, what stands for it is any path.
    const prefixes = pattern.paths.filter((path) => path !== '{path}' || paths !== null);
    const way: Way = {
      hosts: readHostPatterns(pattern.hosts, hosts ?? []),
      paths: prefixes
        .flatMap((path) => (path === '{path}' ? (paths?.paths ?? []) : [path]))
        .filter(isPath),
    };
    const isLost =
      (pattern.hosts.length > 0 && way.hosts.length === 0) ||
      (prefixes.length > 0 && way.paths.length === 0);
    return isLost ? [] : [way];
  });
}

function readHostPatterns(
  patterns: readonly string[],
  hosts: readonly string[],
): readonly string[] {
  const names = patterns.flatMap((pattern) => {
    if (!pattern.includes('{hostname}')) return [pattern];
    return hosts.map((host) => (isWildcard(host) ? host : pattern.replace('{hostname}', host)));
  });
  return names.length === 0 ? [] : readVirtualHosts(names.join(',')).hosts;
}
