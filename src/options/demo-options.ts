// Flags of `teal demo` → typed options: the balancer's own are those of the tutorial, on this machine. Pure.

import { readCommandLine } from './command-line.ts';
import { readEnvironment } from './environment.ts';
import { bindOf, numberOf, portOf } from './flag-values.ts';
import { DEMO_FLAGS } from './flags.ts';
import { NO_ACCESS_LOGS } from './log-flags.ts';
import { DEFAULT_BAKE } from './order-flags.ts';
import { MAX_REMOVAL_PERCENT, RESYNC_INTERVAL_MS, type ServeOptions } from './serve-options.ts';
import { NO_SOURCES } from './source-flags.ts';

export interface DemoOptions {
  readonly marathonPort: number;
  readonly dnsPort: number;
  readonly dnsHttpPort: number;
  readonly verbose: boolean;
  readonly serve: ServeOptions;
}

/** `help` when that was asked for. Throws UsageError. */
export function readDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const given = readCommandLine(args, DEMO_FLAGS);
  if (given.has('help')) return 'help';
  const marathonPort = portOf(given, 'marathon-port', 8080);
  return {
    marathonPort,
    dnsPort: portOf(given, 'dns-port', 8053),
    dnsHttpPort: portOf(given, 'dns-http-port', 8123),
    verbose: given.has('verbose'),
    serve: {
      marathon: [`http://127.0.0.1:${marathonPort}`],
      marathonAccess: {
        credentialFile: '',
        login: { kind: 'nobody' },
        caFile: '',
        verifies: false,
      },
      stream: true,
      dry: false,
      groups: ['external'],
      healthCheck: true,
      strictMode: false,
      hostMap: false,
      groupHttpsByVhost: false,
      autoServicePorts: null,
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
      maxRemovalShare: MAX_REMOVAL_PERCENT / 100,
      drainDeadlineMs: 2_000,
      sources: NO_SOURCES,
      adminTokenFile: '',
      previewSecretFile: '',
      colourDrainMs: 300_000,
      bake: DEFAULT_BAKE,
      peers: [],
      relay: {},
      logLevel: 'info',
      log: NO_ACCESS_LOGS,
      environment: readEnvironment({}),
      notices: [],
    },
  };
}
