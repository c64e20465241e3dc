// Which servers of the old side are drained while a new side replaces it: one for each new one that can
// serve, and never so many that fewer than the target are left. Pure, and by task id: all instances
// drain the same ones.

import type { Candidate, Claim } from '../catalogue/claim.ts';

const NONE: ReadonlySet<string> = new Set();

/** Task ids. */
export function drainedTasks({ handover, candidates }: Claim): ReadonlySet<string> {
  if (handover === null) return NONE;
  const old = candidates.filter((one) => handover.oldTaskIds.has(one.taskId));
  const replacing = candidates.filter(
    (one) => !handover.oldTaskIds.has(one.taskId) && canReplace(one),
  ).length;
  // Nothing is wanted of the old side any more, not even of those that may yet get well.
  if (replacing > 0 && replacing >= handover.target) return new Set(old.map((one) => one.taskId));
  const serving = old
    .filter((one) => one.usable)
    .map((one) => one.taskId)
    .sort();
  const spare = Math.max(0, replacing + serving.length - handover.target);
  return new Set(serving.slice(0, Math.min(replacing, spare)));
}

/** Marathon counts a task as running long before it can serve; what it says last is not enough. */
function canReplace({ usable, ready, standing }: Candidate): boolean {
  return usable && ready && standing !== 'unreachable';
}
