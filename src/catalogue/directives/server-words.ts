// The words of a `server` line, which stands for every server of the pool.

import type { ServerTlsSpec } from '../policy.ts';
import type { Directive } from './directive.ts';
import type { Draft } from './draft.ts';
import { readCount, readDuration } from './durations.ts';
import { asWritten, literal, placeholdersIn, withoutPlaceholders } from './placeholders.ts';
import { Refusal, refuse } from './refusal.ts';

const PLAIN_TLS: ServerTlsSpec = { verifies: true, authorities: '', serverName: '' };
const MOST_CONNECTIONS = 1_000_000;
/** Placeholders that stand for words of their own. */
const FOR_WORDS =
  /\uE000(?:cookieOptions|healthCheckOptions|healthCheckPortOptions|otherOptions)\uE001/;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$/;

/** Those that stand alone, and what they do. */
const FLAGS: Readonly<Record<string, (draft: Draft) => void>> = {
  check: (draft) => {
    if (draft.check.kind === 'none') draft.check.kind = null;
  },
  'no-check': (draft) => {
    draft.check.kind = 'none';
  },
  ssl: ({ server }) => {
    server.tls ??= PLAIN_TLS;
  },
  'check-ssl': ({ check }) => {
    check.encrypted = true;
  },
  'send-proxy': ({ server }) => {
    server.sendProxy = 1;
  },
  'send-proxy-v2': ({ server }) => {
    server.sendProxy = 2;
  },
  // All servers of an app have it: nobody is the backup of anybody.
  backup: () => {},
  'non-stick': () => {},
  'allow-0rtt': () => {},
  'no-sslv3': () => {},
  'no-tls-tickets': () => {},
  'no-ssl-reuse': () => {},
  'no-verifyhost': () => {},
  tfo: () => {},
};

/** Those that a value follows. All servers of an app have the same weight, whatever it is. */
const SETTINGS: Readonly<Record<string, (value: string, draft: Draft) => void>> = {
  maxconn: (value, { server }) => {
    server.maxConnections = readCount(value, 1, MOST_CONNECTIONS);
  },
  weight: (value) => {
    if (readCount(value, 0, 256) === 0) {
      refuse('expected a weight above 0; requests come all the same');
    }
  },
  slowstart: (value, { server }) => {
    server.slowStartMs = readDuration(value);
  },
  inter: (value, { check }) => {
    check.intervalMs = readDuration(value);
  },
  rise: (value, { check }) => {
    check.rise = readCount(value, 1, 1_000);
  },
  fall: (value, { check }) => {
    check.fall = readCount(value, 1, 1_000);
  },
  port: (value, { check }) => {
    check.port = readCount(value, 1, 65_535);
  },
  verify: (value, { server }) => {
    if (value !== 'none' && value !== 'required') refuse('expected verify none or required');
    server.tls = { ...(server.tls ?? PLAIN_TLS), verifies: value === 'required' };
  },
  'ca-file': (value, { server }) => {
    server.tls = { ...(server.tls ?? PLAIN_TLS), authorities: literal(value) };
  },
  sni: (value, { server }) => {
    const [, name] = /^str\(([\w.-]{1,253})\)$/.exec(literal(value)) ?? [];
    if (name === undefined && !/^(?:ssl_fc_sni|(?:req\.)?hdr\(host\).*)$/.test(value)) {
      refuse('expected str(NAME), or the name that clients ask for');
    }
    server.tls = { ...(server.tls ?? PLAIN_TLS), serverName: name ?? '' };
  },
  verifyhost: (value, { server }) => {
    if (!HOST.test(literal(value))) refuse('expected a host name');
    server.tls = { ...(server.tls ?? PLAIN_TLS), serverName: value };
  },
  alpn: (value) => {
    if (value !== 'http/1.1') refuse('expected alpn http/1.1; servers are spoken to in HTTP/1.1');
  },
};
/** Known, of no consequence here; each with one value. */
const NO_EFFECT: ReadonlySet<string> = new Set([
  ...['id', 'cookie', 'resolvers', 'resolve-prefer', 'resolve-opts', 'init-addr', 'fastinter'],
  ...['downinter', 'pool-max-conn', 'pool-purge-delay', 'max-reuse', 'minconn', 'maxqueue'],
  ...['error-limit', 'on-error', 'observe', 'on-marked-down', 'on-marked-up', 'check-sni'],
  ...['ciphers', 'ciphersuites', 'ssl-min-ver', 'ssl-max-ver', 'check-alpn', 'check-proto'],
]);
const NO_EFFECT_SAYS = 'nothing is made of it';

/** `server NAME ADDRESS[:PORT] …`. */
export function readServer(words: readonly string[], directive: Directive): string | undefined {
  const { draft } = directive;
  const [place = '', ...parameters] = piecesOf(words.slice(2));
  if (place === '') refuse('expected a name and an address');
  if (!words.some((word) => placeholdersIn(word).includes('healthCheckOptions'))) {
    // As written, nothing checks these servers; `check` among their words says otherwise.
    draft.check.kind = 'none';
  }
  const note = readPlace(place, draft);
  readServerWords(parameters, directive);
  return note;
}

/** The words of `default-server` and of the templates that are a part of the line. */
export function readServerWords(words: readonly string[], directive: Directive): undefined {
  const pieces = piecesOf(words);
  for (let at = 0; at < pieces.length; at += 1) {
    const word = pieces[at] as string;
    const flag = Object.hasOwn(FLAGS, word) ? FLAGS[word] : undefined;
    const setting = Object.hasOwn(SETTINGS, word) ? SETTINGS[word] : undefined;
    if (flag !== undefined) {
      flag(directive.draft);
      continue;
    }
    if (setting === undefined && !NO_EFFECT.has(word)) {
      directive.ignore([word], reasonFor(word));
      continue;
    }
    at += 1;
    const value = pieces[at] ?? '';
    // What stands for the app's own value leaves it as it is.
    if (placeholdersIn(value).length > 0) continue;
    if (setting === undefined) directive.understand([word, value], NO_EFFECT_SAYS);
    else readSetting(word, value, setting, directive);
  }
  const { check, server } = directive.draft;
  if (server.tls !== null && pieces.includes('check')) check.encrypted = true;
}

function readSetting(
  word: string,
  value: string,
  setting: (value: string, draft: Draft) => void,
  directive: Directive,
): void {
  try {
    setting(value, directive.draft);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    directive.ignore([word, value], error.reason);
  }
}

/** Without the placeholders that stand for words of their own, to whatever they are glued. */
function piecesOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => word.split(FOR_WORDS)).filter((word) => word !== '');
}

function reasonFor(word: string): string {
  if (word === 'disabled') return 'expected HAPROXY_{n}_ENABLED=false to keep an app out';
  if (word === 'crt') return 'no certificate is shown to servers: those that ask for one refuse';
  return 'expected a word of a server line that Teal knows';
}

/** `{host_ipv4}:{port}`, `{host}:80`, `api.internal:6443`. */
function readPlace(place: string, draft: Draft): string | undefined {
  const at = place.lastIndexOf(':');
  const host = at === -1 ? place : place.slice(0, at);
  const port = at === -1 ? '' : place.slice(at + 1);
  if (port !== '' && placeholdersIn(port).length === 0) {
    draft.server.port = readCount(port, 1, 65_535);
  }
  if (placeholdersIn(host).length > 0) {
    return withoutPlaceholders(host) === ''
      ? undefined
      : refuse(`expected one address, not ${asWritten(host)}`);
  }
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (!HOST.test(bare) && !/^[0-9a-f:.]{2,45}$/i.test(bare)) {
    refuse('expected an address or host name');
  }
  draft.server.host = bare;
  return 'every task of the app stands for this one server';
}
