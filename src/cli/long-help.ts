// `--longhelp`: what app definitions and the environment may say, beside the flags.

import { GLOBAL_TEMPLATE_NAMES, TEMPLATE_NAMES } from '../catalogue/known-labels.ts';

type Line = readonly [string, string];

/** Labels of the app as a whole, and of one service port ({n}: its index, from 0). */
export const LABEL_LINES: readonly Line[] = [
  ['HAPROXY_GROUP', 'groups of balancers that serve the app, by comma'],
  ['HAPROXY_DEPLOYMENT_GROUP', 'apps with the same value are one service (blue and green)'],
  ['HAPROXY_{n}_GROUP', 'in place of HAPROXY_GROUP, for this port'],
  ['HAPROXY_{n}_ENABLED', 'true or false: serve the port (true; with --strict-mode false)'],
  ['HAPROXY_{n}_PORT', 'service port (that of the app definition)'],
  ['HAPROXY_{n}_BIND_ADDR', 'address of the service port (all)'],
  ['HAPROXY_{n}_MODE', 'http or tcp (by health check and VHOST)'],
  ['HAPROXY_{n}_VHOST', 'host names on the http and https ports, by comma; *.a.test for all below'],
  ['HAPROXY_{n}_PATH', 'prefixes of the path, by blank; -i first: in any case'],
  ['HAPROXY_{n}_BACKEND_WEIGHT', 'order of the rules for hosts, largest first (0; with PATH 1)'],
  ['HAPROXY_{n}_STICKY', 'true: clients are led back to their server by a cookie'],
  ['HAPROXY_{n}_BALANCE', 'roundrobin, leastconn, source, uri, hdr(NAME), url_param NAME …'],
  ['HAPROXY_{n}_REDIRECT_TO_HTTPS', 'true: the http port sends clients to https'],
  ['HAPROXY_{n}_USE_HSTS', 'true: browsers are told to use https only'],
  ['HAPROXY_{n}_AUTH', 'realm:user:hash: HTTP Basic on the http and https ports'],
  ['HAPROXY_{n}_BACKEND_NETWORK_ALLOWED_ACL', 'addresses and networks that may come in, by blank'],
  ['HAPROXY_{n}_HTTP_BACKEND_PROXYPASS_PATH', 'this prefix of the path is taken off'],
  ['HAPROXY_{n}_HTTP_BACKEND_REVPROXY_PATH', 'this prefix is put before the path of a Location'],
  ['HAPROXY_{n}_HTTP_BACKEND_REDIR', 'where requests for / of the host are sent'],
  ['HAPROXY_{n}_SSL_CERT', 'PEM file or folder: the service port speaks TLS'],
  ['HAPROXY_{n}_BIND_OPTIONS', 'accept-proxy, alpn, ciphers, verify required ca-file …'],
  ['HAPROXY_{n}_BACKEND_HEALTHCHECK_PORT_INDEX', 'index of the port that is checked instead'],
  ['TEAL_{n}_AUTH_SCOPE', 'all: AUTH guards the service port, too (vhost)'],
  ['TEAL_{n}_SLOW_START_SECONDS', 'how long a new server grows to its full share (0)'],
  ['TEAL_{n}_MAX_CONNECTIONS', 'requests in flight per server; 0 = any number (0)'],
  ['TEAL_{n}_SEND_PROXY', 'v1 or v2: servers are sent PROXY protocol headers'],
  ['TEAL_{n}_ACCESS_LOG', 'on, off, errors or sample:0.01: in place of --access-log-which'],
  ['TEAL_{n}_DRAIN_SECONDS', 'how long requests in flight may take once it is not live any more'],
  ['TEAL_{n}_BAKE_SECONDS', 'compared so long with the colour before it; 0 = not'],
  ['TEAL_{n}_BAKE_MAX_ERROR_PERCENT', '… and left if that many more of its requests fail'],
  ['TEAL_{n}_BAKE_MAX_SLOWDOWN_PERCENT', '… or its answers take so much longer; 0 = any'],
  ['TEAL_{n}_BAKE_MIN_REQUESTS', '… but not by fewer requests than that'],
  ['TEAL_{n}_SHARE_PERCENT', 'its share of the requests beside the live colour'],
];

const ENVIRONMENT_LINES: readonly Line[] = [
  ['POLL_INTERVAL', 'teal poll: seconds between two looks at Marathon (60)'],
  ['HAPROXY_SSL_CERT, …CERT0 to 100', 'PEM texts for https, after the files of --ssl-certs'],
  ['HAPROXY_<TEMPLATE>', 'directives for all apps; also files of that name in templates/'],
  ['MESOS_SANDBOX', 'its folder templates is read as well'],
  ['FRAMEWORK_NAME', "the balancer's own app, which is not served"],
  ['MARATHON_USER, MARATHON_PASSWORD', 'as --auth-credentials'],
  ['DCOS_SERVICE_ACCOUNT_CREDENTIAL', 'as --dcos-auth-credentials'],
  ['TEAL_ADMIN_TOKEN', 'token that orders need, as --admin-token-file'],
  ['TEAL_PREVIEW_SECRET', 'as --preview-secret-file'],
  ['TEAL_PEERS', 'as --peer, separated by blanks or commas'],
  ['HAPROXY_SYSCTL_PARAMS', 'kernel parameters to set where that is allowed'],
];

/** `flags` is the text of `--help`. */
export function longHelp(flags: string): string {
  const templates = TEMPLATE_NAMES.map((name) => `  HAPROXY_{n}_${name}`).join('\n');
  const globals = GLOBAL_TEMPLATE_NAMES.map((name) => `  HAPROXY_${name}`).join('\n');
  return `${flags}
Labels of an app, in Marathon
${columns(LABEL_LINES)}

Templates: directives of HAProxy, of which those are carried out that have a meaning here. In a label
of this name for one port, in a variable or file HAPROXY_<TEMPLATE> for all
${templates}

Templates of the whole balancer, in a variable or file only
${globals}

Environment
${columns(ENVIRONMENT_LINES)}
`;
}

function columns(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.map(([name, text]) => `  ${name.padEnd(width)}${text}`).join('\n');
}
