// The labels Teal knows: Marathon-LB's (marathon-lb.md §2) and its own, and what each of them is. None
// is passed over in silence: what nobody knows is told, with the name that was probably meant.

import { TEMPLATES } from './directives/templates.ts';
import { nearestOf } from './nearest.ts';

/** `HAPROXY_{n}_…` that are settings. */
const SETTINGS: readonly string[] = [
  'SSL_CERT',
  'BIND_OPTIONS',
  'GROUP',
  'ENABLED',
  'PORT',
  'MODE',
  'VHOST',
  'PATH',
  'BACKEND_WEIGHT',
  'BIND_ADDR',
  'BACKEND_HEALTHCHECK_PORT_INDEX',
  'BALANCE',
  'STICKY',
  'REDIRECT_TO_HTTPS',
  'USE_HSTS',
  'AUTH',
  'BACKEND_NETWORK_ALLOWED_ACL',
  'HTTP_BACKEND_PROXYPASS_PATH',
  'HTTP_BACKEND_REVPROXY_PATH',
  'HTTP_BACKEND_REDIR',
];

/** `TEAL_{n}_…`: what Marathon-LB has no label for. */
const OWN_SETTINGS: readonly string[] = [
  'AUTH_SCOPE',
  'SLOW_START_SECONDS',
  'MAX_CONNECTIONS',
  'SEND_PROXY',
  'DRAIN_SECONDS',
  'BAKE_SECONDS',
  'BAKE_MAX_ERROR_PERCENT',
  'BAKE_MAX_SLOWDOWN_PERCENT',
  'BAKE_MIN_REQUESTS',
  'SHARE_PERCENT',
  'ACCESS_LOG',
];

/** Templates that Marathon-LB documents and never reads from a label (marathon-lb.md §2.4, §8.1). */
const INERT: readonly string[] = [
  'HTTPS_FRONTEND_AUTH_ACL_ONLY',
  'HTTPS_FRONTEND_AUTH_REQUEST_ONLY',
  'HTTPS_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH',
  'MAP_HTTP_FRONTEND_ACL',
  'MAP_HTTP_FRONTEND_ACL_ONLY',
  'MAP_HTTPS_FRONTEND_ACL',
  'MAP_HTTP_FRONTEND_APPID_ACL',
];

/** Templates of the whole balancer: no label, only its environment and files. */
export const GLOBAL_TEMPLATE_NAMES: readonly string[] = [
  'HEAD',
  'HTTP_FRONTEND_HEAD',
  'HTTPS_FRONTEND_HEAD',
  'HTTP_FRONTEND_APPID_HEAD',
  'HTTPS_GROUPED_FRONTEND_HEAD',
  'HTTPS_GROUPED_VHOST_FRONTEND_HEAD',
  'HTTPS_GROUPED_VHOST_BACKEND_HEAD',
  'HTTPS_GROUPED_VHOST_FRONTEND_ACL',
  'HTTP_BACKEND_ACL_ALLOW_DENY',
  'TCP_BACKEND_ACL_ALLOW_DENY',
];

/** `HAPROXY_{n}_…` that replace a piece of HAProxy's configuration. */
export const TEMPLATE_NAMES: readonly string[] = [...TEMPLATES.keys()].filter(
  (name) => !GLOBAL_TEMPLATE_NAMES.includes(name),
);

/** Of the app as a whole; those of deployments are read by zdd and by the rules of deployment groups. */
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

/** Settings, by the names of their labels: `{n}` stands for the index of a port. */
export const SETTING_LABELS: readonly string[] = [
  ...SETTINGS.map((name) => `HAPROXY_{n}_${name}`),
  ...OWN_SETTINGS.map((name) => `TEAL_{n}_${name}`),
];

/** What a label of one port is. */
export type PortKind = 'setting' | 'template' | 'inert' | 'global';

export type LabelKind =
  /** Not the balancer's. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'app-wide' }
  | { readonly kind: PortKind; readonly portIndex: number; readonly name: string }
  /** `nearest` is the known label it resembles; empty when it resembles none. */
  | { readonly kind: 'unknown'; readonly nearest: string };

const KINDS: ReadonlyMap<string, PortKind> = new Map([
  ...SETTINGS.map((name) => [`HAPROXY_${name}`, 'setting'] as const),
  ...OWN_SETTINGS.map((name) => [`TEAL_${name}`, 'setting'] as const),
  ...TEMPLATE_NAMES.map((name) => [`HAPROXY_${name}`, 'template'] as const),
  ...INERT.map((name) => [`HAPROXY_${name}`, 'inert'] as const),
  ...GLOBAL_TEMPLATE_NAMES.map((name) => [`HAPROXY_${name}`, 'global'] as const),
]);
const OURS = /^(?:haproxy|teal)_/i;
const PORT_LABEL = /^(HAPROXY|TEAL)_(0|[1-9]\d{0,4})_(.+)$/;

/** Says what a label is. */
export function kindOfLabel(label: string): LabelKind {
  if (!OURS.test(label)) return { kind: 'foreign' };
  if (APP_WIDE.includes(label)) return { kind: 'app-wide' };
  const [, prefix = '', index, name = ''] = PORT_LABEL.exec(label) ?? [];
  const kind = KINDS.get(`${prefix}_${name}`);
  if (index !== undefined && kind !== undefined) return { kind, portIndex: Number(index), name };
  const other = prefix === 'TEAL' ? 'HAPROXY' : 'TEAL';
  const nearest = KINDS.has(`${other}_${name}`)
    ? `${other}_${index}_${name}`
    : nearestOf(label.toUpperCase(), namesWith(index ?? '0'));
  return { kind: 'unknown', nearest };
}

/** Every label there is for a port, and those of apps. */
function* namesWith(index: string): Generator<string> {
  yield* APP_WIDE;
  for (const key of KINDS.keys()) yield key.replace('_', `_${index}_`);
}
