// What an order makes of the orders in force, or why it cannot be carried out. Pure: nothing is changed
// here, and a refusal says what to do.

import type { OrderRefused, OrderRequest } from '../admin/order-request.ts';
import { direct, type Freeze, freeze, isFrozen, type Orders } from '../colour/orders.ts';
import { findColour, findService } from '../plan/find-service.ts';
import type { ServiceSpec } from '../plan/plan.ts';
import { cutOver, rollBack, split } from './order-moves.ts';
import { drain, orderedServers } from './order-servers.ts';
import { type Rule, type Ruled, refusal, type Situation, signed } from './order-terms.ts';

const FREEZE_SECONDS = 3_600;

/** Judges an order; leases and epochs are not looked at. */
export function rule(request: OrderRequest, situation: Situation): Ruled | OrderRefused {
  const { orders, nowMs, plan } = situation;
  if (request.order === 'freeze') {
    const untilMs = nowMs + (request.seconds ?? FREEZE_SECONDS) * 1_000;
    const until: Freeze = { ...signed(request, nowMs), untilMs };
    return { orders: freeze(orders, until), service: null, target: null };
  }
  if (request.order === 'unfreeze') {
    return { orders: freeze(orders, null), service: null, target: null };
  }
  const found = findService(plan, request.service);
  if ('fault' in found) return refusal('no_such_service', found.fault);
  if (isFrozen(orders, nowMs) && isMove(request, found.service, situation)) return frozen(orders);
  return RULES[request.order](request, found.service, situation);
}

/** What a freeze is against; the way back and what is about servers stay open. */
const MOVES: ReadonlySet<string> = new Set(['cutover', 'release', 'split']);

function isMove(
  { order, colour }: OrderRequest,
  service: ServiceSpec,
  { livedBefore }: Situation,
): boolean {
  if (order !== 'rollback' || colour === '') return MOVES.has(order);
  return findColour(service, colour)?.appId !== livedBefore(service.key);
}

const unchanged: Rule = (_, service, { orders }) => ({ orders, service, target: null });

const RULES: Readonly<Record<Exclude<OrderRequest['order'], 'freeze' | 'unfreeze'>, Rule>> = {
  cutover: cutOver,
  rollback: rollBack,
  release: (_, service, { orders }) => ({
    orders: direct(orders, service.key, null),
    service,
    target: null,
  }),
  split,
  drain,
  server: orderedServers,
  lease: unchanged,
  unlease: unchanged,
};

function frozen({ freeze: until }: Orders): OrderRefused {
  const end = new Date(until?.untilMs ?? 0).toISOString();
  const why = until?.why ? ` (${until.why})` : '';
  return refusal(
    'frozen',
    `changes are frozen by ${until?.by} until ${end}${why}; wait, roll back, or unfreeze`,
  );
}
