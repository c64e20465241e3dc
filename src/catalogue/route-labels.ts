// The ways from the shared listeners to a port: VHOST, PATH, BACKEND_WEIGHT and REDIRECT_TO_HTTPS, with
// who is asked for a password on them. A bad value may close a way, but never opens another. Pure.

import type { Mode } from './claim.ts';
import type { Directives } from './directives/directives.ts';
import { type PathPrefixes, readPathPrefixes } from './path-prefixes.ts';
import type { AuthSpec, RouteSpec } from './policy.ts';
import type { PortLabels } from './port-labels.ts';
import { readVirtualHosts } from './virtual-hosts.ts';
import { waysOf } from './ways.ts';

export interface RouteRules {
  readonly mode: Mode;
  /** What `readHosts` says. */
  readonly hosts: readonly string[] | null;
  readonly auth: AuthSpec | null;
  /** `--haproxy-map`. */
  readonly hostMap: boolean;
  /** What templates say of them. */
  readonly templates: Pick<Directives, 'routes' | 'replaced'>;
}

/** Where there is a PATH and no weight. */
const PATH_WEIGHT = 1;
/** Of the map that `--haproxy-map` looks plain hosts up in: after the rules that are not in it. */
const MAP_WEIGHT = -1;
/** A path of any host is tried after everything that names its host. */
const ANY_HOST_WEIGHT = -2;
const MAX_WEIGHT = 999_999_999;

export function readRoutes(labels: PortLabels, rules: RouteRules): readonly RouteSpec[] {
  const { hosts, auth, templates } = rules;
  const paths = readPaths(labels);
  const weightLabel = labels.haproxy('BACKEND_WEIGHT');
  const weight = labels.integer(weightLabel, -MAX_WEIGHT, MAX_WEIGHT, 0, '0 is used');
  const redirects = labels.flag(labels.haproxy('REDIRECT_TO_HTTPS'));
  const isAskedFor = hosts !== null || paths !== null;
  if (!isAskedFor || rules.mode === 'tcp') {
    tellOfNoWay(labels, rules, redirects);
    return [];
  }
  if (hosts === null) labels.notes.honoured(labels.haproxy('PATH'), WITHOUT_HOST);
  const redirectsToHttps = redirects && !templates.replaced.some((name) => REDIRECT.test(name));
  return waysOf(hosts, paths, templates.routes).map((way) => {
    const inMap = rules.hostMap && paths === null && auth === null;
    return {
      ...way,
      pathsIgnoreCase: paths?.ignoresCase ?? false,
      weight: inMap ? MAP_WEIGHT : weight || weightWithout(way.hosts, paths),
      auth,
      redirectsToHttps,
    };
  });
}

/** Its directives stand in place of what the label does. */
const REDIRECT = /^BACKEND_REDIRECT_HTTP_TO_HTTPS/;

const WITHOUT_HOST =
  'of any host, after all that name theirs; Marathon-LB ignores it without VHOST';

/** Marathon-LB reads BACKEND_WEIGHT before PATH, so that an explicit 0 becomes 1, too. */
function weightWithout(hosts: readonly string[], paths: PathPrefixes | null): number {
  if (hosts.length === 0) return ANY_HOST_WEIGHT;
  return paths === null ? 0 : PATH_WEIGHT;
}

/** VHOST: null = there is none; empty = none of its names can be used. */
export function readHosts(labels: PortLabels): readonly string[] | null {
  const label = labels.haproxy('VHOST');
  const value = labels.text(label);
  if (value === undefined) return null;
  const { hosts, refused, mended } = readVirtualHosts(value);
  const suggestion = mended === '' ? '' : `${label}=${mended}`;
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
  const { refused, mended } = prefixes;
  const suggestion = mended === '' ? '' : `${label}=${mended}`;
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
