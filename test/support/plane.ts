// A data plane in the test's own process, with one service whose live colour has the given servers.

import { bindSocket } from '../../src/fleet/socket.ts';
import { SILENT } from '../../src/log/logger.ts';
import {
  type ColourSpec,
  type ListenerSpec,
  NO_POLICY,
  PLAIN_BALANCING,
  type PlanDelta,
  type ServiceSpec,
} from '../../src/plan/plan.ts';
import { DataPlane } from '../../src/proxy/data-plane.ts';
import { DEFAULT_PROXY_SETTINGS, type ProxySettings } from '../../src/proxy/settings.ts';
import { type CounterField, fromRow } from '../../src/stats/counters.ts';

/** Anything with a port on 127.0.0.1. */
export interface HasPort {
  readonly port: number;
}

export interface PlaneOptions {
  /** On top of the defaults. */
  readonly settings?: Partial<ProxySettings>;
  readonly mode?: 'http' | 'tcp';
  /** Its connections begin with a PROXY protocol header, and are sockets of Node's in the plane. */
  readonly acceptProxy?: boolean;
}

export const SERVICE_KEY = '127.0.0.1:10080';
export const APP_ID = '/test/blue';

export interface TestPlane {
  /** Where the service listens. */
  readonly port: number;
  readonly plane: DataPlane;
  /** Publishes a new epoch: the live colour `appId` with these servers. */
  publish(servers: readonly HasPort[], appId?: string): void;
  /** A counter of the live colour's backend row. */
  backend(field: CounterField): number;
  /** The same of its frontend row. */
  frontend(field: CounterField): number;
  /** Cuts whatever is left and stops. */
  close(): Promise<void>;
}

/** Starts a plane on a free port, one service that leads to `servers`. */
export async function startPlane(
  servers: readonly HasPort[],
  { settings = {}, mode = 'http', acceptProxy = false }: PlaneOptions = {},
): Promise<TestPlane> {
  const plane = new DataPlane({ ...DEFAULT_PROXY_SETTINGS, ...settings }, SILENT);
  let epoch = 0;
  let live = APP_ID;
  const publish = (next: readonly HasPort[], appId = APP_ID): void => {
    epoch += 1;
    live = appId;
    plane.commit(plane.prepare(epoch, delta(epoch, next, appId, mode, acceptProxy)));
  };
  publish(servers);
  const bound = bindSocket('127.0.0.1', 0);
  if ('error' in bound) throw new Error(bound.error);
  await new Promise<void>((resolve, reject) => {
    plane.accept(SERVICE_KEY, bound.handle, (message) => reject(new Error(message)));
    setImmediate(resolve);
  });
  return {
    port: bound.port,
    plane,
    publish,
    backend: (field) => {
      const pool = plane.report().pools.find(({ appId }) => appId === live);
      return fromRow(pool?.backend ?? [])[field];
    },
    frontend: (field) => {
      const pool = plane.report().pools.find(({ appId }) => appId === live);
      return fromRow(pool?.frontend ?? [])[field];
    },
    close: async () => {
      await plane.drain(0);
    },
  };
}

/** All that leads to these servers, for a plane that has nothing yet. */
export function deltaOf(servers: readonly HasPort[]): PlanDelta {
  return delta(1, servers, APP_ID, 'http', false);
}

function delta(
  epoch: number,
  servers: readonly HasPort[],
  appId: string,
  mode: 'http' | 'tcp',
  acceptProxy: boolean,
): PlanDelta {
  const listener: ListenerSpec = {
    key: SERVICE_KEY,
    address: '127.0.0.1',
    port: 10_080,
    kind: 'service',
    mode,
    tls: null,
    byName: [],
    acceptProxy,
    name: '',
    serviceKey: SERVICE_KEY,
  };
  const service: ServiceSpec = {
    key: SERVICE_KEY,
    address: '127.0.0.1',
    servicePort: 10_080,
    mode,
    live: servers.length === 0 ? null : appId,
    why: 'the test says so',
    liveSinceMs: 0,
    colours: [colour(servers, appId)],
    routes: [],
    appIds: [appId],
  };
  return {
    listeners: epoch === 1 ? [listener] : [],
    removedListeners: [],
    services: [service],
    removedServices: [],
  };
}

function colour(servers: readonly HasPort[], appId: string): ColourSpec {
  return {
    appId,
    name: `${appId.slice(1).replaceAll('/', '_')}_10080`,
    version: '2026-01-01T00:00:00.000Z',
    instances: servers.length,
    ready: true,
    lastConfigChangeAtMs: 0,
    sendProxy: 0,
    balancing: PLAIN_BALANCING,
    policy: NO_POLICY,
    servers: servers.map(({ port }, place) => ({
      id: `${appId.slice(1).replaceAll('/', '_')}.${port}`,
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
