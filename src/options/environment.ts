// The environment of Marathon-LB's container (marathon-lb.md §1.2, §1.3) → what of it is carried out, and
// a line for everything that is not. Pure; files that it leads to are read elsewhere.

import { kindOfLabel } from '../catalogue/known-labels.ts';
import { UsageError } from './usage-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ContainerEnvironment {
  readonly pollIntervalMs: number;
  /** Ports Marathon has reserved for the balancer, as it says them; only told in the log. */
  readonly ports: string;
  /** PEM texts for https: HAPROXY_SSL_CERT, then HAPROXY_SSL_CERT0 … 100. */
  readonly certificates: readonly { readonly name: string; readonly text: string }[];
  /** The balancer's own app: its id without the first slash; empty = none. */
  readonly ownAppName: string;
  /** Kernel parameters, `name=value` each. */
  readonly sysctls: readonly string[];
  /** `user:password`; null = not set. */
  readonly marathonLogin: string | null;
  /** JSON of a DC/OS service account; empty = not set. */
  readonly serviceAccount: string;
  /** Token that orders need; empty = not set. */
  readonly adminToken: string;
  /** Secret of previews; empty = not set. */
  readonly previewSecret: string;
  /** Other instances, as `--peer` takes them, separated by blanks or commas; empty = not set. */
  readonly peers: string;
  /** Directives by template, without `HAPROXY_`. */
  readonly templates: ReadonlyMap<string, string>;
  /** Folders with files `HAPROXY_<TEMPLATE>`; what a later one says wins, what `templates` says wins over all. */
  readonly templateFolders: readonly string[];
  /** To be said in the log. */
  readonly notices: readonly string[];
}

const MAX_EXTRA_CERTIFICATES = 100;
/** What every DC/OS package sets, and Teal does by itself; `http-server-close` is its one deviation. */
const USUAL_OPTIONS: readonly string[] = ['redispatch', 'http-server-close', 'dontlognull'];
/** `HAPROXY_…` that are no templates. */
const SETTINGS =
  /^HAPROXY_(?:SSL_CERT\d*|SYSCTL_PARAMS|SYSCTL_NONSTRICT|SYSLOGD|GLOBAL_DEFAULT_OPTIONS)$/;

/** Throws UsageError. */
export function readEnvironment(env: Environment): ContainerEnvironment {
  const textOf = (name: string): string => env[name] ?? '';
  const user = textOf('MARATHON_USER');
  const sandbox = textOf('MESOS_SANDBOX');
  const templates = templatesIn(env);
  return {
    pollIntervalMs: pollIntervalOf(env['POLL_INTERVAL'] ?? '60'),
    ports: textOf('PORTS'),
    certificates: certificatesIn(env),
    ownAppName: textOf('FRAMEWORK_NAME').replace(/^\//, ''),
    sysctls: textOf('HAPROXY_SYSCTL_PARAMS').split(/\s+/).filter(Boolean),
    marathonLogin: user === '' ? null : `${user}:${textOf('MARATHON_PASSWORD')}`,
    serviceAccount: textOf('DCOS_SERVICE_ACCOUNT_CREDENTIAL'),
    adminToken: textOf('TEAL_ADMIN_TOKEN'),
    previewSecret: textOf('TEAL_PREVIEW_SECRET'),
    peers: textOf('TEAL_PEERS'),
    templates: templates.texts,
    templateFolders: ['templates', ...(sandbox === '' ? [] : [`${sandbox}/templates`])],
    notices: [...templates.notices, ...noticesOf(env)],
  };
}

function pollIntervalOf(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1)
    throw new UsageError(`POLL_INTERVAL '${text}': expected whole seconds, at least 1`);
  return seconds * 1_000;
}

/** The numbered ones count only beside the first, as in Marathon-LB. */
function certificatesIn(env: Environment): ContainerEnvironment['certificates'] {
  if (!env['HAPROXY_SSL_CERT']) return [];
  const names = ['HAPROXY_SSL_CERT'];
  for (let n = 0; n <= MAX_EXTRA_CERTIFICATES; n += 1) names.push(`HAPROXY_SSL_CERT${n}`);
  return names.flatMap((name) => {
    const text = env[name];
    // `echo -e` writes them to files there.
    return text ? [{ name, text: unescapeNewlines(text).replaceAll('\\r', '') }] : [];
  });
}

function templatesIn(env: Environment) {
  const texts = new Map<string, string>();
  const notices: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('HAPROXY_') || SETTINGS.test(variable) || text === undefined) continue;
    const name = variable.slice('HAPROXY_'.length);
    const kind = kindOfLabel(`HAPROXY_0_${name}`);
    if (kind.kind === 'template' || kind.kind === 'global' || kind.kind === 'inert') {
      texts.set(name, unescapeNewlines(text));
    } else {
      const nearest = kind.kind === 'unknown' ? kind.nearest.replace('HAPROXY_0_', 'HAPROXY_') : '';
      const hint = nearest === '' ? '' : `; did you mean ${nearest}?`;
      notices.push(`${variable} has no effect: expected the name of a template${hint}`);
    }
  }
  return { texts, notices };
}

function unescapeNewlines(text: string): string {
  return text.replaceAll('\\n', '\n');
}

function noticesOf(env: Environment): string[] {
  const said: readonly [boolean, string][] = [
    [
      Boolean(env['HAPROXY_SYSLOGD']),
      'HAPROXY_SYSLOGD has no effect: the log goes to standard output anyway',
    ],
    [
      !['', '/dev/null'].includes(env['SYSLOG_SOCKET'] ?? ''),
      'SYSLOG_SOCKET has no effect: the log goes to standard output',
    ],
    [
      ['VAULT_TOKEN', 'VAULT_HOST', 'VAULT_PORT', 'VAULT_PATH'].some((name) => Boolean(env[name])),
      'VAULT_* have no effect: certificates come from --ssl-certs or HAPROXY_SSL_CERT',
    ],
    [
      !env['HAPROXY_SSL_CERT'] &&
        Object.keys(env).some((name) => /^HAPROXY_SSL_CERT\d+$/.test(name)),
      'HAPROXY_SSL_CERT0 and the like have no effect: they count only beside HAPROXY_SSL_CERT',
    ],
    [
      Boolean(env['MARATHON_PASSWORD']) && !env['MARATHON_USER'],
      'MARATHON_PASSWORD has no effect: expected MARATHON_USER beside it',
    ],
  ];
  const options = new Set((env['HAPROXY_GLOBAL_DEFAULT_OPTIONS'] ?? '').split(',').filter(Boolean));
  const unusual = [...options].filter((option) => !USUAL_OPTIONS.includes(option.trim())).sort();
  const isLog = unusual.includes('httplog') || unusual.includes('tcplog');
  const hint = isLog ? '; --access-log httplog writes a line per request' : '';
  return [
    ...said.filter(([holds]) => holds).map(([, line]) => line),
    ...(unusual.length === 0
      ? []
      : [
          `HAPROXY_GLOBAL_DEFAULT_OPTIONS: ${unusual.join(', ')} without effect; Teal retries elsewhere, keeps connections alive and logs no empty ones${hint}`,
        ]),
  ];
}
