// The labels Marathon-LB knows (marathon-lb.md §2), and what this version of Teal makes of each. A
// label is carried out, is not the balancer's, or is reported; none is ignored in silence.

/** `HAPROXY_{n}_…` that are carried out. */
const HONOURED: readonly string[] = [
  'SSL_CERT',
  'BIND_OPTIONS',
  'GROUP',
  'ENABLED',
  'PORT',
  'MODE',
  'VHOST',
  'BIND_ADDR',
  'BACKEND_HEALTHCHECK_PORT_INDEX',
  'BALANCE',
  'STICKY',
];

/**
 * `HAPROXY_{n}_…` that are not carried out yet, with the values that ask for nothing: what they say
 * is what happens anyway.
 */
const LATER: ReadonlyMap<string, RegExp | null> = new Map([
  ['PATH', null],
  ['BACKEND_WEIGHT', /^\s*0\s*$/],
  ['REDIRECT_TO_HTTPS', /^(?!(?:true|t|yes|y)$)/i],
  ['USE_HSTS', /^(?!(?:true|t|yes|y)$)/i],
  ['AUTH', null],
  ['BACKEND_NETWORK_ALLOWED_ACL', null],
  ['HTTP_BACKEND_PROXYPASS_PATH', null],
  ['HTTP_BACKEND_REVPROXY_PATH', null],
  ['HTTP_BACKEND_REDIR', null],
]);

/** `HAPROXY_{n}_…` that replace a piece of HAProxy's configuration. */
const TEMPLATES: readonly string[] = [
  'USERLIST_HEAD',
  'FRONTEND_HEAD',
  'FRONTEND_BACKEND_GLUE',
  'BACKEND_HEAD',
  'BACKEND_HTTP_OPTIONS',
  'BACKEND_HSTS_OPTIONS',
  'BACKEND_STICKY_OPTIONS',
  'BACKEND_REDIRECT_HTTP_TO_HTTPS',
  'BACKEND_REDIRECT_HTTP_TO_HTTPS_WITH_PATH',
  'BACKEND_HTTP_HEALTHCHECK_OPTIONS',
  'BACKEND_TCP_HEALTHCHECK_OPTIONS',
  'BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS',
  'BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS',
  'BACKEND_SERVER_OPTIONS',
  'HTTP_BACKEND_PROXYPASS_GLUE',
  'HTTP_BACKEND_REVPROXY_GLUE',
  'HTTP_BACKEND_NETWORK_ALLOWED_ACL',
  'TCP_BACKEND_NETWORK_ALLOWED_ACL',
  'HTTP_FRONTEND_ACL',
  'HTTP_FRONTEND_ACL_ONLY',
  'HTTP_FRONTEND_ROUTING_ONLY',
  'HTTP_FRONTEND_ACL_WITH_PATH',
  'HTTP_FRONTEND_ACL_ONLY_WITH_PATH',
  'HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH',
  'HTTP_FRONTEND_ACL_WITH_AUTH',
  'HTTP_FRONTEND_ROUTING_ONLY_WITH_AUTH',
  'HTTP_FRONTEND_ACL_WITH_AUTH_AND_PATH',
  'HTTP_FRONTEND_ACL_ONLY_WITH_PATH_AND_AUTH',
  'HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH',
  'HTTP_FRONTEND_APPID_ACL',
  'HTTPS_FRONTEND_ACL',
  'HTTPS_FRONTEND_ACL_WITH_PATH',
  'HTTPS_FRONTEND_ACL_ONLY_WITH_PATH',
  'HTTPS_FRONTEND_ACL_WITH_AUTH',
  'HTTPS_FRONTEND_ACL_WITH_AUTH_AND_PATH',
  'HTTPS_FRONTEND_AUTH_ACL_ONLY',
  'HTTPS_FRONTEND_AUTH_REQUEST_ONLY',
  'HTTPS_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH',
  'MAP_HTTP_FRONTEND_ACL',
  'MAP_HTTP_FRONTEND_ACL_ONLY',
  'MAP_HTTPS_FRONTEND_ACL',
  'MAP_HTTP_FRONTEND_APPID_ACL',
];

/** Read by zdd and by the rules of deployment groups. */
const APP_WIDE: readonly string[] = [
  'HAPROXY_GROUP',
  'HAPROXY_APP_ID',
  'HAPROXY_DEPLOYMENT_GROUP',
  'HAPROXY_DEPLOYMENT_ALT_PORT',
  'HAPROXY_DEPLOYMENT_COLOUR',
  'HAPROXY_DEPLOYMENT_STARTED_AT',
  'HAPROXY_DEPLOYMENT_TARGET_INSTANCES',
  'HAPROXY_DEPLOYMENT_NEW_INSTANCES',
];

const PER_PORT: readonly string[] = [...HONOURED, ...LATER.keys(), ...TEMPLATES];
const KNOWN_PER_PORT: ReadonlySet<string> = new Set(PER_PORT);
const KNOWN_APP_WIDE: ReadonlySet<string> = new Set(APP_WIDE);
const PORT_LABEL = /^HAPROXY_(0|[1-9]\d{0,4})_(.+)$/;
const MAX_TYPOS = 3;

export type LabelKind =
  /** Not the balancer's (another prefix), or nobody's concern here. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'honoured'; readonly portIndex: number }
  | { readonly kind: 'later'; readonly portIndex: number }
  /** `nearest` is the known label it resembles; empty when it resembles none. */
  | { readonly kind: 'unknown'; readonly nearest: string };

const QUIET: LabelKind = { kind: 'quiet' };

/** Says what a label is. */
export function kindOfLabel(label: string, value: string): LabelKind {
  if (!/^haproxy_/i.test(label)) return QUIET;
  if (KNOWN_APP_WIDE.has(label) || label.startsWith('HAPROXY_DEPLOYMENT_')) return QUIET;
  const [, index, name] = PORT_LABEL.exec(label) ?? [];
  if (index === undefined || name === undefined || !KNOWN_PER_PORT.has(name)) {
    return { kind: 'unknown', nearest: nearestTo(label, index ?? '0') };
  }
  const portIndex = Number(index);
  if (HONOURED.includes(name) || LATER.get(name)?.test(value)) {
    return { kind: 'honoured', portIndex };
  }
  return { kind: 'later', portIndex };
}

function nearestTo(label: string, index: string): string {
  let nearest = '';
  let least = MAX_TYPOS + 1;
  for (const known of [...APP_WIDE, ...PER_PORT.map((name) => `HAPROXY_${index}_${name}`)]) {
    if (Math.abs(known.length - label.length) >= least) continue;
    const distance = editDistance(label.toUpperCase(), known);
    if (distance < least) {
      least = distance;
      nearest = known;
    }
  }
  return nearest;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
