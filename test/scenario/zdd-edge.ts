// What `teal zdd` is tried on: an app with zdd's labels, two balancers, and the command as a process.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { type Edge, shop, startEdge } from './edge.ts';
import { Load } from './load.ts';
import { TealProcess } from './teal-process.ts';

interface Listed {
  readonly id: string;
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** A version that fails its health check. */
export const SICK = 'sick';

export class ZddEdge {
  readonly edge: Edge;
  readonly folder = mkdtempSync(join(tmpdir(), 'teal-zdd-'));
  readonly #running: TealProcess[] = [];
  readonly #loads: Load[] = [];

  constructor(edge: Edge) {
    this.edge = edge;
  }

  static async start(addresses: readonly string[]): Promise<ZddEdge> {
    return new ZddEdge(await startEdge(addresses));
  }

  /** `teal zdd` with the app in this version, not asking anybody. */
  zdd(version: string, ...flags: readonly string[]): TealProcess {
    const lbs = this.edge.lbs.filter((word) => word !== '--lb').flatMap((lb) => ['-l', lb]);
    const file = join(this.folder, 'app.json');
    writeFileSync(file, JSON.stringify(this.#app(version)));
    const teal = new TealProcess([
      ...['zdd', '-m', this.edge.marathonUrl, ...lbs, '-j', file, '-s', '0', '--force'],
      ...flags,
    ]);
    this.#running.push(teal);
    return teal;
  }

  /** Resolves with what it said; rejects unless it ended with `code`. */
  async ended(teal: TealProcess, code: number): Promise<string> {
    const said = () => teal.lines.join('\n');
    if ((await teal.exit) !== code) throw new Error(`it ended with ${await teal.exit}:\n${said()}`);
    return said();
  }

  /** `/shop-blue 4` of each app, sorted. */
  async apps(): Promise<readonly string[]> {
    return (await this.list()).map(({ id, instances }) => `${id} ${instances}`).sort();
  }

  async list(): Promise<readonly Listed[]> {
    const answer = await request(`${this.edge.marathonUrl}/v2/apps`);
    return ((await answer.body.json()) as { apps: Listed[] }).apps;
  }

  /** Versions that a few requests to every balancer got. */
  async versions(): Promise<readonly string[]> {
    const asked = this.edge.addresses.flatMap((address) =>
      Array.from({ length: 8 }, () => address),
    );
    const answers = await Promise.all(
      asked.map(async (address) => {
        const answer = await request(`http://${address}:${this.edge.port}/endpoint0`);
        return ((await answer.body.json()) as { version: string }).version;
      }),
    );
    return [...new Set(answers)].sort();
  }

  /** Requests over every balancer until the end, or until it is stopped. */
  load(): readonly Load[] {
    const loads = this.edge.addresses.map(
      (address) =>
        new Load(address, this.edge.port, [
          { name: 'keep-alive', path: '/endpoint0', clients: 1, keepAlive: true, pauseMs: 20 },
          { name: 'new', path: '/endpoint0', clients: 1, keepAlive: false, pauseMs: 20 },
        ]),
    );
    this.#loads.push(...loads);
    return loads;
  }

  /** A request to the first balancer that lasts as long as its client; returns what ends it. */
  hold(): () => void {
    const socket = net.connect(this.edge.port, this.edge.addresses[0] as string);
    socket.write('GET /health HTTP/1.1\r\nHost: shop\r\n\r\n');
    socket.on('error', () => {});
    return () => socket.destroy();
  }

  async stop(): Promise<void> {
    for (const teal of this.#running) teal.signal('SIGKILL');
    await Promise.all(this.#loads.map((load) => load.stop()));
    await this.edge.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #app(version: string): object {
    const app = shop('/shop', this.edge.port, version, 4) as { env: object; labels: object };
    return {
      ...app,
      // Nobody checks /health: whoever asks for it waits.
      healthChecks: [
        {
          protocol: 'HTTP',
          path: version === SICK ? '/nowhere' : '/endpoint0',
          intervalSeconds: 1,
          gracePeriodSeconds: 120,
        },
      ],
      env: { ...app.env, HEALTH_MIN: '90000', HEALTH_MAX: '90001' },
      ports: [this.edge.port],
      labels: {
        ...app.labels,
        HAPROXY_DEPLOYMENT_GROUP: 'shop',
        HAPROXY_DEPLOYMENT_ALT_PORT: String(this.edge.port + 1),
      },
    };
  }
}
