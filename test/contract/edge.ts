// The whole way of a label in one process: apps as Marathon tells them → catalogue → plan → a data
// plane on real sockets.

import { fileURLToPath } from 'node:url';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import type { CatalogueOptions } from '../../src/catalogue/catalogue-options.ts';
import type { Certificates } from '../../src/cli/certificates.ts';
import { joinGroups } from '../../src/colour/deployment-groups.ts';
import { bindSocket } from '../../src/fleet/socket.ts';
import { SILENT } from '../../src/log/logger.ts';
import type { MarathonApp } from '../../src/marathon/app.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { diffPlans } from '../../src/plan/diff.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import { DataPlane } from '../../src/proxy/data-plane.ts';
import { DEFAULT_PROXY_SETTINGS, type ProxySettings } from '../../src/proxy/settings.ts';
import { app, OPTIONS, task } from '../catalogue/apps.ts';

/** Threads run built code. */
export const PASSWORD_PROGRAM = fileURLToPath(
  new URL('../../dist/proxy/policy/crypt/thread.js', import.meta.url),
);

const PLAN_OPTIONS = {
  bindAddress: '127.0.0.1',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  acceptProxy: false,
  statsPort: 9090,
  groupHttpsByVhost: false,
};

export interface EdgeOptions {
  readonly catalogue?: Partial<CatalogueOptions>;
  readonly settings?: Partial<ProxySettings>;
  readonly acceptProxy?: boolean;
  /** `--group-https-by-vhost`. */
  readonly groupsHttps?: boolean;
  /** Of `--ssl-certs` and of the labels' files; absent = one that was made now. */
  readonly certificates?: Certificates;
}

/** Anything with a port on 127.0.0.1. */
export interface HasPort {
  readonly port: number;
}

/** An app of group `external` with its servers on 127.0.0.1; `labels` of port 0 without `HAPROXY_`. */
export function labelled(
  id: string,
  servicePort: number,
  labels: Readonly<Record<string, string>>,
  servers: readonly HasPort[],
): MarathonApp {
  const own = Object.entries(labels).map(([name, value]) => [
    name.startsWith('TEAL_') ? name : `HAPROXY_${name}`,
    value,
  ]);
  return app({
    id,
    servicePorts: [servicePort],
    instances: servers.length,
    healthChecks: [],
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_MODE: 'http', ...Object.fromEntries(own) },
    tasks: servers.map(({ port }, i) =>
      task(`${id.slice(1).replaceAll('/', '_')}.${i}`, { host: '127.0.0.1', ports: [port] }),
    ),
  });
}

export class Edge {
  readonly plane: DataPlane;
  readonly plan: Plan;
  readonly #ports = new Map<string, number>();

  private constructor(plane: DataPlane, plan: Plan) {
    this.plane = plane;
    this.plan = plan;
  }

  static async open(apps: readonly MarathonApp[], options: EdgeOptions = {}): Promise<Edge> {
    const catalogue = makeCatalogue(apps, { ...OPTIONS, ...options.catalogue });
    const { acceptProxy = false, groupsHttps = false } = options;
    const grouped = joinGroups(catalogue.claims).claims;
    const claims = options.certificates?.guard(grouped, groupsHttps).claims ?? grouped;
    const planOptions = { ...PLAN_OPTIONS, acceptProxy, groupHttpsByVhost: groupsHttps };
    const { plan } = makePlan(claims, planOptions, EMPTY_PLAN, 1);
    const certificates = [makeSelfSigned()];
    const settings = { ...DEFAULT_PROXY_SETTINGS, certificates, ...options.settings };
    const plane = new DataPlane(settings, SILENT, PASSWORD_PROGRAM);
    if (options.certificates !== undefined) plane.certify(options.certificates.credentials);
    plane.commit(plane.prepare(1, diffPlans(EMPTY_PLAN, plan)));
    const edge = new Edge(plane, plan);
    for (const { key, port } of plan.listeners)
      edge.#ports.set(String(port), await accept(plane, key));
    return edge;
  }

  /** Where the listener of this port really listens. */
  at(port: 80 | 443 | 9091 | number): number {
    const real = this.#ports.get(String(port));
    if (real === undefined) throw new Error(`nothing listens for ${port}`);
    return real;
  }

  async close(): Promise<void> {
    await this.plane.drain(0);
  }
}

async function accept(plane: DataPlane, key: string): Promise<number> {
  const bound = bindSocket('127.0.0.1', 0);
  if ('error' in bound) throw new Error(bound.error);
  await new Promise<void>((resolve, reject) => {
    plane.accept(key, bound.handle, (message) => reject(new Error(message)));
    setImmediate(resolve);
  });
  return bound.port;
}
