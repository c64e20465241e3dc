// What happens to the requests and responses of a port by its own labels: USE_HSTS and the
// three of HTTP_BACKEND_…. What directives of templates add is not here. Pure.

import type { Mode } from './claim.ts';
import { isPath, meantBy } from './path-prefixes.ts';
import type { Fetch, RequestRule, ResponseRule, Test } from './policy.ts';
import type { PortLabels } from './port-labels.ts';
import { isWildcard } from './virtual-hosts.ts';

export interface PolicyWish {
  readonly request: readonly RequestRule[];
  readonly response: readonly ResponseRule[];
}

/** Half a year, as Marathon-LB says it. */
const HSTS: ResponseRule = {
  when: null,
  action: { do: 'add-header', name: 'Strict-Transport-Security', value: ['max-age=15768000'] },
};
/** A URL or path in one line: nothing that could end a header field. */
const LOCATION = /^[\x21-\x7e]{1,2000}$/;

export interface PolicyRules {
  readonly mode: Mode;
  /** Of VHOST. */
  readonly hosts: readonly string[];
  /** Templates whose directives stand in place of what a label does, see `Directives`. */
  readonly replaced: readonly string[];
}

export function readPolicy(labels: PortLabels, { mode, hosts, replaced }: PolicyRules): PolicyWish {
  const hsts = labels.flag(labels.haproxy('USE_HSTS'));
  if (mode === 'tcp') {
    tellOfTcp(labels, hsts);
    return { request: [], response: [] };
  }
  const pass = proxyPass(labels, hosts);
  const reverse = reverseProxy(labels, hosts);
  const unless = <Rule>(template: string, rules: readonly Rule[]): readonly Rule[] =>
    replaced.includes(template) ? [] : rules;
  return {
    request: [...unless('HTTP_BACKEND_PROXYPASS_GLUE', pass), ...rootRedirect(labels, hosts)],
    response: [
      ...unless('BACKEND_HSTS_OPTIONS', hsts ? [HSTS] : []),
      ...unless('HTTP_BACKEND_REVPROXY_GLUE', reverse),
    ],
  };
}

/** Host is what the server expects, and the prefix is gone from the path. */
function proxyPass(labels: PortLabels, hosts: readonly string[]): readonly RequestRule[] {
  const prefix = readPath(labels, 'HTTP_BACKEND_PROXYPASS_PATH');
  if (prefix === null) return [];
  const host = hosts.find((one) => !isWildcard(one));
  const strip: RequestRule = rule({ do: 'strip-prefix', prefix });
  if (host === undefined) return [strip];
  return [rule({ do: 'set-header', name: 'Host', value: [host] }), strip];
}

function reverseProxy(labels: PortLabels, hosts: readonly string[]): readonly ResponseRule[] {
  const prefix = readPath(labels, 'HTTP_BACKEND_REVPROXY_PATH');
  if (prefix === null) return [];
  return [{ when: null, action: { do: 'prefix-location', prefix, hosts } }];
}

/** Only `/` of the hosts of VHOST, with nothing behind the host in the Host field. */
function rootRedirect(labels: PortLabels, hosts: readonly string[]): readonly RequestRule[] {
  const label = labels.haproxy('HTTP_BACKEND_REDIR');
  const location = labels.text(label)?.trim();
  if (location === undefined || location === '') return [];
  if (!LOCATION.test(location)) {
    labels.notes.wrong(label, 'expected a URL or path without blanks; it is ignored');
    return [];
  }
  if (hosts.length === 0) {
    labels.notes.ignored(label, `expected ${labels.haproxy('VHOST')}; it is ignored`);
    return [];
  }
  const isRoot: Test = { ...TEST, fetch: fetched('path'), values: ['/'] };
  const host = { ...TEST, fetch: fetched('request-header', 'host'), ignoresCase: true };
  const exact = hosts.filter((one) => !isWildcard(one));
  const suffixes = hosts.filter(isWildcard).map((one) => one.slice(1));
  const named: Test[] = [
    { ...host, values: exact },
    { ...host, match: 'suffix' as const, values: suffixes },
  ].filter((test) => test.values.length > 0);
  return [
    {
      when: { negated: false, anyOf: named.map((test) => [test, isRoot]) },
      action: {
        do: 'redirect',
        to: 'location',
        status: 301,
        value: [location],
        dropsQuery: false,
      },
      scope: 'everywhere',
    },
  ];
}

const TEST = { match: 'exact', ignoresCase: false, negated: false } as const;

function fetched(from: Fetch['from'], name = ''): Fetch {
  return { from, name, converters: [] };
}

function rule(action: RequestRule['action']): RequestRule {
  return { when: null, action, scope: 'everywhere' };
}

/** A path from its slash; null = there is none. */
function readPath(labels: PortLabels, name: string): string | null {
  const label = labels.haproxy(name);
  const value = labels.text(label)?.trim();
  if (value === undefined || value === '') return null;
  if (isPath(value)) return value;
  const meant = meantBy(value);
  const suggestion = meant === '' ? '' : `${label}=${meant}`;
  const hint = meant === '' ? '' : `, probably '${meant}'`;
  labels.notes.wrong(label, `expected a path from its /${hint}; it is ignored`, { suggestion });
  return null;
}

function tellOfTcp(labels: PortLabels, hsts: boolean): void {
  const names = [
    'HTTP_BACKEND_PROXYPASS_PATH',
    'HTTP_BACKEND_REVPROXY_PATH',
    'HTTP_BACKEND_REDIR',
    ...(hsts ? ['USE_HSTS'] : []),
  ];
  for (const label of names.map((name) => labels.haproxy(name))) {
    if (labels.text(label) === undefined) continue;
    labels.notes.ignored(label, 'expected mode http; it is ignored');
  }
}
