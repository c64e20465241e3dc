// Apps for tests of the catalogue: what matters is said, the rest is ordinary.

import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import type { CatalogueOptions } from '../../src/catalogue/catalogue-options.ts';
import { type CheckHistory, CheckMemory } from '../../src/catalogue/check-history.ts';
import type { MarathonApp, MarathonHealthCheck, MarathonTask } from '../../src/marathon/app.ts';

export const OPTIONS: CatalogueOptions = {
  groups: ['external'],
  healthCheck: true,
  addresses: new Map(),
  strictMode: false,
  hostMap: false,
  templates: new Map(),
  autoServicePorts: null,
  ownAppName: '',
};

/** What is remembered after looks at these lists, one after the other. */
export function historyOf(...looks: readonly (readonly MarathonApp[])[]): CheckHistory {
  const memory = new CheckMemory();
  for (const apps of looks) memory.take(apps);
  return memory.history;
}

export const HTTP_CHECK: MarathonHealthCheck = {
  protocol: 'HTTP',
  portIndex: 0,
  port: null,
  path: '/health',
  intervalSeconds: 60,
  timeoutSeconds: 20,
  maxConsecutiveFailures: 3,
};

export function task(id: string, changes: Partial<MarathonTask> = {}): MarathonTask {
  return {
    id,
    host: '10.0.6.25',
    containerAddress: null,
    ports: [23_336],
    state: 'TASK_RUNNING',
    alive: [true],
    ready: null,
    version: '2026-01-01T00:00:00.000Z',
    startedAtMs: 1_000,
    ...changes,
  };
}

export function app(changes: Partial<MarathonApp> = {}): MarathonApp {
  return {
    id: '/zdd/blue',
    version: '2026-01-01T00:00:00.000Z',
    instances: 1,
    labels: { HAPROXY_GROUP: 'external' },
    networking: 'host',
    servicePorts: [10_000],
    unassignedMappings: [],
    containerPorts: [],
    healthChecks: [HTTP_CHECK],
    lastConfigChangeAtMs: 1_000,
    lastScalingAtMs: 2_000,
    deployments: [],
    tasks: [task('zdd_blue.1')],
    ...changes,
  };
}

/** One app in the external group with these labels besides. */
export function labelled(labels: Record<string, string>, changes: Partial<MarathonApp> = {}) {
  return makeCatalogue(
    [app({ ...changes, labels: { HAPROXY_GROUP: 'external', ...labels } })],
    OPTIONS,
  );
}
