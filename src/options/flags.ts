// Every flag of `teal sse` and `teal poll` in one table: Marathon-LB's own (marathon-lb.md §1.1) and ours.
// A known flag is honoured, has something else in its place, or is refused by name; never ignored.

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** `list`: one or more values, the flag may be repeated. */
  readonly takes: 'nothing' | 'value' | 'list';
  readonly hint?: string;
  readonly help: string;
  /** Accepted, with this said in the log: what takes its place. */
  readonly insteadOf?: string;
  /** Refused: known, but not carried out by this version. */
  readonly later?: true;
}

const HONOURED: readonly Flag[] = [
  {
    name: 'marathon',
    short: 'm',
    takes: 'list',
    hint: 'URL',
    help: 'Marathon, in order of preference (http://master.mesos:8080)',
  },
  {
    name: 'group',
    takes: 'list',
    hint: 'NAME',
    help: 'serve apps of this HAPROXY_GROUP; * = all apps (required)',
  },
  {
    name: 'health-check',
    short: 'H',
    takes: 'nothing',
    help: 'only tasks that Marathon reports alive get requests',
  },
  {
    name: 'no-own-checks',
    takes: 'nothing',
    help: "do not run the apps' health checks from here, rely on Marathon alone",
  },
  {
    name: 'sse',
    short: 's',
    takes: 'nothing',
    help: 'follow the event stream (as the command sse does)',
  },
  { name: 'http-port', takes: 'value', hint: 'PORT', help: 'virtual hosts over http (80)' },
  { name: 'https-port', takes: 'value', hint: 'PORT', help: 'virtual hosts over https (443)' },
  { name: 'appid-port', takes: 'value', hint: 'PORT', help: 'apps by X-Marathon-App-Id (9091)' },
  { name: 'stats-port', takes: 'value', hint: 'PORT', help: 'stats page and admin (9090)' },
  {
    name: 'bind',
    takes: 'value',
    hint: 'ADDRESS',
    help: 'address of all listeners; * = all of both families (*)',
  },
  { name: 'workers', takes: 'value', hint: 'N', help: 'worker processes (one per core)' },
  { name: 'dont-bind-http-https', takes: 'nothing', help: 'no listeners for virtual hosts' },
  {
    name: 'accept-proxy',
    takes: 'nothing',
    help: 'http and https: every connection begins with a PROXY protocol header',
  },
  {
    name: 'ssl-certs',
    takes: 'list',
    hint: 'FILES',
    help: 'PEM files or folders for https, the first is the default (self-signed)',
  },
  {
    name: 'max-backoff',
    takes: 'value',
    hint: 'SECONDS',
    help: 'longest wait before a reconnect to the event stream (300)',
  },
  {
    name: 'drain-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: 'SIGTERM: how long exchanges may take to end (30)',
  },
  {
    name: 'log-level',
    takes: 'value',
    hint: 'LEVEL',
    help: 'debug, info, warning, error or critical (info)',
  },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
];

const REPLACED: readonly Flag[] = [
  {
    name: 'haproxy-config',
    takes: 'value',
    help: '',
    insteadOf: 'there is no HAProxy configuration; the plan is shown on the stats page',
  },
  {
    name: 'command',
    short: 'c',
    takes: 'value',
    help: '',
    insteadOf: 'nothing is reloaded; changes are committed as epochs',
  },
  {
    name: 'max-reload-retries',
    takes: 'value',
    help: '',
    insteadOf: 'nothing is reloaded; changes are committed as epochs',
  },
  {
    name: 'reload-interval',
    takes: 'value',
    help: '',
    insteadOf: 'nothing is reloaded; changes are committed as epochs',
  },
  {
    name: 'archive-versions',
    takes: 'value',
    help: '',
    insteadOf: 'no configuration files are written',
  },
  {
    name: 'lru-cache-capacity',
    takes: 'value',
    help: '',
    insteadOf: 'caches are as large as the cluster',
  },
  {
    name: 'skip-validation',
    takes: 'nothing',
    help: '',
    insteadOf: 'every app is checked by itself and cannot break another',
  },
  {
    name: 'skip-config-cleanup',
    takes: 'nothing',
    help: '',
    insteadOf: 'every app is checked by itself and cannot break another',
  },
  {
    name: 'haproxy-map',
    takes: 'nothing',
    help: '',
    insteadOf: 'hosts are always looked up in a table; a port in Host is not compared',
  },
  { name: 'syslog-socket', takes: 'value', help: '', insteadOf: 'the log goes to standard output' },
  {
    name: 'log-format',
    takes: 'value',
    help: '',
    insteadOf: 'the log is JSON, one object per line',
  },
];

const LATER: readonly Flag[] = [
  { name: 'strict-mode', takes: 'nothing', help: '', later: true },
  { name: 'dry', short: 'd', takes: 'nothing', help: '', later: true },
  { name: 'group-https-by-vhost', takes: 'nothing', help: '', later: true },
  { name: 'min-serv-port-ip-per-task', takes: 'value', help: '', later: true },
  { name: 'max-serv-port-ip-per-task', takes: 'value', help: '', later: true },
  { name: 'marathon-auth-credential-file', takes: 'value', help: '', later: true },
  { name: 'auth-credentials', takes: 'value', help: '', later: true },
  { name: 'dcos-auth-credentials', takes: 'value', help: '', later: true },
  { name: 'marathon-ca-cert', takes: 'value', help: '', later: true },
  { name: 'longhelp', takes: 'nothing', help: '', later: true },
];

export const SERVE_FLAGS: readonly Flag[] = [...HONOURED, ...REPLACED, ...LATER];

const port = (name: string, help: string): Flag => ({ name, takes: 'value', hint: 'PORT', help });

export const DEMO_FLAGS: readonly Flag[] = [
  port('marathon-port', 'embedded Marathon (8080)'),
  port('dns-port', 'embedded Mesos-DNS, UDP and TCP (8053)'),
  port('dns-http-port', "embedded Mesos-DNS' HTTP API (8123)"),
  port('http-port', 'virtual hosts over http (8880)'),
  port('https-port', 'virtual hosts over https (8443)'),
  port('appid-port', 'apps by X-Marathon-App-Id (9091)'),
  port('stats-port', 'stats page (9090)'),
  {
    name: 'bind',
    takes: 'value',
    hint: 'ADDRESS',
    help: "address of Teal's own listeners (127.0.0.1)",
  },
  { name: 'workers', takes: 'value', hint: 'N', help: 'worker processes (2)' },
  {
    name: 'verbose',
    short: 'v',
    takes: 'nothing',
    help: "the balancer's whole log instead of the short lines",
  },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
];
