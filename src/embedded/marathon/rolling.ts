// The arithmetic of scaling and of rolling restarts, as Marathon up to 1.9 does it. Pure: views of instances in,
// orders out; whoever carries the orders out asks again whenever an instance has changed.

/** An instance as the arithmetic sees it. */
export interface InstanceView {
  readonly id: string;
  /** Launched from an older configuration than the one being deployed. */
  readonly old: boolean;
  /** Has a task that is not terminal yet. */
  readonly active: boolean;
  readonly condition: string;
  /** Has been told to go and will not be replaced. */
  readonly leaving: boolean;
  /** Running, healthy by every check, ready. */
  readonly up: boolean;
  /** 0 when it has not been launched. */
  readonly stagedAtMs: number;
}

export type KillSelection = 'YOUNGEST_FIRST' | 'OLDEST_FIRST';

export interface Orders {
  readonly kill: readonly string[];
  readonly launch: number;
  readonly done: boolean;
}

// The least useful first; what has no place here is running.
const USEFULNESS: readonly string[] = [
  'Scheduled',
  'Failed',
  'Finished',
  'Unreachable',
  'Provisioned',
  'Staging',
  'Starting',
];

function usefulness(view: InstanceView): number {
  const index = USEFULNESS.indexOf(view.condition);
  return index === -1 ? USEFULNESS.length : index;
}

function leastUsefulFirst(selection: KillSelection): (a: InstanceView, b: InstanceView) => number {
  const youngest = selection === 'YOUNGEST_FIRST' ? 1 : -1;
  return (a, b) =>
    usefulness(a) - usefulness(b) ||
    youngest * (b.stagedAtMs - a.stagedAtMs) ||
    (a.id < b.id ? -1 : 1);
}

/** Whom a scale to `instances` kills: the sentenced and then the surplus. */
export function scaleVictims(
  views: readonly InstanceView[],
  instances: number,
  sentenced: readonly string[],
  selection: KillSelection,
): readonly string[] {
  const staying = views.filter((view) => !view.leaving);
  const condemned = staying.filter((view) => sentenced.includes(view.id));
  const rest = staying.filter((view) => !sentenced.includes(view.id));
  const surplus = Math.max(0, rest.length - instances);
  const ordered = [...rest].sort(leastUsefulFirst(selection)).slice(0, surplus);
  return [...condemned, ...ordered].map((view) => view.id);
}

export interface Strategy {
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
}

/** What a rolling restart fixes at its beginning. */
export interface Rolling {
  readonly instances: number;
  readonly oldAtStart: number;
  readonly killAtOnce: number;
  readonly maxCapacity: number;
}

/** `running` = old instances with an active task when the restart begins. */
export function beginRolling(instances: number, running: number, strategy: Strategy): Rolling {
  const minHealthy = Math.ceil(instances * strategy.minimumHealthCapacity);
  let maxCapacity = Math.floor(instances * (1 + strategy.maximumOverCapacity));
  const killAtOnce = Math.max(0, running - minHealthy);
  // Without room above and nothing to spare below, nothing could ever move.
  if (minHealthy === maxCapacity && maxCapacity <= running) maxCapacity += 1;
  return { instances, oldAtStart: running, killAtOnce, maxCapacity };
}

/** What to do now. One old instance goes for every new one that is up, on top of those killed at once. */
export function nextRolling(
  rolling: Rolling,
  views: readonly InstanceView[],
  selection: KillSelection,
): Orders {
  const old = views.filter((view) => view.old);
  const fresh = views.filter((view) => !view.old && !view.leaving);
  const up = fresh.filter((view) => view.up).length;

  const staying = old.filter((view) => !view.leaving);
  const idle = staying.filter((view) => !view.active);
  const working = staying.filter((view) => view.active);
  const gone = rolling.oldAtStart - working.length;
  const due = Math.max(0, rolling.killAtOnce + up - gone);
  const byUse = leastUsefulFirst(selection);
  const order = [...working].sort((a, b) => Number(a.up) - Number(b.up) || byUse(a, b));

  const occupied = old.filter((view) => view.active).length;
  const room = Math.max(0, rolling.maxCapacity - occupied - fresh.length);
  return {
    kill: [...idle, ...order.slice(0, due)].map((view) => view.id),
    launch: Math.min(Math.max(0, rolling.instances - fresh.length), room),
    done: up === rolling.instances && fresh.length === rolling.instances && old.length === 0,
  };
}
