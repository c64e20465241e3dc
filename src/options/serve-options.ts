// Flags and environment of `teal sse`, `teal poll` and `teal demo` → typed options. Pure: defaults and
// limits stand here, files are read elsewhere.

import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { LogLevel } from '../log/logger.ts';
import { type Given, readCommandLine } from './command-line.ts';
import { DEMO_FLAGS, type Flag, SERVE_FLAGS } from './flags.ts';
import { RELAY_FLAGS, type RelayOptions } from './relay-flags.ts';
import { UsageError } from './usage-error.ts';

export interface ServeOptions {
  /** Base URLs without a trailing slash. */
  readonly marathon: readonly string[];
  /** True = event stream, false = only every `pollIntervalMs`. */
  readonly stream: boolean;
  readonly groups: readonly string[];
  readonly healthCheck: boolean;
  /** Run the apps' health checks from here, too. */
  readonly ownChecks: boolean;
  /** 0 = no such listener. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly appidPort: number;
  /** 0 = any free port. */
  readonly statsPort: number;
  /** A PROXY protocol header is required on the http and https listeners. */
  readonly acceptProxy: boolean;
  readonly bindAddress: string;
  readonly workers: number;
  /** PEM files or folders; empty = self-signed. */
  readonly certificatePaths: readonly string[];
  readonly maxBackoffMs: number;
  /** Whole app list at least this often. */
  readonly resyncIntervalMs: number;
  readonly drainDeadlineMs: number;
  /** Timeouts and limits that differ from the data plane's defaults. */
  readonly relay: RelayOptions;
  readonly logLevel: LogLevel;
  /** To be said in the log: flags that have something else in their place. */
  readonly notices: readonly string[];
}

export interface DemoOptions {
  readonly marathonPort: number;
  readonly dnsPort: number;
  readonly dnsHttpPort: number;
  readonly verbose: boolean;
  readonly serve: ServeOptions;
}

/** What `teal sse` and `teal poll` take. */
export const ALL_SERVE_FLAGS: readonly Flag[] = [...SERVE_FLAGS, ...RELAY_FLAGS];

type Environment = Readonly<Record<string, string | undefined>>;

/** Marathon-LB's sizes: it resynchronises after 300 s of silence; Teal does not wait that long. */
const RESYNC_INTERVAL_MS = 60_000;

/** `help` when that was asked for. Throws UsageError. */
export function readServeOptions(
  command: 'sse' | 'poll',
  args: readonly string[],
  env: Environment,
): ServeOptions | 'help' {
  const given = readCommandLine(args, ALL_SERVE_FLAGS);
  if (given.has('help')) return 'help';
  const groups = given.get('group') ?? [];
  if (groups.length === 0) {
    throw new UsageError(
      "--group is required: the HAPROXY_GROUP to serve, for example '--group external'",
    );
  }
  const shared = !given.has('dont-bind-http-https');
  const stream = command === 'sse' || given.has('sse');
  return {
    marathon: (given.get('marathon') ?? ['http://master.mesos:8080']).map(marathonUrl),
    stream,
    groups,
    healthCheck: given.has('health-check'),
    ownChecks: !given.has('no-own-checks'),
    httpPort: shared ? portOf(given, 'http-port', 80) : 0,
    httpsPort: shared ? portOf(given, 'https-port', 443) : 0,
    appidPort: portOf(given, 'appid-port', 9091),
    statsPort: portOf(given, 'stats-port', 9090, 0),
    acceptProxy: given.has('accept-proxy'),
    bindAddress: bindOf(given, '*'),
    workers: numberOf(given, 'workers', availableParallelism(), 1, 256),
    certificatePaths: (given.get('ssl-certs') ?? [])
      .flatMap((value) => value.split(','))
      .filter(Boolean),
    maxBackoffMs: numberOf(given, 'max-backoff', 300, 1, 86_400) * 1_000,
    resyncIntervalMs: stream ? RESYNC_INTERVAL_MS : pollInterval(env),
    drainDeadlineMs: numberOf(given, 'drain-seconds', 30, 0, 86_400) * 1_000,
    relay: relayOf(given),
    logLevel: logLevelOf(given.get('log-level')?.[0]),
    notices: SERVE_FLAGS.filter((flag) => flag.insteadOf !== undefined && given.has(flag.name)).map(
      (flag) => `--${flag.name} has no effect: ${flag.insteadOf}`,
    ),
  };
}

/** `help` when that was asked for. Throws UsageError. */
export function readDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const given = readCommandLine(args, DEMO_FLAGS);
  if (given.has('help')) return 'help';
  const marathonPort = portOf(given, 'marathon-port', 8080);
  const verbose = given.has('verbose');
  return {
    marathonPort,
    dnsPort: portOf(given, 'dns-port', 8053),
    dnsHttpPort: portOf(given, 'dns-http-port', 8123),
    verbose,
    serve: {
      marathon: [`http://127.0.0.1:${marathonPort}`],
      stream: true,
      groups: ['external'],
      healthCheck: true,
      ownChecks: true,
      httpPort: portOf(given, 'http-port', 8880),
      httpsPort: portOf(given, 'https-port', 8443),
      appidPort: portOf(given, 'appid-port', 9091),
      statsPort: portOf(given, 'stats-port', 9090),
      acceptProxy: false,
      bindAddress: bindOf(given, '127.0.0.1'),
      workers: numberOf(given, 'workers', 2, 1, 256),
      certificatePaths: [],
      maxBackoffMs: 10_000,
      resyncIntervalMs: RESYNC_INTERVAL_MS,
      drainDeadlineMs: 2_000,
      relay: {},
      logLevel: 'info',
      notices: [],
    },
  };
}

function marathonUrl(text: string): string {
  if (!URL.canParse(text))
    throw new UsageError(`--marathon '${text}': expected a URL such as http://host:8080`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`--marathon '${text}': expected http:// or https://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('--marathon: expected a URL without user and password');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function portOf(given: Given, name: string, fallback: number, least = 1): number {
  return numberOf(given, name, fallback, least, 65_535);
}

function numberOf(
  given: Given,
  name: string,
  fallback: number,
  least: number,
  most: number,
): number {
  const text = given.get(name)?.[0];
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`--${name} '${text}': expected a whole number from ${least} to ${most}`);
  }
  return value;
}

function relayOf(given: Given): RelayOptions {
  const set = RELAY_FLAGS.filter((flag) => given.has(flag.name));
  return Object.fromEntries(
    set.map((flag) => [flag.key, numberOf(given, flag.name, 0, flag.least, flag.most)]),
  );
}

function bindOf(given: Given, fallback: string): string {
  const text = given.get('bind')?.[0] ?? fallback;
  if (text !== '*' && isIP(text) === 0) {
    throw new UsageError(`--bind '${text}': expected an IP address of this machine, or *`);
  }
  return text;
}

function pollInterval(env: Environment): number {
  const text = env['POLL_INTERVAL'] ?? '60';
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1)
    throw new UsageError(`POLL_INTERVAL '${text}': expected whole seconds, at least 1`);
  return seconds * 1_000;
}

/** Python's names, as Marathon-LB takes them, and pino's. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'error',
  silent: 'silent',
};

function logLevelOf(text: string | undefined): LogLevel {
  if (text === undefined) return 'info';
  const level = LEVELS[text.toLowerCase()];
  if (level === undefined) {
    throw new UsageError(`--log-level '${text}': expected ${Object.keys(LEVELS).join(', ')}`);
  }
  return level;
}
