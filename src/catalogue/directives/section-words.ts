// Directives that say where something stands, how a listener speaks and what is answered without a
// server: `backend`, `bind`, `balance`, `errorfile`, `compression`, `monitor-uri` …

import { readBalance } from '../balance.ts';
import type { Test } from '../policy.ts';
import type { Directive } from './directive.ts';
import { readCount, readDuration } from './durations.ts';
import { both } from './logic.ts';
import { literal, placeholderIn, placeholdersIn, withoutPlaceholders } from './placeholders.ts';
import { refuse } from './refusal.ts';
import { readTest, textTest } from './tests.ts';

const TIMEOUTS: Readonly<Record<string, keyof Directive['draft']['timeouts']>> = {
  connect: 'connectMs',
  client: 'clientMs',
  server: 'serverMs',
  queue: 'queueMs',
  tunnel: 'tunnelMs',
  'http-request': 'requestHeadMs',
  'http-keep-alive': 'keepAliveMs',
};
const OLD_TIMEOUTS: Readonly<Record<string, string>> = {
  contimeout: 'connect',
  clitimeout: 'client',
  srvtimeout: 'server',
};
/** Where Marathon-LB has them. */
const SHARED_PLACE = /^(?:\*|0\.0\.0\.0)?:(?:80|443|9091)$/;
/** Those of Teal's own answers. */
const ERRORS = [400, 401, 403, 404, 405, 408, 410, 413, 425, 429, 431, 500, 501, 502, 503, 504];

export function readTimeout(words: readonly string[], directive: Directive): string | undefined {
  const [first = '', ...rest] = words;
  const old = Object.hasOwn(OLD_TIMEOUTS, first) ? OLD_TIMEOUTS[first] : undefined;
  const [name = '', value] = old === undefined ? rest : [old, rest[0]];
  if (placeholdersIn(value ?? '').length > 0) return undefined;
  const ms = readDuration(value);
  if (name === 'check') {
    directive.draft.check.timeoutMs = ms;
    return undefined;
  }
  if (/^(?:tarpit|client-fin|server-fin)$/.test(name)) return 'nothing waits that long';
  const timeout = Object.hasOwn(TIMEOUTS, name) ? TIMEOUTS[name] : undefined;
  if (timeout === undefined) {
    refuse('expected connect, client, server, tunnel, queue, http-request or http-keep-alive');
  }
  if (ms === 0) refuse('expected a time above 0, nothing waits for ever');
  directive.draft.timeouts[timeout] = ms;
  return undefined;
}

export function readBalanceWords(words: readonly string[], directive: Directive): undefined {
  if (placeholderIn(words[1] ?? '') === 'balance') return;
  const balance = readBalance(literal(words.slice(1).join(' ')));
  if (balance === null) refuse('expected an algorithm that BALANCE takes');
  directive.draft.balance = balance;
}

export function readMode(words: readonly string[], directive: Directive): undefined {
  const mode = words[1] ?? '';
  if (placeholderIn(mode) === 'mode') return;
  if (mode !== 'http' && mode !== 'tcp') refuse('expected http or tcp');
  if (directive.section === 'frontend' || directive.section === 'backend') {
    directive.draft.mode = mode;
  }
}

/** `bind ADDRESS:PORT options`; what is not the label's own is words for BIND_OPTIONS. */
export function readBindWords(words: readonly string[], directive: Directive): undefined {
  const [, place = '', ...options] = words;
  const said = options.filter((word) => withoutPlaceholders(word) !== '').map(literal);
  const at = place.lastIndexOf(':');
  const host = withoutPlaceholders(place.slice(0, Math.max(at, 0)));
  const port = withoutPlaceholders(place.slice(at + 1));
  if (directive.section !== 'frontend') {
    readSharedBind(place, said, directive);
    return;
  }
  const { draft } = directive;
  draft.bindOptions.push(...said.flatMap((word) => word.split(/\s+/)));
  if (host !== '' && host !== '*') draft.bindAddress = host;
  if (port !== '') refuse('expected {servicePort}; HAPROXY_{n}_PORT sets the port');
}

/** The listeners that all apps share are set up by flags. */
function readSharedBind(place: string, said: readonly string[], directive: Directive): void {
  if (!SHARED_PLACE.test(place)) {
    directive.ignore([place], 'expected --bind, --http-port, --https-port or --appid-port');
  }
  for (let at = 0; at < said.length; at += 1) {
    const word = said[at] as string;
    if (word === 'ssl' || word === 'no-sslv3') continue;
    if (word === 'accept-proxy') {
      directive.ignore([word], 'expected the flag --accept-proxy');
    } else if (word === 'crt') {
      at += 1;
      directive.ignore([word, said[at] ?? ''], 'expected the flag --ssl-certs');
    } else if (word === 'verify' && said[at + 1] !== 'none') {
      at += 1;
      const unguarded = 'clients are not asked for certificates; access is NOT restricted by it';
      directive.ignore([word, said[at] ?? ''], unguarded);
    } else {
      directive.ignore([word], 'expected it in BIND_OPTIONS of each port');
    }
  }
}

export function readErrorFile(words: readonly string[], directive: Directive): undefined {
  const status = readCount(words[1], 200, 599);
  const path = literal(words[2] ?? '');
  if (!ERRORS.includes(status)) refuse('expected a status that Teal answers with itself');
  if (!/^\/[^\0\r\n]{1,1000}$/.test(path)) refuse('expected the absolute path of a file');
  directive.draft.errorFiles.set(status, path);
}

export function readCompression(
  words: readonly string[],
  directive: Directive,
): string | undefined {
  const [, what, ...values] = words;
  const { draft } = directive;
  if (what === 'offload') return 'servers may compress by themselves';
  if (what === 'algo') {
    const algorithms = values.map((value) => {
      if (value === 'gzip') return value;
      if (value === 'deflate' || value === 'raw-deflate') return 'deflate' as const;
      return value === 'identity' ? null : refuse('expected gzip or deflate');
    });
    draft.compressionAlgorithms = algorithms.filter((one) => one !== null);
    return undefined;
  }
  if (what !== 'type') refuse('expected algo or type');
  draft.compressionTypes.push(...values.map((value) => literal(value).toLowerCase()));
  return undefined;
}

/** Whoever looks at that path is told that the balancer lives, whatever the servers do. */
export function readMonitorUri(words: readonly string[], directive: Directive): undefined {
  const when = [[isMonitor(words[1])]];
  directive.draft.monitors.set(directive.section, when);
  directive.onRequest(readyAnswer(200, 'OK', 'Service ready'), when);
}

/** `monitor fail if …`, which HAProxy asks at the path of `monitor-uri` of the same section. */
export function readMonitorFail(words: readonly string[], directive: Directive): undefined {
  if (words[1] !== 'fail') refuse('expected fail and a condition');
  const monitor = directive.draft.monitors.get(directive.section);
  if (monitor === undefined) refuse('expected monitor-uri before it');
  const says = 'No server is available to handle this request';
  const failing = readyAnswer(503, 'Service Unavailable', says);
  directive.onRequest(failing, both(monitor, directive.condition(words.slice(2))));
}

function readyAnswer(status: number, reason: string, says: string) {
  const body = `<html><body><h1>${status} ${reason}</h1>\n${says}.\n</body></html>\n`;
  return { do: 'return', status, contentType: 'text/html', body } as const;
}

function isMonitor(path: string | undefined): Test {
  const text = literal(path ?? '');
  if (!/^\/[\x21-\x7e]{0,500}$/.test(text)) refuse('expected a path');
  // HAProxy compares the whole target: with a query it is another one.
  return textTest({ from: 'target', name: '', converters: [] }, 'exact', [text]);
}

export function readStick(words: readonly string[], directive: Directive): string {
  const [, what, key] = words;
  if (what !== 'on' && what !== 'match') {
    refuse('expected on src; HAPROXY_{n}_STICKY leads back by a cookie');
  }
  if (key !== 'src' || words.length > 3) {
    refuse('expected on src; HAPROXY_{n}_STICKY leads back by a cookie');
  }
  directive.draft.balance ??= { algorithm: 'source' };
  return 'as balance source';
}

/** The ACL of a template of BACKEND_NETWORK_ALLOWED_ACL: networks besides the label's. */
export function readAllowed(words: readonly string[], allowedNetworks: string[]): string {
  const [, name, fetch, ...values] = words;
  if (name !== 'network_allowed' || fetch !== 'src') {
    refuse("expected the client's own address, which is compared with BACKEND_NETWORK_ALLOWED_ACL");
  }
  const extra = values.filter((value) => placeholderIn(value) !== 'network_allowed');
  if (extra.length > 0) readTest(['src', ...extra]);
  allowedNetworks.push(...extra);
  return 'besides those of BACKEND_NETWORK_ALLOWED_ACL';
}
