// Shares of a service's requests: whole percents, 100 together, for colours that can answer. What a
// colour without a usable server would have had is divided among the others as they have theirs. Pure.

import type { Claim } from '../catalogue/claim.ts';
import type { Share } from './orders.ts';

/** Of an order, for colours in `serving`; empty when none of them has a share. Sorted by app id. */
export function servedShares(
  shares: readonly Share[],
  serving: readonly Claim[],
): readonly Share[] {
  return scaled(
    shares.filter(
      ({ appId, percent }) => percent > 0 && serving.some((colour) => colour.appId === appId),
    ),
  );
}

/** Of labels: `rest` has what they leave, and nothing if they are 100 or more; null = nobody has. */
export function labelledShares(serving: readonly Claim[], rest: string | null): readonly Share[] {
  const labelled = serving.flatMap(({ appId, sharePercent }) =>
    sharePercent === null ? [] : { appId, percent: sharePercent },
  );
  const left = 100 - labelled.reduce((sum, { percent }) => sum + percent, 0);
  return scaled(
    rest !== null && left > 0 ? [...labelled, { appId: rest, percent: left }] : labelled,
  );
}

/** Largest remainders: all instances round alike. What is less than a percent may come to nothing. */
function scaled(shares: readonly Share[]): readonly Share[] {
  const sum = shares.reduce((total, { percent }) => total + percent, 0);
  const exact = [...shares]
    .sort((a, b) => (a.appId < b.appId ? -1 : 1))
    .map(({ appId, percent }) => ({ appId, percent: (percent * 100) / sum }));
  const whole = exact.map(({ appId, percent }) => ({ appId, percent: Math.floor(percent) }));
  const byRemainder = exact
    .map(({ percent }, place) => ({ place, remainder: percent % 1 }))
    .sort((a, b) => b.remainder - a.remainder || a.place - b.place);
  let left = 100 - whole.reduce((total, { percent }) => total + percent, 0);
  for (const { place } of byRemainder) {
    const share = whole[place];
    if (left <= 0 || share === undefined) break;
    whole[place] = { ...share, percent: share.percent + 1 };
    left -= 1;
  }
  return whole.filter(({ percent }) => percent > 0);
}
