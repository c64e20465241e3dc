// The plan and the balancer's own settings, as they are shown in HAProxy's words and on the stats page.

import type { ServeOptions } from '../options/serve-options.ts';
import type { Plan } from '../plan/plan.ts';
import { DEFAULT_PROXY_SETTINGS } from '../proxy/settings.ts';
import type { ConfigFacts } from '../stats/haproxy-config.ts';
import type { View } from '../stats/view.ts';

export function configFacts(options: ServeOptions, version: string, plan: Plan): ConfigFacts {
  const settings = { ...DEFAULT_PROXY_SETTINGS, ...options.relay };
  return {
    version,
    plan,
    statsKey: `${options.bindAddress}:${options.statsPort}`,
    timeouts: {
      connectMs: settings.connectTimeoutMs,
      clientMs: settings.clientTimeoutMs,
      serverMs: settings.serverTimeoutMs,
      queueMs: settings.queueTimeoutMs,
      tunnelMs: settings.tunnelTimeoutMs,
      requestHeadMs: settings.requestHeadTimeoutMs,
      keepAliveMs: settings.keepAliveTimeoutMs,
    },
    retries: settings.connectRetries,
    maxConnections: settings.maxConnections,
    listenerMaxConnections: settings.listenerMaxConnections,
  };
}

export function limitsOf({ relay }: Pick<ServeOptions, 'relay'>): View['limits'] {
  const settings = { ...DEFAULT_PROXY_SETTINGS, ...relay };
  return {
    serverConnections: settings.serverMaxConnections,
    listenerConnections: settings.listenerMaxConnections,
  };
}
