// The first word of a directive → who reads it. Words that ask for nothing here have a note instead.

import { readHttpCheckRule } from './check-words.ts';
import { readTcpRequest } from './connection-rules.ts';
import type { Reader } from './directive.ts';
import { ALWAYS } from './logic.ts';
import { isOldRewrite, readOldRewrite } from './old-rewrites.ts';
import { readNoOption, readOption } from './options.ts';
import { placeholderIn } from './placeholders.ts';
import { refuse } from './refusal.ts';
import { readBlock, readClassicRedirect, readHttpRequest } from './request-rules.ts';
import { readHttpResponse } from './response-rules.ts';
import { readUseBackend } from './routes.ts';
import {
  readAllowed,
  readBalanceWords,
  readBindWords,
  readCompression,
  readErrorFile,
  readMode,
  readMonitorFail,
  readMonitorUri,
  readStick,
  readTimeout,
} from './section-words.ts';
import { readServer, readServerWords } from './server-words.ts';

const OF_LOGS = "of HAProxy's log; --access-log decides here";
const OF_HAPROXY = 'of HAProxy itself';
const COOKIE = 'cookie mesosphere_server_id insert indirect nocache';

const readAcl: Reader = (words, { draft, section, template }) => {
  if (template.endsWith('NETWORK_ALLOWED_ACL')) return readAllowed(words, draft.allowedNetworks);
  const [, name = '', test = ''] = words;
  // Templates with AUTH in their name are used with that label only, which asks by itself.
  if (template.includes('AUTH') && test.startsWith('http_auth(')) {
    draft.lists(section).assume(name, ALWAYS);
    return 'AUTH asks for the password';
  }
  draft.lists(section).declare(words.slice(1));
  return undefined;
};

const readCookie: Reader = (words) =>
  words.join(' ') === COOKIE
    ? undefined
    : refuse(`expected ${COOKIE}, by HAPROXY_{n}_STICKY=true; other cookies lead nobody back`);

const readUser: Reader = ([, name = '']) =>
  placeholderIn(name) === 'user'
    ? undefined
    : refuse('expected the user of AUTH; nobody else may come in');

const readStickTable: Reader = (words, { draft }) => {
  draft.rates.declareTable(words.slice(1));
  return undefined;
};

const note =
  (text: string): Reader =>
  () =>
    text;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['acl', readAcl],
  ['balance', readBalanceWords],
  ['bind', readBindWords],
  ['block', readBlock],
  ['capture', note(OF_LOGS)],
  ['clitimeout', readTimeout],
  ['compression', readCompression],
  ['contimeout', readTimeout],
  ['cookie', readCookie],
  ['default-server', (words, directive) => readServerWords(words.slice(1), directive)],
  ['default_backend', readUseBackend],
  ['description', note(OF_HAPROXY)],
  ['errorfile', readErrorFile],
  ['hash-type', note('servers are found on a consistent ring')],
  ['http-check', readHttpCheckRule],
  ['http-request', readHttpRequest],
  ['http-response', readHttpResponse],
  ['http-reuse', note('connections to servers are used again where that is safe')],
  ['id', note(OF_HAPROXY)],
  ['log', note(OF_LOGS)],
  ['log-format', note(OF_LOGS)],
  ['log-format-sd', note(OF_LOGS)],
  ['log-tag', note(OF_LOGS)],
  ['mode', readMode],
  ['monitor', readMonitorFail],
  ['monitor-uri', readMonitorUri],
  ['no', readNoOption],
  ['option', readOption],
  ['redirect', readClassicRedirect],
  ['server', readServer],
  ['srvtimeout', readTimeout],
  ['stick', readStick],
  ['stick-table', readStickTable],
  ['tcp-request', readTcpRequest],
  ['timeout', readTimeout],
  ['use_backend', readUseBackend],
  ['user', readUser],
]);

/** Words of the sections `global` and `defaults`. */
const OF_HEAD = new Set([
  ...['backlog', 'ca-base', 'chroot', 'cpu-map', 'crt-base', 'daemon', 'debug', 'group', 'grace'],
  ...[
    'hard-stop-after',
    'load-server-state-from-file',
    'localpeer',
    'log-send-hostname',
    'lua-load',
  ],
  ...[
    'master-worker',
    'max-spread-checks',
    'nbproc',
    'nbthread',
    'node',
    'pidfile',
    'quiet',
    'stats',
  ],
  ...['server-state-base', 'server-state-file', 'spread-checks', 'ulimit-n', 'user'],
]);
const TLS_OPTIONS = 'no-sslv3 no-tlsv10 no-tls-tickets';
const TLS_CIPHERS = /^ECDHE-ECDSA-AES128-GCM-SHA256:\S+:AES256-SHA256:!aNULL:!MD5:!DSS$/;

/** Numbers of Marathon-LB's own text, and where others are set. */
const USUAL_NUMBERS: Readonly<
  Record<string, { readonly values: readonly string[]; readonly flags: string }>
> = {
  maxconn: {
    values: ['50000', '10000'],
    flags: 'the flag --max-connections (global) or --listener-max-connections (defaults)',
  },
  retries: { values: ['3'], flags: 'the flag --retries' },
};

const readDefaults: Reader = ([what = '', ...words]) => {
  const value = words.join(' ');
  if (/^ssl-default-(?:bind|server)-options$/.test(what) && value === TLS_OPTIONS) return undefined;
  if (/^ssl-default-(?:bind|server)-ciphers$/.test(what) && TLS_CIPHERS.test(value)) {
    return undefined;
  }
  const usual = USUAL_NUMBERS[what];
  if (usual === undefined) return refuse('expected BIND_OPTIONS of each port, or --ssl-certs');
  return usual.values.includes(value) ? undefined : refuse(`expected ${usual.flags}`);
};

/** Who reads a directive of that word; null if nobody knows it. */
export function readerOf(word: string, template: string): Reader | null {
  if (isOldRewrite(word)) return readOldRewrite;
  if (template === 'HEAD') {
    if (OF_HEAD.has(word) || word.startsWith('tune.')) return note(OF_HAPROXY);
    if (Object.hasOwn(USUAL_NUMBERS, word) || word.startsWith('ssl-default-')) return readDefaults;
  }
  return READERS.get(word) ?? null;
}

/** True if a directive keeps somebody out: to pass it over is worth a word. */
export function restricts(words: readonly string[]): boolean {
  const [first = '', second = '', third = ''] = words;
  if (/^http-re(?:quest|sponse)$/.test(first)) {
    return /^(?:deny|tarpit|reject|silent-drop|auth|track-sc\d)$/.test(second);
  }
  if (first === 'tcp-request') return /^(?:reject|track-sc\d)$/.test(third);
  if (first === 'stats') return second === 'auth' || second === 'admin';
  if (first === 'use_backend') return third === 'if' || third === 'unless';
  return /^(?:block|stick-table|rate-limit|(?:req|rsp)i?(?:deny|tarpit|allow))$/.test(first);
}

/** True if a directive lets somebody past the rules behind it. */
export function admits([first = '', second = '', third = '']: readonly string[]): boolean {
  return (
    (first === 'http-request' && second === 'allow') ||
    (first === 'tcp-request' && third === 'accept')
  );
}
