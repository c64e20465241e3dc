// Where a task stands: from its Mesos state and Marathon's verdicts. Pure.

import type { TaskStanding } from './claim.ts';

const BY_STATE: Readonly<Record<string, TaskStanding>> = {
  TASK_STAGING: 'starting',
  TASK_STARTING: 'starting',
  TASK_KILLING: 'killing',
  TASK_LOST: 'unreachable',
  TASK_UNREACHABLE: 'unreachable',
};

/** What Marathon says of a task. */
export interface Word {
  /** Mesos state: TASK_RUNNING … */
  readonly state: string;
  /** Marathon runs a health check on it. */
  readonly checked: boolean;
  /** One per check that has a verdict; null when there never was any. */
  readonly alive: readonly boolean[] | null;
}

/** A state that is not known is counted as ended: nothing says that the task can answer. */
export function standingOf({ state, checked, alive }: Word): TaskStanding {
  if (state !== 'TASK_RUNNING') return BY_STATE[state] ?? 'ended';
  if (!checked) return 'unchecked';
  if (alive === null || alive.length === 0) return 'starting';
  // Marathon-LB's rule: one check that is alive is enough.
  return alive.includes(true) ? 'healthy' : 'unhealthy';
}

/** True if the task may get new requests, as far as Marathon knows. */
export function isServing(word: Word, standing: TaskStanding, healthCheck: boolean): boolean {
  switch (standing) {
    case 'healthy':
    case 'unchecked':
      return true;
    case 'unreachable':
      // Mesos lost the agent; the task mostly runs on. Whatever was last known of it is believed.
      return !word.checked || !healthCheck || (word.alive?.includes(true) ?? false);
    default:
      return !healthCheck && word.state === 'TASK_RUNNING';
  }
}
