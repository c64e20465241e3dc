// Where the requests of a service go at this moment: each colour's share of the last seconds. It is what
// was measured, not what was ordered; without traffic there is no share.

import type { ServiceSpec } from '../plan/plan.ts';
import type { View } from './view.ts';

/** Long enough for a steady figure, short enough to see a cut-over happen. */
const SECONDS = 2;

export interface ShareNow {
  readonly appId: string;
  readonly perSecond: number;
  readonly errorsPerSecond: number;
  /** 0 … 1; 0 while the whole service has no traffic. */
  readonly share: number;
}

/** In the order of the service's colours. */
export function sharesNow({ trends }: View, service: ServiceSpec): ShareNow[] {
  const now = service.colours.map(({ appId }) => {
    const trend = trends.of(service.key, appId);
    return {
      appId,
      perSecond: meanOfLast(trend.perSecond),
      errorsPerSecond: meanOfLast(trend.errorsPerSecond),
    };
  });
  const total = now.reduce((sum, one) => sum + one.perSecond, 0);
  return now.map((one) => ({ ...one, share: total > 0 ? one.perSecond / total : 0 }));
}

function meanOfLast(values: readonly number[]): number {
  const last = values.slice(-SECONDS);
  return last.length === 0 ? 0 : last.reduce((sum, value) => sum + value, 0) / last.length;
}
