// `option …` and `no option …`.

import { readHttpCheck } from './check-words.ts';
import type { Directive } from './directive.ts';
import { readFieldName } from './header-edits.ts';
import { ALWAYS } from './logic.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

const OF_LOGS = "of HAProxy's log; --access-log decides here";
const OF_SOCKETS = 'nothing that Teal has to be told';
const KEPT = 'the case anyway';

/** Those that change nothing, with the reason. */
const NOTES: ReadonlyMap<string, string> = new Map([
  ...['httplog', 'tcplog', 'dontlognull', 'dontlog-normal', 'log-health-checks', 'logasap'].map(
    (name) => [name, OF_LOGS] as const,
  ),
  ...['log-separate-errors', 'socket-stats', 'contstats'].map((name) => [name, OF_LOGS] as const),
  ...['tcpka', 'clitcpka', 'srvtcpka', 'nolinger', 'tcp-smart-accept', 'tcp-smart-connect'].map(
    (name) => [name, OF_SOCKETS] as const,
  ),
  ...['splice-auto', 'splice-request', 'splice-response', 'http-use-htx', 'http-no-delay'].map(
    (name) => [name, OF_SOCKETS] as const,
  ),
  ...['redispatch', 'prefer-last-server', 'independent-streams', 'http-pretend-keepalive'].map(
    (name) => [name, KEPT] as const,
  ),
  ['http-buffer-request', 'servers get a body as it comes'],
]);
const CLOSING = ['httpclose', 'forceclose', 'http-server-close'];
/** Checks in the language of a protocol: here it is only seen whether the server accepts connections. */
const PROTOCOLS = [
  'mysql-check',
  'pgsql-check',
  'redis-check',
  'smtpchk',
  'ldap-check',
  'ssl-hello-chk',
  'tcp-check',
];

export function readOption(words: readonly string[], directive: Directive): string | undefined {
  const [, name = '', ...rest] = words;
  const { draft, section } = directive;
  const note = NOTES.get(name);
  if (note !== undefined) return note;
  if (CLOSING.includes(name)) {
    if (section === 'global' && name === 'http-server-close') {
      return 'connections to servers are kept all the same, unless a service asks for it itself';
    }
    draft.closesServers = true;
    return undefined;
  }
  if (name === 'http-keep-alive') {
    draft.closesServers = false;
    return undefined;
  }
  if (name === 'forwardfor') return readForwardFor(rest, directive);
  if (name === 'httpchk') return readHttpCheck(rest, directive);
  if (PROTOCOLS.includes(name)) {
    draft.check.kind = 'tcp';
    return 'servers are only connected to';
  }
  refuse(`expected an option that Teal knows in place of ${literal(name)}`);
}

export function readNoOption(words: readonly string[], directive: Directive): string | undefined {
  const [, , name = ''] = words;
  const { draft } = directive;
  if (name === 'http-keep-alive') {
    draft.closesServers = true;
    return undefined;
  }
  if (CLOSING.includes(name)) {
    draft.closesServers = false;
    return undefined;
  }
  if (name === 'httpchk') {
    draft.check.kind = 'tcp';
    return undefined;
  }
  if (name === 'redispatch' || name === 'forwardfor') refuse(`it is done all the same`);
  return (
    NOTES.get(name) ?? refuse(`expected an option that Teal knows in place of ${literal(name)}`)
  );
}

/** `forwardfor [header NAME]`; the client is in X-Forwarded-For anyway. */
function readForwardFor(words: readonly string[], directive: Directive): string | undefined {
  const [word, value] = words;
  if (word === undefined) return KEPT;
  if (word !== 'header' || words.length > 2) {
    refuse('expected nothing or header NAME; X-Forwarded-For always names the client');
  }
  const name = readFieldName(value);
  const client = { from: 'client-address', name: '', converters: [] } as const;
  directive.onRequest({ do: 'set-header', name, value: [client] }, ALWAYS);
  return 'besides X-Forwarded-For';
}
