// Flags and environment of `teal sse` and `teal poll` → typed options. Pure: defaults and limits stand
// here, files are read elsewhere.

import { availableParallelism } from 'node:os';
import type { PortRange } from '../catalogue/catalogue-options.ts';
import type { LogLevel } from '../log/logger.ts';
import { type Given, readCommandLine, withoutEffect } from './command-line.ts';
import { type ContainerEnvironment, type Environment, readEnvironment } from './environment.ts';
import { bindOf, logLevelOf, marathonUrl, numberOf, portOf } from './flag-values.ts';
import { SERVE_FLAGS } from './flags.ts';
import { type LogOptions, readLogOptions } from './log-flags.ts';
import { type AccessOptions, accessOptionsOf } from './marathon-access.ts';
import { type BakeOptions, readBakeOptions, readColourDrainMs } from './order-flags.ts';
import { type PeerOption, readPeers } from './peer-flags.ts';
import { RELAY_FLAGS, type RelayOptions } from './relay-flags.ts';
import { readSourceOptions, type SourceOptions } from './source-flags.ts';
import { UsageError } from './usage-error.ts';

export interface ServeOptions {
  /** Base URLs without a trailing slash. */
  readonly marathon: readonly string[];
  readonly marathonAccess: AccessOptions;
  /** True = event stream, false = only every `resyncIntervalMs`. */
  readonly stream: boolean;
  /** Only print what would be served. */
  readonly dry: boolean;
  readonly groups: readonly string[];
  readonly healthCheck: boolean;
  /** Ports are served only where their label ENABLED says so. */
  readonly strictMode: boolean;
  /** Hosts without path and auth are looked up after all other rules. */
  readonly hostMap: boolean;
  readonly groupHttpsByVhost: boolean;
  /** Null = none are given. */
  readonly autoServicePorts: PortRange | null;
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
  /** PEM files or folders; empty = self-signed, if the environment has none either. */
  readonly certificatePaths: readonly string[];
  readonly maxBackoffMs: number;
  /** Whole app list at least this often. */
  readonly resyncIntervalMs: number;
  /** Share of all tasks, 0 to 1, that may be gone from one answer to the next without a second look. */
  readonly maxRemovalShare: number;
  readonly drainDeadlineMs: number;
  /** Timeouts and limits that differ from the data plane's defaults. */
  readonly relay: RelayOptions;
  /** File with the token that orders need; empty = none is given. */
  readonly adminTokenFile: string;
  /** File with the secret of previews; empty = none is given. */
  readonly previewSecretFile: string;
  /** How long what is in flight on a colour or server that was left may go on, where nothing else says it. */
  readonly colourDrainMs: number;
  readonly bake: BakeOptions;
  /** Other instances; empty = none are known. */
  readonly peers: readonly PeerOption[];
  /** Sources beside Marathon. */
  readonly sources: SourceOptions;
  readonly logLevel: LogLevel;
  /** A line per request. */
  readonly log: LogOptions;
  readonly environment: ContainerEnvironment;
  /** To be said in the log: flags and variables that have something else in their place. */
  readonly notices: readonly string[];
}

/** Marathon-LB's sizes: it resynchronises after 300 s of silence; Teal does not wait that long. */
export const RESYNC_INTERVAL_MS = 60_000;
export const MAX_REMOVAL_PERCENT = 50;
const AUTO_PORTS: PortRange = Object.freeze({ min: 10_050, max: 10_100 });

/** Throws UsageError. */
export function readServeOptions(
  command: 'sse' | 'poll',
  args: readonly string[],
  env: Environment,
): ServeOptions | 'help' | 'longhelp' {
  const given = readCommandLine(args, SERVE_FLAGS);
  if (given.has('longhelp')) return 'longhelp';
  if (given.has('help')) return 'help';
  const groups = given.get('group') ?? [];
  if (groups.length === 0) {
    throw new UsageError(
      "--group is required: the HAPROXY_GROUP to serve, for example '--group external'",
    );
  }
  const environment = readEnvironment(env);
  const shared = !given.has('dont-bind-http-https');
  const stream = command === 'sse' || given.has('sse');
  return {
    marathon: (given.get('marathon') ?? ['http://master.mesos:8080']).map(marathonUrl),
    marathonAccess: accessOptionsOf(given, environment),
    stream,
    dry: given.has('dry'),
    groups,
    healthCheck: given.has('health-check'),
    strictMode: given.has('strict-mode'),
    hostMap: given.has('haproxy-map'),
    groupHttpsByVhost: given.has('group-https-by-vhost'),
    autoServicePorts: autoServicePortsOf(given),
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
    resyncIntervalMs: stream ? RESYNC_INTERVAL_MS : environment.pollIntervalMs,
    maxRemovalShare: numberOf(given, 'max-removal-percent', MAX_REMOVAL_PERCENT, 1, 100) / 100,
    drainDeadlineMs: numberOf(given, 'drain-seconds', 30, 0, 86_400) * 1_000,
    sources: readSourceOptions(given),
    adminTokenFile: given.get('admin-token-file')?.[0] ?? '',
    previewSecretFile: given.get('preview-secret-file')?.[0] ?? '',
    colourDrainMs: readColourDrainMs(given),
    bake: readBakeOptions(given),
    peers: readPeers(given, environment.peers),
    relay: relayOf(given),
    logLevel: logLevelOf(given),
    log: readLogOptions(given),
    environment,
    notices: [...withoutEffect(given, SERVE_FLAGS), ...environment.notices],
  };
}

/** Marathon-LB's rule: both ports or, to give none, both 0. */
function autoServicePortsOf(given: Given): PortRange | null {
  const [lower, upper] = ['min-serv-port-ip-per-task', 'max-serv-port-ip-per-task'] as const;
  const min = portOf(given, lower, AUTO_PORTS.min, 0);
  const max = portOf(given, upper, AUTO_PORTS.max, 0);
  if ((min === 0) !== (max === 0)) {
    throw new UsageError(
      `--${lower} ${min} and --${upper} ${max}: expected two ports, or both 0 to give none`,
    );
  }
  if (min > max) {
    throw new UsageError(
      `--${lower} ${min} and --${upper} ${max}: expected the first not to be above the second`,
    );
  }
  return min === 0 ? null : { min, max };
}

function relayOf(given: Given): RelayOptions {
  const set = RELAY_FLAGS.filter((flag) => given.has(flag.name));
  return Object.fromEntries(
    set.map((flag) => [flag.key, numberOf(given, flag.name, 0, flag.least, flag.most)]),
  );
}
