// What /_haproxy_getvhostmap and /_haproxy_getappmap tell: which backend a host name or an app id leads
// to, a line each, sorted. Pure.

import type { Plan, ServiceSpec } from '../plan/plan.ts';

/** pxname of the pool that serves; null = none does. */
export function liveName(service: ServiceSpec): string | null {
  return service.colours.find((colour) => colour.appId === service.live)?.name ?? null;
}

/**
 * Hosts with their backend, where the host alone decides, as in Marathon-LB: a path or a login is a rule
 * of its own and no line here.
 */
export function renderVhostMap(plan: Plan): string {
  const ways = plan.services
    .filter(({ mode }) => mode === 'http')
    .flatMap((service) => {
      const name = liveName(service);
      if (name === null) return [];
      const first = service.colours[0]?.appId ?? '';
      return service.routes.map((route) => ({ ...route, name, first, port: service.servicePort }));
    })
    .filter(({ paths, auth }) => paths.length === 0 && auth === null)
    .sort((a, b) => b.weight - a.weight || compare(a.first, b.first) || a.port - b.port);
  const backends = new Map<string, string>();
  for (const { hosts, name } of ways) {
    for (const host of hosts) if (!backends.has(host)) backends.set(host, name);
  }
  return linesOf(backends);
}

/** App ids with their backend. */
export function renderAppMap(plan: Plan): string {
  const backends = new Map<string, string>();
  for (const service of plan.services) {
    const name = liveName(service);
    if (name !== null) for (const id of service.appIds) backends.set(id, name);
  }
  return linesOf(backends);
}

function linesOf(backends: ReadonlyMap<string, string>): string {
  return [...backends]
    .sort(([a], [b]) => compare(a, b))
    .map(([key, backend]) => `${key} ${backend}\n`)
    .join('');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
