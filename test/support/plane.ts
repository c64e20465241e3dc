// A data plane in the test's own process, with one service whose live colour has the given servers.

import type { PlanDelta } from '../../src/plan/plan.ts';
import type { DataPlane } from '../../src/proxy/data-plane.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import type { CounterField } from '../../src/stats/counters.ts';
import { Bench, colour, type HasPort, listener, service } from '../proxy/plans.ts';

export interface PlaneOptions {
  /** On top of the defaults. */
  readonly settings?: Partial<ProxySettings>;
  readonly mode?: 'http' | 'tcp';
  /** Its connections begin with a PROXY protocol header, and are sockets of Node's in the plane. */
  readonly acceptProxy?: boolean;
}

/** Of the service, and of its listener. */
export const SERVICE_KEY = '*:10080';
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
  const bench = new Bench(settings);
  let live = APP_ID;
  const publish = (next: readonly HasPort[], appId = APP_ID): void => {
    live = appId;
    bench.publish({ services: [serviceOf(next, appId, mode)] });
  };
  bench.publish({ listeners: [listener('service', 10_080, { mode, acceptProxy })] });
  publish(servers);
  return {
    port: await bench.open(SERVICE_KEY),
    plane: bench.plane,
    publish,
    backend: (field) => bench.backend(live)[field],
    frontend: (field) => bench.frontend(live)[field],
    close: () => bench.close(),
  };
}

/** All that leads to these servers, for a plane that has nothing yet. */
export function deltaOf(servers: readonly HasPort[], mode: 'http' | 'tcp'): PlanDelta {
  return {
    listeners: [listener('service', 10_080, { mode })],
    removedListeners: [],
    services: [serviceOf(servers, APP_ID, mode)],
    removedServices: [],
  };
}

function serviceOf(servers: readonly HasPort[], appId: string, mode: 'http' | 'tcp') {
  return service(servers.length === 0 ? null : appId, [colour(appId, servers)], { mode });
}
