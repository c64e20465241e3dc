// Flags of the access log → where it goes, in which form, and what it has a line for.

import { isIP } from 'node:net';
import {
  ACCESS_WISHES,
  type AccessWish,
  accessWishOf,
  NO_ACCESS_LOG,
} from '../catalogue/access-wish.ts';
import {
  type AccessLogSettings,
  type AccessTarget,
  DEFAULT_ACCESS_LOG,
  type SyslogHeader,
} from '../log/access-settings.ts';
import type { Given } from './command-line.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export interface LogOptions {
  readonly accessLog: AccessLogSettings;
  /** Of services whose labels say nothing. */
  readonly accessWish: AccessWish;
}

export const NO_ACCESS_LOGS: LogOptions = Object.freeze({
  accessLog: DEFAULT_ACCESS_LOG,
  accessWish: NO_ACCESS_LOG,
});

export const LOG_FLAGS: readonly Flag[] = [
  {
    name: 'access-log',
    takes: 'value',
    hint: 'FORM',
    help: "a line per request: httplog (HAProxy's) or json; off = only of services whose label TEAL_{n}_ACCESS_LOG says so (off)",
  },
  {
    name: 'access-log-to',
    takes: 'value',
    hint: 'PLACE',
    help: 'stdout, a file, syslog://HOST:514 or syslog://HOST:514?rfc5424 (stdout)',
  },
  {
    name: 'access-log-which',
    takes: 'value',
    hint: 'WHICH',
    help: `where no label says it: ${ACCESS_WISHES} (on)`,
  },
  {
    name: 'access-log-header',
    takes: 'list',
    hint: 'NAME',
    help: 'request headers that each line has the values of (none)',
  },
];

const FORMS = ['off', 'httplog', 'json'];
const MAX_CAPTURES = 20;
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
const SYSLOG_PORT = 514;

/** Throws UsageError. */
export function readLogOptions(given: Given): LogOptions {
  const form = given.get('access-log')?.[0] ?? 'off';
  if (!FORMS.includes(form)) {
    throw new UsageError(`--access-log '${form}': expected off, httplog or json`);
  }
  return {
    accessLog: {
      format: form === 'json' ? 'json' : 'httplog',
      to: targetOf(given.get('access-log-to')?.[0] ?? 'stdout'),
      captures: capturesOf(given.get('access-log-header') ?? []),
    },
    accessWish: form === 'off' ? NO_ACCESS_LOG : wishOf(given),
  };
}

function wishOf(given: Given): AccessWish {
  const text = given.get('access-log-which')?.[0] ?? 'on';
  const wish = accessWishOf(text);
  if (wish === null) {
    throw new UsageError(`--access-log-which '${text}': expected ${ACCESS_WISHES}`);
  }
  return wish;
}

function capturesOf(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!TOKEN.test(name)) {
      throw new UsageError(`--access-log-header '${name}': expected the name of a header`);
    }
  }
  if (names.length > MAX_CAPTURES) {
    throw new UsageError(`--access-log-header: expected at most ${MAX_CAPTURES} names`);
  }
  return names.map((name) => name.toLowerCase());
}

function targetOf(text: string): AccessTarget {
  if (text === 'stdout') return { kind: 'stdout' };
  if (!text.includes('://')) {
    if (text === '')
      throw new UsageError("--access-log-to '': expected stdout, a file or syslog://");
    return { kind: 'file', path: text };
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  const header = headerOf(url?.search ?? '');
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url?.protocol !== 'syslog:' || header === null || !isHost(host) || url.pathname !== '') {
    throw new UsageError(
      `--access-log-to '${text}': expected stdout, a file, syslog://HOST:514 or syslog://HOST:514?rfc5424`,
    );
  }
  return { kind: 'syslog', host, port: Number(url.port) || SYSLOG_PORT, header };
}

function headerOf(search: string): SyslogHeader | null {
  if (search === '' || search === '?rfc3164') return 'rfc3164';
  return search === '?rfc5424' ? 'rfc5424' : null;
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i.test(text);
}
