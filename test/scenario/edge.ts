// A small cluster for tests of commands: an embedded Marathon in this process and real balancers, each on
// an address of its own, as several behind one name are.

import { startEmbeddedMarathon } from '../../src/embedded/marathon/marathon.ts';
import { createLogger } from '../../src/log/logger.ts';
import { freePorts } from './free-ports.ts';
import { MarathonClient } from './marathon-client.ts';
import { TealProcess } from './teal-process.ts';

export interface Edge {
  readonly marathon: MarathonClient;
  readonly marathonUrl: string;
  readonly balancers: readonly TealProcess[];
  readonly addresses: readonly string[];
  /** Service port of the apps. */
  readonly port: number;
  /** `--marathon … --lb …`. */
  readonly flags: readonly string[];
  readonly lbs: readonly string[];
  stop(): Promise<void>;
}

/** `more`: flags for each, by the stats port that all have. */
export async function startEdge(
  addresses: readonly string[],
  more: (statsPort: number) => readonly string[] = () => [],
): Promise<Edge> {
  const embedded = await startEmbeddedMarathon({
    port: 0,
    killGraceMs: 500,
    log: createLogger('silent'),
  });
  const marathonUrl = `http://127.0.0.1:${embedded.port}`;
  const [http = 0, https = 0, appid = 0, stats = 0, port = 0] = await freePorts(5);
  const balancers = addresses.map(
    (address) =>
      new TealProcess([
        ...['sse', '--marathon', marathonUrl, '--group', 'external', '--health-check'],
        ...['--bind', address, '--workers', '1', '--http-port', String(http)],
        ...['--https-port', String(https), '--appid-port', String(appid)],
        ...['--stats-port', String(stats)],
        ...more(stats),
      ]),
  );
  await Promise.all(
    balancers.map((teal) => teal.line((line) => line.includes('Teal is listening'), 'a start')),
  );
  const lbs = addresses.flatMap((address) => ['--lb', `http://${address}:${stats}`]);
  return {
    marathon: new MarathonClient(embedded.port),
    marathonUrl,
    balancers,
    addresses,
    port,
    lbs,
    flags: ['--marathon', marathonUrl, ...lbs],
    stop: async () => {
      for (const teal of balancers) teal.signal('SIGKILL');
      await Promise.all(balancers.map(({ exit }) => exit));
      await embedded.stop();
    },
  };
}

/** An app that answers with its version; healthy as soon as it is asked. */
export function shop(id: string, port: number, version: string, instances = 2): object {
  return {
    id,
    instances,
    cpus: 0.1,
    mem: 32,
    container: {
      type: 'DOCKER',
      docker: { image: 'mhausenblas/simpleservice:0.4.0', network: 'HOST' },
    },
    env: { HEALTH_MIN: '0', HEALTH_MAX: '1', SIMPLE_SERVICE_VERSION: version },
    healthChecks: [{ protocol: 'HTTP', path: '/health', intervalSeconds: 1, timeoutSeconds: 5 }],
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_PORT: String(port) },
  };
}
