// Where a task stands: from its Mesos state and Marathon's verdicts. Pure.

import type { MarathonTask } from '../marathon/app.ts';
import type { TaskStanding } from './claim.ts';

const BY_STATE: Readonly<Record<string, TaskStanding>> = {
  TASK_STAGING: 'starting',
  TASK_STARTING: 'starting',
  TASK_KILLING: 'killing',
  TASK_LOST: 'unreachable',
  TASK_UNREACHABLE: 'unreachable',
};

/**
 * A state that is not known is counted as ended: nothing says that the task can answer. `checked`:
 * Marathon runs a health check on the task.
 */
export function standingOf(checked: boolean, task: MarathonTask): TaskStanding {
  if (task.state !== 'TASK_RUNNING') return BY_STATE[task.state] ?? 'ended';
  if (!checked) return 'unchecked';
  if (task.alive === null || task.alive.length === 0) return 'starting';
  // Marathon-LB's rule: one check that is alive is enough.
  return task.alive.includes(true) ? 'healthy' : 'unhealthy';
}

/** True if the task may get new requests, as far as Marathon knows. */
export function isServing(
  checked: boolean,
  task: MarathonTask,
  standing: TaskStanding,
  healthCheck: boolean,
): boolean {
  switch (standing) {
    case 'healthy':
    case 'unchecked':
      return true;
    case 'unreachable':
      // Mesos lost the agent; the task mostly runs on. Whatever was last known of it is believed.
      return !checked || (task.alive?.includes(true) ?? false);
    default:
      return !healthCheck && task.state === 'TASK_RUNNING';
  }
}
