// Marathon-LB's templates: which section of HAProxy's configuration each is a part of, in the order they
// have there, and which of them a port uses at all.

import type { Mode } from '../claim.ts';

/** Where a directive stands: ACLs are seen in their own section only. */
export type Section = 'global' | 'http' | 'https' | 'appid' | 'frontend' | 'backend';

export interface Template {
  readonly section: Section;
  /** False: the text is taken as it is, without placeholders. */
  readonly formatted: boolean;
  /** Used by services of this mode only; null = of both. */
  readonly mode: Mode | null;
  /** The label (`HAPROXY_{n}_…`) that has it used at all; empty = none. */
  readonly switchedBy: string;
  /** What Marathon-LB has in it, if a label of Teal's does that by itself. */
  readonly original: string;
}

const row = (section: Section, more: Partial<Template> = {}): Template => ({
  section,
  formatted: true,
  mode: null,
  switchedBy: '',
  original: '',
  ...more,
});
const verbatim = { formatted: false };
const http = { mode: 'http' } as const;
const tcp = { mode: 'tcp' } as const;
const hsts = ' rspadd  Strict-Transport-Security:\\ max-age=15768000';
const redirect = 'redirect scheme https code 301 if !{{ ssl_fc }} host_{cleanedUpHostname}';

/** By name, without `HAPROXY_`. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map([
  ['HEAD', row('global', verbatim)],
  ['HTTP_FRONTEND_HEAD', row('http', verbatim)],
  ['HTTP_FRONTEND_ACL', row('http')],
  ['HTTP_FRONTEND_ACL_ONLY', row('http')],
  ['HTTP_FRONTEND_ACL_WITH_PATH', row('http')],
  ['HTTP_FRONTEND_ACL_ONLY_WITH_PATH', row('http')],
  ['HTTP_FRONTEND_ACL_WITH_AUTH', row('http')],
  ['HTTP_FRONTEND_ACL_WITH_AUTH_AND_PATH', row('http')],
  ['HTTP_FRONTEND_ACL_ONLY_WITH_PATH_AND_AUTH', row('http')],
  [
    'BACKEND_REDIRECT_HTTP_TO_HTTPS',
    row('http', { switchedBy: 'REDIRECT_TO_HTTPS', original: redirect }),
  ],
  [
    'BACKEND_REDIRECT_HTTP_TO_HTTPS_WITH_PATH',
    row('http', { switchedBy: 'REDIRECT_TO_HTTPS', original: `${redirect} path_{backend}` }),
  ],
  ['HTTP_FRONTEND_ROUTING_ONLY', row('http')],
  ['HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH', row('http')],
  ['HTTP_FRONTEND_ROUTING_ONLY_WITH_AUTH', row('http')],
  ['HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH', row('http')],
  ['HTTPS_FRONTEND_HEAD', row('https')],
  ['HTTPS_FRONTEND_ACL', row('https')],
  ['HTTPS_FRONTEND_ACL_ONLY_WITH_PATH', row('https')],
  ['HTTPS_FRONTEND_ACL_WITH_PATH', row('https')],
  ['HTTPS_FRONTEND_ACL_WITH_AUTH', row('https')],
  ['HTTPS_FRONTEND_ACL_WITH_AUTH_AND_PATH', row('https')],
  ['HTTP_FRONTEND_APPID_HEAD', row('appid', verbatim)],
  ['HTTP_FRONTEND_APPID_ACL', row('appid')],
  ['USERLIST_HEAD', row('global', { switchedBy: 'AUTH' })],
  ['FRONTEND_HEAD', row('frontend')],
  ['FRONTEND_BACKEND_GLUE', row('frontend')],
  ['BACKEND_HEAD', row('backend')],
  [
    'HTTP_BACKEND_NETWORK_ALLOWED_ACL',
    row('backend', {
      ...http,
      switchedBy: 'BACKEND_NETWORK_ALLOWED_ACL',
      original: 'acl network_allowed src {network_allowed}',
    }),
  ],
  [
    'TCP_BACKEND_NETWORK_ALLOWED_ACL',
    row('backend', {
      ...tcp,
      switchedBy: 'BACKEND_NETWORK_ALLOWED_ACL',
      original: 'acl network_allowed src {network_allowed}',
    }),
  ],
  ['BACKEND_HTTP_OPTIONS', row('backend', { ...verbatim, ...http })],
  [
    'BACKEND_HSTS_OPTIONS',
    row('backend', { ...verbatim, ...http, switchedBy: 'USE_HSTS', original: hsts }),
  ],
  [
    'HTTP_BACKEND_PROXYPASS_GLUE',
    row('backend', {
      ...http,
      switchedBy: 'HTTP_BACKEND_PROXYPASS_PATH',
      original:
        'http-request set-header Host {hostname}\nreqirep "^([^ :]*)\\ {proxypath}/?(.*)" "\\1\\ /\\2"',
    }),
  ],
  [
    'HTTP_BACKEND_REVPROXY_GLUE',
    row('backend', {
      ...http,
      switchedBy: 'HTTP_BACKEND_REVPROXY_PATH',
      original:
        'acl hdr_location res.hdr(Location) -m found\nrspirep "^Location: (https?://{hostname}(:[0-9]+)?)?(/.*)" "Location:   {rootpath} if hdr_location"',
    }),
  ],
  ['BACKEND_HTTP_HEALTHCHECK_OPTIONS', row('backend', http)],
  ['BACKEND_TCP_HEALTHCHECK_OPTIONS', row('backend', tcp)],
  [
    'BACKEND_STICKY_OPTIONS',
    row('backend', {
      ...verbatim,
      ...http,
      switchedBy: 'STICKY',
      original: 'cookie mesosphere_server_id insert indirect nocache',
    }),
  ],
  ['BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS', row('backend', http)],
  ['BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS', row('backend', tcp)],
  ['BACKEND_SERVER_OPTIONS', row('backend')],
]);

/** What of a port decides on the templates it uses. */
export interface TemplateUser {
  readonly mode: Mode;
  /** How many hosts VHOST names. */
  readonly hosts: number;
  /** True if a label (`USE_HSTS`, `AUTH`, `PATH` …) is given, and true where it is a switch. */
  readonly has: (label: string) => boolean;
}

/** True if Marathon-LB would use the text of a template for that port. */
export function isUsed(name: string, { mode, hosts, has }: TemplateUser): boolean {
  const template = TEMPLATES.get(name);
  if (template === undefined) return false;
  if (template.mode !== null && template.mode !== mode) return false;
  if (template.switchedBy !== '' && !has(template.switchedBy)) return false;
  if (!/^(?:HTTPS?_FRONTEND_(?:ACL|ROUTING)|BACKEND_REDIRECT)/.test(name)) return true;
  if (hosts === 0 || mode === 'tcp') return false;
  // Each of several hosts has its ACL, with a path or without.
  if (name === 'HTTP_FRONTEND_ACL_ONLY') return hosts > 1;
  if (/PATH/.test(name) !== has('PATH')) return false;
  if (name.startsWith('BACKEND_REDIRECT')) return true;
  if (/AUTH/.test(name) !== has('AUTH')) return false;
  // On the https side there is no pair of templates for several hosts.
  return name.startsWith('HTTPS_') || /_ONLY/.test(name) === hosts > 1;
}
