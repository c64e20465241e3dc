// What zdd.py does next, by what Marathon and all balancers show at one moment. Pure. Servers are known by
// their task, not by a name that an address and port make: the same ones in Marathon and on every balancer.

import type { ServerFacts } from '../../admin/api/service-facts.ts';
import type { AppState } from './marathon-desk.ts';
import { isWarm } from './warm-up.ts';
import type { Aim } from './zdd-definition.ts';

export type PoolServer = Pick<ServerFacts, 'taskId' | 'status' | 'inFlight' | 'queued'>;

/** One look. */
export interface Scene {
  readonly young: AppState;
  readonly old: AppState;
  /** Servers of the pool that both sides share, by balancer. */
  readonly pools: ReadonlyMap<string, readonly PoolServer[]>;
}

export type Step =
  /** One clause. */
  | { readonly is: 'wait'; readonly why: string }
  /** Old tasks end, and the new side grows; `grow` null = it stays as it is. */
  | { readonly is: 'move'; readonly kill: readonly string[]; readonly grow: number | null }
  /** The old side ends, with what it still has. */
  | { readonly is: 'end'; readonly kill: readonly string[] }
  /** Both stay. */
  | { readonly is: 'pair' };

/** `isLate`: what was waited for did not come, so it goes on with what there is. */
export function nextStep(scene: Scene, aim: Aim, isLate: boolean): Step {
  const { young, old } = scene;
  const suffices = isEnough(scene, aim);
  const why = unsettled(scene, aim, suffices);
  if (why !== '' && !isLate) return { is: 'wait', why };
  if (aim.keeps !== null && young.instances === aim.goal && old.instances === aim.keeps) {
    return { is: 'pair' };
  }
  // What does not serve is of no use where the new side is enough by itself: the way back from a bad version.
  const leaves = ({ status }: PoolServer) =>
    status === 'MAINT' || (suffices && (isLate || status !== 'UP'));
  const kill = oldTasks(scene, (server) => leaves(server) && (isLate || isIdle(server)));
  const mayDrain = old.instances > 0 && young.instances + old.instances > aim.target;
  if (mayDrain && kill.length === 0 && !isLate) return { is: 'wait', why: undrained(scene) };
  const isWhole = young.instances === aim.goal && aim.keeps === null;
  if (isWhole && (kill.length === old.instances || (isLate && suffices)))
    return { is: 'end', kill };
  const grow = young.instances < aim.goal ? grown(scene, aim) : null;
  if (kill.length > 0 || grow !== null) return { is: 'move', kill, grow };
  return { is: 'wait', why: why === '' ? undrained(scene) : why };
}

/** The new side has all servers that both sides together need, in Marathon and on every balancer. */
function isEnough({ young, pools }: Scene, { target, keeps }: Aim): boolean {
  const own = new Set(young.tasks);
  const isOwn = ({ taskId, status }: PoolServer) => own.has(taskId) && status !== 'DOWN';
  return (
    keeps === null &&
    isWarm(young) &&
    young.instances >= target &&
    [...pools.values()].every((servers) => servers.filter(isOwn).length >= target)
  );
}

/** What is not yet as it has to be before anything is done; empty = nothing. */
function unsettled({ young, old, pools }: Scene, { target }: Aim, suffices: boolean): string {
  if (old.deploying && !suffices) return `Marathon is changing ${old.id}`;
  const wanted = young.instances + old.instances;
  const known = new Set([...young.tasks, ...old.tasks]);
  for (const [balancer, servers] of pools) {
    const present = servers.filter(({ taskId }) => taskId !== '');
    if (present.length !== wanted || !present.every(({ taskId }) => known.has(taskId))) {
      return `${balancer} has ${present.length} servers, not yet the ${wanted} of Marathon`;
    }
    const up = present.filter(({ status }) => status === 'UP').length;
    if (up < target) return `${balancer}: ${up} of ${target} servers are UP`;
  }
  return '';
}

function undrained({ old, pools }: Scene): string {
  const counts = [...pools].map(([balancer, servers]) => {
    const leaving = servers.filter(({ status }) => status === 'MAINT');
    const inFlight = leaving.reduce((sum, one) => sum + one.inFlight + one.queued, 0);
    return `${balancer} has ${leaving.length} in MAINT with ${inFlight} in flight`;
  });
  return `no server of ${old.id} is drained yet: ${counts.join(', ')}`;
}

function isIdle({ inFlight, queued }: PoolServer): boolean {
  return inFlight === 0 && queued === 0;
}

/** Old tasks that are so on every balancer. */
function oldTasks({ old, pools }: Scene, accepts: (server: PoolServer) => boolean): string[] {
  const accepted = [...pools.values()].map(
    (servers) => new Set(servers.filter(accepts).map(({ taskId }) => taskId)),
  );
  return old.tasks.filter((task) => accepted.every((tasks) => tasks.has(task)));
}

/** Half as many again, or in equal steps; the rest at once when there is as much as of the old side. */
function grown({ young, old }: Scene, { goal, keeps, linearIncrease }: Aim): number {
  const { instances } = young;
  const more = Math.max(1, linearIncrease || Math.floor((instances + 1) / 2));
  const next = instances + more;
  return keeps === null && next >= old.instances ? goal : Math.min(next, goal);
}
