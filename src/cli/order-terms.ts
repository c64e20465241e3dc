// What the rules of orders have in common: what they are judged by, what comes of them, and how things
// are called in a refusal.

import type { OrderRefused, OrderRequest, RefusalCode } from '../admin/order-request.ts';
import type { Orders, Signed } from '../colour/orders.ts';
import { findColour, lastSegment } from '../plan/find-service.ts';
import type { ColourSpec, Plan, ServiceSpec } from '../plan/plan.ts';

export interface Situation {
  readonly plan: Plan;
  readonly orders: Orders;
  readonly nowMs: number;
  /** App id that was live in a service before the present one; null = none is known. */
  readonly livedBefore: (serviceKey: string) => string | null;
}

export interface Ruled {
  readonly orders: Orders;
  /** Null for the freeze. */
  readonly service: ServiceSpec | null;
  /** What has to be live then; null = whatever the rules say. */
  readonly target: string | null;
}

/** One kind of order, for a service that is there. */
export type Rule = (
  request: OrderRequest,
  service: ServiceSpec,
  situation: Situation,
) => Ruled | OrderRefused;

export function refusal(code: RefusalCode, error: string): OrderRefused {
  return { code, error };
}

export function signed({ by, why }: OrderRequest, atMs: number): Signed {
  return { by, why, atMs };
}

export function named(service: ServiceSpec, name: string): ColourSpec | OrderRefused {
  return (
    findColour(service, name) ??
    refusal(
      'no_such_colour',
      `no colour '${name}' in ${service.key}; expected one of ${colourNames(service)}`,
    )
  );
}

export function serversOf({ appId, servers, instances }: ColourSpec): string {
  return servers.length === 0
    ? `${appId} has no usable server`
    : `${servers.length} of ${instances} servers of ${appId} are ready`;
}

export function colourNames({ colours }: ServiceSpec): string {
  return colours.map(({ appId }) => `${lastSegment(appId)} (${appId})`).join(', ');
}
