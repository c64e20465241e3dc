// Which colour of a service is live, and why (colours.md, *Who is live*). Pure: equal claims and an
// equal last decision give the same answer on every instance.

import type { Candidate, Claim } from '../catalogue/claim.ts';

export interface Decision {
  /** App id of the live colour; null when no colour could answer a request. */
  readonly live: string | null;
  /** One clause for the stats page and the log. */
  readonly why: string;
  /** True when only tasks that are being killed are left to answer. */
  readonly lastResort: boolean;
}

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
export function decide(colours: readonly Claim[], previous: string | null): Decision {
  const serving = colours.filter((colour) => usableCount(colour) > 0);
  if (serving.length === 0) return decideWithoutServers(colours, previous);

  const live = serving.find((colour) => colour.appId === previous);
  const newest = newestOf(serving.filter(isReady));
  if (live !== undefined) {
    if (newest !== undefined && newest.appId !== live.appId && isNewer(newest, live)) {
      return chosen(newest, 'the newest ready colour');
    }
    return chosen(live, stayReason(live, serving, newest));
  }
  const gone = previous === null ? '' : `; ${previous} has no usable server`;
  if (newest !== undefined) return chosen(newest, `the newest ready colour${gone}`);
  return chosen(fullestOf(serving), `no colour is ready, this one has most usable servers${gone}`);
}

/** Tasks being killed still answer until their grace ends: better than refusing every request. */
function decideWithoutServers(colours: readonly Claim[], previous: string | null): Decision {
  const dying = colours.filter((colour) => colour.candidates.some(isDying));
  const last = dying.find((colour) => colour.appId === previous) ?? newestOf(dying);
  if (last !== undefined) {
    return { live: last.appId, why: LAST_RESORT, lastResort: true };
  }
  return { live: null, why: 'no colour has a usable server', lastResort: false };
}

function stayReason(live: Claim, serving: readonly Claim[], newest: Claim | undefined): string {
  if (serving.length === 1) return 'the only colour with a usable server';
  if (newest?.appId === live.appId) return 'the newest ready colour';
  return 'it has usable servers and no newer colour is ready';
}

function chosen(colour: Claim, why: string): Decision {
  return { live: colour.appId, why, lastResort: false };
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
