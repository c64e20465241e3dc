// Claims for tests of the pure control plane: what matters is said, the rest is ordinary.

import { ROUND_ROBIN } from '../../src/catalogue/balance.ts';
import type { Candidate, Claim, TaskStanding } from '../../src/catalogue/claim.ts';
import { NO_POLICY } from '../../src/catalogue/policy.ts';

const USABLE: readonly TaskStanding[] = ['healthy', 'unchecked'];

export function candidate(
  taskId: string,
  standing: TaskStanding = 'healthy',
  port = 31_000,
): Candidate {
  return {
    taskId,
    name: `127_0_0_1_${port}`,
    numericId: 1 + (port % 32_000),
    host: '127.0.0.1',
    address: '127.0.0.1',
    port,
    standing,
    usable: USABLE.includes(standing),
    ready: true,
    check: null,
  };
}

export function candidates(prefix: string, ...standings: TaskStanding[]): Candidate[] {
  return standings.map((standing, place) =>
    candidate(`${prefix}.${place}`, standing, 31_000 + place),
  );
}

export function claim(appId: string, changes: Partial<Claim> = {}): Claim {
  const servicePort = changes.servicePort ?? 10_080;
  return {
    appId,
    portIndex: 0,
    name: `${appId.slice(1).replaceAll('/', '_')}_${servicePort}`,
    servicePort,
    bindAddress: '*',
    listens: true,
    mode: 'http',
    tls: null,
    acceptProxy: false,
    balance: ROUND_ROBIN,
    sticky: false,
    slowStartMs: 0,
    maxConnections: 0,
    sendProxy: 0,
    drainMs: 0,
    bakeMs: null,
    sharePercent: null,
    routes: [],
    policy: NO_POLICY,
    version: '2026-01-01T00:00:00.000Z',
    instances: changes.candidates?.length ?? 1,
    lastConfigChangeAtMs: 1_000,
    lastScalingAtMs: 1_000,
    deploying: false,
    deployment: null,
    handover: null,
    candidates: candidates(appId, 'healthy'),
    ...changes,
  };
}
