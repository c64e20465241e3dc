// Cut-overs in the log: a line each, but for services that come or go by the hundred, as at the start in
// front of a large cluster: ten thousand lines at once would stop the primary until somebody has read them.

import type { Logger } from '../log/logger.ts';
import type { CutOver } from '../stats/view.ts';

/** More services than this at once are one line. */
const MOST_LINES = 100;
const NAMED = 5;

/** `cutOvers` are those of one epoch. A service that changes hands always has its line. */
export function logCutOvers(log: Logger, cutOvers: readonly CutOver[]): void {
  const came = cutOvers.filter(({ from }) => from === null);
  const went = cutOvers.filter(({ to }) => to === null);
  const isMass = came.length + went.length > MOST_LINES;
  for (const cutOver of cutOvers) {
    if (isMass && (cutOver.from === null || cutOver.to === null)) continue;
    log.info({ ...cutOver }, 'cut-over');
  }
  if (!isMass) return;
  const facts = { epoch: cutOvers[0]?.epoch, came: came.length, went: went.length };
  const first = [...came, ...went].slice(0, NAMED).map(({ service }) => service);
  log.info({ ...facts, first }, 'cut-overs of services that came or went with their apps');
}
