// Plans for the tests of the data plane: several services, colours and listeners, in few words.

import { bindSocket } from '../../src/fleet/socket.ts';
import { type Logger, SILENT } from '../../src/log/logger.ts';
import {
  type ColourSpec,
  type ListenerKind,
  type ListenerSpec,
  NO_POLICY,
  PLAIN_BALANCING,
  type PlanDelta,
  type ServiceSpec,
  type TlsSpec,
} from '../../src/plan/plan.ts';
import { DataPlane } from '../../src/proxy/data-plane.ts';
import { DEFAULT_PROXY_SETTINGS, type ProxySettings } from '../../src/proxy/settings.ts';
import { type Counters, fromRow } from '../../src/stats/counters.ts';
import type { PoolReport } from '../../src/stats/report.ts';

export interface HasPort {
  readonly port: number;
}

/** A colour whose servers listen on these ports; task ids are `<app>.<port>`. */
export function colour(
  appId: string,
  servers: readonly HasPort[],
  servicePort = 10_080,
): ColourSpec {
  const name = `${appId.slice(1).replaceAll('/', '_')}_${servicePort}`;
  return {
    appId,
    name,
    version: '1',
    instances: servers.length,
    ready: true,
    lastConfigChangeAtMs: 0,
    sendProxy: 0,
    balancing: PLAIN_BALANCING,
    policy: NO_POLICY,
    drainMs: 0,
    bakeMs: null,
    servers: servers.map(({ port }, place) => ({
      id: `${appId}.${port}`,
      name: `server_${port}`,
      numericId: place + 1,
      address: '127.0.0.1',
      port,
      weight: 1,
      admin: 'ready',
    })),
    others: [],
  };
}

export function service(
  live: string | null,
  colours: readonly ColourSpec[],
  more: Partial<ServiceSpec> = {},
): ServiceSpec {
  const servicePort = more.servicePort ?? 10_080;
  return {
    key: `*:${servicePort}`,
    address: '*',
    servicePort,
    mode: 'http',
    live,
    shares: [],
    rule: 'automatic',
    why: 'the test says so',
    liveSinceMs: 0,
    colours,
    routes: [],
    appIds: colours.map((one) => one.appId),
    ...more,
  };
}

/** TLS as it is without a wish; a service's needs a certificate besides. */
export const PLAIN_TLS: TlsSpec = {
  certificates: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
};

export function listener(kind: ListenerKind, port: number, more: Partial<ListenerSpec> = {}) {
  const key = `*:${port}`;
  const ofService = kind === 'service';
  const spec: ListenerSpec = {
    key,
    address: '*',
    port,
    kind,
    mode: 'http',
    tls: kind === 'https' ? PLAIN_TLS : null,
    byName: [],
    acceptProxy: false,
    name: ofService ? '' : `marathon_${kind}_in`,
    serviceKey: ofService ? key : null,
    ...more,
  };
  return spec;
}

export class Bench {
  readonly plane: DataPlane;
  #epoch = 0;

  constructor(settings: Partial<ProxySettings> = {}, log: Logger = SILENT) {
    this.plane = new DataPlane({ ...DEFAULT_PROXY_SETTINGS, ...settings }, log);
  }

  /** Prepares and commits the next epoch. */
  publish(delta: Partial<PlanDelta>): void {
    this.#epoch += 1;
    const whole = { listeners: [], removedListeners: [], services: [], removedServices: [] };
    this.plane.commit(this.plane.prepare(this.#epoch, { ...whole, ...delta }));
  }

  /** Opens a listener of the plan on a free port of 127.0.0.1; resolves with the port. */
  async open(key: string): Promise<number> {
    const bound = bindSocket('127.0.0.1', 0);
    if ('error' in bound) throw new Error(bound.error);
    await new Promise<void>((resolve, reject) => {
      this.plane.accept(key, bound.handle, (message) => reject(new Error(message)));
      setImmediate(resolve);
    });
    return bound.port;
  }

  pool(appId: string): PoolReport | undefined {
    return this.plane.report().pools.find((pool) => pool.appId === appId);
  }

  backend(appId: string): Counters {
    return fromRow(this.pool(appId)?.backend ?? []);
  }

  frontend(appId: string): Counters {
    return fromRow(this.pool(appId)?.frontend ?? []);
  }

  server(appId: string, port: number): Counters {
    const report = this.pool(appId)?.servers.find(({ id }) => id === `${appId}.${port}`);
    return fromRow(report?.row ?? []);
  }

  async close(): Promise<void> {
    await this.plane.drain(0);
  }
}

/** Resolves when `holds` does; looks again every few ms and gives up after eight seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 8_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Nothing is in flight anywhere, and no gauge is below zero. */
export function expectNothingInFlight(bench: Bench): void {
  for (const pool of bench.plane.report().pools) {
    const rows = [pool.backend, ...pool.servers.map((server) => server.row)];
    for (const row of rows) {
      const { inFlight } = fromRow(row);
      if (inFlight !== 0) throw new Error(`${pool.name}: ${inFlight} in flight, expected none`);
    }
  }
}
