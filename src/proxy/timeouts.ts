// The timeouts of one colour: its policy's where that says something, else the worker's settings.

import type { TimeoutsSpec } from '../plan/plan.ts';
import type { ProxySettings } from './settings.ts';

export type Timeouts = Pick<
  ProxySettings,
  | 'connectTimeoutMs'
  | 'clientTimeoutMs'
  | 'serverTimeoutMs'
  | 'tunnelTimeoutMs'
  | 'requestHeadTimeoutMs'
  | 'keepAliveTimeoutMs'
  | 'queueTimeoutMs'
>;

/** `spec` is null where there is no policy. */
export function timeoutsOf(settings: ProxySettings, spec: TimeoutsSpec | null): Timeouts {
  if (spec === null || Object.values(spec).every((time) => time === 0)) return settings;
  return {
    connectTimeoutMs: spec.connectMs || settings.connectTimeoutMs,
    clientTimeoutMs: spec.clientMs || settings.clientTimeoutMs,
    serverTimeoutMs: spec.serverMs || settings.serverTimeoutMs,
    tunnelTimeoutMs: spec.tunnelMs || settings.tunnelTimeoutMs,
    requestHeadTimeoutMs: spec.requestHeadMs || settings.requestHeadTimeoutMs,
    keepAliveTimeoutMs: spec.keepAliveMs || settings.keepAliveTimeoutMs,
    queueTimeoutMs: spec.queueMs || settings.queueTimeoutMs,
  };
}
