// `option …` and `no option …`.

import { isDeepStrictEqual } from 'node:util';
import { readNetwork } from '../networks.ts';
import { USUAL_FORWARDED_FOR } from '../policy.ts';
import { readHttpCheck } from './check-words.ts';
import type { Directive } from './directive.ts';
import { readFieldName } from './header-edits.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

const OF_LOGS = "of HAProxy's log; --access-log decides here";
const OF_FRONTENDS: ReadonlyMap<string, 'all' | 'errors'> = new Map([
  ['httplog', 'all'],
  ['tcplog', 'all'],
  ['dontlog-normal', 'errors'],
]);
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
  const logged = OF_FRONTENDS.get(name);
  if (logged !== undefined && section !== 'backend') return readLogged(logged, directive);
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

/** HAProxy logs what comes in by a frontend; the service port is the one that is of one service. */
function readLogged(which: 'all' | 'errors', { draft, section }: Directive): string {
  if (section !== 'frontend') {
    refuse(
      `expected the flag --access-log httplog${which === 'errors' ? ' --access-log-which errors' : ''}`,
    );
  }
  if (draft.logged !== 'errors') draft.logged = which;
  return 'what comes in by other ways is logged as well';
}

/** `forwardfor [except NETWORK] [header NAME] [if-none]`; another one in its section replaces it. */
function readForwardFor(words: readonly string[], { draft, section }: Directive) {
  let { header, except, ifNone } = USUAL_FORWARDED_FOR;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === 'header') header = fieldIn(words[++at]);
    else if (word === 'except') except = [networkIn(words[++at])];
    else if (word === 'if-none') ifNone = true;
    else refuse(`expected except, header or if-none in place of ${literal(word ?? '')}`);
  }
  const spec = { header, except, ifNone };
  const isUsual = isDeepStrictEqual(spec, USUAL_FORWARDED_FOR);
  // A service has one policy, whichever shared listener a request came in by.
  if (!isUsual && !['global', 'frontend', 'backend'].includes(section)) {
    refuse('expected it in BACKEND_HTTP_OPTIONS; X-Forwarded-For names every client');
  }
  draft.forwardedFor.set(section, spec);
  return isUsual ? KEPT : undefined;
}

function fieldIn(word: string | undefined): string {
  const name = readFieldName(word);
  return /^host$/i.test(name) ? refuse('expected another field than Host') : name;
}

function networkIn(word: string | undefined): string {
  const text = literal(word ?? '');
  return readNetwork(text) ?? refuse(`expected an address or network, not ${text}`);
}
