// The flags of marathon_lb.py (marathon-lb.md §1.1): every one is carried out, or says what takes its
// place; none is refused.

import type { Flag } from './flags.ts';

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
    takes: 'each',
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
    name: 'strict-mode',
    takes: 'nothing',
    help: 'serve only ports that say HAPROXY_{n}_ENABLED=true',
  },
  {
    name: 'haproxy-map',
    takes: 'nothing',
    help: 'hosts without path or auth are looked up after all other rules',
  },
  {
    name: 'group-https-by-vhost',
    takes: 'nothing',
    help: "https: each virtual host shows its own apps' certificates",
  },
  { name: 'dont-bind-http-https', takes: 'nothing', help: 'no listeners for virtual hosts' },
  {
    name: 'ssl-certs',
    takes: 'list',
    hint: 'FILES',
    help: 'PEM files or folders for https, the first is the default (self-signed)',
  },
  {
    name: 'min-serv-port-ip-per-task',
    takes: 'value',
    hint: 'PORT',
    help: 'first service port given to containers without one (10050); 0 with the next: none',
  },
  {
    name: 'max-serv-port-ip-per-task',
    takes: 'value',
    hint: 'PORT',
    help: 'last service port given to containers without one (10100)',
  },
  {
    name: 'marathon-auth-credential-file',
    takes: 'value',
    hint: 'FILE',
    help: 'file with user:password for Marathon in its first line',
  },
  {
    name: 'auth-credentials',
    takes: 'value',
    hint: 'USER:PASSWORD',
    help: 'user and password for Marathon',
  },
  {
    name: 'dcos-auth-credentials',
    takes: 'value',
    hint: 'JSON',
    help: 'DC/OS service account: uid, private_key, login_endpoint',
  },
  {
    name: 'marathon-ca-cert',
    takes: 'value',
    hint: 'FILE',
    help: "authorities that Marathon's certificate is verified by (not verified)",
  },
  {
    name: 'sse',
    short: 's',
    takes: 'nothing',
    help: 'follow the event stream (as the command sse does)',
  },
  {
    name: 'max-backoff',
    takes: 'value',
    hint: 'SECONDS',
    help: 'longest wait before a reconnect to the event stream (300)',
  },
  {
    name: 'dry',
    short: 'd',
    takes: 'nothing',
    help: "print what would be served, in HAProxy's words, and end",
  },
  {
    name: 'log-level',
    takes: 'value',
    hint: 'LEVEL',
    help: 'debug, info, warning, error or critical (info)',
  },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
  { name: 'longhelp', takes: 'nothing', help: 'this text, labels, templates and environment' },
];

const NO_RELOAD = 'nothing is reloaded; changes are committed as epochs';
const NO_SHARED_TEXT = 'every app is checked by itself and cannot break another';

const REPLACED: readonly Flag[] = [
  {
    name: 'haproxy-config',
    takes: 'value',
    help: '',
    insteadOf: 'no configuration file is written; /_haproxy_getconfig on the stats port shows one',
  },
  { name: 'command', short: 'c', takes: 'value', help: '', insteadOf: NO_RELOAD },
  { name: 'max-reload-retries', takes: 'value', help: '', insteadOf: NO_RELOAD },
  { name: 'reload-interval', takes: 'value', help: '', insteadOf: NO_RELOAD },
  {
    name: 'archive-versions',
    takes: 'value',
    help: '',
    insteadOf: 'no configuration file is written; cut-overs are kept on the stats page',
  },
  {
    name: 'lru-cache-capacity',
    takes: 'value',
    help: '',
    insteadOf: 'caches are as large as the cluster',
  },
  { name: 'skip-validation', takes: 'nothing', help: '', insteadOf: NO_SHARED_TEXT },
  { name: 'skip-config-cleanup', takes: 'nothing', help: '', insteadOf: NO_SHARED_TEXT },
  { name: 'syslog-socket', takes: 'value', help: '', insteadOf: 'the log goes to standard output' },
  {
    name: 'log-format',
    takes: 'value',
    help: '',
    insteadOf: 'the log is JSON, one object per line',
  },
];

export const MARATHON_LB_FLAGS: readonly Flag[] = [...HONOURED, ...REPLACED];
