// Which colour of a service is live, and why (colours.md, *Who is live*). Pure: equal claims, equal
// orders and an equal last decision give the same answer on every instance.

import type { Candidate, Claim } from '../catalogue/claim.ts';
import { isRefused, NO_SERVICE_ORDERS, type ServiceOrders, type Share } from './orders.ts';
import { labelledShares, servedShares } from './shares.ts';

/** What decided. */
export type Rule = 'pin' | 'zdd' | 'split' | 'labels' | 'automatic';

export interface Decision {
  /** App id of the live colour; null when no colour could answer a request. */
  readonly live: string | null;
  /** Two at least, 100 together, where requests are divided; else empty. */
  readonly shares: readonly Share[];
  readonly rule: Rule;
  /** One clause for the stats page and the log. */
  readonly why: string;
  /** True when only tasks that are being killed are left to answer. */
  readonly lastResort: boolean;
}

/** What holds for a service besides its claims. */
export interface Ruling {
  readonly orders: ServiceOrders;
  /** Nothing changes hands without need. */
  readonly held: boolean;
}

export const NO_RULING: Ruling = Object.freeze({ orders: NO_SERVICE_ORDERS, held: false });

/** The reason while only tasks that are being killed are left. */
export const LAST_RESORT =
  'no colour has a usable server: its tasks being killed answer as long as they live';

/**
 * As many usable tasks that call themselves ready as instances asked for, at least one, and no
 * deployment running on the app.
 */
export function isReady({ candidates, instances, deploying }: Claim): boolean {
  const ready = candidates.filter((one) => one.usable && one.ready).length;
  return ready > 0 && ready >= instances && !deploying;
}

/** Tasks of a pool that may be given new requests; with `lastResort`, those being killed. */
export function serversOf(claim: Claim, lastResort: boolean): readonly Candidate[] {
  return claim.candidates.filter((one) => (lastResort ? isDying(one) : one.usable));
}

/**
 * Decides between the colours of one service, each app at most once. `previous` is the live app id
 * of the last decision; null on the first look and when nothing was live.
 */
export function decide(
  colours: readonly Claim[],
  previous: string | null,
  ruling: Ruling = NO_RULING,
): Decision {
  const serving = colours.filter((colour) => usableCount(colour) > 0);
  if (serving.length === 0) return decideWithoutServers(colours, previous);
  const { pin, split } = ruling.orders;
  if (pin !== null) {
    const pinned = serving.find((colour) => colour.appId === pin.appId);
    if (pinned !== undefined) return chosen(pinned, `ordered by ${signed(pin)}`, 'pin');
    const { why, ...rest } = decideFreely(serving, previous, ruling);
    return { ...rest, why: `${why}; ${pin.appId}, ordered by ${pin.by}, has no usable server` };
  }
  const shares = split === null ? [] : servedShares(split.shares, serving);
  if (split !== null && shares.length > 0) {
    return divided(shares, previous, `split by ${signed(split)}`, 'split');
  }
  return decideFreely(serving, previous, ruling);
}

/** Colours that are labelled with a share have that, and are live only where no other can be. */
function decideFreely(
  serving: readonly Claim[],
  previous: string | null,
  ruling: Ruling,
): Decision {
  const whole = serving.filter((colour) => colour.sharePercent === null);
  if (whole.length === serving.length)
    return withHandover(serving, decideAlone(serving, previous, ruling));
  const main = whole.length === 0 ? null : decideAlone(whole, previous, ruling);
  const shares = labelledShares(serving, main?.live ?? null);
  const decision = divided(shares, previous, 'shares by label', 'labels');
  const isServed = shares.some(({ appId }) => appId === main?.live);
  return main === null || !isServed ? decision : { ...decision, live: main.live, why: main.why };
}

/** A pair that zdd deploys is one pool, which divides the requests by its servers. */
function withHandover(serving: readonly Claim[], decision: Decision): Decision {
  const handover = serving.find(({ appId }) => appId === decision.live)?.handover ?? null;
  if (handover === null) return decision;
  const { newAppId, oldAppIds, target } = handover;
  const why = `${newAppId} takes over from ${oldAppIds.join(', ')} server by server, of ${target} in all`;
  return { ...decision, rule: 'zdd', why };
}

function decideAlone(
  serving: readonly Claim[],
  previous: string | null,
  { orders, held }: Ruling,
): Decision {
  const failed = (colour: Claim): boolean => isRefused(orders, colour);
  const live = serving.find((colour) => colour.appId === previous);
  const newest = newestOf(serving.filter((colour) => isReady(colour) && !failed(colour)));
  if (live !== undefined) {
    const other = newest !== undefined && newest.appId !== live.appId ? newest : null;
    if (other !== null && failed(live)) {
      return chosen(
        other,
        `the newest ready colour; version ${live.version} of ${live.appId} failed`,
      );
    }
    if (other !== null && !held && isNewer(other, live)) {
      return chosen(other, 'the newest ready colour');
    }
    return chosen(live, stayReason(live, serving, newest));
  }
  const gone = previous === null ? '' : `; ${previous} has no usable server`;
  if (newest !== undefined) return chosen(newest, `the newest ready colour${gone}`);
  const sound = serving.filter((colour) => !failed(colour));
  const fullest = fullestOf(sound.length > 0 ? sound : serving);
  return chosen(fullest, `no colour is ready, this one has most usable servers${gone}`);
}

/** Tasks being killed still answer until their grace ends: better than refusing every request. */
function decideWithoutServers(colours: readonly Claim[], previous: string | null): Decision {
  const dying = colours.filter((colour) => colour.candidates.some(isDying));
  const last = dying.find((colour) => colour.appId === previous) ?? newestOf(dying);
  const none = { shares: [], rule: 'automatic' } as const;
  if (last !== undefined) {
    return { ...none, live: last.appId, why: LAST_RESORT, lastResort: true };
  }
  return { ...none, live: null, why: 'no colour has a usable server', lastResort: false };
}

function stayReason(live: Claim, serving: readonly Claim[], newest: Claim | undefined): string {
  if (serving.length === 1) return 'the only colour with a usable server';
  if (newest?.appId === live.appId) return 'the newest ready colour';
  return 'it has usable servers and no newer colour is ready';
}

function chosen(colour: Claim, why: string, rule: Rule = 'automatic'): Decision {
  return { live: colour.appId, shares: [], rule, why, lastResort: false };
}

/** Live is the one with most; that it was before breaks a tie, then the order of the shares. */
function divided(
  shares: readonly Share[],
  previous: string | null,
  why: string,
  rule: Rule,
): Decision {
  const most = Math.max(...shares.map(({ percent }) => percent));
  const first = shares.filter(({ percent }) => percent === most);
  const live = first.find(({ appId }) => appId === previous) ?? first[0];
  return {
    live: live?.appId ?? null,
    shares: shares.length > 1 ? shares : [],
    rule,
    why,
    lastResort: false,
  };
}

function signed({ by, why }: { readonly by: string; readonly why: string }): string {
  return why === '' ? by : `${by}: ${why}`;
}

function usableCount(claim: Claim): number {
  return claim.candidates.reduce((count, one) => count + (one.usable ? 1 : 0), 0);
}

function isDying(one: Candidate): boolean {
  return one.standing === 'killing' && one.address !== null && one.port > 0;
}

function newestOf(colours: readonly Claim[]): Claim | undefined {
  return best(colours, isNewer);
}

function fullestOf(colours: readonly Claim[]): Claim {
  const fuller = (a: Claim, b: Claim) =>
    usableCount(a) === usableCount(b) ? isNewer(a, b) : usableCount(a) > usableCount(b);
  return best(colours, fuller) as Claim;
}

/** Configured later; the app id breaks a tie, so that all instances agree. */
function isNewer(a: Claim, b: Claim): boolean {
  if (a.lastConfigChangeAtMs !== b.lastConfigChangeAtMs) {
    return a.lastConfigChangeAtMs > b.lastConfigChangeAtMs;
  }
  return a.appId < b.appId;
}

function best(colours: readonly Claim[], better: (a: Claim, b: Claim) => boolean) {
  let winner: Claim | undefined;
  for (const colour of colours) {
    if (winner === undefined || better(colour, winner)) winner = colour;
  }
  return winner;
}
