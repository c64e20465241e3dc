// The ways from the shared listeners to a port: VHOST, PATH, BACKEND_WEIGHT and REDIRECT_TO_HTTPS, with
// who is asked for a password on them. A bad value may close a way, but never opens another. Pure.

import type { AuthWish } from './auth-label.ts';
import type { Mode } from './claim.ts';
import { type PathPrefixes, readPathPrefixes } from './path-prefixes.ts';
import type { RouteSpec } from './policy.ts';
import type { PortLabels } from './port-labels.ts';
import { readVirtualHosts } from './virtual-hosts.ts';

export interface RouteWish {
  readonly routes: readonly RouteSpec[];
  /** Of VHOST; empty when it is absent or has no good one. */
  readonly hosts: readonly string[];
}

export interface RouteRules {
  readonly mode: Mode;
  readonly auth: AuthWish;
  /** `--haproxy-map`. */
  readonly hostMap: boolean;
}

/** Where there is a PATH and no weight. */
const PATH_WEIGHT = 1;
/** Of the map that `--haproxy-map` looks plain hosts up in: after the rules that are not in it. */
const MAP_WEIGHT = -1;
/** A path of any host is tried after everything that names its host. */
const ANY_HOST_WEIGHT = -2;
const MAX_WEIGHT = 999_999_999;

export function readRoutes(labels: PortLabels, rules: RouteRules): RouteWish {
  const hosts = readHosts(labels);
  const paths = readPaths(labels);
  const weightLabel = labels.haproxy('BACKEND_WEIGHT');
  const weight = labels.integer(weightLabel, -MAX_WEIGHT, MAX_WEIGHT, 0, '0 is used');
  const redirectsToHttps = labels.flag(labels.haproxy('REDIRECT_TO_HTTPS'));
  const isAskedFor = hosts !== null || paths !== null;
  if (!isAskedFor || rules.mode === 'tcp') {
    tellOfNoWay(labels, rules, redirectsToHttps);
    return { routes: [], hosts: [] };
  }
  // A way that was asked for, but cannot be read, leads nowhere.
  if (hosts?.length === 0 || paths?.paths.length === 0) return { routes: [], hosts: hosts ?? [] };
  if (hosts === null) labels.notes.honoured(labels.haproxy('PATH'), WITHOUT_HOST);
  const { auth } = rules.auth;
  const inMap = rules.hostMap && paths === null && auth === null;
  const route: RouteSpec = {
    hosts: hosts ?? [],
    paths: paths?.paths ?? [],
    pathsIgnoreCase: paths?.ignoresCase ?? false,
    weight: inMap ? MAP_WEIGHT : weight || weightWithout(hosts, paths),
    auth,
    redirectsToHttps,
  };
  return { routes: [route], hosts: hosts ?? [] };
}

const WITHOUT_HOST =
  'of any host, after all that name theirs; Marathon-LB ignores it without VHOST';

/** Marathon-LB reads BACKEND_WEIGHT before PATH, so that an explicit 0 becomes 1, too. */
function weightWithout(hosts: readonly string[] | null, paths: PathPrefixes | null): number {
  if (hosts === null) return ANY_HOST_WEIGHT;
  return paths === null ? 0 : PATH_WEIGHT;
}

/** Null = there is no VHOST; empty = none of its names can be used. */
function readHosts(labels: PortLabels): readonly string[] | null {
  const label = labels.haproxy('VHOST');
  const value = labels.text(label);
  if (value === undefined) return null;
  const { hosts, refused } = readVirtualHosts(value);
  const meant = [...hosts, ...refused.map((one) => one.meant)].filter(Boolean).join(',');
  const suggestion = meant === '' ? '' : `${label}=${meant}`;
  for (const one of refused) {
    const hint = one.meant === '' ? '' : `, probably '${one.meant}'`;
    const message = `expected a bare host name${hint}; this one is left out`;
    labels.notes.wrong(label, message, { piece: one.value, suggestion });
  }
  return hosts;
}

/** Null = there is no PATH, or nothing in it; without any path = none of its words can be used. */
function readPaths(labels: PortLabels): PathPrefixes | null {
  const label = labels.haproxy('PATH');
  const value = labels.text(label);
  if (value === undefined || value.trim() === '') return null;
  const prefixes = readPathPrefixes(value);
  const { paths, ignoresCase, refused } = prefixes;
  const meant = [...paths, ...refused.map((one) => one.meant)].filter(Boolean).join(' ');
  const suggestion = meant === '' ? '' : `${label}=${ignoresCase ? '-i ' : ''}${meant}`;
  for (const one of refused) {
    const hint = one.meant === '' ? '' : `, probably '${one.meant}'`;
    const message = `expected [-i] and prefixes of paths, each from its /${hint}; this one matches nothing`;
    labels.notes.wrong(label, message, { piece: one.value, suggestion });
  }
  return prefixes;
}

/** Tells of labels that only say something of ways of which there are none. */
function tellOfNoWay(labels: PortLabels, { mode }: RouteRules, redirects: boolean): void {
  const expected = mode === 'tcp' ? 'mode http' : labels.haproxy('VHOST');
  const names = ['VHOST', 'PATH', ...(redirects ? ['REDIRECT_TO_HTTPS'] : [])];
  for (const label of names.map((name) => labels.haproxy(name))) {
    if (labels.app.labels[label] === undefined) continue;
    labels.notes.ignored(label, `expected ${expected}; it is ignored`);
  }
}
