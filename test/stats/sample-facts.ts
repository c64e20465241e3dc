// What the configuration is rendered from, with the plan of the sample view.

import type { Plan } from '../../src/plan/plan.ts';
import type { ConfigFacts } from '../../src/stats/haproxy-config.ts';
import { sampleView } from './sample-view.ts';

export function sampleFacts(plan: Plan = sampleView().plan): ConfigFacts {
  return {
    version: '1.2.3',
    plan,
    statsKey: '*:9090',
    timeouts: {
      connectMs: 3_000,
      clientMs: 30_000,
      serverMs: 30_000,
      queueMs: 30_000,
      tunnelMs: 3_600_000,
      requestHeadMs: 15_000,
      keepAliveMs: 1_000,
    },
    retries: 3,
    maxConnections: 50_000,
    listenerMaxConnections: 10_000,
  };
}
