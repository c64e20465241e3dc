// What left and what joined between two lists of objects. Objects are told by identity, and those that
// stayed are not looked into: a list of a whole cluster is compared at the speed of memory.

export interface ListChanges<T> {
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/** Two lists that were compared, whoever did, and what came of it. */
interface Compared {
  readonly before: readonly object[];
  readonly after: readonly object[];
  readonly changes: ListChanges<object>;
}

/**
 * With each event several who remember the last list compare the same two: all of a cluster has to be
 * brought from memory once then. Lists never change, so an answer is as good later.
 */
const RECENT: Compared[] = [];
const KEPT = 6;
/** Below it comparing costs no more than remembering. */
const LONG = 500;

/** Each object is once in a list; what only changed its place has not changed. */
export function listChanges<T extends object>(
  before: readonly T[],
  after: readonly T[],
): ListChanges<T> {
  if (before === after) return { removed: [], added: [] };
  if (before.length < LONG || after.length < LONG) return compare(before, after);
  const known = RECENT.find((one) => one.before === before && one.after === after);
  if (known !== undefined) return known.changes as ListChanges<T>;
  const changes = compare(before, after);
  RECENT.push({ before, after, changes });
  if (RECENT.length > KEPT) RECENT.shift();
  return changes;
}

function compare<T extends object>(before: readonly T[], after: readonly T[]): ListChanges<T> {
  let start = 0;
  let oldEnd = before.length;
  let newEnd = after.length;
  // Plain loops: over ten thousand elements, a call for each is what costs.
  while (start < oldEnd && start < newEnd && before[start] === after[start]) start += 1;
  while (oldEnd > start && newEnd > start && before[oldEnd - 1] === after[newEnd - 1]) {
    oldEnd -= 1;
    newEnd -= 1;
  }
  if (start === oldEnd) return { removed: [], added: after.slice(start, newEnd) };
  if (start === newEnd) return { removed: before.slice(start, oldEnd), added: [] };
  if (oldEnd !== newEnd) return apart(before.slice(start, oldEnd), after.slice(start, newEnd));
  // One for one, as when tasks of apps come and go: those between are in their places.
  const old: T[] = [];
  const fresh: T[] = [];
  for (let place = start; place < newEnd; place += 1) {
    const was = before[place] as T;
    const is = after[place] as T;
    if (was === is) continue;
    old.push(was);
    fresh.push(is);
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
