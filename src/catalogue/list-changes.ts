// What left and what joined between two lists of objects. Objects are told by identity, and those that
// stayed are not looked into: a list of a whole cluster is compared at the speed of memory.

export interface ListChanges<T> {
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/** Each object is once in a list; what only changed its place has not changed. */
export function listChanges<T extends object>(
  before: readonly T[],
  after: readonly T[],
): ListChanges<T> {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  const old = before.slice(start, before.length - same);
  const fresh = after.slice(start, after.length - same);
  if (old.length === fresh.length) {
    // One for one, as when tasks of apps come and go: those between are in their places.
    const isOther = (list: readonly T[]) => (one: T, place: number) => one !== list[place];
    return apart(old.filter(isOther(fresh)), fresh.filter(isOther(old)));
  }
  return apart(old, fresh);
}

function apart<T>(old: readonly T[], fresh: readonly T[]): ListChanges<T> {
  const stayed = new Set(fresh);
  const known = new Set(old);
  return {
    removed: old.filter((one) => !stayed.has(one)),
    added: fresh.filter((one) => !known.has(one)),
  };
}
