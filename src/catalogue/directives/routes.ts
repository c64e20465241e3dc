// `use_backend …`: the ways from a listener to the service. On the shared ones a host and a path decide,
// on the service port there is nothing to decide.

import type { Test } from '../policy.ts';
import type { Directive } from './directive.ts';
import type { RoutePattern } from './directives.ts';
import { isAlways, isRate, type Logic, not, type Term } from './logic.ts';
import { asWritten, literal, placeholderIn, placeholdersIn } from './placeholders.ts';
import { refuse } from './refusal.ts';

const HOSTS: ReadonlySet<Test['fetch']['from']> = new Set(['host', 'server-name-indication']);
/** HAProxy's answer where no rule names a backend. */
const NOBODY = 503;

export function readUseBackend(words: readonly string[], directive: Directive): string | undefined {
  const [, target = '', ...rest] = words;
  if (/^%\[/.test(target)) return "the map is Teal's own";
  if (placeholderIn(target) !== 'backend') {
    refuse(`expected the app's own {backend} in place of ${asWritten(target)}`);
  }
  const when = directive.condition(rest);
  if (directive.section === 'frontend') {
    if (isAlways(when)) return undefined;
    directive.onRequest({ do: 'deny', status: NOBODY }, not(when));
    return 'all others are answered with 503; a service of mode tcp does NOT carry it out';
  }
  if (directive.section !== 'http' && directive.section !== 'https') return undefined;
  readRoutes(when, directive);
  return undefined;
}

function readRoutes(when: Logic, directive: Directive): void {
  const patterns = when.map((tests) => patternOf(tests));
  const others = when.map((tests) => tests.filter((test) => !isHost(test) && !isPath(test)));
  if (others.some((tests) => tests.length > 0)) {
    const [only, ...more] = others;
    if (only === undefined || more.length > 0) {
      refuse('expected hosts and paths as what leads to the service, in each alternative');
    }
    directive.onRequest({ do: 'deny', status: NOBODY }, not([only]));
  }
  const { routes } = directive.draft;
  routes.set(directive.section, [...(routes.get(directive.section) ?? []), ...patterns]);
}

function patternOf(tests: readonly Term[]): RoutePattern {
  const hosts = tests.filter(isHost);
  const paths = tests.filter(isPath);
  if (hosts.length > 1 || paths.length > 1) {
    refuse('expected one test of the host and one of the path');
  }
  return {
    hosts: hosts.flatMap(({ match, values }) => values.flatMap((value) => hostsOf(match, value))),
    paths: paths.flatMap(({ values }) => values.map(plain)),
  };
}

function hostsOf(match: Test['match'], value: string): readonly string[] {
  const below = value.startsWith('.');
  const host = plain(below ? value.slice(1) : value).toLowerCase();
  if (match === 'exact') return below ? refuse('expected a host name') : [host];
  return below ? [`*.${host}`] : [host, `*.${host}`];
}

function isHost(term: Term): term is Test {
  if (isRate(term) || term.negated) return false;
  const { fetch, match } = term;
  const named = HOSTS.has(fetch.from) || (fetch.from === 'request-header' && fetch.name === 'host');
  return named && (match === 'exact' || match === 'suffix');
}

function isPath(term: Term): term is Test {
  return !isRate(term) && !term.negated && term.fetch.from === 'path' && term.match === 'prefix';
}

/** `{hostname}` and `{path}` as they were written, anything else without placeholders. */
function plain(value: string): string {
  const name = placeholderIn(value);
  if (name === 'hostname' || name === 'path') return `{${name}}`;
  return placeholdersIn(value).length > 0 ? literal(value) : value;
}

/**
 * Without what has led to the service: rules are asked only for requests that have come to it. A host or
 * path that is not the service's cannot be seen here.
 */
export function withoutRoute(when: Logic): Logic {
  return when.flatMap((tests) => {
    if (tests.some((test) => leadsHere(test) && !isRate(test) && test.negated)) return [];
    return [tests.filter((test) => !leadsHere(test))];
  });
}

function leadsHere(term: Term): boolean {
  if (isRate(term) || term.values.length !== 1) return false;
  return /^(?:hostname|path)$/.test(placeholderIn(term.values[0] ?? ''));
}
